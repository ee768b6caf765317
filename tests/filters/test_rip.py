"""RIP on numbers worked by hand: what the worst response says of a prompt, at values, at quantiles and at ties."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from csi_train.errors import RecipeError
from csi_train.filters import Context, rip
from csi_train.records import Problem, Response, Samples, Verdict

SCORED = Context([], {}, verifiable=False, scored=True)

Scores = Sequence[tuple[float | None, int]]
"""The reward and the length in characters of each response."""


def row(number: int, scores: Scores, category: str | None = None) -> tuple[Problem, Samples]:
    problem = Problem(
        id=f"p{number}", question="?", answer=None, method="", seeds=(), call=0, completion="", category=category
    )
    responses = [
        Response(index=i, text="x" * length, answer=None, tokens=1, finish="stop", completion="", reward=reward)
        for i, (reward, length) in enumerate(scores)
    ]
    return problem, Samples(problem=problem.id, k=len(scores), responses=tuple(reversed(responses)))


def judge(rows: Sequence[tuple[Problem, Samples | None]], **params: Any) -> list[Verdict]:
    verdicts = rip.judge(rows, rip.Params.model_validate(params), SCORED)
    assert [v.problem for v in verdicts] == [problem.id for problem, _ in rows]
    return verdicts


def kept(rows: Sequence[tuple[Problem, Samples | None]], **params: Any) -> list[int]:
    return [number for number, verdict in enumerate(judge(rows, **params)) if verdict.keep]


ROWS = [
    row(0, [(0.9, 50), (0.2, 40), (0.5, 10)]),  # worst 0.2, 40 characters, gap 0.7
    row(1, [(0.6, 20), (0.4, 30), (None, 1)]),  # worst 0.4, 30, gap 0.2
    row(2, [(0.3, 99), (0.3, 60)]),  # worst 0.3, the first of two: 99, gap 0
    row(3, [(1.5, 10), (-0.5, 80), (0.1, 5)]),  # worst -0.5, 80, gap 2
]


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        ({"min_rejected_reward": 0.3}, [1, 2]),
        ({"min_rejected_reward": -0.5}, [0, 1, 2, 3]),
        ({"min_rejected_length": 40}, [0, 2, 3]),
        ({"max_gap": 0.2}, [1, 2]),
        ({"max_gap": 0}, [2]),
        ({"min_rejected_reward": 0.3, "min_rejected_length": 31, "max_gap": 1}, [2]),
        ({"min_rejected_reward": {"quantile": 0.5}}, [1, 2]),
        ({"min_rejected_reward": {"quantile": 0.25}}, [0, 1, 2]),
        ({"min_rejected_reward": {"quantile": 0.2}}, [0, 1, 2, 3]),
        ({"min_rejected_length": {"quantile": 0.5}}, [2, 3]),
        ({"max_gap": {"quantile": 0.5}}, [1, 2]),
        ({"max_gap": {"quantile": 0.75}}, [0, 1, 2]),
        ({"min_rejected_reward": {"quantile": 0.5}, "min_rejected_length": {"quantile": 0.5}}, [2]),
    ],
)
def test_bounds(bounds: dict[str, Any], left: list[int]) -> None:
    assert kept(ROWS, **bounds) == left


def test_each_verdict_has_its_numbers_and_the_bounds() -> None:
    first, *_, last = judge(ROWS, min_rejected_reward={"quantile": 0.5}, max_gap=1.0)
    bounds = {"min_rejected_reward": 0.3, "max_gap": 1.0}
    assert first.figures == {"rejected_reward": 0.2, "rejected_length": 40, "gap": pytest.approx(0.7), **bounds}
    assert (first.keep, first.reason) == (False, "the worst response scores too low")
    assert last.figures == {"rejected_reward": -0.5, "rejected_length": 80, "gap": 2.0, **bounds}
    assert [v.reason for v in judge(ROWS, max_gap=1)][-1] == "the best and the worst response are too far apart"
    assert [v.reason for v in judge(ROWS, min_rejected_length=50)][:2] == ["the worst response is too short"] * 2
    assert judge(ROWS, max_gap=9)[0].reason == "good to its worst"


@pytest.mark.parametrize("scores", [[], [(0.5, 9)], [(0.5, 9), (None, 9)], [(None, 9)] * 8])
def test_one_response_tells_nothing(scores: Scores) -> None:
    """And has no part in the quantiles."""
    *others, verdict = judge([*ROWS, row(4, scores)], min_rejected_reward={"quantile": 0.5})
    assert (verdict.keep, verdict.reason, verdict.figures) == (False, "fewer than two scored responses", {})
    assert [v.keep for v in others] == [False, True, True, False]


def test_the_rule_of_cot_self_instruct() -> None:
    """The score of a prompt is the lowest of K rewards; the bottom quantile goes: a quarter of 5,000 is 1,250."""
    random = Random(5)
    rows = [row(n, [(random.gauss(0, 1), 10) for _ in range(8)]) for n in range(5000)]
    lowest = {n: min(r.reward or 0 for r in samples.responses) for n, (_, samples) in enumerate(rows)}
    order = sorted(lowest, key=lowest.__getitem__)
    for quantile, dropped in ((0.25, 1250), (0.5, 2500)):
        assert kept(rows, min_rejected_reward={"quantile": quantile}) == sorted(order[dropped:])


@pytest.mark.parametrize(
    ("rewards", "quantile", "left"),
    [
        ([1, 2, 2, 2], 0.5, 3),  # the bound is 2, and all that equal it stay
        ([1, 1, 1, 2], 0.5, 4),
        ([1, 1, 2, 2], 0.5, 2),
        ([5, 5, 5, 5], 0.9, 4),
        (list(range(100)), 0.29, 71),  # 0.29 * 100 is 28.999… in floating point
        (list(range(100)), 0.57, 43),
        ([1], 0.99, 1),
    ],
)
def test_ties_at_a_quantile(rewards: list[float], quantile: float, left: int) -> None:
    rows = [row(n, [(reward, 9), (reward + 1, 9)]) for n, reward in enumerate(rewards)]
    assert len(kept(rows, min_rejected_reward={"quantile": quantile})) == left
    gaps = [row(n, [(0, 9), (max(rewards) - reward, 9)]) for n, reward in enumerate(rewards)]
    highest = float(f"{1 - quantile:.2f}")
    assert len(kept(gaps, max_gap={"quantile": highest})) == left, "the same, seen from above"


def test_quantiles_of_each_category() -> None:
    rows = [row(n, [(n, 9), (n + 1, 9)], category) for n, category in enumerate(["verse"] * 4 + ["code"] * 2 + [None])]
    quantile = {"min_rejected_reward": {"quantile": 0.5}}
    assert kept(rows, **quantile) == [3, 4, 5, 6]
    assert kept(rows, **quantile, per_category=True) == [2, 3, 5, 6]
    bounds = [v.figures["min_rejected_reward"] for v in judge(rows, **quantile, per_category=True)]
    assert bounds == [2, 2, 2, 2, 5, 5, 6]


def test_no_rewards() -> None:
    with pytest.raises(RecipeError, match="filter rip goes by rewards, and there are none"):
        rip.judge([], rip.Params(max_gap=1.0), Context([], {}))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "give at least one of min_rejected_reward, min_rejected_length, max_gap"),
        ({"max_gap": 1, "per_category": True}, "per_category is for quantiles"),
        ({"max_gap": {"quantile": 1}}, "less than 1"),
        ({"max_gap": -1}, "greater than or equal to 0"),
    ],
)
def test_bounds_that_make_no_sense(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rip.Params.model_validate(params)
