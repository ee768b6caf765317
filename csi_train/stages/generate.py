"""Write new problems. Call i shows seeds drawn by (recipe seed, i); a reply that does not parse brings one more call.

Seeds of several categories: those of one call are of one category, drawn in proportion to its seeds.

So the calls made are the fewest that give the wanted number of problems, whatever the order in which replies arrive,
and a resumed run makes the same ones.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from csi_train import parts
from csi_train.engines import stored
from csi_train.engines.contract import Completion, Request
from csi_train.engines.stored import StoredEngine
from csi_train.errors import RecipeError, RunError
from csi_train.methods.form import Draft, Unparsable
from csi_train.progress import Progress
from csi_train.recipe import Generate, Recipe
from csi_train.records import Problem, Rejected, Seed, content_id, write_rows
from csi_train.run import Run, write_text
from csi_train.stages import classify, sample
from csi_train.stages.sample import Sampler


def main(run: Run, sample_too: bool = False) -> dict[str, dict[str, Any]]:
    """Write problems.jsonl, rejected.jsonl, stats.json; with `sample_too`, answer each problem as soon as it is there.

    Returns the figures of each stage done.
    """
    recipe = run.recipe
    assert recipe.generate is not None
    seeds = [seed for seed in classify.rows(run) if seed.category or not recipe.classify]
    with stored.opened(run.store(), recipe.generate.engine, recipe.generate.model, recipe.seed) as engine:
        sampler = None
        if sample_too:
            progress = sample.progress(run.folder, recipe, recipe.generate.problems)
            sampler = Sampler(recipe, sample.shots(recipe), engine, progress)
        writer = Writer(recipe, seeds, engine, Progress(run.folder / "generate", recipe.generate.problems, "problems"))
        receivers = {"generate": writer.receive} | ({"sample": sampler.receive} if sampler else {})
        writer.start(sampler.add if sampler else lambda problem: None)
        engine.drive(receivers)
        figures = {"generate": writer.write(run)}
        if sampler:
            figures["sample"] = sampler.write(run, writer.problems)
    return figures


class Writer:
    """Asks for new problems until there are as many as wanted."""

    def __init__(self, recipe: Recipe, seeds: Sequence[Seed], engine: StoredEngine, progress: Progress) -> None:
        assert recipe.generate is not None
        self._section = recipe.generate
        self._seed = recipe.seed
        self._method = parts.load("methods", recipe.generate.method)
        self._template = Path(self._section.template).read_text("utf-8") if self._section.template else None
        self._shots, rest = shown(seeds, self._section)
        self._pool, self._few = pool(rest, self._section)
        self._engine = engine
        self._progress = progress
        self._calls = 0
        self._tokens = 0
        self._written: dict[int, Problem] = {}
        self._rejected: dict[int, Rejected] = {}

    @property
    def problems(self) -> list[Problem]:
        """What was written, in the order of the calls."""
        return [self._written[call] for call in sorted(self._written)]

    def start(self, wrote: Callable[[Problem], None]) -> None:
        """Make the first calls; `wrote` is told of each new problem."""
        self._wrote = wrote
        for _ in range(self._section.problems):
            self._call()

    def receive(self, completion: Completion) -> None:
        """Parse a reply; one that does not parse is kept with its reason, and one more call is made."""
        c, call = completion, completion.request.index
        self._tokens += c.tokens
        seeds = self._drawn(call)
        drawn = tuple(seed.id for seed in seeds)
        try:
            draft = self._parse(c)
        except Unparsable as reason:
            self._progress.advance(0, c.tokens, c.stored)
            self._rejected[call] = Rejected(call=call, reason=str(reason), reply=c.text, seeds=drawn, completion=c.key)
            self._progress.note(f"{len(self._rejected):,} replies did not parse")
            self._call()
            return
        self._progress.advance(1, c.tokens, c.stored)
        problem = Problem(
            id=content_id("problem", f"{call}\n{draft.question}\n{draft.answer}"),
            question=draft.question,
            answer=draft.answer,
            method=self._section.method,
            seeds=drawn,
            call=call,
            completion=c.key,
            category=seeds[0].category,
        )
        self._written[call] = problem
        self._wrote(problem)

    def write(self, run: Run) -> dict[str, Any]:
        """Write the rows and the figures; raises RunError where the calls allowed gave too few problems."""
        folder = run.folder / "generate"
        reasons = Counter(rejected.reason for rejected in self._rejected.values())
        figures = {
            "calls": self._calls,
            "parsed": len(self._written),
            "rejected": dict(reasons.most_common()),
            "tokens": self._tokens,
            **self._by_category(),
        }
        write_rows(folder / "rejected.jsonl", [self._rejected[call] for call in sorted(self._rejected)])
        if len(self._written) < self._section.problems:
            (reason, count), *_ = reasons.most_common()
            raise RunError(
                f"{len(self._written)}/{self._section.problems} problems in {self._calls} calls; {count}x {reason}",
                f"look at {folder / 'rejected.jsonl'}; then use generate.shots, a stronger model, a higher "
                "generate.max_calls_per_problem or fewer problems, and run with --resume: no reply is asked for twice",
            )
        write_rows(folder / "problems.jsonl", self.problems)
        write_text(folder / "stats.json", json.dumps(figures, indent=1))
        return figures

    def _call(self) -> None:
        if self._calls == math.ceil(self._section.problems * self._section.max_calls_per_problem):
            return
        number, self._calls = self._calls, self._calls + 1
        prompt = self._method.prompt(self._drawn(number), self._shots, self._template)
        stop = self._method.stop(bool(self._shots))
        section = self._section
        self._engine.submit(
            Request("generate", "", number, prompt, section.sampling, stop, chat_template=section.chat_template)
        )

    def _parse(self, completion: Completion) -> Draft:
        if completion.finish == "length":
            raise Unparsable(f"cut off at max_tokens ({completion.request.sampling.max_tokens})")
        draft: Draft = self._method.parse(completion.text, bool(self._shots))
        return draft

    def _drawn(self, call: int) -> list[Seed]:
        random = Random(f"{self._seed}:{call}")
        among, *others = self._pool.values()
        if others:
            (among,) = random.choices([among, *others], [len(seeds) for seeds in self._pool.values()])
        return random.sample(among, self._section.seeds_per_prompt)

    def _by_category(self) -> dict[str, Any]:
        """The problems written of each category, and the seeds of those that had too few; nothing without any."""
        if set(self._pool) == {None} and not self._few:
            return {}
        written = Counter(problem.category for problem in self._written.values())
        return {"categories": {_name(category): written[category] for category in self._pool}, "left_out": self._few}


def shown(seeds: Sequence[Seed], section: Generate) -> tuple[Sequence[Any], Sequence[Seed]]:
    """The examples that every call shows, and the seeds left to draw from: the first seeds are shown, or a method's own
    demonstrations, where it has some; raises RecipeError where those are too few."""
    own = getattr(parts.load("methods", section.method), "DEMONSTRATIONS", None)
    if own is None:
        return seeds[: section.shots], seeds[section.shots :]
    if section.shots > len(own):
        raise RecipeError(
            f"{section.method} has {len(own)} demonstrations to show, not {section.shots}", "lower generate.shots"
        )
    return own[: section.shots], seeds


Pool = dict[str | None, list[Seed]]
"""The seeds to draw from, by category; all of them under None where they have none."""


def pool(seeds: Sequence[Seed], section: Generate) -> tuple[Pool, dict[str, int]]:
    """What to draw from, and how many seeds each category had that is left out: too few to be shown together.

    Raises RecipeError where no category has enough.
    """
    found: Pool = {}
    for seed in seeds:
        found.setdefault(seed.category, []).append(seed)
    few = {_name(category): len(of) for category, of in found.items() if len(of) < section.seeds_per_prompt}
    if len(few) == len(found):
        of_one = " of one category" if len(found) > 1 else ""
        raise RecipeError(
            f"{len(seeds)} seeds beside {section.shots} shots: not {section.seeds_per_prompt}{of_one} to draw",
            "give more seeds or fewer categories, or lower generate.shots or generate.seeds_per_prompt",
        )
    return {category: of for category, of in found.items() if _name(category) not in few}, few


def _name(category: str | None) -> str:
    return category or "no category"
