"""Examples worth looking at: problems with their whole lineage, and answers before and after training."""

import contextlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from csi_train import order, sources
from csi_train.errors import CsiError
from csi_train.judging.baselines import numbered
from csi_train.records import Example, Pair, Problem, Rejected, Verdict, read_rows
from csi_train.reporting import results
from csi_train.reporting.judged import Judged, best
from csi_train.reporting.results import Row
from csi_train.run import Run
from csi_train.store import Address

Kind = TypeVar("Kind")

KEPT = 4
EACH = 2
"""Examples of each filter that dropped problems, of each reason not to parse, of each way an answer changed."""
REASONS = 8


@dataclass(frozen=True)
class Lineage:
    """One problem from its seeds to the row that is trained on; what a run does not have is empty."""

    problem: Problem
    seeds: list[tuple[str, str]]
    prompt: str
    reply: str
    votes: list[tuple[str | None, int]]
    verdicts: list[Verdict]
    example: Example | None
    rewards: list[float | None]
    pair: Pair | None

    @property
    def dropped_by(self) -> Verdict | None:
        """The verdict that dropped it, if one did."""
        return next((verdict for verdict in self.verdicts if not verdict.keep), None)


@dataclass(frozen=True)
class Answer:
    """How one model answered a document: avg@k, the k answers, the first text."""

    score: float
    answers: list[str | None]
    text: str


@dataclass(frozen=True)
class Answered:
    """One document as the first and the best model answered it."""

    question: str
    gold: str
    before: Answer
    after: Answer

    @property
    def way(self) -> str:
        """What became of it; half of the samples right counts as right."""
        before, after = self.before.score >= 0.5, self.after.score >= 0.5
        if before == after:
            return "still right" if after else "still wrong"
        return "won" if after else "lost"


@dataclass(frozen=True)
class Responded:
    """One instruction as the first model and the one a judge likes best responded: (value, text) of each."""

    question: str
    before: tuple[float, str]
    after: tuple[float, str]

    @property
    def way(self) -> str:
        """What the judge prefers."""
        return "better" if self.after[0] > self.before[0] else "worse" if self.after[0] < self.before[0] else "alike"


def lineages(run: Run, verdicts: Sequence[Verdict]) -> list[Lineage]:
    """Some kept problems, spread over the run, and some that each filter dropped."""
    dropped: dict[str, list[str]] = {}
    for verdict in verdicts:
        if not verdict.keep:
            dropped.setdefault(verdict.filter, []).append(verdict.problem)
    kept = [problem.id for problem in rows_of(run.folder / "filter/kept.jsonl", Problem)]
    wanted = [*_spread(kept, KEPT), *(i for ids in dropped.values() for i in _spread(ids, EACH))]
    problems = {problem.id: problem for problem in _problems(run)}
    return list(_lineages(run, [problems[i] for i in wanted if i in problems], verdicts))


def unparsed(run: Run) -> dict[str, list[Rejected]]:
    """Replies that did not parse, by reason, the most frequent reasons first."""
    found: dict[str, list[Rejected]] = {}
    for row in rows_of(run.folder / "generate/rejected.jsonl", Rejected):
        found.setdefault(row.reason, []).append(row)
    return dict(sorted(found.items(), key=lambda item: -len(item[1]))[:REASONS])


def answered(run: Run, first: Row, best: Row) -> list[Answered]:
    """Documents of the first task that the best row won, lost, still gets wrong and still gets right, some of each."""
    tasks = [task for task in best.results if task in first.results]
    if not tasks:
        return []
    earlier, later = (results.documents(run, row.name, tasks[0]) for row in (first, best))
    before = {document["doc"]: _answer(document) for document in earlier}
    found: dict[str, list[Answered]] = {"won": [], "lost": [], "still wrong": [], "still right": []}
    for document in later:
        if document["doc"] in before:
            one = Answered(document["question"], document["gold"], before[document["doc"]], _answer(document))
            found[one.way].append(one)
    return [one for ones in found.values() for one in ones[:EACH]]


