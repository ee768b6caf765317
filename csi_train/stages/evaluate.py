"""Score rows of the final table: the base model zero-shot, the base model few-shot, each trained model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train import order
from csi_train.adapters import harness, models, tracking
from csi_train.adapters.harness import Asked
from csi_train.answers import extract
from csi_train.engines import stored
from csi_train.engines.contract import Completion
from csi_train.progress import Progress
from csi_train.recipe import Evaluate, served
from csi_train.records import content_id, write_rows
from csi_train.run import Run, write_text

Samples = list[dict[str, Any]]
"""What lm-eval logged of one task: a dictionary for each document and filter."""


def main(run: Run, rows: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Evaluate rows that are of one model, one after the other; returns the figures of each stage done."""
    section, model = run.recipe.evaluate, order.rows(run.recipe)[rows[0]]
    assert section is not None
    path = str(run.folder / model / "model") if model.startswith("train/") else model
    told = {"model": path, "fingerprint": stored.fingerprint(section.engine, path)}
    chat = served(section.engine) or models.has_chat_template(models.resolve(path))
    figures = {}
    with stored.opened(run.store(), section.engine, path, run.recipe.seed) as engine:
        for row in rows:
            few_shot = row == "base_fewshot"
            asked = Asked(section.shots if few_shot else 0, chat and not few_shot)
            report = _evaluate(run, section, row, asked, engine)
            results = told | {"row": row, "asked": how(section, asked)}
            figures[f"evaluate/{row}"] = _write(run.folder / "evaluate" / row, results, report)
            tracking.log_summary(run, f"evaluate/{row}", figures[f"evaluate/{row}"])
    return figures


def how(section: Evaluate, asked: Asked) -> dict[str, Any]:
    """What two rows must have in common to be compared: how their models were asked."""
    template = section.chat_template if asked.chat else {}
    return {**asked._asdict(), "chat_template": template, "sampling": section.sampling.model_dump()}


def _evaluate(run: Run, section: Evaluate, row: str, asked: Asked, engine: stored.StoredEngine) -> harness.Report:
    progress: list[Progress] = []

    def finished(completion: Completion, of: int) -> None:
        if not progress:
            progress.append(Progress(run.folder / "evaluate" / row, of, "samples"))
        progress[0].advance(1, completion.tokens, completion.stored)

    return harness.evaluate(section, engine, asked, finished)


def _write(folder: Path, results: dict[str, Any], report: harness.Report) -> dict[str, Any]:
    tasks: dict[str, dict[str, Any]] = {}
    for task, samples in report["samples"].items():
        write_rows(folder / f"documents_{task}.jsonl", map(_document, samples))
        tasks[task] = {
            "k": len(samples[0]["resps"][0]),
            "documents": len(samples),
            "metrics": _metrics(report["results"][task]),
        }
    write_text(folder / "results.json", json.dumps(results | {"tasks": tasks}, indent=1))
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
