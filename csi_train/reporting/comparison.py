"""Models side by side: base against trained of one run, or several runs; every difference with its interval."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train.errors import RunError
from csi_train.reporting import judged, results
from csi_train.reporting.judged import Judged, JudgedRow
from csi_train.reporting.results import METRICS, Row
from csi_train.run import Run
from csi_train.statistics import Difference, Estimate, MismatchError, average, average_difference, signed

AVERAGE = "average of the tasks"
MODELS, RUNS = "trained models", "runs"
"""What the rows are of which the headline names the best."""
NOTHING = "Nothing to compare: fewer than two models were evaluated."
CHOSEN = "The one that scored best of several is set against the others: its choice by score favours it a little."
READING = (
    "Figures are percentages ± one standard error over documents. Differences are in points of avg@k with their 95 % "
    "interval (paired bootstrap over documents). One stands out of the noise where its interval leaves 0 out and a "
    "paired randomisation test has p < 0.05. They cover the choice of problems and answers, not another training seed; "
    "of twenty differences that are pure noise, about one stands out by chance."
)

Gap = Difference | str | None
"""A difference, or why there is none, or nothing to compare with."""


@dataclass(frozen=True)
class Line:
    """One row on one task (or on all of them): metrics are empty where it was not run."""

    row: Row
    k: str
    metrics: dict[str, Estimate]
    against_first: Gap
    against_previous: Gap


@dataclass(frozen=True)
class Comparison:
    """Sections by task and tables by judge, `headline` in a sentence, what it rests on, and how to read it.

    `best`: the label of the row that the headline sets against the first one; empty where there is none.
    """

    sections: dict[str, list[Line]]
    headline: str
    details: list[str]
    notes: list[str]
    judged: list[Judged] = dataclasses.field(default_factory=list)
    best: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """The whole comparison as JSON values; an error that one document cannot tell is null."""
        return {name: _plain(value) for name, value in vars(self).items()}


def of_run(run: Run) -> Comparison:
    """Base against trained: the rows of one run, each against the first and the one above it."""
    return _comparison(results.rows(run), MODELS, _votes(run), judged.of_run(run))


def compare(folders: Sequence[Path]) -> Comparison:
    """The last row of each run against that of the first run, document by document.

    Raises RunError where a run has no evaluated row, two were asked in different ways, or judged by different judges.
    Where the documents differ there is no difference but the reason.
    """
    found, runs = [], [Run.at(folder) for folder in folders]
    for run in runs:
        evaluated = [row for row in results.rows(run) if row.asked is not None]
        if not evaluated:
            hint = f"`csi-train run {run.folder}/recipe.yaml --resume` goes on to its evaluation"
            raise RunError(f"{run.folder} has no evaluated model", hint)
        found.append(dataclasses.replace(evaluated[-1], label=f"{run.recipe.name} ({evaluated[-1].label})"))
        _asked_alike(found[0], found[-1])
    return _comparison([row for row in found if row.results], RUNS, [], judged.compare(runs))


def _asked_alike(first: Row, row: Row) -> None:
    """Raises RunError where two rows differ in more than the model."""
    here, there = row.asked or {}, first.asked or {}
    if differ := [key for key in here | there if here.get(key) != there.get(key)]:
        ways = "; ".join(f"{key}: {there.get(key)} and {here.get(key)}" for key in differ)
        hint = "give both recipes the same evaluate section and run them with --resume: their models are asked anew"
        raise RunError(f"{first.label} and {row.label} were asked in different ways: {ways}", hint)


def _comparison(rows: list[Row], kind: str, notes: list[str], by_judges: list[Judged]) -> Comparison:
    tasks = list(dict.fromkeys(task for row in rows for task in row.results))
    sections = {task: _lines(rows, [task]) for task in tasks}
    if len(tasks) > 1:
        sections[AVERAGE] = _lines(rows, tasks)
    ran = [row for row in rows if row.results]
    rivals = ran[1:]
    if kind == MODELS:  # a base model is no rival, but where nothing was trained
        rivals = [row for row in rivals if row.trained] or rivals
    best = _best(rivals, tasks)
    sentences = _sentences(ran, rivals, best, kind, tasks) if best else ()
    told = [judged.sentence(one) for one in by_judges if one.rows]
    headline, *details = [*sentences, *told] or [NOTHING]
    reading = [*([CHOSEN] if len(rivals) > 1 else []), READING] if sections else []
    notes = [*notes, *_notes(rows), *reading, *judged.notes(by_judges)]
    label = best.label if best else ""
    return Comparison(sections, headline, [*details, *_form(ran)], notes, by_judges, label)


def _lines(rows: Sequence[Row], tasks: Sequence[str]) -> list[Line]:
    """One line for each row; the row above is the nearest one that was run."""
    lines: list[Line] = []
    above: Row | None = None
    for row in rows:
        ran = all(task in row.results for task in tasks)
        k = "/".join(dict.fromkeys(str(row.results[task].k) for task in tasks)) if ran else "–"
        metrics = _metrics(row, tasks) if ran else {}
        lines.append(Line(row, k, metrics, _gap(rows[0], row, tasks), _gap(above, row, tasks)))
        above = row if ran else above
    return lines


def _metrics(row: Row, tasks: Sequence[str]) -> dict[str, Estimate]:
    return {metric: average([row.results[task].metrics[metric] for task in tasks]) for metric in METRICS}


def _gap(other: Row | None, row: Row, tasks: Sequence[str]) -> Gap:
    """The difference of a row to another one, or why there is none."""
    if other is None or other is row or not all(task in row.results for task in tasks):
        return None
    if not all(task in other.results for task in tasks):
        return f"{other.label} was not run"
    try:
        return average_difference([(other.results[task].score, row.results[task].score) for task in tasks])
    except MismatchError as error:
        return f"not compared: {error.args[0]}"


def _best(rivals: Sequence[Row], tasks: Sequence[str]) -> Row | None:
    """The one with the highest score; the last where none has every task; None where there is none at all."""
    whole = [row for row in rivals if all(task in row.results for task in tasks)]
    if whole:
        return max(whole, key=lambda row: _metrics(row, tasks)["avg_at_k"].mean)
    return rivals[-1] if rivals else None


def _sentences(rows: Sequence[Row], rivals: Sequence[Row], best: Row, kind: str, tasks: Sequence[str]) -> Iterator[str]:
    """The best row against the first; then the last one against the best, and the others, each the later row first."""
    of = f", the best of {len(rivals)} {kind}," if len(rivals) > 1 else ""
    yield _sentence(best, rows[0], tasks, f"{best.label}{of}", opening=True)
    others = [row for row in rows[1:] if row is not best]
    for row in [*others[-1:], *others[:-1]]:
        later, earlier = (row, best) if row in rivals else (best, row)
        yield _sentence(later, earlier, tasks, later.label)


def _sentence(row: Row, other: Row, tasks: Sequence[str], subject: str, opening: bool = False) -> str:
    """One row against another, or why they are not compared. Of an `opening` the first words say that all is noise."""
    where = f"on {tasks[0]}" if len(tasks) == 1 else f"on the average of {len(tasks)} tasks"
    gap = _gap(other, row, tasks)
    if not isinstance(gap, Difference):
        return f"{row.label} against {other.label} {where}: {gap or 'not every task was run'}."
    here, there = (f"{100 * _metrics(one, tasks)['avg_at_k'].mean:.1f} %" for one in (row, other))
    interval = f"95 % interval {signed(gap.low)} to {signed(gap.high)}"
    told = f"({signed(gap.mean)} points, {interval}, {gap.documents} problems)"
    scores = f"{subject} scores {here} {where}, against {there} for {other.label}"
    if opening and not gap.stands_out:
        return f"No gain that stands out of the noise: {scores} {told}."
    return f"{scores}: {gap.verdict} {told}."


def _form(rows: Sequence[Row]) -> Iterator[str]:
    """Say where a low score is one of form: answers that nobody can read count as wrong."""
    for row in rows:
        for task, result in row.results.items():
            if (silent := result.metrics["no_answer"].mean) > 0.5:
                yield (
                    f"{100 * silent:.1f} % of the samples of {row.label} on {task} hold no readable answer: "
                    "part of any gain over it is learning the form of an answer."
                )


def _notes(rows: Sequence[Row]) -> Iterator[str]:
    """What a reader must know before comparing these rows."""
    if len({result.k for row in rows for result in row.results.values()}) > 1:
        yield "k differs: avg@k compares all the same (its mean does not depend on k), maj@k and pass@k do not."
    if stale := [row.label for row in rows if row.stale]:
        yield f"Stale: {', '.join(stale)}. The recipe or an input file has changed since; --resume scores anew."


def _votes(run: Run) -> list[str]:
    k = run.recipe.sample.k if run.recipe.sample and run.recipe.verifiable else 0
    return [f"Each new problem was answered up to {k} times for the vote of the filters (K = {k})."] if k else []


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in ("results", "score")}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Difference):
        return {**dataclasses.asdict(value), "verdict": value.verdict}
    if isinstance(value, Line | Row | Estimate | Judged | JudgedRow):
        return _plain({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    return None if isinstance(value, float) and math.isnan(value) else value
