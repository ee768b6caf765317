"""Answer every problem K times, or until no further vote can change what the filters will say of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csi_train import sources
from csi_train.answers import extract
from csi_train.engines import stored
from csi_train.engines.contract import Completion, Prompt, Request
from csi_train.engines.stored import StoredEngine
from csi_train.errors import RecipeError
from csi_train.filters import stopping
from csi_train.filters.votes import Votes
from csi_train.progress import Progress
from csi_train.prompts import NEXT, WORKED, ask, few_shot
from csi_train.recipe import Confidence, Recipe
from csi_train.records import Problem, Response, Samples, Seed, write_rows
from csi_train.run import Run, write_text


def main(run: Run) -> dict[str, Any]:
    """Sample the problems that generate wrote, or the recipe's `data:`; writes samples.jsonl and stats.json."""
    recipe = run.recipe
    assert recipe.sample is not None
    problems = written(run)
    with stored.opened(run.store(), recipe.sample.engine, str(recipe.sample_model), recipe.seed) as engine:
        sampler = Sampler(recipe, shots(recipe), engine, progress(run.folder, recipe, len(problems)))
        for problem in problems:
            sampler.add(problem)
        engine.drive({"sample": sampler.receive})
        return sampler.write(run, problems)


def written(run: Run) -> list[Problem]:
    """The problems of a run: generated ones, or the rows of its `data:`."""
    if run.recipe.data:
        return sources.problems(run.recipe.data, run.recipe.seed)
    return run.rows("generate", "problems.jsonl", Problem)


def of(run: Run, problems: Sequence[Problem]) -> list[Samples]:
    """What was sampled for these problems, in their order; raises RunError where one of them has nothing."""
    samples = {row.problem: row for row in run.rows("sample", "samples.jsonl", Samples)}
    if missing := [problem.id for problem in problems if problem.id not in samples]:
        lacking = f"{len(missing)} of {len(problems)} problems have no samples, such as {missing[0]}"
        raise run.lacks("sample", lacking)
    return [samples[problem.id] for problem in problems]


def progress(folder: Path, recipe: Recipe, problems: int) -> Progress:
    """The progress of sampling so many problems, in the run folder: all K responses to each, until it is settled."""
    assert recipe.sample is not None
    at_most = recipe.sample.early_stop != "off"
    return Progress(folder / "sample", recipe.sample.k * problems, "responses", at_most)


def shots(recipe: Recipe) -> list[Seed]:
    """The worked seeds shown with each question, the same for all; raises RecipeError where there are too few."""
    wanted = recipe.sample.shots if recipe.sample else 0
    if not wanted:
        return []
    seeds = sources.read(recipe.seeds, recipe.seed) if recipe.seeds else []
    if len(seeds) < wanted:
        raise RecipeError(
            f"sample.shots: {wanted}, but there are {len(seeds)} seeds", "give more seeds, or lower sample.shots"
        )
    return seeds[:wanted]


@dataclass
class _Poll:
    """The vote on one problem: the answers in, how many were asked for, whether it is settled."""

    problem: Problem
    cast: dict[int, Response] = field(default_factory=dict)
    asked: int = 0
    settled: bool = False


class Sampler:
    """Asks for the answers of each problem it is given, and for no more of them than can still matter."""

    def __init__(self, recipe: Recipe, shots: Sequence[Seed], engine: StoredEngine, progress: Progress) -> None:
        assert recipe.sample is not None
        self._recipe = recipe
        self._section = recipe.sample
        self._shots = shots
        self._engine = engine
        self._progress = progress
        self._polls: dict[str, _Poll] = {}
        self._settled = 0

    def add(self, problem: Problem) -> None:
        """Begin to answer a problem."""
        self._polls[problem.id] = _Poll(problem)
        self._go_on(self._polls[problem.id])

    def receive(self, completion: Completion) -> None:
        """Take an answer in, then ask for more or cancel what is out. An answer that was cut off is none."""
        poll, c = self._polls[completion.request.row], completion
        self._progress.advance(int(not poll.settled), c.tokens, c.stored)
        if not poll.settled:
            answer = extract(c.text) if c.finish == "stop" and self._recipe.verifiable else None
            index = c.request.index
            poll.cast[index] = Response(
                index=index, text=c.text.strip(), answer=answer, tokens=c.tokens, finish=c.finish, completion=c.key
            )
            self._go_on(poll)

    def rows(self, problems: Sequence[Problem]) -> list[Samples]:
        """The answers that count, problem by problem."""
        k = self._section.k
        return [Samples(problem=p.id, k=k, responses=tuple(self._counted(self._polls[p.id]))) for p in problems]

    def write(self, run: Run, problems: Sequence[Problem]) -> dict[str, Any]:
        """Write the rows in the order of the problems, and the figures."""
        k, rows = self._section.k, self.rows(problems)
        responses = [r for row in rows for r in row.responses]
        figures = {
            "problems": len(rows),
            "k": k,
            "sampled": len(responses),
            "of": k * len(rows),
            "tokens": sum(r.tokens for r in responses),
            "cut_off": sum(r.finish == "length" for r in responses),
        }
        if self._recipe.verifiable:
            figures["no_answer"] = sum(r.answer is None for r in responses)
        write_rows(run.folder / "sample" / "samples.jsonl", rows)
        write_text(run.folder / "sample" / "stats.json", json.dumps(figures, indent=1))
        return figures

    def _go_on(self, poll: _Poll) -> None:
        counted = self._counted(poll)
        wanted = self._wanted(poll.problem, counted)
        if wanted == 0:
            poll.settled = True
            self._settled += 1
            self._progress.note(f"{self._settled:,} problems settled")
            self._progress.expect(len(poll.cast) - self._section.k)
            for index in set(range(poll.asked)) - set(poll.cast):
                self._engine.cancel(self._request(poll.problem, index).id)
        for index in range(poll.asked, len(counted) + wanted):
            poll.asked = index + 1
            self._engine.submit(self._request(poll.problem, index))

    def _wanted(self, problem: Problem, counted: Sequence[Response]) -> int:
        """The least number of further answers that can settle the problem."""
        rule, k = self._section.early_stop, self._section.k
        if rule == "off":
            return k - len(counted)
        cast = Votes.of([response.answer for response in counted], k, problem.answer)
        confidence = rule.confidence if isinstance(rule, Confidence) else 1
        wanted = stopping.further(self._recipe.filter, self._recipe.label, cast, confidence)
        return min(wanted, k - len(counted))  # less than cast.remaining, where votes may still change their class

    def _counted(self, poll: _Poll) -> list[Response]:
        """The answers that count, by index. On confidence only those before the first gap: short ones gain nothing."""
        cast = [poll.cast[index] for index in sorted(poll.cast)]
        if isinstance(self._section.early_stop, Confidence):
            return [response for place, response in enumerate(cast) if response.index == place]
        return cast

    def _request(self, problem: Problem, index: int) -> Request:
        prompt: Prompt = (("user", ask(problem.question, self._recipe.verifiable)),)
        stop: tuple[str, ...] = ()
        if self._shots:
            prompt = few_shot(WORKED, self._shots, f"Question: {problem.question}\nAnswer:")
            stop = NEXT
        section = self._section
        return Request("sample", problem.id, index, prompt, section.sampling, stop, chat_template=section.chat_template)
