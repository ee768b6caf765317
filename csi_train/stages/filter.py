"""Decide which problems are kept and with which label, each decision with its reason: the funnel of a run."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from csi_train import answers, benchmarks_text, parts, sources
from csi_train.errors import RecipeError, RunError
from csi_train.filters import Context, Rows
from csi_train.filters.votes import cast_votes
from csi_train.recipe import Recipe
from csi_train.records import Example, Problem, Response, Samples, Verdict, write_rows
from csi_train.run import Run, write_text
from csi_train.stages import classify, sample, score


@dataclass
class Funnel:
    """What each step decided about the problems that reached it."""

    verdicts: list[Verdict] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def pass_on(self, rows: Rows, name: str, judged: Sequence[Verdict]) -> Rows:
        """Put down the verdicts of one step, one per row; returns the rows it kept."""
        left = [row for row, verdict in zip(rows, judged, strict=True) if verdict.keep]
        reasons = Counter(verdict.reason for verdict in judged if not verdict.keep)
        self.verdicts += judged
        step = {"filter": name, "in": len(rows), "kept": len(left), "reasons": dict(reasons.most_common())}
        self.steps += [step | by_category(problem for problem, _ in left)]
        return left


def by_category(problems: Iterable[Problem]) -> dict[str, Any]:
    """How many problems there are of each category, as `categories`; nothing where none has one."""
    counts = Counter(problem.category for problem in problems)
    if not any(counts):
        return {}
    return {"categories": {category or "no category": count for category, count in counts.most_common()}}


def main(run: Run) -> dict[str, Any]:
    """Write verdicts.jsonl, kept.jsonl, examples.jsonl and funnel.json; returns how many came in and were kept.

    Each filter sees what those above it kept; the label comes last, as one more step of the funnel. Instructions need
    none. Raises RunError where nothing is kept, after writing all the same.
    """
    recipe, folder, funnel = run.recipe, run.folder / "filter", Funnel()
    rows, solutions = _rows(run)
    context, left = _context(recipe), rows
    for params in recipe.filter:
        judge = parts.load("filters", params.type).judge
        left = funnel.pass_on(left, params.type, judge(left, params, context))
    labels: dict[str, str] = {}
    if recipe.verifiable:
        labels = {p.id: answer for p, samples in left if (answer := label(p, samples, recipe)) is not None}
        left = funnel.pass_on(left, "label", [_labelled(problem, labels.get(problem.id)) for problem, _ in left])
    examples = [example(p, samples, labels.get(p.id), solutions.get(p.id)) for p, samples in left]
    write_rows(folder / "verdicts.jsonl", funnel.verdicts)
    write_text(folder / "funnel.json", json.dumps(funnel.steps, indent=1))
    kept = [problem for problem, _ in left]
    write_rows(folder / "kept.jsonl", kept)
    write_rows(folder / "examples.jsonl", examples)
    if not left:
        raise _nothing(run, funnel.steps)
    worked = sum(row.response is not None for row in examples)
    return {"problems": len(rows), "kept": len(left), "with_response": worked, **by_category(kept)}


def label(problem: Problem, samples: Samples | None, recipe: Recipe) -> str | None:
    """The answer to train towards, None where there is none: the written one, or of those sampled the most frequent,
    one drawn, or the best scored.

    Raises RecipeError where it should come from samples and nothing was sampled.
    """
    if recipe.label == "written":
        return problem.answer
    if samples is None:
        raise RecipeError(f"label: {recipe.label} needs sampled answers", "give the recipe a `sample:` section")
    cast = cast_votes(samples)
    if recipe.label == "majority":
        return answers.vote(cast).winner
    if recipe.label == "reward":
        scored = (r.answer for r in score.by_reward(samples.responses) if None not in (r.answer, r.reward))
        return next(scored, None)
    given = [answer for answer in cast if answer is not None]
    return Random(f"{recipe.seed}:{problem.id}").choice(given) if given else None


def example(problem: Problem, samples: Samples | None, answer: str | None, solution: str | None) -> Example:
    """The row to train on; its response is the best of the finished ones that give the label, else its own solution.

    Best is the highest reward, and the longest where nothing is scored: short answers finish first, so early stopping
    sees more of them. Without a label, for an instruction, it is the best of those that have a reward.
    """
    responses = score.by_reward(samples.responses) if samples else []
    good = (r.text for r in responses if r.finish == "stop" and _good(r, answer))
    return Example(
        id=problem.id,
        question=problem.question,
        answer=answer,
        response=next(good, solution),
        source=problem.id,
        boxed=answer is not None,
    )


def _good(response: Response, answer: str | None) -> bool:
    if answer is None:
        return bool(response.text) and response.reward is not None
    return bool(response.answer) and answers.equivalent(answer, response.answer or "")


def _rows(run: Run) -> tuple[Rows, dict[str, str | None]]:
    """The problems with their samples, and the solutions that rows of `data:` brought along."""
    recipe, solutions = run.recipe, {}
    if recipe.data:
        given = classify.rows(run)
        problems = [sources.problem(number, row) for number, row in enumerate(given, 1)]
        solutions = {problem.id: row.solution for problem, row in zip(problems, given, strict=True)}
    else:
        problems = sample.written(run)
    if recipe.sample is None:
        return [(problem, None) for problem in problems], solutions
    samples = sample.of(run, problems)
    if recipe.reward:
        samples = score.rewarded(run, samples)
    return list(zip(problems, samples, strict=True)), solutions


def _context(recipe: Recipe) -> Context:
    compares = any(params.type == "decontaminate" for params in recipe.filter)
    return Context(
        seeds=sources.read(recipe.seeds, recipe.seed) if recipe.seeds else [],
        benchmarks=benchmarks_text.questions(recipe.evaluate) if recipe.evaluate and compares else {},
        verifiable=recipe.verifiable,
        scored=recipe.reward is not None,
    )


def _labelled(problem: Problem, answer: str | None) -> Verdict:
    keep = answer is not None
    reason = "labelled" if keep else "no label"
    return Verdict(problem=problem.id, filter="label", keep=keep, reason=reason, figures={"label": answer})


def _nothing(run: Run, funnel: list[dict[str, Any]]) -> RunError:
    """Which step dropped the most, why, and where to look."""
    if not funnel or funnel[0]["in"] == 0:
        return RunError("there are no problems to filter", f"look at {run.folder / 'generate'}")
    worst = max(funnel, key=lambda step: step["in"] - step["kept"])
    dropped = worst["in"] - worst["kept"]
    reasons = ", ".join(f"{count} {reason!r}" for reason, count in worst["reasons"].items())
    return RunError(
        f"nothing is kept: of {funnel[0]['in']} problems, {worst['filter']} dropped {dropped} ({reasons})",
        f"see the figures in {run.folder / 'filter/verdicts.jsonl'}; loosen or remove that filter, or change what it "
        "judges (generate.model, generate.shots, sample.k), and run with --resume",
    )
