"""What each stage asks for and learns from, before any of it is started: upper bounds, None where not known."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from csi_train import benchmarks_text, order, parts, sources
from csi_train.plan.figures import count
from csi_train.recipe import Asks, Evaluate, Recipe, Source
from csi_train.records import Pair
from csi_train.store import Store, Usage
from csi_train.trainers import arguments, launch


@dataclass(frozen=True)
class Step:
    """A stage: requests and written tokens at most; `expected` tokens by the means of what is stored already.

    `full` is what would be expected without early stopping, where a stage stops early. `gpu_hours` are an estimate.
    """

    name: str
    state: str
    requests: int | None = None
    tokens: int | None = None
    expected: int | None = None
    full: int | None = None
    note: str = ""
    gpu_hours: float | None = None


class Work(NamedTuple):
    """Of a stage: requests and the tokens of one at most, what is to be said of it, the tokens that a model reads
    to score or to learn from them at most."""

    requests: int | None
    length: int = 0
    note: str = ""
    read: int | None = 0


def usage(recipe: Recipe) -> dict[str, Usage]:
    """What was written so far for each purpose, in the store that the recipe's run shares."""
    file = Path(recipe.runs) / "store.sqlite"
    if not file.is_file():
        return {}
    store = Store(file)
    try:
        return store.usage()
    finally:
        store.close()


def step(recipe: Recipe, stage: order.Stage, state: str, known: Usage | None) -> tuple[Step, Work]:
    """A stage's line in the plan, but for its hours; `known`: what the store tells of its kind."""
    work = _work(recipe, stage)
    tokens = None if work.requests is None else work.requests * work.length
    full = expected = None
    if work.requests and known:
        expected = round(work.requests * known.tokens)
        if stage.kind == "sample" and recipe.sample and recipe.sample.early_stop != "off":
            full, expected = expected, round(expected * min(1.0, known.per_prompt / recipe.sample.k))
    return Step(stage.name, state, work.requests, tokens, expected, full, work.note), work


def _work(recipe: Recipe, stage: order.Stage) -> Work:
    rows = _rows(recipe)
    match stage.kind:
        case "classify" if recipe.classify:
            seeds, sampling = _given(recipe, recipe.given), getattr(recipe.classify, "sampling", None)
            if sampling is None:
                return Work(0, 0, f"{count(seeds)} seeds")
            return Work(seeds, sampling.max_tokens, "more where a reply is no category")
        case "generate" if recipe.generate:
            section = recipe.generate
            calls = math.ceil(section.problems * section.max_calls_per_problem)
            return Work(calls, section.sampling.max_tokens, f"at least {count(section.problems)} requests")
        case "sample" if recipe.sample:
            early = "" if recipe.sample.early_stop == "off" else "fewer by early stopping"
            return Work(rows and rows * recipe.sample.k, recipe.sample.sampling.max_tokens, early)
        case "score" if recipe.sample:
            return _scoring(recipe.reward, rows and rows * recipe.sample.k, recipe.sample.sampling.max_tokens)
        case "pair" if recipe.pair:
            return Work(0, 0, f"{count(recipe.pair.pairs or rows)} pairs")
        case "train":
            entry = next(t for t in recipe.train if f"train/{t.type}" == stage.name)
            if recipe.pair and getattr(parts.load("trainers", entry.type), "ROWS", None) is Pair:
                rows = recipe.pair.pairs or rows
            return _training(entry, rows)
        case "evaluate" if recipe.evaluate:
            documents = _documents(recipe.evaluate)
            note = f"{recipe.evaluate.repeats} a document" + ("" if documents else "; hub data, number unknown")
            requests = documents and documents * recipe.evaluate.repeats
            return Work(requests, recipe.evaluate.sampling.max_tokens, note)
        case "judge" if recipe.evaluate:
            return _judging(recipe, stage.name.removeprefix("judge/"))
    return Work(0, 0, "")


def _scoring(reward: Any, responses: int | None, length: int) -> Work:
    """A reward model writes nothing; a language model writes `samples` replies, more where one does not parse."""
    note = f"{count(responses)} responses"
    asks = isinstance(reward, Asks)
    if not asks:
        return Work(0, 0, note, responses and responses * length)
    note += f" × {reward.samples}; more where a reply is no score"
    return Work(responses and responses * reward.samples, reward.sampling.max_tokens, note)


def _judging(recipe: Recipe, name: str) -> Work:
    """Replies that parse at once: those that do not are asked for again."""
    entry, rows = order.judges(recipe)[name], order.rows(recipe)
    documents = _task_documents(recipe.evaluate, entry.task) if recipe.evaluate else None
    if entry.type == "reward":
        repeats, length = (recipe.evaluate.repeats, recipe.evaluate.sampling.max_tokens) if recipe.evaluate else (0, 0)
        return _scoring(recipe.reward, documents and documents * repeats * len(rows), length)
    orders = len(parts.load("judging", entry.type).first(""))
    judged = len(rows) - (entry.baseline in rows)
    note = f"{judged} × {orders} a document, against {entry.baseline}; more where a reply is no verdict"
    return Work(documents and documents * judged * orders, entry.sampling.max_tokens, note)


def _rows(recipe: Recipe) -> int | None:
    """How many problems there are to answer and to train on, before the filters."""
    if recipe.generate:
        return recipe.generate.problems
    return _given(recipe, recipe.data)


def _given(recipe: Recipe, source: Source | None) -> int | None:
    """How many rows a source has; None where it lies on the hub, whole."""
    if source and source.path and Path(source.path).is_file():
        return len(sources.read(source, recipe.seed))
    return source.limit if source else None


def _training(entry: Any, rows: int | None) -> Work:
    """GRPO and online DPO sample their rollouts anew in each step; the others ask for nothing."""
    values, kind = arguments.values(entry.type, entry.args), getattr(entry, "type", "")
    each, batch = entry.completions(entry.args), launch.batch(entry)
    steps = values["max_steps"] if values["max_steps"] > 0 else None
    if steps is None and rows:
        steps = math.ceil(values["num_train_epochs"] * rows / batch)
    note = "steps unknown" if steps is None else f"{count(steps)} steps of {count(batch * each)}"
    longest = entry.tokens(values)
    read = None
    if steps and longest:
        read = round(steps * batch * each * longest / values["per_device_train_batch_size"])
    if kind == "grpo":
        rollouts = steps and round(steps * batch * each)
        return Work(rollouts, values["max_completion_length"], note + " rollouts", read)
    if kind == "online_dpo":
        note += " prompts, two rollouts each"
        if replies := getattr(getattr(entry, "reward", None), "samples", 0):
            note += f", and {replies} × the judge's reply to each"
        return Work(steps and round(2 * steps * batch), values["max_new_tokens"], note, read)
    return Work(0, 0, note, read)


def _documents(section: Evaluate) -> int | None:
    """The documents of all tasks; None where one of them lies on the hub."""
    found = [_task_documents(section, task) for task in section.tasks]
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


def _task_documents(section: Evaluate, task: str) -> int | None:
    """Those of a local file; else those that the task file states of its hub data, as `metadata.documents`."""
    path = section.data_files.get(task) or benchmarks_text.own_file(Path(section.include_path) / f"{task}.yaml")
    if not path or not str(path).endswith(".jsonl"):
        stated = benchmarks_text.stated_documents(Path(section.include_path) / f"{task}.yaml")
        return min(filter(None, (stated, section.limit)), default=None)
    with Path(path).open("rb") as file:
        number = sum(1 for line in file if line.strip())
    return min(number, section.limit or number)
