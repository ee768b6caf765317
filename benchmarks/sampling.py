"""What early stopping saves: tokens and wall time against all K samples, on real votes, beside an oracle.

    python -m benchmarks.sampling RUN [--problems 128] [--k 16] [--model M] [--folder FOLDER]

Takes the problems of a run (or of a recipe's `data:`), answers each K times, and keeps the answers in FOLDER. Then each
rule is played over those very answers: what it would have asked for, and which verdicts differ. The oracle knows all
votes beforehand and asks for the cheapest that settle the verdict; `in order` is the least for who must take the votes
as they come and be certain. For the wall time each rule also samples anew on the loaded model. Called again, it counts
over the answers that are kept.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.oracle import cheapest
from csi_train import answers
from csi_train.engines import vllm
from csi_train.engines.contract import Engine
from csi_train.engines.stored import StoredEngine
from csi_train.filters import Context, answer_consistency
from csi_train.filters.votes import Votes
from csi_train.recipe import Confidence, Recipe, Sample
from csi_train.records import Problem, Samples
from csi_train.run import Run
from csi_train.stages import sample
from csi_train.stages.sample import Sampler
from csi_train.store import Store

RULES: dict[str, Any] = {
    "all K": "off",
    "exact": "exact",
    "confidence 0.99": Confidence(confidence=0.99),
    "confidence 0.95": Confidence(confidence=0.95),
}


class Sampled(NamedTuple):
    """What one rule asked for, and how long that took."""

    rows: list[Samples]
    seconds: float

    @property
    def tokens(self) -> int:
        return sum(response.tokens for row in self.rows for response in row.responses)

    @property
    def samples(self) -> int:
        return sum(len(row.responses) for row in self.rows)


def answer(recipe: Recipe, problems: Sequence[Problem], folder: Path, engine: Engine | None) -> Sampled:
    """Sample as a run does, over the store in a folder; without an engine only what is stored can be asked for."""
    with contextlib.closing(Store(folder / "store.sqlite")) as store:
        stored = StoredEngine(store, "benchmark", lambda: _required(engine))
        progress = sample.progress(folder, recipe, len(problems))
        sampler = Sampler(recipe, sample.shots(recipe), stored, progress)
        began = time.perf_counter()
        for problem in problems:
            sampler.add(problem)
        stored.drive({"sample": sampler.receive})
        return Sampled(sampler.rows(problems), time.perf_counter() - began)


def _required(engine: Engine | None) -> Engine:
    assert engine is not None, "a rule asked for an answer that sampling all K does not have"
    return engine


def verdicts(problems: Sequence[Problem], rows: Sequence[Samples]) -> list[bool]:
    """What answer_consistency says of each problem."""
    pairs = list(zip(problems, rows, strict=True))
    judged = answer_consistency.judge(pairs, answer_consistency.Params(), Context([], {}))
    return [verdict.keep for verdict in judged]


def oracle(problems: Sequence[Problem], rows: Sequence[Samples]) -> int:
    """The fewest tokens that could have settled the verdicts."""
    return sum(cheapest(_votes(problem, row)) for problem, row in zip(problems, rows, strict=True))


def in_order(problems: Sequence[Problem], rows: Sequence[Samples]) -> int:
    """The tokens up to the first vote by index that makes the verdict certain."""
    return sum(_until_certain(problem, row) for problem, row in zip(problems, rows, strict=True))


def _until_certain(problem: Problem, row: Samples) -> int:
    cast = [response.answer for response in row.responses]
    certain = (seen for seen in range(row.k + 1) if _decided(cast[:seen], row.k, problem.answer))
    return sum(response.tokens for response in row.responses[: next(certain)])


def _decided(cast: Sequence[str | None], k: int, written: str | None) -> bool:
    return answer_consistency.decide(Votes.of(cast, k, written), answer_consistency.Params()) is not None


def _votes(problem: Problem, row: Samples) -> list[tuple[int | None, int]]:
    classes = answers.vote([problem.answer, *(response.answer for response in row.responses)]).classes
    number = {place: n for n, members in enumerate(classes) for place in members}
    return [(number.get(place), response.tokens) for place, response in enumerate(row.responses, 1)]


def spread(problems: Sequence[Problem], rows: Sequence[Samples]) -> str:
    """How the votes of one problem fall: the median share of its largest class, and of no answer."""
    tops, none = [], 0
    for problem, row in zip(problems, rows, strict=True):
        counts = Counter(number for number, _ in _votes(problem, row))
        none += counts.pop(None, 0)
        tops.append(max(counts.values(), default=0) / row.k)
    quartiles = " ".join(f"{share:.2f}" for share in statistics.quantiles(tops, n=4))
    return f"share of the largest class, quartiles: {quartiles}; no answer: {none / sum(r.k for r in rows):.2f}"


def main() -> None:
    """Print what each rule asks for, as a share of all K samples, and the verdicts that differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--problems", type=int, default=128)
    parser.add_argument("--k", type=int, default=16)
    parser.add_argument("--model", help="default: the one the run sampled with")
    parser.add_argument("--folder", type=Path, default=Path("runs/benchmark_sampling"))
    given = parser.parse_args()
    run = Run.at(given.run)
    problems = [problem for problem in sample.written(run) if problem.answer is not None][: given.problems]
    section = run.recipe.sample or Sample()
    recipes = {
        name: run.recipe.model_copy(update={"sample": section.model_copy(update={"k": given.k, "early_stop": rule})})
        for name, rule in RULES.items()
    }
    model = given.model or str(run.recipe.sample_model)
    engine: Engine | None = None
    if not (given.folder / "store.sqlite").exists():
        engine = vllm.open(model, section.engine or run.recipe.engine, run.recipe.seed)
    full = answer(recipes["all K"], problems, given.folder, engine)
    replays = {name: answer(recipe, problems, given.folder, None) for name, recipe in recipes.items()}
    truth = verdicts(problems, full.rows)
    best = oracle(problems, full.rows)
    print(f"{model}: {len(problems)} problems, K = {given.k}, {sum(truth)} consistent")
    print(spread(problems, full.rows))
    print(f"{'':<16}{'samples':>10}{'tokens':>10}{'of all':>8}{'x oracle':>10}{'verdicts that differ':>22}")
    for name, found in replays.items():
        differ = sum(a != b for a, b in zip(truth, verdicts(problems, found.rows), strict=True))
        share, times = found.tokens / full.tokens, found.tokens / best
        print(f"{name:<16}{found.samples:>10,}{found.tokens:>10,}{share:>8.3f}{times:>10.3f}{differ:>22}")
    least = in_order(problems, full.rows)
    print(f"{'in order':<16}{'':>10}{least:>10,}{least / full.tokens:>8.3f}{least / best:>10.3f}{0:>22}")
    print(f"{'oracle':<16}{'':>10}{best:>10,}{best / full.tokens:>8.3f}{1:>10.3f}{0:>22}")
    if engine is None:
        return
    print(f"wall time, all K: {full.tokens:,} tokens in {full.seconds:.1f} s", flush=True)
    for name, recipe in list(recipes.items())[1:]:
        with tempfile.TemporaryDirectory() as fresh:
            live = answer(recipe, problems, Path(fresh), engine)
        share = live.seconds / full.seconds
        print(f"wall time, {name}: {live.tokens:,} tokens in {live.seconds:.1f} s, {share:.3f} of all K", flush=True)


if __name__ == "__main__":
    main()
