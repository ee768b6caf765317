"""What one process of a training holds on its GPU: exact where it follows from the number of parameters, else an
estimate that says so. The peak is the larger of two moments, generating and training."""

from collections.abc import Iterator
from typing import Any

from csi_train import sizes
from csi_train.plan.figures import BFLOAT16, CARD, FLOAT32, USABLE, Need, count, volume
from csi_train.recipe import Asks
from csi_train.trainers import arguments, launch

VLLM_OWN = 3e9
"""What vLLM takes beside weights and KV cache: activations of 4,096 tokens, CUDA graphs. Assumed, not measured."""


def needs(entry: Any, size: sizes.Size | None) -> Iterator[Need]:
    """The parts that a process holds, and last their sum at the peak. Of a CPU activations are not estimated."""
    name = f"train/{entry.type}"
    if size is None:
        yield Need(name, None, "the size of the model is not known")
        return
    on_gpu = not launch.settings(entry.launch).get("use_cpu")
    values = arguments.values(entry.type, entry.args) | {"gradient_accumulation_steps": launch.accumulation(entry)}
    kept, gradients, how = states(entry, size)
    beside = [need for need in (_reference(entry, values, size), _reward(entry)) if need]
    work = _activations(entry, values, size) if on_gpu else None
    share, vllm, room = _vllm(entry, values, size)
    parts = [Need("states", round(kept + gradients), how), *beside, *filter(None, (work, vllm))]
    for part in parts:
        yield Need(f"{name}: {part.what}", part.bytes, part.note)
    held = kept + sum(need.bytes or 0 for need in beside)
    learning = held + gradients + (work.bytes or 0 if work else 0)
    learning += 0 if values.get("vllm_enable_sleep_mode") else share
    moments = "each process, at most" if work else "each process; activations besides"
    if share:
        moments = f"generating {volume(held + share)}, training {volume(learning)}"
    if unknown := [part.what for part in parts if part.bytes is None]:
        moments += f"; not counted: the {', '.join(unknown)}"
    peak = round(max(held + share, learning))
    if not on_gpu:
        yield Need(name, peak, moments)
    elif room < 1:
        yield Need(name, peak, f"{moments}; vLLM has no room for one sequence", fits=False)
    elif peak > USABLE:
        yield Need(name, peak, f"{moments}; does not fit 80 GB", fits=False)
    elif unknown:
        yield Need(name, peak, moments)
    else:
        yield Need(name, peak, f"{moments}; fits 80 GB", fits=True)


def states(entry: Any, size: sizes.Size) -> tuple[float, float, str]:
    """Bytes of weights and optimizer, bytes of gradients, and what they are, as trainers/fit.py loads the weights."""
    settings, n = launch.settings(entry.launch), launch.processes(entry)
    deepspeed = settings.get("distributed_type") == "DEEPSPEED"
    stage = settings["deepspeed_config"]["zero_stage"] if deepspeed else 0
    each = {level: n if deepspeed and stage >= level else 1 for level in (1, 2, 3)}
    p = size.parameters
    if entry.lora:
        frozen = f"frozen weights in bfloat16{f', ZeRO-3 over {n}' if each[3] > 1 else ''}"
        if size.shape is None or entry.lora.target_modules != "all-linear":
            return BFLOAT16 * p / each[3], 0, f"{frozen}; adapters and their optimizer besides"
        adapters = size.shape.adapters(entry.lora.r)
        kept = BFLOAT16 * p / each[3] + 3 * FLOAT32 * adapters
        return kept, FLOAT32 * adapters, f"{frozen}; {count(adapters)} of adapters, their AdamW in float32"
    if deepspeed:
        kept = BFLOAT16 * p / each[3] + 3 * FLOAT32 * p / each[1]
        told = f"ZeRO-{stage} over {n}: bfloat16 weights and gradients, float32 AdamW"
        return kept, BFLOAT16 * p / each[2], told
    told = "weights, gradients and two AdamW moments in float32"
    if n > 1:  # DistributedDataParallel copies the gradients into buckets
        return 3 * FLOAT32 * p, 2 * FLOAT32 * p, f"{told}, gradients twice"
    return 3 * FLOAT32 * p, FLOAT32 * p, told


