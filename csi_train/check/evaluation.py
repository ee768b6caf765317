"""Rules of the tasks that are evaluated and of the judges that read the responses."""

import os
from pathlib import Path

from csi_train import known_names, order
from csi_train.check.files import Note, Problems, file
from csi_train.parts import nearest
from csi_train.recipe import Recipe
from csi_train.sources.rows import HUB_FILE
from csi_train.yaml_tree import Key


def tasks(recipe: Recipe) -> Problems:
    """Task names, and the files that stand in for their hub data."""
    if recipe.evaluate is None:
        return
    folder = Path(recipe.evaluate.include_path)
    if not folder.is_dir():
        yield ("evaluate", "include_path"), f"no such folder: {folder.absolute()}"
        return
    ours = known_names.tasks_in(folder)
    for n, task in enumerate(recipe.evaluate.tasks):
        if task not in ours:
            hint = "lm-eval's own tasks score one sample; evals/utils.py says how to write one that scores k"
            yield ("evaluate", "tasks", n), f"no task {task!r} in {folder}; {nearest(task, ours)} ({hint})"
    for task, path in recipe.evaluate.data_files.items():
        if task not in recipe.evaluate.tasks:
            yield ("evaluate", "data_files", task), f"not a task of this recipe; {nearest(task, recipe.evaluate.tasks)}"
        yield from file(("evaluate", "data_files", task), path, "evaluate/base")


def judges(recipe: Recipe) -> Problems:
    """A judge reads what the evaluation of its task leaves, beside a baseline that is there."""
    rows = order.rows(recipe)
    for n, entry in enumerate(recipe.judge):
        key: Key = ("judge", n)
        if recipe.evaluate is None or entry.task not in recipe.evaluate.tasks:
            yield (*key, "task"), f"judges the responses to {entry.task}; add that to evaluate.tasks, with repeats: 1"
        if entry.type == "reward":
            if recipe.reward is None:
                yield key, "scores with the recipe's reward; add a reward section"
            continue
        if entry.baseline in rows:
            if len(rows) == 1:
                yield (*key, "baseline"), f"{entry.baseline} is the only row of this run; name a file of outputs"
        elif not entry.baseline.startswith(HUB_FILE):
            otherwise = f"; or a row of this run: {', '.join(rows) or 'none'}"
            yield from file((*key, "baseline"), entry.baseline, order.stage_at(recipe, key), otherwise)
        difficulty = getattr(entry, "instruction_difficulty", None)
        if difficulty not in (None, "hub"):
            yield from file((*key, "instruction_difficulty"), difficulty, order.stage_at(recipe, key))


def tracking(recipe: Recipe) -> Problems:
    """wandb's key, where metrics are sent while a stage is at work."""
    if recipe.track.wandb == "online" and not os.environ.get("WANDB_API_KEY"):
        for stage in order.stages(recipe):
            if stage.kind in ("train", "evaluate"):
                message = "WANDB_API_KEY is not set; export it, or set track.wandb to offline or off"
                yield Note(("track", "wandb"), message, stage.name)
