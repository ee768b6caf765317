"""GPU-hours of a stage: an estimate from floating-point operations and an assumed share of what a GPU can do."""

from typing import Any

from csi_train import order, sizes
from csi_train.plan.work import Step, Work
from csi_train.recipe import Asks, Recipe, served
from csi_train.trainers import arguments

H100 = 989e12
"""Dense bfloat16 operations a second of an H100, from its data sheet."""
GENERATING, READING = 0.05, 0.3
"""Shares of it that we assume. 5 % are 6,100 tokens a second of a model of 4B parameters, 3,100 of one of 8B: what vLLM
does with some hundred sequences at once. 30 % is usual for training of this size."""
ASSUMED = (
    f"GPU-hours are an estimate, not measured: an H100 of {H100 / 1e12:.0f} TFLOP/s, of which writing reaches"
    f" {GENERATING:.0%}, scoring and training {READING:.0%}; 2 operations a parameter and token forward, 4 backward;"
    " every text at its greatest length, unless the store tells what to expect."
)


def hours(recipe: Recipe, step: Step, work: Work) -> float | None:
    """The hours of one GPU that a stage takes, shared or not; 0 where a server or a CPU does it, None where unknown."""
    stage = order.stage(recipe, step.name)
    written = step.tokens if step.expected is None else step.expected
    match stage.kind:
        case "train":
            entry = next(t for t in recipe.train if f"train/{t.type}" == step.name)
            return _training(entry, sizes.asked(entry.model or recipe.base_model), written, work.read)
        case "score":
            return _sum(_asking(recipe, ("reward",), written), _scoring(recipe.reward, work.read))
        case "judge":
            name = step.name.removeprefix("judge/")
            number = next(n for n, entry in enumerate(recipe.judge) if (entry.name or entry.type) == name)
            if recipe.judge[number].type == "reward":
                return _sum(_asking(recipe, ("reward",), written), _scoring(recipe.reward, work.read))
            return _asking(recipe, ("judge", number), written)
        case kind:
            return _asking(recipe, (kind,), written)


def _asking(recipe: Recipe, key: tuple[Any, ...], written: int | None) -> float | None:
    """Of a section that asks a model which runs here."""
    found = next((asked for asked in recipe.asked if asked.key == key), None)
    if found is None or served(found.section.engine):
        return 0.0
    return _forward(sizes.asked(found.model), written, GENERATING)


def _scoring(reward: Any, read: int | None) -> float | None:
    """Of a reward model that reads responses."""
    if isinstance(reward, Asks) or not hasattr(reward, "model"):
        return 0.0
    return _forward(sizes.asked(reward.model), read, READING)


def _training(entry: Any, size: sizes.Size | None, written: int | None, read: int | None) -> float | None:
    """Rollouts, and every pass over what is learnt from: of frozen weights no gradient is worked out, a checkpointed
    pass goes forward twice, and so does one whose sampler or reference is compared with."""
    values = arguments.values(entry.type, entry.args)
    backward = 1 if entry.lora else 2
    corrected = bool(values.get("use_vllm") and values.get("vllm_importance_sampling_correction"))
    passes = 1 + backward + bool(values["gradient_checkpointing"]) + corrected + bool(entry.compares(values))
    return _sum(
        _forward(size, written, GENERATING),
        _forward(size, read and passes * read, READING),
        _scoring(getattr(entry, "reward", None), read),
    )


def _forward(size: sizes.Size | None, tokens: int | None, share: float) -> float | None:
    if tokens == 0:
        return 0.0
    if size is None or tokens is None:
        return None
    return 2 * size.parameters * tokens / (share * H100) / 3600


def _sum(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
