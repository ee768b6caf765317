"""What a run would do and need, before any of it is started: upper bounds, and None where something is not known."""

import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from csi_train import benchmarks_text, needs, order, parts, pipeline, sources
from csi_train.needs import Need, count, volume
from csi_train.recipe import Asks, Evaluate, Recipe, Source
from csi_train.records import Pair
from csi_train.run import Run
from csi_train.store import Store, Usage
from csi_train.trainers import launch
from csi_train.trainers.params import TrainerParams

TRL = {"per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "num_train_epochs": 3.0, "max_steps": -1}
GRPO = {"num_generations": 8, "max_completion_length": 512}
ONLINE_DPO = {"max_new_tokens": 64}
"""What the libraries do where a recipe is silent (transformers/training_args.py, TRL's config classes)."""


@dataclass(frozen=True)
class Step:
    """A stage: requests and written tokens at most; `expected` tokens by the means of what is stored already.

    `full` is what would be expected without early stopping, where a stage stops early.
    """

    name: str
    state: str
    requests: int | None = None
    tokens: int | None = None
    expected: int | None = None
    full: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """A whole run: its stages in order, memory by model and training, disk by what fills it."""

    folder: str
    steps: list[Step]
    memory: list[Need]
    disk: list[Need]
    disk_free: int

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def plan(recipe: Recipe) -> Plan:
    """Reads the run folder and the store beside it, as far as they exist, and changes neither."""
    folder = recipe.folder.absolute()
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    usage = _usage(recipe)
    steps = [_step(recipe, stage, state, usage) for stage, state in pipeline.status(Run.of(recipe))]
    free = shutil.disk_usage(there).free
    texts = [step.tokens for step in steps if not step.name.startswith("train/")]
    tokens = None if None in texts else sum(filter(None, texts))
    return Plan(str(recipe.folder), steps, list(needs.memory(recipe)), list(needs.disk(recipe, tokens)), free)


def _usage(recipe: Recipe) -> dict[str, Usage]:
    file = Path(recipe.runs) / "store.sqlite"
    if not file.is_file():
        return {}
    store = Store(file)
    try:
        return store.usage()
    finally:
        store.close()


def _step(recipe: Recipe, stage: order.Stage, state: str, usage: dict[str, Usage]) -> Step:
    requests, length, note = _work(recipe, stage)
    tokens = None if requests is None else requests * length
    full = expected = None
    if requests and (known := usage.get(stage.kind)):
        expected = round(requests * known.tokens)
        if stage.kind == "sample" and recipe.sample and recipe.sample.early_stop != "off":
            full, expected = expected, round(expected * min(1.0, known.per_prompt / recipe.sample.k))
    return Step(stage.name, state, requests, tokens, expected, full, note)


def _work(recipe: Recipe, stage: order.Stage) -> tuple[int | None, int, str]:
    """Of a stage: requests at most, tokens of one at most, and what is to be said of that."""
    rows = _rows(recipe)
    match stage.kind:
        case "classify" if recipe.classify:
            seeds, sampling = _given(recipe, recipe.given), getattr(recipe.classify, "sampling", None)
            if sampling is None:
                return 0, 0, f"{count(seeds)} seeds"
            return seeds, sampling.max_tokens, "more where a reply is no category"
        case "generate" if recipe.generate:
            section = recipe.generate
            calls = math.ceil(section.problems * section.max_calls_per_problem)
            return calls, section.sampling.max_tokens, f"at least {count(section.problems)} requests"
        case "sample" if recipe.sample:
            early = "" if recipe.sample.early_stop == "off" else "fewer by early stopping"
            return rows and rows * recipe.sample.k, recipe.sample.sampling.max_tokens, early
        case "score" if recipe.sample:
            return _scoring(recipe.reward, rows and rows * recipe.sample.k)
        case "pair" if recipe.pair:
            return 0, 0, f"{count(recipe.pair.pairs or rows)} pairs"
        case "train":
            entry = next(t for t in recipe.train if f"train/{t.type}" == stage.name)
            if recipe.pair and getattr(parts.load("trainers", entry.type), "ROWS", None) is Pair:
                rows = recipe.pair.pairs or rows
            return _training(entry, rows)
        case "evaluate" if recipe.evaluate:
            documents = _documents(recipe.evaluate)
            note = f"{recipe.evaluate.repeats} a document" + ("" if documents else "; hub data, number unknown")
            requests = documents and documents * recipe.evaluate.repeats
            return requests, recipe.evaluate.sampling.max_tokens, note
        case "judge" if recipe.evaluate:
            return _judging(recipe, stage.name.removeprefix("judge/"))
    return 0, 0, ""


def _scoring(reward: Any, responses: int | None) -> tuple[int | None, int, str]:
    """A reward model writes nothing; a language model writes `samples` replies, more where one does not parse."""
    note = f"{count(responses)} responses"
    asks = isinstance(reward, Asks)
    if not asks:
        return 0, 0, note
    note += f" × {reward.samples}; more where a reply is no score"
    return responses and responses * reward.samples, reward.sampling.max_tokens, note


def _judging(recipe: Recipe, name: str) -> tuple[int | None, int, str]:
    """Replies that parse at once: those that do not are asked for again."""
    entry, rows = order.judges(recipe)[name], order.rows(recipe)
    documents = _task_documents(recipe.evaluate, entry.task) if recipe.evaluate else None
    if entry.type == "reward":
        repeats = recipe.evaluate.repeats if recipe.evaluate else 0
        return _scoring(recipe.reward, documents and documents * repeats * len(rows))
    orders = len(parts.load("judging", entry.type).first(""))
    judged = len(rows) - (entry.baseline in rows)
    note = f"{judged} × {orders} a document, against {entry.baseline}; more where a reply is no verdict"
    return documents and documents * judged * orders, entry.sampling.max_tokens, note


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


def _training(entry: TrainerParams, rows: int | None) -> tuple[int | None, int, str]:
    """GRPO and online DPO sample their rollouts anew in each step; the others ask for nothing."""
    args, kind = TRL | GRPO | ONLINE_DPO | entry.args, getattr(entry, "type", "")
    batch = args["per_device_train_batch_size"] * launch.accumulation(entry) * launch.processes(entry)
    steps = args["max_steps"] if args["max_steps"] > 0 else None
    if steps is None and rows:
        each = args["num_generations"] if kind == "grpo" else 1
        steps = math.ceil(args["num_train_epochs"] * rows * each / batch)
    note = "steps unknown" if steps is None else f"{count(steps)} steps of {batch}"
    if kind == "grpo":
        return steps and steps * batch, args["max_completion_length"], note + " rollouts"
    if kind == "online_dpo":
        note += " prompts, two rollouts each"
        if replies := getattr(getattr(entry, "reward", None), "samples", 0):
            note += f", and {replies} × the judge's reply to each"
        return steps and 2 * steps * batch, args["max_new_tokens"], note
    return 0, 0, note


def _documents(section: Evaluate) -> int | None:
    """The documents of all tasks; None where one of them lies on the hub."""
    found = [_task_documents(section, task) for task in section.tasks]
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


def _task_documents(section: Evaluate, task: str) -> int | None:
    path = section.data_files.get(task) or benchmarks_text.own_file(Path(section.include_path) / f"{task}.yaml")
    if not path or not str(path).endswith(".jsonl"):
        return section.limit
    with Path(path).open("rb") as file:
        number = sum(1 for line in file if line.strip())
    return min(number, section.limit or number)


def show(found: Plan) -> None:
    """Print a plan as three tables."""
    console = Console(highlight=False)
    console.print(f"{found.folder}, at most:\n", style="bold", markup=False)
    stages = _table("stage", "state", "requests", "tokens", "expected", "")
    for step in found.steps:
        figures = ["–" if step.requests == 0 else count(number) for number in (step.requests, step.tokens)]
        expected = [count(number) for number in (step.expected, step.full) if number]
        stages.add_row(step.name, step.state, *figures, " of ".join(expected), step.note)
    console.print(stages)
    for title, listed in (("memory", found.memory), ("disk", found.disk)):
        table = _table(title, "bytes", "")
        for need in listed:
            table.add_row(need.what, volume(need.bytes), need.note)
        console.print("", table)
    console.print(f"\n{volume(found.disk_free)} of disk are free. What is unknown is not counted.")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        right = column in ("requests", "tokens", "expected", "bytes")
        table.add_column(column, justify="right" if right else "left", no_wrap=column != "")
    return table
