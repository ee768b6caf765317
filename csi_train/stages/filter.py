"""Decide which problems are kept and with which label, each decision with its reason: the funnel of a run."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from csi_train import answers, benchmarks_text, parts, sources
from csi_train.errors import RecipeError, RunError
from csi_train.filters import Context, Rows
from csi_train.filters.votes import cast_votes
from csi_train.recipe import Recipe
from csi_train.records import Example, Problem, Samples, Verdict, read_rows, write_rows
from csi_train.run import Run, write_text


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
        self.steps += [{"filter": name, "in": len(rows), "kept": len(left), "reasons": dict(reasons.most_common())}]
        return left


def main(run: Run) -> dict[str, Any]:
    """Write verdicts.jsonl, kept.jsonl, examples.jsonl and funnel.json; returns how many came in and were kept.

    Each filter sees what those above it kept; the label comes last, as one more step of the funnel. Raises RunError
    where nothing is kept, after writing all the same.
    """
    recipe, folder, funnel = run.recipe, run.folder / "filter", Funnel()
    rows, solutions = _rows(run)
    context, left = _context(recipe), rows
    for params in recipe.filter:
        judge = parts.load("filters", params.type).judge
        left = funnel.pass_on(left, params.type, judge(left, params, context))
    labels = {p.id: answer for p, samples in left if (answer := label(p, samples, recipe)) is not None}
    left = funnel.pass_on(left, "label", [_labelled(problem, labels.get(problem.id)) for problem, _ in left])
    examples = [example(p, samples, labels[p.id], solutions.get(p.id)) for p, samples in left]
    write_rows(folder / "verdicts.jsonl", funnel.verdicts)
    write_text(folder / "funnel.json", json.dumps(funnel.steps, indent=1))
    write_rows(folder / "kept.jsonl", [problem for problem, _ in left])
    write_rows(folder / "examples.jsonl", examples)
    if not left:
        raise _nothing(run, funnel.steps)
    worked = sum(row.response is not None for row in examples)
    return {"problems": len(rows), "kept": len(left), "with_response": worked}


def label(problem: Problem, samples: Samples | None, recipe: Recipe) -> str | None:
    """The answer to train towards, None where there is none: the written one, the one most sampled, or one drawn.

    Raises RecipeError where it should come from samples and nothing was sampled.
    """
    if recipe.label == "written":
        return problem.answer
    if samples is None:
        raise RecipeError(f"label: {recipe.label} needs sampled answers", "give the recipe a `sample:` section")
    cast = cast_votes(samples)
    if recipe.label == "majority":
        return answers.vote(cast).winner
    given = [answer for answer in cast if answer is not None]
    return Random(f"{recipe.seed}:{problem.id}").choice(given) if given else None


def example(problem: Problem, samples: Samples | None, answer: str, solution: str | None) -> Example:
    """The row to train on; its response is the longest finished one that gives the label, else the row's own solution.

    Short answers finish first, so early stopping sees more of them: the longest undoes that, and shows most work.
    """
    responses = sorted(samples.responses, key=lambda r: (-r.tokens, r.index)) if samples else []
    right = (r.text for r in responses if r.finish == "stop" and r.answer and answers.equivalent(answer, r.answer))
    return Example(
        id=problem.id,
        question=problem.question,
        answer=answer,
        response=next(right, solution),
        source=problem.id,
    )


def _rows(run: Run) -> tuple[Rows, dict[str, str | None]]:
    """The problems with their samples, and the solutions that rows of `data:` brought along."""
    recipe, solutions = run.recipe, {}
    if recipe.data:
        given = sources.read(recipe.data, recipe.seed)
        problems = [sources.problem(number, row) for number, row in enumerate(given, 1)]
        solutions = {problem.id: row.solution for problem, row in zip(problems, given, strict=True)}
    else:
        problems = _read(run, "generate", "problems.jsonl", Problem)
    if recipe.sample is None:
        return [(problem, None) for problem in problems], solutions
    samples = {row.problem: row for row in _read(run, "sample", "samples.jsonl", Samples)}
    if missing := [problem.id for problem in problems if problem.id not in samples]:
        raise _redo(run, "sample", f"{len(missing)} of {len(problems)} problems have no samples, such as {missing[0]}")
    return [(problem, samples[problem.id]) for problem in problems], solutions


def _read(run: Run, stage: str, name: str, kind: Any) -> list[Any]:
    path = run.folder / stage / name
    if not path.is_file():
        raise _redo(run, stage, f"{path} is not there")
    return read_rows(path, kind)


def _redo(run: Run, stage: str, what: str) -> RunError:
    return RunError(what, f"`csi-train stage {stage} {run.folder}` makes it")


def _context(recipe: Recipe) -> Context:
    compares = any(params.type == "decontaminate" for params in recipe.filter)
    return Context(
        seeds=sources.read(recipe.seeds, recipe.seed) if recipe.seeds else [],
        benchmarks=benchmarks_text.questions(recipe.evaluate) if recipe.evaluate and compares else {},
    )


def _labelled(problem: Problem, answer: str | None) -> Verdict:
    keep = answer is not None
    reason = "labelled" if keep else "no label"
    return Verdict(problem=problem.id, filter="label", keep=keep, reason=reason, figures={"label": answer})


def _nothing(run: Run, funnel: list[dict[str, Any]]) -> RunError:
    """Which step dropped the most, why, and where to look."""
    worst = max(funnel, key=lambda step: step["in"] - step["kept"])
    dropped = worst["in"] - worst["kept"]
    if dropped == 0:
        return RunError("there are no problems to filter", f"look at {run.folder / 'generate'}")
    reasons = ", ".join(f"{count} {reason!r}" for reason, count in worst["reasons"].items())
    return RunError(
        f"nothing is kept: of {funnel[0]['in']} problems, {worst['filter']} dropped {dropped} ({reasons})",
        f"see the figures in {run.folder / 'filter/verdicts.jsonl'}; loosen or remove that filter, or change what it "
        "judges (generate.model, generate.shots, sample.k), and run with --resume",
    )
