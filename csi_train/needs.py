"""The memory and disk that a recipe needs, from the sizes of its models; None where a size is not known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from csi_train import sizes
from csi_train.recipe import Asks, Recipe, served
from csi_train.trainers import launch
from csi_train.trainers.params import TrainerParams

BFLOAT16, FLOAT32 = 2, 4


@dataclass(frozen=True)
class Need:
    """The memory or disk that one thing takes, in bytes."""

    what: str
    bytes: int | None
    note: str


def memory(recipe: Recipe) -> Iterator[Need]:
    """Weights and KV cache of each model that answers here; weights of the one that embeds and of the one that scores;
    weights, gradients and optimizer of each that is trained."""
    asking = [(model, section.engine) for _, section, model, _ in recipe.asked if not served(section.engine)]
    for number, (model, engine) in enumerate(asking):
        if (model, engine) not in asking[:number]:
            yield _serving(model, getattr(engine, "args", {}))
    if recipe.classify and not isinstance(recipe.classify, Asks):
        yield _weights("embed", recipe.classify_model)
    for judge in filter(None, (recipe.reward, *recipe.judge)):
        if hasattr(judge, "model") and not isinstance(judge, Asks):
            yield _weights("score", judge.model)
    for entry in recipe.train:
        yield _train_memory(entry, sizes.of(entry.model or recipe.base_model))


def _serving(model: str, args: dict[str, Any]) -> Need:
    size = sizes.of(model)
    if size is None:
        return Need(f"run {model}", None, "not on this machine yet, so its size is not known")
    length = args.get("max_model_len", size.context)
    weights, cache = BFLOAT16 * size.parameters, size.kv_bytes * length
    note = (
        f"weights {volume(weights)} in bfloat16 + KV cache {volume(cache)} for each sequence of {count(length)} tokens"
    )
    return Need(f"run {model}", weights + cache, note)


def _weights(use: str, model: str) -> Need:
    size = sizes.of(model)
    note = "weights in bfloat16" if size else "not on this machine yet, so its size is not known"
    return Need(f"{use} with {model}", BFLOAT16 * size.parameters if size else None, note)


def _train_memory(entry: Any, size: sizes.Size | None) -> Need:
    each, how = _bytes_a_parameter(entry)
    note = f"per process: {how}; activations besides"
    if entry.type in ("dpo", "online_dpo"):
        reference, why = _reference(entry)
        each, note = each + reference, f"{note}; {why}"
    if entry.type == "online_dpo":
        note += "; the reward model takes its own share"
    if entry.type == "grpo" and entry.args.get("use_vllm"):
        note += "; vLLM takes its own share (vllm_gpu_memory_utilization)"
    return Need(f"train/{entry.type}", round(each * size.parameters) if size else None, note)


def _bytes_a_parameter(entry: TrainerParams) -> tuple[float, str]:
    """Bytes per parameter that one process holds while it trains with AdamW, and what they are."""
    settings = launch.settings(entry.launch)
    if entry.lora:
        return BFLOAT16, "frozen weights in bfloat16; adapters and their optimizer besides"
    if settings.get("distributed_type") != "DEEPSPEED":
        return 4 * FLOAT32, "weights, gradients and two AdamW moments in float32"
    stage, n = settings["deepspeed_config"]["zero_stage"], launch.processes(entry)
    shared = {0: 0, 1: 3 * FLOAT32, 2: 3 * FLOAT32 + BFLOAT16, 3: 3 * FLOAT32 + 2 * BFLOAT16}[stage]
    whole = 3 * FLOAT32 + 2 * BFLOAT16
    return whole - shared + shared / n, f"ZeRO-{stage} over {n}: bfloat16 weights and gradients, float32 AdamW"


def _reference(entry: Any) -> tuple[int, str]:
    """Bytes per parameter of the model that DPO compares with, and why."""
    if entry.lora:
        return 0, "no reference model: it is the model without its adapters"
    if entry.type == "dpo" and entry.args.get("precompute_ref_log_probs", True):
        return 0, "no reference model: its log-probabilities are worked out before the first step"
    deepspeed = launch.settings(entry.launch).get("distributed_type") == "DEEPSPEED"
    return BFLOAT16 if deepspeed else FLOAT32, "a reference model"


def disk(recipe: Recipe, tokens: int | None) -> Iterator[Need]:
    """Completions (kept in the store and in the run folder), checkpoints, models."""
    yield Need("completions", tokens and 2 * 4 * tokens, "4 bytes a token, in the store and in the run folder")
    for entry in recipe.train:
        size = sizes.of(entry.model or recipe.base_model)
        kept = 0 if entry.lora or entry.args.get("save_strategy") == "no" else entry.args.get("save_total_limit", 2)
        # DeepSpeed writes the bfloat16 weights twice beside the float32 state: 16.4 bytes measured, 12.0 without it.
        checkpoint = 3 * FLOAT32 + (
            2 * BFLOAT16 if launch.settings(entry.launch).get("distributed_type") == "DEEPSPEED" else 0
        )
        each = BFLOAT16 + checkpoint * kept
        note = f"the model in bfloat16, {kept} checkpoints with their optimizer" if kept else "the model in bfloat16"
        yield Need(f"train/{entry.type}", each * size.parameters if size else None, note)


def count(number: int | None) -> str:
    """12345678 as `12 M`; up to 9,999 in full."""
    if number is None:
        return "unknown"
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= max(size, 10**4):
            return f"{number / size:.{0 if number >= 10 * size else 1}f} {unit}"
    return f"{number:,}"


def volume(number: int | None) -> str:
    """Bytes as `269 MB` or `2.2 GB`, in powers of ten."""
    if number is None:
        return "unknown"
    return f"{number / 10**9:.1f} GB" if number >= 10**9 else f"{number / 10**6:.0f} MB"
