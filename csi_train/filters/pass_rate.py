"""Pass rate: the share of the K sampled answers equal to the written one must lie in [min, max].

Problems that the sampling model always or never solves teach GRPO nothing: their group of rewards has no variance.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from csi_train.filters import Context, Rows
from csi_train.filters.votes import Votes, verdicts
from csi_train.parts import Strict
from csi_train.records import Verdict

Share = Annotated[float, Field(ge=0, le=1)]

ABOUT = "right"


class Params(Strict):
    """`min` and `max`: the bounds, both inclusive."""

    type: Literal["pass_rate"] = "pass_rate"
    min: Share
    max: Share

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is above max ({self.max})")
        return self


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Keep the problems of the wanted difficulty; raises RecipeError where nothing was sampled."""
    return verdicts(rows, params, decide, _why)


def decide(votes: Votes, params: Params) -> bool | None:
    """Whether the count of right answers ends in the band; None while the votes to come can bring either."""
    if votes.right is None:
        return False
    low, high = _band(votes.k, params)
    least, most = votes.right, votes.right + votes.remaining
    if max(least, low) > min(most, high):
        return False
    return True if low <= least and most <= high else None


def fewest(votes: Votes, params: Params) -> int:
    """The least number of further votes that can decide: enough right and wrong ones, or too many of either."""
    low, high = _band(votes.k, params)
    least = votes.right or 0
    most = least + votes.remaining
    inside = max(0, low - least) + max(0, most - high)
    return min(inside, high + 1 - least, most + 1 - low)


def _band(k: int, params: Params) -> tuple[int, int]:
    """The least and the greatest count of right answers whose share of k lies in the bounds."""
    low = next(count for count in range(k + 1) if count / k >= params.min)
    high = next(count for count in range(k, -1, -1) if count / k <= params.max)
    return low, high


def _why(votes: Votes, params: Params) -> str:
    if votes.right is None:
        return "no written answer"
    if decide(votes, params):
        return "of the wanted difficulty"
    low, high = _band(votes.k, params)
    if low > high:
        return f"no count of {votes.k} lies in the bounds"
    return "too hard" if votes.right + votes.remaining < low else "too easy"
