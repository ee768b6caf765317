"""What the evaluation of a run left behind, row by row: evaluate/<row>/results.json and documents_<task>.jsonl."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train import order
from csi_train.errors import RowError, RunError
from csi_train.run import Run
from csi_train.statistics import Estimate, Score, estimate

METRICS = ("avg_at_k", "maj_at_k", "pass_at_k", "no_answer")


@dataclass(frozen=True)
class TaskResult:
    """One model on one task: `k` answers a document, the metrics, and avg@k of each document."""

    k: int
    metrics: dict[str, Estimate]
    score: Score


@dataclass(frozen=True)
class Row:
    """One line of the table. No results: it was not run, or no task of it is graded.

    `asked`: how its model was asked, None where it was not run. Stale: the recipe or an input has changed since it was.
    """

    name: str
    label: str
    model: str
    trained_on: int | None
    results: dict[str, TaskResult]
    stale: bool
    asked: dict[str, Any] | None = None

    @property
    def trained(self) -> bool:
        """Whether a run trained it."""
        return self.model.startswith("train/")


def rows(run: Run) -> list[Row]:
    """The rows that the run's recipe asks for, in the order of the table, whether they were run or not."""
    keys = {stage.name: stage.key for stage in order.stages(run.recipe)}
    return [_row(run, name, model, keys[f"evaluate/{name}"]) for name, model in order.rows(run.recipe).items()]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, one at a time: it may be gigabytes. Nothing where there is no file.

    Raises RowError with file and line where a line is not a JSON object.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise RowError(path, number, f"not JSON: {error}") from error
            if not isinstance(row, dict):
                raise RowError(path, number, "not a JSON object")
            yield row


def documents(run: Run, row: str, task: str) -> Iterator[dict[str, Any]]:
    """What one row answered on one task, document by document."""
    return lines(run.folder / "evaluate" / row / f"documents_{task}.jsonl")


def read_json(path: Path) -> Any:
    """What a JSON file holds; None where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def funnel(run: Run) -> list[dict[str, Any]]:
    """How many rows each step left, from the first reply to the rows to train on: {"name", "count", "reasons",
    "categories"}, the last empty where there are none or the rows do not tell theirs."""
    filters = read_json(run.folder / "filter/funnel.json") or []
    steps = [_step("given", step["in"]) for step in filters[:1]]
    if run.recipe.generate:
        reasons = Counter(row["reason"] for row in lines(run.folder / "generate/rejected.jsonl"))
        parsed = sum(1 for _ in lines(run.folder / "generate/problems.jsonl"))
        found = (read_json(run.folder / "generate/stats.json") or {}).get("categories")
        steps = [_step("generated", parsed + reasons.total())]
        steps += [_step("parsed", parsed, dict(reasons.most_common()), found)]
    steps += [_step(step["filter"], step["kept"], step["reasons"], step.get("categories")) for step in filters]
    steps.append(_step("rows to train on", sum(1 for _ in lines(run.folder / "filter/examples.jsonl"))))
    if run.recipe.pair:
        dropped = Counter(row["reason"] for row in lines(run.folder / "pair/dropped.jsonl"))
        pairs = sum(1 for _ in lines(run.folder / "pair/pairs.jsonl"))
        steps.append(_step("pairs to train on", pairs, dict(dropped.most_common())))
    return steps


def _step(
    name: str, count: int, reasons: dict[str, int] | None = None, categories: dict[str, int] | None = None
) -> dict[str, Any]:
    return {"name": name, "count": count, "reasons": reasons or {}, "categories": categories or {}}


def _row(run: Run, name: str, model: str, key: str) -> Row:
    label, trained_on = _label(run, name), _trained_on(run, model)
    record = run.record(f"evaluate/{name}")
    if not record:
        return Row(name, label, model, trained_on, {}, False)
    found, asked = _results(run, name)
    return Row(name, label, model, trained_on, found, record.get("key") != key, asked)


def _results(run: Run, row: str) -> tuple[dict[str, TaskResult], dict[str, Any]]:
    """The graded tasks of a row that was run, and how its model was asked."""
    path = run.folder / "evaluate" / row / "results.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        graded = {task: found for task, found in told["tasks"].items() if METRICS[0] in found["metrics"]}
        return {task: _task(documents(run, row, task), found["k"]) for task, found in graded.items()}, told["asked"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        hint = f"delete {path.with_name('done.json')} and run again with --resume: it is evaluated anew"
        raise RunError(f"{path} or the documents beside it cannot be read: {error!r}", hint) from error


def _task(found: Iterable[dict[str, Any]], k: int) -> TaskResult:
    """The figures of a task, taken from its documents, so that differences are of the same figures."""
    values: dict[str, list[float]] = {metric: [] for metric in METRICS}
    score: dict[str, float] = {}
    seen: Counter[str] = Counter()
    for document in found:
        seen[document["doc"]] += 1
        score[f"{document['doc']}#{seen[document['doc']]}"] = document["avg_at_k"]
        for metric in METRICS:
            values[metric].append(document[metric])
    return TaskResult(k, {metric: estimate(found) for metric, found in values.items()}, score)


def _label(run: Run, name: str) -> str:
    recipe = run.recipe
    if name != "base_fewshot" or recipe.evaluate is None:
        return name
    writes = recipe.generate is not None and recipe.generate.model == recipe.base_model
    return f"base, {recipe.evaluate.shots}-shot" + (" (the generator's own level)" if writes else "")


def _trained_on(run: Run, model: str) -> int | None:
    """How many examples a train stage used; None for a model that this run did not train."""
    figures: dict[str, int] = run.record(model).get("figures", {}) if model.startswith("train/") else {}
    return figures.get("examples")
