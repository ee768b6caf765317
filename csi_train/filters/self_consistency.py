"""Self-Consistency (arXiv 2507.23751): one answer must have more than `min_share` of the K votes.

The share counts over all K, samples without an answer included. A tie has no majority.
"""

from typing import Annotated, Literal

from pydantic import Field

from csi_train.filters import Context, Rows
from csi_train.filters.votes import Votes, lead, verdicts
from csi_train.parts import Strict
from csi_train.records import Verdict

ABOUT = "top"


class Params(Strict):
    """`min_share`: the share of the votes that the majority must exceed."""

    type: Literal["self_consistency"] = "self_consistency"
    min_share: Annotated[float, Field(ge=0, lt=1)] = 0.5


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Keep the problems whose sampled answers agree; raises RecipeError where nothing was sampled."""
    return verdicts(rows, params, decide, _why)


def decide(votes: Votes, params: Params) -> bool | None:
    """Whether the largest class is the majority and large enough; None while the votes to come can bring either."""
    need, within_reach = _need(votes.k, params), votes.top + votes.remaining
    if within_reach < need or within_reach <= votes.second:
        return False
    return True if votes.top >= need and votes.top > votes.second + votes.remaining else None


def fewest(votes: Votes, params: Params) -> int:
    """The least number of further votes that can decide: all for the largest class, or all for nothing."""
    need = _need(votes.k, params)
    wins = max(need - votes.top, lead(votes.top, votes.second, votes.remaining))
    loses = votes.top + votes.remaining - need + 1
    return min(wins, loses)


def _need(k: int, params: Params) -> int:
    """The least count whose share of k exceeds `min_share`."""
    return next(count for count in range(k + 1) if count / k > params.min_share)


def _why(votes: Votes, params: Params) -> str:
    return "the answers agree" if decide(votes, params) else "no answer has a large enough majority"
