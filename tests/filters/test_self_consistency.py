"""One answer must have more than its share of all K votes."""

from collections.abc import Callable
from typing import Any

import pytest

from csi_train.filters import self_consistency

AGREE = "the answers agree"
DIFFER = "no answer has a large enough majority"


@pytest.mark.parametrize(
    ("cast", "share", "reason"),
    [
        (["48", "48", "48", "7"], 0.5, AGREE),
        (["48", "48", "7", None], 0.5, DIFFER),
        (["0.5", "1/2", r"\frac12", "3"], 0.5, AGREE),
        (["48", "48", None, None], 0.4, AGREE),
        (["48", "48", "7", "7"], 0.4, DIFFER),
        (["48", None, None, None], 0.0, AGREE),
        ([None, None, None, None], 0.0, DIFFER),
        (["48", "48", "48", "48"], 0.99, AGREE),
        (["48", "48", "48", None], 0.75, DIFFER),
    ],
)
@pytest.mark.parametrize("written", [None, "48"])
def test_reasons(
    cast: list[str | None], share: float, reason: str, written: str | None, judge_votes: Callable[..., Any]
) -> None:
    """With a written answer or without: it has no vote."""
    verdict = judge_votes(self_consistency, written, cast, k=4, min_share=share)
    assert (verdict.filter, verdict.reason, verdict.keep) == ("self_consistency", reason, reason == AGREE)


def test_votes_left_out_are_not_missed(judge_votes: Callable[..., Any]) -> None:
    assert judge_votes(self_consistency, None, ["48"] * 9, k=16).reason == AGREE
    assert judge_votes(self_consistency, None, ["1", "2"] * 4 + [None], k=12).reason == DIFFER


def test_votes_ended_on_confidence_count_as_all(judge_votes: Callable[..., Any]) -> None:
    verdict = judge_votes(self_consistency, None, ["48"] * 6 + ["7"], k=64)
    assert (verdict.reason, verdict.figures["seen"], verdict.figures["k"]) == (AGREE, 7, 64)
