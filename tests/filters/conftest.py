"""Rows to filter, made of what a test is about."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from csi_train.filters import Context
from csi_train.records import Problem, Response, Samples, Seed, Verdict, content_id


@pytest.fixture
def problem() -> Callable[..., Problem]:
    def make(question: str, answer: str | None = "42") -> Problem:
        return Problem(
            id=content_id("problem", question),
            question=question,
            answer=answer,
            method="cot_self_instruct",
            seeds=("seed-a", "seed-b"),
            call=7,
            completion="3f2a:7",
        )

    return make


@pytest.fixture
def judge_text(problem: Callable[..., Problem]) -> Callable[..., list[Verdict]]:
    """What a filter says of questions, with no samples."""

    def judge(module: Any, questions: Sequence[str], seeds: Sequence[Seed] = (), **params: Any) -> list[Verdict]:
        context = Context(list(seeds), params.pop("benchmarks", {}), params.pop("verifiable", True))
        rows = [(problem(question), None) for question in questions]
        verdicts: list[Verdict] = module.judge(rows, module.Params(**params), context)
        assert [v.problem for v in verdicts] == [row.id for row, _ in rows]
        return verdicts

    return judge


@pytest.fixture
def judge_votes(problem: Callable[..., Problem]) -> Callable[..., Verdict]:
    """What a voting filter says of one problem, given its written answer and the sampled ones."""

    def judge(module: Any, written: str | None, cast: Sequence[str | None], k: int, **params: Any) -> Verdict:
        responses = [
            Response(index=i, text=f"So it is {a}.", answer=a, tokens=9, finish="stop", completion="")
            for i, a in enumerate(cast)
        ]
        row = problem("How many eggs are in 4 cartons of 12?", written)
        samples = Samples(problem=row.id, k=k, responses=tuple(reversed(responses)))
        (verdict,) = module.judge([(row, samples)], module.Params(**params), Context([], {}))
        assert isinstance(verdict, Verdict)
        return verdict

    return judge
