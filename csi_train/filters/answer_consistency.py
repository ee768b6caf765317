"""Answer-Consistency (arXiv 2507.23751): the majority of the K sampled answers must be the answer the generator wrote.

A tie has no majority, and a sample without an answer votes for nothing.
"""

from typing import Literal

from csi_train.filters import Context, Rows
from csi_train.filters.votes import Votes, lead, verdicts
from csi_train.parts import Strict
from csi_train.records import Verdict

ABOUT = "right"


class Params(Strict):
    """Nothing to set."""

    type: Literal["answer_consistency"] = "answer_consistency"


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Keep the problems whose written answer wins the vote; raises RecipeError where nothing was sampled."""
    return verdicts(rows, params, decide, _why)


def decide(votes: Votes, params: Params) -> bool | None:
    """Whether the written answer wins outright; None while the votes to come can bring either."""
    if votes.right is None or votes.right + votes.remaining <= _rival(votes):
        return False
    return True if votes.right > _rival(votes) + votes.remaining else None


def fewest(votes: Votes, params: Params) -> int:
    """The least number of further votes that can decide: all for the written answer, or all for its rival."""
    right = votes.right or 0
    wins = lead(right, _rival(votes), votes.remaining)
    loses = (right + votes.remaining - _rival(votes) + 1) // 2
    return min(wins, loses)


def _rival(votes: Votes) -> int:
    return max(votes.others, default=0)


def _why(votes: Votes, params: Params) -> str:
    if votes.right is None:
        return "no written answer"
    return "the majority is the written answer" if decide(votes, params) else "the majority is not the written answer"
