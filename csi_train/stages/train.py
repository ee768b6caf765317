"""Train the entries of a recipe's `train` list. Started by the pipeline, or by hand:

    accelerate launch --config_file launch/cpu.yaml -m csi_train.stages.train RECIPE_OR_RUN [--stage sft]

That trains the entries that are not done yet, or the one of `--stage`, which starts anew where it is done. A training
that was begun goes on from its last good checkpoint. A run folder trains on what its filter stage kept, or on the pairs
of its pair stage, as the trainer wants; a recipe file on what its run folder has, or on its `data:`. On several GPUs
add `--num_processes 8`, the recipe's `processes`: with another number it does not start.
"""

import argparse
import contextlib
import importlib
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csi_train import failure, order, parts, recipe_file
from csi_train.adapters import models, tracking
from csi_train.errors import RunError
from csi_train.process import die_with_parent
from csi_train.records import Example, Pair, read_rows
from csi_train.run import Run, write_text
from csi_train.trainers import launch

if TYPE_CHECKING:
    from accelerate import PartialState

FILES: dict[type, tuple[str, str]] = {Example: ("filter", "examples.jsonl"), Pair: ("pair", "pairs.jsonl")}
"""Which stage leaves the rows that a trainer learns from (`ROWS`), and in which file."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train all entries that are not done, or the one of `--stage`; an error is told, and is exit code 1."""
    parser = argparse.ArgumentParser(prog="csi_train.stages.train", description=__doc__.splitlines()[0])
    parser.add_argument("place", type=Path, metavar="RECIPE_OR_RUN")
    parser.add_argument("--stage", help="only this entry: sft, dpo")
    options = parser.parse_args(argv)
    die_with_parent()
    first = processes().is_main_process
    logging.basicConfig(level=logging.WARNING if first else logging.ERROR, format="%(message)s")
    try:
        run = Run.at(options.place) if options.place.is_dir() else Run.of(recipe_file.load(options.place))
        numbers = chosen(run, options.stage)
        with run.lock() if first else contextlib.nullcontext():
            if first and not options.place.is_dir():
                run.keep_recipe()
            for number in numbers:
                train(run, number)
    except Exception as error:  # of this process only: the others cannot say it
        failure.tell(error)
        return 1
    return 0


def processes() -> "PartialState":
    """The processes of this training: which one this is, and waiting for the others."""
    import torch
    from accelerate import PartialState

    return PartialState(cpu=not torch.cuda.is_available())  # without `cpu` each CPU process thinks it is the only one


def chosen(run: Run, stage: str | None) -> list[int]:
    """Which entries of `train` to run: the one named `stage`, or those that are not done.

    Raises RunError where there is no such entry.
    """
    types = [entry.type for entry in run.recipe.train]
    if not types or stage not in (None, *types):
        hint = f"it has: {', '.join(types) or 'no train entry'}"
        raise RunError(f"nothing to train: {stage or 'train'} is not in the recipe", hint)
    if stage:
        return [types.index(stage)]
    return [n for n, name in enumerate(types) if not run.done(order.stage(run.recipe, f"train/{name}"))]


def train(run: Run, number: int) -> None:
    """Train one entry from the model before it; the main process marks it as done."""
    params, state, began = run.recipe.train[number], processes(), time.monotonic()
    launch.started(params, state.num_processes)
    name, trainer = f"train/{params.type}", parts.load("trainers", params.type)
    with state.main_process_first():
        if state.is_main_process:
            take_up(run, name)
        model, found, track = start_model(run, number), rows(run, trainer.ROWS), tracking.start(run, name)
    figures = trainer.train(found, model, run.folder / name, params, track, run.recipe.seed)
    if state.is_main_process:
        run.finish(name, time.monotonic() - began, figures)
    state.wait_for_everyone()


def take_up(run: Run, name: str) -> None:
    """Go on in a folder where the same training was begun and is not done; of any other nothing is left over."""
    key = order.stage(run.recipe, name).key
    folder = run.folder / name
    file = folder / "key"
    if not file.exists() or file.read_text() != key or run.record(name):
        shutil.rmtree(folder, ignore_errors=True)
        write_text(file, key)


def start_model(run: Run, number: int) -> Path:
    """The folder of the model an entry starts from: its own `model`, else the entry before, else the base model."""
    params = run.recipe.train[number]
    if params.model or number == 0:
        return models.resolve(params.model or run.recipe.base_model)
    before: str = run.recipe.train[number - 1].type
    folder = run.folder / "train" / before / "model"
    if not folder.is_dir():
        raise RunError(f"{params.type} starts from {folder}, which is not there", f"train {before} first")
    return folder


def rows(run: Run, kind: type) -> list[Any]:
    """The rows of one kind to train on. The stages before run here where all they need is the recipe's `data:`.

    Raises RunError where there is nothing to train on yet.
    """
    made_by, name = FILES[kind]
    file = run.folder / made_by / name
    if not file.is_file() and run.recipe.data and not run.recipe.sample:
        for stage in order.stages(run.recipe):
            if stage.name in ("filter", made_by) and not run.done(stage):
                began, figures = time.monotonic(), importlib.import_module(f"csi_train.stages.{stage.name}").main(run)
                run.finish(stage.name, time.monotonic() - began, figures)
    if not file.is_file():
        raise RunError(f"{file} is not there", f"`csi-train run RECIPE --until {made_by}` makes it")
    return read_rows(file, kind)


if __name__ == "__main__":
    sys.exit(main())
