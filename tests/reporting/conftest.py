"""A small run folder with real rows, the same each time, no model needed."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from csi_train import order, recipe_file, statistics
from csi_train.records import Example, Problem, Rejected, Response, Samples, Verdict, content_id, write_rows
from csi_train.run import Run
from csi_train.store import Address, Stored

RECIPE = """\
name: {name}
runs: {runs}
seeds: {{path: {seeds}}}
generate: {{model: smollm2-135m-instruct, problems: 40, shots: 5, sampling: {{max_tokens: 160}}}}
sample: {{k: 8, shots: 5}}
filter: [{{type: novelty}}, {{type: dedup}}, {{type: answer_consistency}}]
train: [{{type: sft}}, {{type: grpo}}]
evaluate: {{tasks: [{tasks}], repeats: {k}, shots: 5}}
"""
RATES = {"base": 0.01, "base_fewshot": 0.3, "sft": 0.42, "grpo": 0.43}
DOCUMENTS = 64


def build(
    root: Path, name: str = "quick", rates: dict[str, float] = RATES, tasks: tuple[str, ...] = ("words",), k: int = 4
) -> Run:
    """A finished run under root/runs: every file that the stages leave."""
    seeds = root / "seeds.jsonl"
    seeds.write_text("".join(json.dumps({"question": q, "answer": "7"}) + "\n" for q in SEEDS), encoding="utf-8")
    folder = root / "runs" / name
    folder.mkdir(parents=True)
    text = RECIPE.format(name=name, runs=root / "runs", seeds=seeds, tasks=", ".join(tasks), k=k)
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    run = Run(folder, recipe_file.load(folder / "recipe.yaml"))
    data(run)
    keep_replies(run)
    train(run)
    for row, rate in rates.items():
        evaluate(run, row, rate, tasks, k)
    done = [s for s in order.stages(run.recipe) if s.kind != "evaluate" or s.name.removeprefix("evaluate/") in rates]
    for number, stage in enumerate(done):
        run.finish(stage.name, 12.5 * (number + 1), {"examples": 18} if stage.kind == "train" else {"tokens": 1000})
    manifest = {
        "versions": {"csi_train": "0.1.0", "trl": "1.16.0"},
        "hardware": {"cores": 2},
        "files": {str(seeds): SOURCE},
        "models": {"base": "smollm2"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return run


SOURCE = {"sha256": "00ff", "licence": "Apache-2.0", "source": "written for the tests"}
SEEDS = ["Ann has 3 pens and buys 4 more. How many pens has she?", "A box holds 7 eggs. How many eggs do 1 boxes hold?"]


def data(run: Run) -> None:
    """generate/, sample/ and filter/."""
    problems = [problem(number) for number in range(40)]
    write_rows(run.folder / "generate/problems.jsonl", problems)
    write_rows(run.folder / "generate/rejected.jsonl", [rejected(number) for number in range(12)])
    write_rows(run.folder / "sample/samples.jsonl", [samples(number, p) for number, p in enumerate(problems)])
    steps, left = [], problems
    verdicts = []
    for name, drops in (("novelty", 5), ("dedup", 7), ("answer_consistency", 3)):
        found = [verdict(name, p, number % drops != 0) for number, p in enumerate(left)]
        kept = [p for p, v in zip(left, found, strict=True) if v.keep]
        steps.append({"filter": name, "in": len(left), "kept": len(kept), "reasons": {"bad": len(left) - len(kept)}})
        verdicts, left = [*verdicts, *found], kept
    write_rows(run.folder / "filter/verdicts.jsonl", verdicts)
    write_rows(run.folder / "filter/kept.jsonl", left)
    write_rows(run.folder / "filter/examples.jsonl", [example(p) for p in left])
    (run.folder / "filter/funnel.json").write_text(json.dumps(steps), encoding="utf-8")


def problem(number: int) -> Problem:
    question = f"A shop sells {number + 2} crates of {number + 3} apples each. How many apples is that?"
    answer = str((number + 2) * (number + 3))
    seeds = tuple(content_id("seed", q) for q in SEEDS)
    return Problem(
        id=content_id("p", question), question=question, answer=answer, method="cot_self_instruct", seeds=seeds,
        call=number, completion=f"{number:032x}:0",
    )  # fmt: skip


def rejected(number: int) -> Rejected:
    reason = ("no end marker", "no boxed answer")[number % 2]
    return Rejected(call=100 + number, reason=reason, reply=f"I shall write {number}", seeds=("s-1",), completion="0:0")


def keep_replies(run: Run) -> None:
    """The store beside the run, with the prompt and the raw reply of each problem."""
    with contextlib.closing(run.store()) as store:
        for number in range(40):
            reply = f"[New Question Begin]{problem(number).question}[New Question End]"
            store.put(
                [(Address(f"{number:032x}", 0, 160), "generate", Stored(reply, 30, "stop"))],
                [(f"{number:032x}", "model", json.dumps([["user", "Write a new problem."]]))],
            )


def samples(number: int, of: Problem) -> Samples:
    right = 8 - number % 6
    answers = [of.answer] * right + ["1", None, "2", "1", "3"][: 8 - right]
    responses = [
        Response(index=i, text=f"So it is {a}.", answer=a, tokens=20, finish="stop", completion=f"{number:x}:{i}")
        for i, a in enumerate(answers)
    ]
    return Samples(problem=of.id, k=8, responses=tuple(responses))


def verdict(name: str, of: Problem, keep: bool) -> Verdict:
    figures: dict[str, Any] = {"similarity": 0.31}
    if name == "answer_consistency":
        figures = {"k": 8, "seen": 8, "majority": of.answer, "top": 3 + of.call % 6, "second": 1, "right": 3, "none": 1}
    return Verdict(problem=of.id, filter=name, keep=keep, reason="good" if keep else "bad", figures=figures)


def example(of: Problem) -> Example:
    return Example(id=of.id, question=of.question, answer=of.answer, response=f"So it is {of.answer}.", source="quick")


def train(run: Run) -> None:
    """train/sft with two logged steps, train/grpo with 2,000 and alarms."""
    rng = np.random.default_rng(2)
    sft = [{"step": 1, "loss": 2.3, "grad_norm": 4.0}, {"step": 2, "loss": 1.1, "grad_norm": None}]
    drift = 0.3 + 0.1 * np.tanh(np.arange(2000) / 700) + rng.normal(0, 0.05, 2000)
    grpo = [{"step": n + 1, "loss": 0.01, "reward": float(r), "reward_std": 0.4} for n, r in enumerate(drift)]
    grpo[700]["alarm"] = ["88% of the groups have equal rewards and teach nothing: problems too easy or too hard"]
    for name, rows in (("sft", sft), ("grpo", grpo)):
        path = run.folder / "train" / name / "metrics.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def evaluate(run: Run, row: str, rate: float, tasks: tuple[str, ...], k: int, documents: int = DOCUMENTS) -> None:
    """evaluate/<row>: each document answered k times, right at the given rate."""
    folder = run.folder / "evaluate" / row
    folder.mkdir(parents=True, exist_ok=True)
    told = {}
    for task in tasks:
        rng = np.random.default_rng([len(task), int(1000 * rate)])
        found = [
            document(f"{task} question {number}: what is {number} + 1?", str(number + 1), rng, rate, k)
            for number in range(documents)
        ]
        (folder / f"documents_{task}.jsonl").write_text("".join(json.dumps(d) + "\n" for d in found), encoding="utf-8")
        told[task] = {"k": k, "documents": documents, "metrics": {m: mean([d[m] for d in found]) for m in METRICS}}
    asked = {"shots": 0, "chat": True, "chat_template": {}, "sampling": {"temperature": 0.6}}
    results = {"model": row, "fingerprint": row, "row": row, "asked": asked, "tasks": told}
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")


METRICS = ("avg_at_k", "maj_at_k", "pass_at_k", "no_answer")


def mean(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "stderr": statistics.estimate(values).stderr}


def document(question: str, gold: str, rng: np.random.Generator, rate: float, k: int) -> dict[str, Any]:
    right = rng.random(k) < rate
    wrong = None if rate < 0.1 else "0"
    answers = [gold if r else wrong for r in right]
    return {
        "doc": content_id("d", question), "question": question, "gold": gold, "answers": answers,
        "texts": [f"The answer is {a}." for a in answers], "avg_at_k": float(right.mean()),
        "maj_at_k": float(right.mean() > 0.5), "pass_at_k": float(right.any()), "no_answer": answers.count(None) / k,
    }  # fmt: skip


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """build, under this test's own folder."""
    return lambda **given: build(tmp_path, **given)


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    """The finished run."""
    return make_run()
