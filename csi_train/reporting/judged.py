"""What judges said of the models of a run, or of several runs; different judges are never set side by side."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train import order, parts
from csi_train.errors import RunError
from csi_train.judging.baselines import numbered
from csi_train.reporting import results
from csi_train.run import Run
from csi_train.statistics import Difference, MismatchError, Score, difference, signed

READING = (
    "What a judge prefers is what that judge likes: figures ± one standard error, or with their 95 % interval; "
    "differences are paired over documents, in points of the mean preference or in units of the reward."
)


@dataclass(frozen=True)
class JudgedRow:
    """One model as one judge sees it: figures by name, and the value of each document; none where it was not judged."""

    label: str
    told: dict[str, Any]
    score: Score


@dataclass(frozen=True)
class Judged:
    """One judge: its type and name, who it is, against what, what it cost, and the models, the first compared with."""

    name: str
    type: str
    judge: dict[str, Any]
    baseline: dict[str, Any] | None
    cost: dict[str, Any]
    rows: list[JudgedRow]
    stale: bool

    @property
    def who(self) -> str:
        """The judge, its prompt and the baseline, in words."""
        prompt = f", prompt {self.judge['prompt']}" if "prompt" in self.judge else ""
        against = f", against {self.baseline['name']}" if self.baseline else ""
        return f"{self.judge['model']} ({self.judge['engine']}){prompt}{against}"

    @property
    def title(self) -> str:
        """The heading of its table."""
        against = f", against {Path(self.baseline['name']).name}" if self.baseline else ""
        return f"{self.name}, judged by {self.judge['model']}{against}"


def of_run(run: Run) -> list[Judged]:
    """Each judge of a run that has judged, with the rows of the table that it saw."""
    stages = {stage.name: stage.key for stage in order.stages(run.recipe)}
    found = []
    for name in order.judges(run.recipe):
        told = results.read_json(run.folder / "judge" / name / "results.json")
        record = run.record(f"judge/{name}")
        if told and record:
            rows = [
                JudgedRow(row, figures, _score(run, name, told["type"], row)) for row, figures in told["rows"].items()
            ]
            stale = record.get("key") != stages[f"judge/{name}"]
            found.append(Judged(name, told["type"], told["judge"], told["baseline"], told["cost"], rows, stale))
    return found


def compare(runs: Sequence[Run]) -> list[Judged]:
    """The last model of each run by each judge that all of them share by name.

    Raises RunError where a name stands for different judges, prompts, settings or baselines: it names both.
    """
    seen = [{judged.name: judged for judged in of_run(run)} for run in runs]
    found = []
    for name in dict.fromkeys(name for judges in seen for name in judges):
        there = [(run, judges[name]) for run, judges in zip(runs, seen, strict=True) if name in judges]
        for run, judged in there[1:]:
            _same(there[0], (run, judged))
        rows = [
            dataclasses.replace(judged.rows[-1], label=f"{run.recipe.name} ({judged.rows[-1].label})")
            for run, judged in there
            if judged.rows
        ]
        found.append(dataclasses.replace(there[0][1], rows=rows, stale=any(judged.stale for _, judged in there)))
    return found


def grid(judged: Judged) -> list[list[str]]:
    """A judge's table as text: the headings, then one list of cells a row."""
    module = parts.load("judging", judged.type)
    named = [name for name in module.FIGURES if any(name in row.told["figures"] for row in judged.rows)]
    headings = ["model", *(module.FIGURES[name] for name in named), "characters", "judged", "unparsed"]
    first = judged.rows[0].label if judged.rows else ""
    cells = [
        [
            row.label,
            *(figure(row.told["figures"].get(name), module.SHARES) for name in named),
            f"{row.told['chars']:,.0f}",
            f"{row.told['judged']:,} of {row.told['documents']:,}",
            f"{row.told['unparsed']:,}",
            against(judged.rows[0], row, module.SHARES),
        ]
        for row in judged.rows
    ]
    return [[*headings, f"against {first}"], *cells]


def figure(told: dict[str, Any] | None, shares: bool) -> str:
    """A mean with its standard error or its interval; `–` where it is not known."""
    if not told:
        return "–"
    scale = 100 if shares else 1
    mean, *bounds = (_number(scale * told[key], shares) for key in ("mean", "low", "high") if told.get(key) is not None)
    if told.get("stderr") is not None:
        return f"{mean} ± {_number(scale * told['stderr'], shares)}"
    return f"{mean} [{', '.join(bounds)}]" if bounds else mean


