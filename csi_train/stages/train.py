"""Train the entries of a recipe's `train` list. Started by the pipeline, or by hand:

    accelerate launch --config_file launch/cpu.yaml -m csi_train.stages.train RECIPE_OR_RUN [--stage sft]

A run folder trains on what its filter stage kept. A recipe file trains on what its run folder has kept, or on its `data:`.
"""

import argparse
import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train import order, parts, recipe_file
from csi_train.adapters import models, tracking
from csi_train.errors import RunError
from csi_train.recipe import Recipe
from csi_train.records import Example, read_rows
from csi_train.run import Run, write_text
from csi_train.trainers.params import TrainerParams


def main(argv: Sequence[str] | None = None) -> None:
    """Train all entries, or the one of `--stage`, and mark each as done."""
    parser = argparse.ArgumentParser(prog="csi_train.stages.train", description=__doc__.splitlines()[0])
    parser.add_argument("place", type=Path, metavar="RECIPE_OR_RUN")
    parser.add_argument("--stage", help="only this entry: sft, grpo")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    run = Run.at(options.place) if options.place.is_dir() else opened(options.place)
    for number in chosen(run.recipe, options.stage):
        train(run, number)


def opened(file: Path) -> Run:
    """The run of a recipe file, its folder made where it is not there yet."""
    return Run.create(recipe_file.load(file), resume=True)


def chosen(recipe: Recipe, stage: str | None) -> list[int]:
    """Which entries of `train` to run; raises RunError where there is no such one."""
    types = [entry.type for entry in recipe.train]
    found = [n for n, name in enumerate(types) if stage in (None, name)]
    if not found:
        raise RunError(f"nothing to train: {stage or 'train'} is not in the recipe", f"it has: {', '.join(types) or 'no train entry'}")
    return found


def train(run: Run, number: int) -> dict[str, Any]:
    """Train one entry from the model before it; the main process marks it as done. Returns its figures."""
    from accelerate import PartialState

    params = run.recipe.train[number]
    name = f"train/{params.type}"
    folder = run.folder / name
    state = PartialState()
    with state.main_process_first():
        if state.is_main_process:
            take_up(folder, next(s.key for s in order.stages(run.recipe) if s.name == name))
        model = start_model(run, number)
        track = tracking.start(run, name)
    began = time.monotonic()
    figures: dict[str, Any] = parts.load("trainers", params.type).train(
        examples(run), model, folder, params, track, run.recipe.seed
    )
    if state.is_main_process:
        run.finish(name, time.monotonic() - began, figures)
    return figures


def take_up(folder: Path, key: str) -> None:
    """Go on with a folder that was begun under the same `key`; of another training, nothing must be left over."""
    file = folder / "key"
    if not file.exists() or file.read_text() != key:
        shutil.rmtree(folder, ignore_errors=True)
        write_text(file, key)
    (folder / "done.json").unlink(missing_ok=True)


def start_model(run: Run, number: int) -> Path:
    """The folder of the model an entry starts from: its own `model`, else the entry before, else the base model."""
    params = run.recipe.train[number]
    if params.model is None and number > 0:
        before = run.folder / "train" / run.recipe.train[number - 1].type / "model"
        if not before.is_dir():
            raise RunError(f"{params.type} starts from {before}, which is not there", f"train {run.recipe.train[number - 1].type} first")
        return before
    return models.resolve(params.model or run.recipe.base_model)


def examples(run: Run) -> list[Example]:
    """The rows to train on; raises RunError where the run has none yet."""
    kept = run.folder / "filter" / "examples.jsonl"
    if kept.is_file():
        return read_rows(kept, Example)
    raise RunError(f"{kept} is not there", f"csi-train run RECIPE --until filter makes it (run folder {run.folder})")


if __name__ == "__main__":
    main()
