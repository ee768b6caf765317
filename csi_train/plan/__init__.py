"""What a run would do and need, before any of it is started: upper bounds, and None where something is not known."""

import shutil
from dataclasses import asdict, dataclass, replace
from typing import Any

from csi_train import pipeline
from csi_train.plan import disk, hours, memory, work
from csi_train.plan.figures import Need
from csi_train.plan.work import Step
from csi_train.recipe import Recipe
from csi_train.run import Run


@dataclass(frozen=True)
class Plan:
    """A whole run: its stages in order, memory by model and training, disk by what fills it.

    `gpu_hours` is None where those of a stage are not known; `assumed` says what they rest on.
    """

    folder: str
    steps: list[Step]
    memory: list[Need]
    disk: list[Need]
    disk_free: int
    gpu_hours: float | None
    assumed: str

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def plan(recipe: Recipe) -> Plan:
    """Reads the run folder and the store beside it, as far as they exist, and changes neither."""
    folder = recipe.folder.absolute()
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    usage, steps = work.usage(recipe), []
    for stage, state in pipeline.status(Run.of(recipe)):
        step, asked = work.step(recipe, stage, state, usage.get(stage.kind))
        steps.append(replace(step, gpu_hours=hours.hours(recipe, step, asked)))
    texts = [step.tokens for step in steps if not step.name.startswith("train/")]
    tokens = None if None in texts else sum(filter(None, texts))
    known = [step.gpu_hours for step in steps if step.gpu_hours is not None]
    return Plan(
        folder=str(recipe.folder),
        steps=steps,
        memory=list(memory.memory(recipe)),
        disk=list(disk.disk(recipe, tokens)),
        disk_free=shutil.disk_usage(there).free,
        gpu_hours=sum(known) if len(known) == len(steps) else None,
        assumed=hours.ASSUMED,
    )