def against(first: JudgedRow, row: JudgedRow, shares: bool) -> str:
    """The paired difference of a row to the first, over the documents that have a value in both."""
    if row is first:
        return "–"
    gap = _gap(first, row)
    if isinstance(gap, str):
        return gap
    low, mean, high = ((signed(x) if shares else f"{x:+.3g}").replace("-", "−") for x in (gap.low, gap.mean, gap.high))
    return f"{mean} [{low}, {high}] {gap.verdict}"


def best(judged: Judged) -> JudgedRow:
    """The row that the judge likes best, of those that are not the base model where there are any."""
    rivals = _rivals(judged)
    return max(rivals, key=lambda row: math.fsum(known := _known(row.score)) / max(len(known), 1))


def sentence(judged: Judged) -> str:
    """The best model in a sentence, and against the first one where that is another."""
    module, first, row = parts.load("judging", judged.type), judged.rows[0], best(judged)
    figures = [
        f"{module.FIGURES[name]} {figure(told, module.SHARES)}{' %' if module.SHARES else ''}"
        for name, told in row.told["figures"].items()
        if told and name in module.FIGURES
    ]
    gap = f"; against {first.label}: {against(first, row, module.SHARES)}" if row is not first else ""
    of = f", the best of {len(_rivals(judged))}," if len(_rivals(judged)) > 1 else ""
    return f"{row.label}{of} by {judged.title}: {', '.join(figures) or 'no figure, nothing was judged'}{gap}."


def notes(found: Sequence[Judged]) -> Iterator[str]:
    """What a reader must know of these judges: who they are, cost, what did not parse, what is stale."""
    if found:
        yield READING
    for judged in found:
        cost = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in judged.cost.items())
        yield f"{judged.name}: judged by {judged.who}; {cost}."
        if unparsed := sum(row.told["unparsed"] for row in judged.rows):
            yield f"{judged.name}: {unparsed:,} judgements did not parse; their documents count for nothing."
        if judged.stale:
            yield f"Stale: {judged.name}. The recipe or an input has changed since; `csi-train judge` judges anew."


def _score(run: Run, name: str, kind: str, row: str) -> Score:
    lines = list(results.lines(run.folder / "judge" / name / f"verdicts_{row}.jsonl"))
    value = parts.load("judging", kind).VALUE
    return {
        doc: math.nan if line[value] is None else line[value]
        for doc, line in zip(numbered(line["doc"] for line in lines), lines, strict=True)
    }


def _rivals(judged: Judged) -> Sequence[JudgedRow]:
    return [row for row in judged.rows if row.label not in ("base", "base_fewshot")] or judged.rows


def _known(score: Score) -> list[float]:
    return [value for value in score.values() if not math.isnan(value)]


def _gap(first: JudgedRow, second: JudgedRow) -> Difference | str:
    if first.score.keys() != second.score.keys():
        try:
            difference(first.score, second.score)
        except MismatchError as error:
            return f"not compared: {error.args[0]}"
    both = [doc for doc in first.score if not math.isnan(first.score[doc]) and not math.isnan(second.score[doc])]
    if not both:
        return "not compared: no document was judged in both"
    return difference({doc: first.score[doc] for doc in both}, {doc: second.score[doc] for doc in both})


def _same(first: tuple[Run, Judged], second: tuple[Run, Judged]) -> None:
    """Raises RunError where two results are not of one judge."""
    told = [{**judged.judge, "baseline": judged.baseline, "type": judged.type} for _, judged in (first, second)]
    for one in told:
        if one["baseline"]:
            one["baseline"] = one["baseline"]["responses"]
    keys = [key for key in told[0] | told[1] if key not in ("model", "engine")]
    if differ := [key for key in keys if told[0].get(key) != told[1].get(key)]:
        folders = " and of ".join(str(run.folder) for run, _ in (first, second))
        sides = (f"\n  {run.folder}: {judged.type} by {judged.who}" for run, judged in (first, second))
        raise RunError(
            f"{first[1].name} of {folders} cannot be compared: {', '.join(differ)} differ{''.join(sides)}",
            "judge both with one judge, prompt and baseline (`csi-train judge RUN`); judges of one type that differ "
            "get names of their own in the recipe",
        )


def _number(value: float, share: bool) -> str:
    return f"{value:.1f}" if share else f"{value:.3g}"
