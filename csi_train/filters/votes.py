"""Counted votes, and when no further vote can change what they decide: what the sampler and the filters share.

A filter that votes (`answer_consistency`, `self_consistency`, `pass_rate`) is a module that has, besides `judge`,

    decide(votes, params) -> bool | None     keep, drop, or None: the votes still to come can bring either
    fewest(votes, params) -> int             the least number of further votes after which `decide` can answer
    ABOUT: "right" | "top"                   the class that the verdict is about: the written answer's, or the largest

`decide` and `fewest` are exact. The sampler asks them through `stopping.further`, the filter asks `decide` of the same
votes, so the two cannot disagree.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from csi_train import answers
from csi_train.errors import RecipeError
from csi_train.filters import Rows
from csi_train.records import Problem, Samples, Verdict


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes cast so far of `k`, counted by class of equal answers.

    `right` counts those equal to the written answer and is None where there is none; `others` holds the size of each
    other class; `none` counts the samples without an answer, which vote for nothing. A vote that others to come could
    part from its class (5 cm stands with 5 until somebody votes 5 m) counts as still to come itself.
    """

    k: int
    right: int | None = None
    others: tuple[int, ...] = ()
    none: int = 0

    @classmethod
    def of(cls, cast: Sequence[str | None], k: int, written: str | None) -> Self:
        """Count the answers cast so far, in index order; the written answer founds the first class."""
        found = answers.vote([written, *cast])
        groups = found.classes if len(cast) == k else _firm(found)
        if written is None:
            return cls(k, None, tuple(map(len, groups)), cast.count(None))
        first, *others = groups
        return cls(k, len(first) - 1, tuple(map(len, others)), cast.count(None))

    @property
    def remaining(self) -> int:
        """How many votes are still to come."""
        return self.k - (self.right or 0) - sum(self.others) - self.none

    @property
    def top(self) -> int:
        """The size of the largest class."""
        return self._sizes()[0]

    @property
    def second(self) -> int:
        """The size of the next one; equal to `top` in a tie."""
        return self._sizes()[1]

    def _sizes(self) -> list[int]:
        return sorted((*self.others, self.right or 0, 0, 0), reverse=True)


def _firm(found: answers.Vote) -> list[list[int]]:
    """Of each class the largest group that reads alike; of the first one the group of the written answer."""
    inside = ([group for group in found.alike if group[0] in members] for members in found.classes)
    return [max(groups, key=lambda group: (group[0] == 0, len(group))) for groups in inside]


def majority_decided(votes: Votes) -> bool:
    """Whether the winner of all k votes, or that there is none, is certain."""
    return votes.remaining == 0 or votes.top > votes.second + votes.remaining


def fewest_for_majority(votes: Votes) -> int:
    """The least number of further votes after which `majority_decided` can hold."""
    return 0 if majority_decided(votes) else lead(votes.top, votes.second, votes.remaining)


def lead(ahead: int, behind: int, remaining: int) -> int:
    """How many votes in a row take `ahead` out of the reach of `behind`, even with all that then remain."""
    return (behind + remaining - ahead) // 2 + 1


def verdicts(
    rows: Rows, params: Any, decide: Callable[[Votes, Any], bool | None], why: Callable[[Votes, Any], str]
) -> list[Verdict]:
    """What a voting filter decides about each row: `decide` of the votes seen, `why(votes, params)` as the reason.

    Votes that a sampler left out because they could change nothing are not missed. Where they could have (sampling
    ended on confidence), the votes seen count as all there are. Raises RecipeError where nothing was sampled.
    """
    return [_verdict(problem, samples, params, decide, why) for problem, samples in rows]


def _verdict(problem: Problem, samples: Samples | None, params: Any, decide: Any, why: Any) -> Verdict:
    if samples is None:
        raise RecipeError(f"filter {params.type} votes, and nothing was sampled", "give the recipe a `sample:` section")
    cast = cast_votes(samples)
    votes = Votes.of(cast, samples.k, problem.answer)
    keep = decide(votes, params)
    if keep is None:
        votes = Votes.of(cast, len(cast), problem.answer)
        keep = decide(votes, params)
    figures = {
        "k": samples.k,
        "seen": len(cast),
        "majority": answers.vote(cast).winner,
        "top": votes.top,
        "second": votes.second,
        "right": votes.right,
        "none": votes.none,
    }
    return Verdict(problem=problem.id, filter=params.type, keep=keep, reason=why(votes, params), figures=figures)


def cast_votes(samples: Samples) -> list[str | None]:
    """The answers sampled for one problem, in index order."""
    return [response.answer for response in sorted(samples.responses, key=lambda r: r.index)]
