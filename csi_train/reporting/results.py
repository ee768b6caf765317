"""What the evaluation of a run left behind, row by row: evaluate/<row>/results.json and documents_<task>.jsonl."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train import order
from csi_train.errors import RowError, RunError
from csi_train.reporting.statistics import Estimate, Score, estimate
from csi_train.run import Run

METRICS = ("avg_at_k", "maj_at_k", "pass_at_k", "no_answer")


@dataclass(frozen=True)
class TaskResult:
    """One model on one task: `k` answers a document, the metrics, and avg@k of each document."""

    k: int
    metrics: dict[str, Estimate]
    score: Score


@dataclass(frozen=True)
class Row:
    """One line of the table. No results: it was not run."""

    name: str
    label: str
    model: str
    trained_on: int | None
    results: dict[str, TaskResult]


def rows(run: Run) -> list[Row]:
    """The rows that the run's recipe asks for, in the order of the table, whether they were run or not."""
    return [
        Row(
            name,
            _label(run, name),
            model,
            _trained_on(run, model),
            _results(run, name),
        )
        for name, model in order.rows(run.recipe).items()
    ]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, one at a time: it may be gigabytes. None where there is no file.

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


def _results(run: Run, row: str) -> dict[str, TaskResult]:
    path = run.folder / "evaluate" / row / "results.json"
    if not path.is_file():
        return {}
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        return {task: _task(documents(run, row, task), told) for task, told in tasks.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        hint = f"delete {path.with_name('done.json')} and run again with --resume: it is evaluated anew"
        raise RunError(f"{path}: {error!r}", hint) from error


def _task(found: Iterable[dict[str, Any]], told: dict[str, Any]) -> TaskResult:
    """The figures of a task, taken from its documents; raises ValueError unless results.json tells the same."""
    values: dict[str, list[float]] = {metric: [] for metric in METRICS}
    score: dict[str, float] = {}
    seen: Counter[str] = Counter()
    for document in found:
        seen[document["doc"]] += 1
        score[f"{document['doc']}#{seen[document['doc']]}"] = document["avg_at_k"]
        for metric in METRICS:
            values[metric].append(document[metric])
    metrics = {metric: estimate(found) for metric, found in values.items()}
    if len(score) != told["documents"] or abs(metrics["avg_at_k"].mean - told["metrics"]["avg_at_k"]["mean"]) > 1e-6:
        raise ValueError("it tells other figures than the documents beside it")
    return TaskResult(told["k"], metrics, score)


def _label(run: Run, name: str) -> str:
    shots = run.recipe.evaluate.shots if run.recipe.evaluate else 0
    return f"base, {shots}-shot (the generator's own level)" if name == "base_fewshot" else name


def _trained_on(run: Run, model: str) -> int | None:
    """How many examples a train stage used; None for a model that this run did not train."""
    figures: dict[str, int] = run.record(model).get("figures", {}) if model.startswith("train/") else {}
    return figures.get("examples")
