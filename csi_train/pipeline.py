"""A whole run: what is stale, in which order, one process for each group of stages that share a model."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from csi_train import manifest, order, process
from csi_train.errors import RunError
from csi_train.order import Stage
from csi_train.recipe import Recipe
from csi_train.reporting import card, html, tables
from csi_train.run import HOLDER, Run
from csi_train.trainers import launch
from csi_train.watch import Watch


class State(NamedTuple):
    """A stage and where it stands: done, stale or to do."""

    stage: Stage
    state: str


def status(run: Run) -> list[State]:
    """Where each stage stands. One that is after a stage that is not done is not done either."""
    states: dict[str, State] = {}
    for stage in order.stages(run.recipe):
        ready = all(states[name].state == "done" for name in stage.after)
        done = ready and run.done(stage)
        states[stage.name] = State(stage, "done" if done else "stale" if run.record(stage.name) else "to do")
    return list(states.values())


def run(
    recipe: Recipe,
    *,
    resume: bool = False,
    until: str | None = None,
    quiet: bool = False,
    lacking: Mapping[str, str] | None = None,
) -> Path:
    """Do everything a recipe asks for that is not done yet; returns the path of the report.

    `lacking` says of a stage what it needs and does not have. Raises RunError where such a stage is due, the folder
    exists and `resume` is not given, is in use, or a stage fails. A run that cannot do its first stage leaves nothing.
    """
    run = Run.of(recipe)
    todo = _until(order.stages(recipe), until)
    _demand([s.stage for s in status(run) if s.stage in todo and s.state != "done"][:1], lacking or {})
    with run.lock(new=not resume):
        run.keep_recipe()
        manifest.write(run)
        watch = Watch(run, quiet)
        states = [s for s in status(run) if s.stage in todo]
        for stage, state in states:
            if state == "done":
                watch.say(f"{stage.name}: done already")
        for group in groups(recipe, [stage for stage, state in states if state != "done"]):
            _demand(group, lacking or {})
            _do(run, group, watch)
    return report(run)


def report(run: Run) -> Path:
    """Write what a run shows: the table, the data card, the HTML page, whose path is returned."""
    tables.write_table(run)
    card.write_card(run)
    return html.write(run)


def stage(name: str, run: Run) -> None:
    """Do one stage, whether it is done or not; raises RunError where the recipe has no such stage."""
    (group,) = groups(run.recipe, [s for s in _until(order.stages(run.recipe), name) if s.name == name])
    with run.lock():
        _do(run, group, Watch(run, quiet=False))


def judge(run: Run) -> Path:
    """Do what is missing of the judge stages of a run that was evaluated; returns the path of the report.

    Raises RunError where the recipe has no judge, or a model is not evaluated yet.
    """
    if not run.recipe.judge:
        hint = f"add a judge section to its recipe and run that with --resume; {run.folder / 'recipe.yaml'} holds it"
        raise RunError(f"the recipe of {run.folder} has no judge", hint)
    watch = Watch(run, quiet=False)
    with run.lock():
        states = {s.stage.name: s for s in status(run)}
        if missing := [n for n, s in states.items() if s.stage.kind == "evaluate" and s.state != "done"]:
            hint = f"`csi-train run {run.folder / 'recipe.yaml'} --resume` does that"
            raise RunError(f"{run.folder}: {', '.join(missing)} must be done before judging", hint)
        for name, (stage, state) in states.items():
            if stage.kind == "judge" and state == "done":
                watch.say(f"{name}: done already")
            elif stage.kind == "judge":
                _do(run, [stage], watch)
    return report(run)


def groups(recipe: Recipe, stages: list[Stage]) -> list[list[Stage]]:
    """Stages in running order, neighbours that share a model in one process together."""
    found: list[list[Stage]] = []
    for stage in stages:
        if found and _model(recipe, stage) is not None and _model(recipe, stage) == _model(recipe, found[-1][0]):
            found[-1].append(stage)
        else:
            found.append([stage])
    return found


def _model(recipe: Recipe, stage: Stage) -> tuple[str, str, Any] | None:
    """What a process must have loaded to do the stage; None for one that has its process to itself."""
    if stage.kind == "evaluate" and recipe.evaluate:
        return "evaluate", order.rows(recipe)[stage.name.removeprefix("evaluate/")], recipe.evaluate.engine
    if stage.kind == "generate" and recipe.generate:
        return "generate", recipe.generate.model, recipe.generate.engine
    if stage.kind == "sample" and recipe.generate and recipe.sample:
        return "generate", str(recipe.sample_model), recipe.sample.engine
    return None


def _until(stages: list[Stage], until: str | None) -> list[Stage]:
    """The stages up to the last one of this name or kind."""
    if until is None:
        return stages
    last = [number for number, stage in enumerate(stages) if until in (stage.name, stage.kind)]
    if not last:
        raise RunError(f"the recipe has no stage {until!r}", f"it has: {', '.join(stage.name for stage in stages)}")
    return stages[: last[-1] + 1]


def _demand(stages: Sequence[Stage], lacking: Mapping[str, str]) -> None:
    for stage in stages:
        if stage.name in lacking:
            hint = "then run again with --resume: finished work is kept"
            raise RunError(f"{stage.name} is due, and something is missing\n  {lacking[stage.name]}", hint)


def _do(run: Run, group: list[Stage], watch: Watch) -> None:
    names = [stage.name for stage in group]
    command = [sys.executable, "-m", "csi_train.stages", str(run.folder), *names]
    env = dict(os.environ)
    if group[0].kind == "train":
        entry = next(e for e in run.recipe.train if f"train/{e.type}" == names[0])
        command, env = launch.command(run.folder, entry.type, entry), launch.environment(entry)
    with watch.stages(names):
        process.run(command, env | {HOLDER: str(run.folder.resolve())}, _log(run.folder / "logs", names), watch.tick)


def _log(folder: Path, names: list[str]) -> Path:
    """logs/generate+sample.1.log, then .2 for the next attempt."""
    stem = "+".join(names).replace("/", "_")
    return folder / f"{stem}.{len(list(folder.glob(f'{stem}.*.log'))) + 1}.log"
