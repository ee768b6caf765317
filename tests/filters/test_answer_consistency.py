"""The written answer must win the vote, in whatever spelling."""

from collections.abc import Callable
from typing import Any

import pytest

from csi_train.errors import RecipeError
from csi_train.filters import Context, answer_consistency

WINS = "the majority is the written answer"
LOSES = "the majority is not the written answer"


@pytest.mark.parametrize(
    ("written", "cast", "reason"),
    [
        ("48", ["48", "48", "7", "48"], WINS),
        ("1/2", [r"\frac{1}{2}", "0.5", "3", None], WINS),
        ("48", ["48", None, None, None], WINS),
        ("48", ["7", "7", "48", "48"], LOSES),
        ("48", ["7", "7", "7", "48"], LOSES),
        ("48", [None, None, None, None], LOSES),
        (None, ["48", "48", "48", "48"], "no written answer"),
    ],
)
def test_reasons(written: str | None, cast: list[str | None], reason: str, judge_votes: Callable[..., Any]) -> None:
    verdict = judge_votes(answer_consistency, written, cast, k=4)
    assert (verdict.filter, verdict.reason, verdict.keep) == ("answer_consistency", reason, reason == WINS)


def test_figures_tell_the_vote(judge_votes: Callable[..., Any]) -> None:
    verdict = judge_votes(answer_consistency, "48", ["7", "48.0", None, "7", "3"], k=5)
    assert verdict.figures == {
        "k": 5,
        "seen": 5,
        "majority": "7",
        "top": 2,
        "second": 1,
        "right": 1,
        "none": 1,
    }


@pytest.mark.parametrize(("cast", "reason"), [(["48"] * 9, WINS), (["48"] + ["7"] * 9, LOSES), ([None] * 16, LOSES)])
def test_votes_left_out_are_not_missed(cast: list[str | None], reason: str, judge_votes: Callable[..., Any]) -> None:
    verdict = judge_votes(answer_consistency, "48", cast, k=16)
    assert (verdict.reason, verdict.figures["k"], verdict.figures["seen"]) == (reason, 16, len(cast))


def test_votes_ended_on_confidence_count_as_all(judge_votes: Callable[..., Any]) -> None:
    assert judge_votes(answer_consistency, "48", ["48"] * 5, k=16).reason == WINS
    assert judge_votes(answer_consistency, "48", ["7"] * 5 + ["48"], k=16).reason == LOSES


def test_nothing_was_sampled(problem: Callable[..., Any]) -> None:
    with pytest.raises(RecipeError, match=r"answer_consistency votes, and nothing was sampled\n.*`sample:` section"):
        answer_consistency.judge([(problem("How many eggs?"), None)], answer_consistency.Params(), Context([], {}))
