"""Rules of models and of the engines that run them."""

from typing import Any

from csi_train import known_names, order, sizes
from csi_train.check.files import Note, Problems, line, model_folder
from csi_train.engines import server
from csi_train.errors import EngineError
from csi_train.parts import nearest
from csi_train.recipe import Asks, Recipe, Sampling, served
from csi_train.yaml_tree import Key

NOT_SET_HERE = {
    "model": "classify.model, generate.model, sample.model and model name the models",
    "seed": "set `seed` at the top of the recipe",
    "trust_remote_code": "code that comes with a model is never run",
    "data_parallel_size": "vLLM refuses it in one process; start a server with --data-parallel-size, and name that as "
    "engine: {type: server, url: …}",
}
"""vLLM's arguments that are not the recipe's to set."""


def named(recipe: Recipe) -> Problems:
    """Those that are loaded here; of a served one only its server knows the name."""
    if recipe.sample and recipe.sample_model is None:
        yield ("sample", "model"), "is required where no generate section names a model"
    if recipe.classify and not recipe.classify_model:
        yield ("classify", "model"), "is required where no other section names a model"
    for (key, model), stage in _loaded(recipe).items():
        yield from model_folder(key, model, stage)


def engine(recipe: Recipe) -> Problems:
    """A server's key, and what no server has; vLLM's own argument names."""
    if recipe.train and recipe.evaluate and served(recipe.evaluate.engine):
        key: Key = ("evaluate", "engine") if recipe.evaluate.engine != recipe.engine else ("evaluate",)
        yield key, "the server does not have the models trained here; give evaluate an engine: {type: vllm}"
    engines: dict[Key, Any] = {("engine",): recipe.engine}
    for key, section, _, _ in recipe.asked:
        place: Key = ("engine",) if section.engine == recipe.engine else (*key, "engine")
        engines[place] = section.engine
        yield from _key(place, section.engine, order.stage_at(recipe, key))
    for place, params in engines.items():
        yield from _arguments(place, params)


def lengths(recipe: Recipe) -> Problems:
    """A reply must fit into the model's context, beside its prompt."""
    for key, section, model, _ in recipe.asked:
        yield from _length(key, section.sampling, model, section.engine)


def _loaded(recipe: Recipe) -> dict[tuple[Key, str], str]:
    """The models that are loaded here, by the key that names them; the first stage that needs each."""
    found: list[tuple[Key, str | None, Key]] = [
        (named, model, key) for key, section, model, named in recipe.asked if not served(section.engine)
    ]
    if recipe.classify and not isinstance(recipe.classify, Asks):
        found.insert(0, (("classify", "model"), recipe.classify_model, ("classify",)))
    if recipe.reward and not isinstance(recipe.reward, Asks):
        found.append((("reward", "model"), getattr(recipe.reward, "model", None), ("reward",)))
    for n, entry in enumerate(recipe.train):
        reward = getattr(entry, "reward", None)
        if entry.model or n == 0:
            own: Key = ("train", n, "model") if entry.model else ("model",)
            found.append((own, entry.model or recipe.base_model, ("train", n)))
        if not isinstance(reward, Asks):
            found.append((("train", n, "reward", "model"), getattr(reward, "model", None), ("train", n)))
    first: dict[tuple[Key, str], str] = {}
    for named, model, key in found:
        if model:
            first.setdefault((named, model), order.stage_at(recipe, key))
    return first


def _length(key: Key, sampling: Sampling, model: str, engine: Any) -> Problems:
    room = getattr(engine, "args", {}).get("max_model_len")
    if room is None and not served(engine) and (size := sizes.of(model)):
        room = size.context
    if isinstance(room, int) and sampling.max_tokens >= room:
        problem = f"{sampling.max_tokens} leaves no room for a prompt in a context of {room} tokens"
        yield (*key, "sampling", "max_tokens"), problem


def _key(place: Key, params: Any, stage: str) -> Problems:
    """The key of a server, which its stage cannot do without."""
    if params.type == "server":
        try:
            server.key(params)
        except EngineError as error:
            yield Note((*place, "api_key_env"), line(error), stage)


def _arguments(place: Key, params: Any) -> Problems:
    if params.type != "vllm" or not params.args:
        return
    known = known_names.vllm_arguments()
    for name in params.args:
        if name in NOT_SET_HERE:
            yield (*place, "args", name), NOT_SET_HERE[name]
        elif known and name not in known:
            yield (*place, "args", name), f"vLLM has no argument {name!r}; {nearest(name, known)}"