def _reference(entry: Any, values: dict[str, Any], size: sizes.Size) -> Need | None:
    """The model that DPO and a KL term compare with; none with LoRA, where it is the model without its adapters."""
    if entry.lora or not entry.compares(values):
        return None
    settings = launch.settings(entry.launch)
    if settings.get("distributed_type") != "DEEPSPEED":
        return Need("reference model", FLOAT32 * size.parameters, "in float32, on each process")
    split = launch.processes(entry) if settings["deepspeed_config"]["zero_stage"] == 3 else 1
    where = f"shared out over {split}" if split > 1 else "on each process"
    return Need("reference model", round(BFLOAT16 * size.parameters / split), f"in bfloat16, {where}")


def _reward(entry: Any) -> Need | None:
    """A reward model that scores rollouts in the training process."""
    reward = getattr(entry, "reward", None)
    if reward is None or isinstance(reward, Asks) or not hasattr(reward, "model"):
        return None
    size = sizes.asked(reward.model)
    note = f"{reward.model} in bfloat16, on each process" if size else f"the size of {reward.model} is not known"
    return Need("reward model", BFLOAT16 * size.parameters if size else None, note)


def _activations(entry: Any, values: dict[str, Any], size: sizes.Size) -> Need | None:
    """What the backward pass needs of the forward pass: an estimate.

    Checkpointed, it keeps what goes into each layer, and one layer at a time, with its gradients. TRL 1.16 makes no
    whole matrix of logits but in online DPO, where logits, log-softmax and the gradients of both are there at once.
    """
    tokens = entry.tokens(values)
    if tokens is None or size.shape is None:
        return None
    s = size.shape
    layer, each_input = tokens * layer_bytes(s), tokens * BFLOAT16 * s.hidden
    checkpointed = bool(values["gradient_checkpointing"])
    kept = s.layers * each_input + 2 * layer if checkpointed else s.layers * layer
    logits = 4 * tokens * BFLOAT16 * s.vocabulary if entry.all_logits else 0
    how = "checkpointed" if checkpointed else "not checkpointed"
    told = f"estimate: at most {count(tokens)} tokens at once, {how}" + (", and their logits" if logits else "")
    return Need("activations", kept + logits, told)


def layer_bytes(shape: sizes.Shape) -> int:
    """Bytes a token that a layer keeps for its backward pass, where attention keeps no matrix of scores.

    Those are what goes in and out of its linear layers in bfloat16, and of its norms in float32 too. A layer of Llama
    keeps 8 % less, one of Qwen3 10 % more (measured, PyTorch 2.13).
    """
    return 16 * shape.hidden + 6 * shape.queries + 8 * shape.keys + 8 * shape.inner


def _vllm(entry: Any, values: dict[str, Any], size: sizes.Size) -> tuple[float, Need | None, float]:
    """vLLM's share of the GPU beside the trainer, and how many sequences of the greatest length its KV cache holds."""
    if not values.get("use_vllm") or values.get("vllm_mode") != "colocate":
        return 0, None, 1
    wanted, length = entry.at_once(values)
    split = values["vllm_tensor_parallel_size"]
    use = values["vllm_gpu_memory_utilization"]
    cache = size.kv_bytes * (length or size.context) / split
    room = max(0.0, use * CARD - BFLOAT16 * size.parameters / split - VLLM_OWN) // cache
    when = ", asleep while training" if values["vllm_enable_sleep_mode"] else ""
    each = f"KV cache {volume(cache)} a sequence of {count(length or size.context)} tokens"
    told = f"{use:g} of {volume(CARD)}{when}; {each}: room for {room:.0f}, TRL asks for {wanted} at once"
    return use * CARD, Need("vLLM", round(use * CARD), told), room