def responded(run: Run, judges: Sequence[Judged]) -> list[Responded]:
    """The instructions on which the best model gained most and lost most by the first judge that saw two models."""
    judge = next((one for one in judges if len(one.rows) > 1), None)
    if judge is None:
        return []
    first, later = judge.rows[0], best(judge)
    if later is first:
        later = judge.rows[-1]
    task = order.judges(run.recipe)[judge.name].task
    before, after = (_texts(run, row.label, task) for row in (first, later))
    gains = {doc: later.score[doc] - first.score.get(doc, math.nan) for doc in later.score}
    ranked = sorted((doc for doc, gain in gains.items() if gain == gain), key=lambda doc: -gains[doc])
    return [
        Responded(before[doc][0], (first.score[doc], before[doc][1]), (later.score[doc], after[doc][1]))
        for doc in [*ranked[:EACH], *ranked[EACH:][-EACH:]]
        if doc in before and doc in after
    ]


def _texts(run: Run, row: str, task: str) -> dict[str, tuple[str, str]]:
    """Question and first response of each document that a row responded to, named as judges name them."""
    found = list(results.documents(run, row, task))
    names = numbered(document["doc"] for document in found)
    return {name: (one["question"], (one["texts"] or [""])[0]) for name, one in zip(names, found, strict=True)}


def rows_of(path: Path, kind: type[Kind]) -> list[Kind]:
    """The rows of a file; none where its stage has not run."""
    return read_rows(path, kind) if path.is_file() else []


def _answer(document: dict[str, Any]) -> Answer:
    return Answer(document["avg_at_k"], document["answers"], document["texts"][0] if document["texts"] else "")


def _spread(ids: Sequence[str], count: int) -> Sequence[str]:
    return ids[:: max(1, len(ids) // count)][:count]


def _lineages(run: Run, wanted: Sequence[Problem], verdicts: Sequence[Verdict]) -> Iterator[Lineage]:
    ids = {problem.id for problem in wanted}
    seeds = _seeds(run)
    votes = dict(_votes(run.folder / "sample/samples.jsonl", ids)) if run.recipe.verifiable else {}
    examples = {row.id: row for row in rows_of(run.folder / "filter/examples.jsonl", Example)}
    rewards = {row["problem"]: row["rewards"] for row in results.lines(run.folder / "score/scores.jsonl")}
    pairs = {row.id: row for row in rows_of(run.folder / "pair/pairs.jsonl", Pair)}
    asked = _asked(run, wanted)
    for problem in wanted:
        yield Lineage(
            problem,
            [(seed, seeds.get(seed, "")) for seed in problem.seeds],
            *asked.get(problem.id, ("", "")),
            votes.get(problem.id, []),
            [verdict for verdict in verdicts if verdict.problem == problem.id],
            examples.get(problem.id),
            rewards.get(problem.id, []),
            pairs.get(problem.id),
        )


def _votes(path: Path, ids: set[str]) -> Iterator[tuple[str, list[tuple[str | None, int]]]]:
    """(problem, its answers as they are spelled, the most frequent first)."""
    for row in results.lines(path):
        if row["problem"] in ids:
            yield row["problem"], Counter(response["answer"] for response in row["responses"]).most_common()


def _problems(run: Run) -> list[Problem]:
    """What was filtered: generated problems, or the rows of the recipe's `data:` where they can be read now."""
    if run.recipe.data is None:
        return rows_of(run.folder / "generate/problems.jsonl", Problem)
    with contextlib.suppress(CsiError):
        return sources.problems(run.recipe.data, run.recipe.seed)
    return rows_of(run.folder / "filter/kept.jsonl", Problem)


def _seeds(run: Run) -> dict[str, str]:
    """The questions of the seeds by id; none where their source cannot be read now: that does not spoil a report."""
    if run.recipe.seeds is None:
        return {}
    with contextlib.suppress(CsiError):
        return {seed.id: seed.question for seed in sources.read(run.recipe.seeds, run.recipe.seed)}
    return {}


def _asked(run: Run, wanted: Iterable[Problem]) -> dict[str, tuple[str, str]]:
    """The prompt and the raw reply of problems; none where the store is not at hand (the run folder was moved, say)."""
    if not run.recipe.generate or not (Path(run.recipe.runs) / "store.sqlite").is_file():
        return {}
    length = run.recipe.generate.sampling.max_tokens
    found = {}
    with contextlib.closing(run.store()) as store:
        for problem in wanted:
            asked, _, number = problem.completion.partition(":")
            if number.isdigit() and (stored := store.get(Address(asked, int(number), length))):
                found[problem.id] = (_turns(store.prompt(problem.completion)), stored.text)
    return found


def _turns(prompt: str | None) -> str:
    """A stored prompt as text: a chat as `role: content` turns."""
    turns = json.loads(prompt or '""')
    return turns if isinstance(turns, str) else "\n\n".join(f"{role}: {content}" for role, content in turns)
