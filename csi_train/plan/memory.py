"""The memory that a recipe's models need, from their sizes; None where a size is not known."""

from collections.abc import Iterator
from typing import Any

from csi_train import sizes
from csi_train.plan import training
from csi_train.plan.figures import BFLOAT16, CARD, Need, count, volume
from csi_train.recipe import Asks, Recipe, served
from csi_train.trainers import launch

UNKNOWN = "the model is not here, and no config.json of the hub tells its size"


def memory(recipe: Recipe) -> Iterator[Need]:
    """Weights and KV cache of each model that answers here; weights of the one that embeds and of the one that scores;
    what each training holds on a GPU."""
    on_gpus = not recipe.train or not all(launch.settings(entry.launch).get("use_cpu") for entry in recipe.train)
    asking = [(model, section.engine) for _, section, model, _ in recipe.asked if not served(section.engine)]
    for number, (model, engine) in enumerate(asking):
        if (model, engine) not in asking[:number]:
            yield _serving(model, getattr(engine, "args", {}), on_gpus)
    if recipe.classify and not isinstance(recipe.classify, Asks):
        yield _weights("embed", recipe.classify_model)
    for judge in filter(None, (recipe.reward, *recipe.judge)):
        if hasattr(judge, "model") and not isinstance(judge, Asks):
            yield _weights("score", judge.model)
    for entry in recipe.train:
        yield from training.needs(entry, sizes.asked(entry.model or recipe.base_model))


def _serving(model: str, args: dict[str, Any], on_gpus: bool) -> Need:
    """Weights and one sequence of the greatest length, which vLLM must have; and how many a GPU of 80 GB holds."""
    size = sizes.asked(model)
    if size is None:
        return Need(f"run {model}", None, UNKNOWN)
    length, split = args.get("max_model_len", size.context), args.get("tensor_parallel_size", 1)
    weights, cache = BFLOAT16 * size.parameters // split, size.kv_bytes * length // split
    room = args.get("gpu_memory_utilization", 0.92) * CARD - weights - training.VLLM_OWN  # vLLM 0.31's default
    note = f"weights {volume(weights)} in bfloat16 + KV cache {volume(cache)} a sequence of {count(length)} tokens"
    where = f"on each of {split} GPUs: " if split > 1 else ""
    held = f"; 80 GB hold {max(0, int(room // cache))} of these at once" if on_gpus else ""
    return Need(f"run {model}", weights + cache, f"{where}{note}{held}")


def _weights(use: str, model: str) -> Need:
    size = sizes.asked(model)
    note = "weights in bfloat16" if size else UNKNOWN
    return Need(f"{use} with {model}", BFLOAT16 * size.parameters if size else None, note)
