"""What the evaluation of a run left behind, row by row: evaluate/<row>/results.json and documents_<task>.jsonl."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train import order
from csi_train.errors import RunError
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
            _trained_on(run) if model.startswith("train/") else None,
            _results(run.folder / "evaluate" / name),
        )
        for name, model in order.rows(run.recipe).items()
    ]


def documents(folder: Path, task: str) -> Iterator[dict[str, Any]]:
    """The documents of one row and task, as plain dicts; raises RunError where the file is damaged."""
    path = folder / f"documents_{task}.jsonl"
    try:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error


def _results(folder: Path) -> dict[str, TaskResult]:
    path = folder / "results.json"
    if not path.is_file():
        return {}
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        return {task: _task(folder, task, told) for task, told in tasks.items()}
    except (ValueError, LookupError, TypeError) as error:
        raise _damaged(path, error) from error


def _task(folder: Path, task: str, told: dict[str, Any]) -> TaskResult:
    """The figures of a task, taken from its documents: results.json must tell the same."""
    values: dict[str, list[float]] = {metric: [] for metric in METRICS}
    score, seen = {}, Counter[str]()
    for document in documents(folder, task):
        seen[document["doc"]] += 1
        score[f"{document['doc']}#{seen[document['doc']]}"] = document["avg_at_k"]
        for metric in METRICS:
            values[metric].append(document[metric])
    metrics = {metric: estimate(found) for metric, found in values.items()}
    if len(score) != told["documents"] or abs(metrics["avg_at_k"].mean - told["metrics"]["avg_at_k"]["mean"]) > 1e-6:
        raise ValueError(f"its documents_{task}.jsonl tells other figures")
    return TaskResult(told["k"], metrics, score)


def _label(run: Run, name: str) -> str:
    shots = run.recipe.evaluate.shots if run.recipe.evaluate else 0
    known = {"base": "base", "base_fewshot": f"base, {shots}-shot (the generator's own level)"}
    return known.get(name, f"after {name}")


def _trained_on(run: Run) -> int | None:
    """Problems trained on: the rows of filter/examples.jsonl."""
    path = run.folder / "filter/examples.jsonl"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _damaged(path: Path, error: Exception) -> RunError:
    return RunError(
        f"{path}: {error}", f"delete {path.parent / 'done.json'} and run again with --resume: it is evaluated anew"
    )
