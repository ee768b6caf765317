"""Score rows of the final table: the base model zero-shot, the base model few-shot, each trained model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train import order, parts
from csi_train.adapters import harness, models, tracking
from csi_train.answers import extract
from csi_train.engines import stored
from csi_train.engines.contract import Completion
from csi_train.progress import Progress
from csi_train.records import content_id, write_rows
from csi_train.run import Run, write_text

Samples = list[dict[str, Any]]
"""What lm-eval logged of one task: a dictionary for each document and filter."""


def main(run: Run, rows: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Evaluate rows that are of one model, one after the other; returns the figures of each stage done."""
    model = order.rows(run.recipe)[rows[0]]
    path = str(run.folder / model / "model") if model.startswith("train/") else model
    fingerprint = _fingerprint(run, path)
    figures = {}
    with stored.opened(run.store(), run.recipe.engine, path, run.recipe.seed) as engine:
        for row in rows:
            report = _evaluate(run, row, path, engine)
            figures[f"evaluate/{row}"] = _write(run.folder / "evaluate" / row, row, path, fingerprint, report)
            tracking.log_summary(run, f"evaluate/{row}", figures[f"evaluate/{row}"])
    return figures


def _fingerprint(run: Run, model: str) -> str:
    if run.recipe.served:
        return str(parts.load("engines", run.recipe.engine.type).fingerprint(model, run.recipe.engine))
    return models.fingerprint(models.resolve(model))


def _evaluate(run: Run, row: str, model: str, engine: stored.StoredEngine) -> harness.Report:
    section = run.recipe.evaluate
    assert section is not None
    progress: list[Progress] = []

    def finished(completion: Completion, of: int) -> None:
        if not progress:
            progress.append(Progress(run.folder / "evaluate" / row, of, "samples"))
        progress[0].advance(1, completion.tokens, completion.stored)

    few_shot = row == "base_fewshot"
    chat = not few_shot and (run.recipe.served or models.has_chat_template(models.resolve(model)))
    return harness.evaluate(section, engine, section.shots if few_shot else 0, chat, finished)


def _write(folder: Path, row: str, model: str, fingerprint: str, report: harness.Report) -> dict[str, Any]:
    tasks: dict[str, dict[str, Any]] = {}
    for task, samples in report["samples"].items():
        write_rows(folder / f"documents_{task}.jsonl", map(_document, samples))
        tasks[task] = {
            "k": len(samples[0]["resps"][0]),
            "documents": len(samples),
            "metrics": _metrics(report["results"][task]),
        }
    results = {"model": model, "fingerprint": fingerprint, "row": row, "tasks": tasks}
    write_text(folder / "results.json", json.dumps(results, indent=1))
    return {f"{task}/{name}": m["mean"] for task, r in tasks.items() for name, m in r["metrics"].items()}


def _document(sample: dict[str, Any]) -> dict[str, Any]:
    """One document: what was asked, what came, how it scored."""
    (texts,) = sample["resps"]
    question = str(sample["doc"].get("question") or sample["arguments"][0][0])
    graded = "no_answer" in sample["metrics"]  # the answers of the other tasks are texts, for judges to read
    return {
        "doc": content_id("doc", question),
        "question": question,
        "gold": str(sample["target"]),
        "answers": [extract(text) if graded else None for text in texts],
        "texts": texts,
    } | {name: float(sample[name]) for name in sample["metrics"]}


def _metrics(results: dict[str, Any]) -> dict[str, dict[str, float]]:
    """lm-eval's `name,filter` and `name_stderr,filter` entries as name → mean and stderr."""
    means = {key.partition(",")[0]: value for key, value in results.items() if isinstance(value, int | float)}
    return {
        name: {"mean": float(mean), "stderr": float(means[f"{name}_stderr"])}
        for name, mean in means.items()
        if isinstance(means.get(f"{name}_stderr"), int | float)
    }
