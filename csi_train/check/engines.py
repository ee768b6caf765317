"""Rules of models and of the engines that run them."""

from typing import Any

from csi_train import known_names, sizes
from csi_train.check.files import Problems, line, model_folder
from csi_train.engines import server
from csi_train.errors import EngineError
from csi_train.parts import nearest
from csi_train.recipe import Recipe
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
        named["train", n, "model"] = getattr(entry, "model", None)
        named["train", n, "reward", "model"] = getattr(getattr(entry, "reward", None), "model", None)
    for key, name in named.items():
        if name is not None and (problem := model_folder(name)):
            yield key, problem


def engine(recipe: Recipe) -> Problems:
    """A server's key, and what no server has; vLLM's own argument names."""
    if recipe.served and recipe.train and recipe.evaluate:
        yield ("evaluate",), "the server does not have the models trained here; evaluate them with engine: {type: vllm}"
    yield from _one_engine(("engine",), recipe.engine)
    for n, entry in enumerate(recipe.judge):
        if hasattr(entry, "engine"):
            yield from _one_engine(("judge", n, "engine"), entry.engine)


def lengths(recipe: Recipe) -> Problems:
    """A reply must fit into the model's context, beside its prompt."""
    used = {
        "classify": recipe.classify_model if hasattr(recipe.classify, "sampling") else None,
        "generate": recipe.generate.model if recipe.generate else None,
        "sample": recipe.sample_model,
        "evaluate": recipe.base_model,
    }
    for name, model in used.items():
        section, room = getattr(recipe, name), getattr(recipe.engine, "args", {}).get("max_model_len")
        if section and model and room is None and not recipe.served and (size := sizes.of(model)):
            room = size.context
        if section and model and isinstance(room, int) and section.sampling.max_tokens >= room:
            problem = f"{section.sampling.max_tokens} leaves no room for a prompt in a context of {room} tokens"
            yield (name, "sampling", "max_tokens"), problem


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
