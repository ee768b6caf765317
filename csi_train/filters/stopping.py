"""When to stop sampling a problem: once no vote to come can change its verdict, or is likely to.

Adaptive-Consistency (arXiv 2305.11860) stops when its Beta rule says that the leader would stay ahead of the second
with endless votes. A verdict hangs on k votes, and often on less than who leads, so the rule is asked of the verdict
itself: with the same uniform prior, how many of the votes still to come go to the class that the verdict is about is
beta-binomial. The others may all go to its rival or all to nobody: a verdict is likely if it is so either way.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

from csi_train import parts
from csi_train.filters import answer_consistency
from csi_train.filters.votes import Votes, fewest_for_majority, majority_decided

MAJORITY = answer_consistency.Params()
"""That the largest class stays the largest is what this filter asks of the written answer's."""


def further(filters: Sequence[Any], label: str, votes: Votes, confidence: float = 1) -> int:
    """The least number of further votes that can settle a problem: 0 when no vote to come can change anything.

    `filters` are the Params of a recipe, `label` is its label. The voting filters are asked in order, as the filter
    stage asks them, up to the first that drops; a label that is voted or drawn must be settled as well. Nothing that
    votes settles nothing: then all k are wanted. With a confidence below 1, what is more likely than that is settled.
    """
    voting = [params for params in filters if hasattr(_module(params.type), "decide")]
    for params in voting:
        keep = verdict(params, votes, confidence)
        if keep is None:
            return fewest(params, votes, confidence)
        if not keep:
            return 0
    if label == "majority":
        return _fewest_for_majority(votes, confidence)
    return 0 if voting and label == "written" else votes.remaining


def verdict(params: Any, votes: Votes, confidence: float = 1) -> bool | None:
    """What a filter will say of all k votes; None where neither is certain, or more likely than the confidence."""
    exact: bool | None = _module(params.type).decide(votes, params)
    return _likely(params, _about(votes, _module(params.type).ABOUT), confidence) if exact is None else exact


def fewest(params: Any, votes: Votes, confidence: float = 1) -> int:
    """The least number of further votes after which `verdict` can answer: all alike, they tell most."""
    module = _module(params.type)
    return _sooner(params, _about(votes, module.ABOUT), confidence, module.fewest(votes, params))


def _fewest_for_majority(votes: Votes, confidence: float) -> int:
    if majority_decided(votes) or _likely(MAJORITY, _about(votes, "top"), confidence):
        return 0
    return _sooner(MAJORITY, _about(votes, "top"), confidence, fewest_for_majority(votes))


def _about(votes: Votes, name: str) -> Votes:
    """The votes as seen from one class, in the place of the right one: its best rival, and all others as nobody's."""
    size, rival = (votes.top, votes.second) if name == "top" else (votes.right or 0, max(votes.others, default=0))
    return Votes(votes.k, size, (rival,), votes.k - votes.remaining - size - rival)


def _grown(votes: Votes, own: int, rival: int, nobody: int) -> Votes:
    return Votes(votes.k, (votes.right or 0) + own, (votes.others[0] + rival,), votes.none + nobody)


def _sooner(params: Any, votes: Votes, confidence: float, certain: int) -> int:
    """How many votes, all alike, can bring a likely verdict; never more than can bring a certain one."""
    if confidence == 1:  # nothing is likely but what is certain: this is asked after every answer
        return certain
    ways = (
        (n, _grown(votes, *(n * (place == at) for at in range(3)))) for n in range(1, certain) for place in range(3)
    )
    return next((n for n, way in ways if _likely(params, way, confidence) is not None), certain)


@functools.cache
def _likely(params: Any, votes: Votes, confidence: float) -> bool | None:
    """The verdict that has more than this probability; None where neither has."""
    if confidence == 1:
        return None
    decide = _module(params.type).decide
    own, left, seen = votes.right or 0, votes.remaining, votes.k - votes.remaining
    worst = best = 0.0
    for more in range(left + 1):
        chance = math.comb(own + more, more) * math.comb(seen - own + left - more, left - more)
        ends = [decide(_grown(votes, more, *others), params) for others in ((left - more, 0), (0, left - more))]
        worst, best = worst + chance * all(ends), best + chance * any(ends)
    ways = math.comb(votes.k + 1, left)
    return True if worst / ways > confidence else False if best / ways < 1 - confidence else None


_module = functools.cache(functools.partial(parts.load, "filters"))
