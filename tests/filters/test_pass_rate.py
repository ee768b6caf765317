"""The share of right answers must lie in the band, its bounds included."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from csi_train.filters import pass_rate

INSIDE = "of the wanted difficulty"


@pytest.mark.parametrize(
    ("written", "right", "reason"),
    [
        ("48", 0, "too hard"),
        ("48", 1, "too hard"),
        ("48", 2, INSIDE),
        ("48", 8, INSIDE),
        ("48", 9, "too easy"),
        ("48", 10, "too easy"),
        (None, 5, "no written answer"),
    ],
)
def test_reasons(written: str | None, right: int, reason: str, judge_votes: Callable[..., Any]) -> None:
    cast = ["48.0"] * right + ["7", None, "9", "7", "7", "7", None, "9", "8", "6"][: 10 - right]
    verdict = judge_votes(pass_rate, written, cast, k=10, min=0.2, max=0.8)
    assert (verdict.filter, verdict.reason, verdict.keep) == ("pass_rate", reason, reason == INSIDE)


@pytest.mark.parametrize(
    ("cast", "reason"), [(["48"] * 13, "too easy"), (["7"] * 13, "too hard"), (["48"] * 4 + ["7"] * 4, INSIDE)]
)
def test_votes_left_out_are_not_missed(cast: list[str], reason: str, judge_votes: Callable[..., Any]) -> None:
    assert judge_votes(pass_rate, "48", cast, k=16, min=0.25, max=0.75).reason == reason


def test_a_band_between_two_counts_holds_nothing(judge_votes: Callable[..., Any]) -> None:
    verdict = judge_votes(pass_rate, "48", ["48", "48", "7", None], k=4, min=0.3, max=0.4)
    assert (verdict.keep, verdict.reason) == (False, "no count of 4 lies in the bounds")


def test_bounds_in_order() -> None:
    with pytest.raises(ValidationError, match=r"min \(0.8\) is above max \(0.2\)"):
        pass_rate.Params(min=0.8, max=0.2)
