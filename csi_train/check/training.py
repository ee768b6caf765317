"""Rules of the training entries."""

import re
from collections.abc import Iterable
from typing import Any

from csi_train import parts
from csi_train.check.files import Note, Problems, line
from csi_train.errors import RecipeError
from csi_train.recipe import Recipe, served
from csi_train.records import Pair
from csi_train.trainers import arguments, launch
from csi_train.yaml_tree import Key


def training(recipe: Recipe) -> Problems:
    """The launch file and the processes it starts, TRL's own argument names and rules, and something to learn from."""
    for n, entry in enumerate(recipe.train):
        key: Key = ("train", n)
        yield from _arguments(key, entry)
        sampled = recipe.sample if recipe.verifiable else recipe.reward
        if entry.type == "sft" and not sampled and not (recipe.data and recipe.data.fields.solution):
            section = "sample" if recipe.verifiable else "reward (and sample)"
            yield key, f"sft learns from worked answers; add a {section} section, or name data.fields.solution"
        if parts.load("trainers", entry.type).ROWS is Pair and recipe.pair is None:
            yield key, f"{entry.type} learns from pairs; add a pair section"
        engine = getattr(getattr(entry, "reward", None), "engine", None)
        if engine and not served(engine):
            problem = "each training process would load the judge beside the model; ask a server instead"
            yield (*key, "reward", "engine"), f"{problem}: engine: {{type: server, url: …}}"
        if n and recipe.train[n - 1].type == "reward_model" and not entry.model:
            yield key, f"{entry.type} would start from the reward model before it; name its model"


def _arguments(key: Key, entry: Any) -> Problems:
    """Names and types first: the batch is worked out from them, and TRL's rules from the batch."""
    try:
        number = launch.processes(entry)
    except RecipeError as error:
        yield (*key, "processes" if entry.processes else "launch"), line(error)
        return
    problems = arguments.names(entry.type, entry.args)
    if not problems:
        try:
            steps = launch.accumulation(entry)
        except RecipeError as error:
            yield (*key, "batch"), line(error)
            return
        yield from _batch(key, entry, number)
        problems = arguments.rules(entry.type, entry.args | {"gradient_accumulation_steps": steps}, number)
    for problem in problems:
        yield (*key, "args", *_blamed(problem, entry.args)), problem


def _batch(key: Key, entry: Any, number: int) -> Problems:
    """What an optimizer step learns from changes with the processes, unless the recipe says it."""
    if number > 1 and entry.batch is None:
        rows = f"{launch.batch(entry):g}"
        told = f"an optimizer step of {number} processes learns from {rows} rows, of others from more or fewer"
        yield Note((*key, "batch"), f"{told}; `batch: {rows}` keeps it")


def _blamed(problem: str, args: Iterable[str]) -> list[str]:
    """The argument that a problem is about: of those it names, the first."""
    places = {found.start(): name for name in args if (found := re.search(rf"\b{re.escape(name)}\b", problem))}
    return [places[min(places)]] if places else []
