"""The disk that a recipe fills."""

from collections.abc import Iterator
from pathlib import Path

from csi_train import sizes
from csi_train.adapters import models
from csi_train.plan.figures import BFLOAT16, FLOAT32, Need
from csi_train.recipe import Asks, Recipe, served
from csi_train.trainers import launch


def disk(recipe: Recipe, tokens: int | None) -> Iterator[Need]:
    """Hub models, completions (kept in the store and in the run folder), checkpoints, models."""
    hub = _from_the_hub(recipe)
    if hub:
        known = [size.parameters for size in map(sizes.asked, hub) if size]
        total = BFLOAT16 * sum(known) if len(known) == len(hub) else None
        yield Need("models of the hub", total, f"in bfloat16, in the hub's cache: {', '.join(hub)}")
    yield Need("completions", tokens and 2 * 4 * tokens, "4 bytes a token, in the store and in the run folder")
    for entry in recipe.train:
        size = sizes.asked(entry.model or recipe.base_model)
        kept = 0 if entry.lora or entry.args.get("save_strategy") == "no" else entry.args.get("save_total_limit", 2)
        # DeepSpeed writes the bfloat16 weights twice beside the float32 state: 16.4 bytes measured, 12.0 without it.
        checkpoint = 3 * FLOAT32 + (
            2 * BFLOAT16 if launch.settings(entry.launch).get("distributed_type") == "DEEPSPEED" else 0
        )
        each = BFLOAT16 + checkpoint * kept
        note = f"the model in bfloat16, {kept} checkpoints with their optimizer" if kept else "the model in bfloat16"
        yield Need(f"train/{entry.type}", each * size.parameters if size else None, note)


def _from_the_hub(recipe: Recipe) -> list[str]:
    """The models that are downloaded, if they are not cached yet."""
    named = [model for _, section, model, _ in recipe.asked if not served(section.engine)]
    loads = [recipe.reward, *recipe.judge, *(getattr(entry, "reward", None) for entry in recipe.train)]
    named += [part.model for part in loads if hasattr(part, "model") and not isinstance(part, Asks)]
    if recipe.classify and not isinstance(recipe.classify, Asks):
        named.append(recipe.classify_model)
    named += [entry.model or recipe.base_model for entry in recipe.train]
    return [name for name in dict.fromkeys(named) if name != models.EMBEDDED and not Path(name).is_dir()]
