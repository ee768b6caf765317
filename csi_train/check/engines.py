"""Rules of models and of the engines that run them."""

from collections.abc import Iterator
from typing import Any

from csi_train import known_names, sizes
from csi_train.check.files import Problems, line, model_folder
from csi_train.engines import server
from csi_train.errors import EngineError
from csi_train.parts import nearest
from csi_train.recipe import Recipe, Sampling, served
from csi_train.yaml_tree import Key

NOT_SET_HERE = {
    "model": "classify.model, generate.model, sample.model and model name the models",
    "seed": "set `seed` at the top of the recipe",
    "trust_remote_code": "code that comes with a model is never run",
}
"""vLLM's arguments that are not the recipe's to set."""


def named(recipe: Recipe) -> Problems:
    """Those that are loaded here; of a served one only its server knows the name."""
    if recipe.sample and recipe.sample_model is None:
        yield ("sample", "model"), "is required where no generate section names a model"
    if recipe.classify and not recipe.classify_model:
        yield ("classify", "model"), "is required where no other section names a model"
    named: dict[Key, str | None] = {("model",): recipe.model}
    if recipe.generate:
        named["generate", "model"] = recipe.generate.model
    if recipe.sample:
        named["sample", "model"] = recipe.sample.model
    if recipe.served:
        named = {("model",): recipe.base_model} if any(entry.model is None for entry in recipe.train[:1]) else {}
    if recipe.classify and not (recipe.served and hasattr(recipe.classify, "sampling")):
        named["classify", "model"] = getattr(recipe.classify, "model", None)
    for n, entry in enumerate(recipe.train):
        named["train", n, "model"] = entry.model
    for key, params in judging(recipe):
        if not (hasattr(params, "engine") and served(params.engine)):
            named[*key, "model"] = getattr(params, "model", None)
    for key, name in named.items():
        if name is not None and (problem := model_folder(name)):
            yield key, problem


def engine(recipe: Recipe) -> Problems:
    """A server's key, and what no server has; vLLM's own argument names."""
    if recipe.served and recipe.train and recipe.evaluate:
        yield ("evaluate",), "the server does not have the models trained here; evaluate them with engine: {type: vllm}"
    yield from _one_engine(("engine",), recipe.engine)
    for key, params in judging(recipe):
        if hasattr(params, "engine"):
            yield from _one_engine((*key, "engine"), params.engine)


def lengths(recipe: Recipe) -> Problems:
    """A reply must fit into the model's context, beside its prompt."""
    used = {
        "classify": recipe.classify_model if hasattr(recipe.classify, "sampling") else None,
        "generate": recipe.generate.model if recipe.generate else None,
        "sample": recipe.sample_model,
        "evaluate": recipe.base_model,
    }
    for name, model in used.items():
        if (section := getattr(recipe, name)) and model:
            yield from _length((name,), section.sampling, model, recipe.engine)
    for key, params in judging(recipe):
        if hasattr(params, "engine"):
            yield from _length(key, params.sampling, params.model, params.engine)


def judging(recipe: Recipe) -> Iterator[tuple[Key, Any]]:
    """The rewards and the judges, each with its place."""
    if recipe.reward:
        yield ("reward",), recipe.reward
    for n, entry in enumerate(recipe.train):
        if hasattr(entry, "reward"):
            yield ("train", n, "reward"), entry.reward
    for n, entry in enumerate(recipe.judge):
        yield ("judge", n), entry


def _length(key: Key, sampling: Sampling, model: str, engine: Any) -> Problems:
    room = getattr(engine, "args", {}).get("max_model_len")
    if room is None and not served(engine) and (size := sizes.of(model)):
        room = size.context
    if isinstance(room, int) and sampling.max_tokens >= room:
        problem = f"{sampling.max_tokens} leaves no room for a prompt in a context of {room} tokens"
        yield (*key, "sampling", "max_tokens"), problem


def _one_engine(key: Key, params: Any) -> Problems:
    if params.type == "server":
        try:
            server.key(params)
        except EngineError as error:
            yield (*key, "api_key_env"), line(error)
    if params.type != "vllm" or not params.args:
        return
    known = known_names.vllm_arguments()
    for name in params.args:
        if name in NOT_SET_HERE:
            yield (*key, "args", name), NOT_SET_HERE[name]
        elif known and name not in known:
            yield (*key, "args", name), f"vLLM has no argument {name!r}; {nearest(name, known)}"
