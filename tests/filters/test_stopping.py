"""How many further votes a problem needs: exactly, in the recipe's order; on confidence, as rarely wrong as said."""

import random
from typing import Any

import pytest

from csi_train import parts
from csi_train.filters import answer_consistency, pass_rate, self_consistency
from csi_train.filters.stopping import fewest, further, verdict
from csi_train.filters.votes import Votes

AGREE, SURE = answer_consistency.Params(), self_consistency.Params()


@pytest.mark.parametrize(
    ("filters", "label", "votes", "expected"),
    [
        ([AGREE], "written", Votes(k=16), 0),
        ([AGREE], "written", Votes(k=16, right=0), 8),
        ([AGREE], "written", Votes(k=16, right=9, others=(1,)), 0),
        ([AGREE], "written", Votes(k=16, right=1, others=(9,)), 0),
        ([SURE, AGREE], "written", Votes(k=16, right=0, others=(8,)), 1),
        ([SURE, AGREE], "written", Votes(k=16, right=7, others=(1,)), 2),
        ([AGREE], "majority", Votes(k=16, right=9, others=(1,)), 0),
        ([], "majority", Votes(k=16, right=9, others=(1,)), 0),
        ([], "majority", Votes(k=16, right=7, others=(5,)), 2),
        ([pass_rate.Params(min=0, max=1)], "majority", Votes(k=16, right=0, others=(7, 5)), 2),
        ([AGREE], "random", Votes(k=16, right=9, others=(1,)), 6),
        ([AGREE], "random", Votes(k=16, right=1, others=(9,)), 0),
        ([], "written", Votes(k=16, right=9, others=(1,)), 6),
    ],
)
def test_further_votes_a_problem_needs(filters: list[Any], label: str, votes: Votes, expected: int) -> None:
    """In the order of the recipe: a later filter is not asked before those above it have decided to keep."""
    assert further(filters, label, votes) == expected


def test_on_confidence_by_hand() -> None:
    """5 of 5 right: at most 3 of the 11 to come must be for the rival to win, C(9, 6) / C(17, 6) = 0.0068. Of four,
    C(9, 5) / C(17, 5) = 0.0204. Three of 11 others in a row of 5, beside a class of 2: 5 · 4 · 3 / (17 · 16 · 15)."""
    assert verdict(AGREE, Votes(k=16, right=5), 0.99) is True
    assert verdict(AGREE, Votes(k=16, right=4), 0.99) is None
    assert verdict(AGREE, Votes(k=16, right=4), 0.97) is True
    assert verdict(AGREE, Votes(k=16, right=0, others=(2,) + (1,) * 9), 0.98) is False
    assert verdict(AGREE, Votes(k=16, right=0, others=(2,) + (1,) * 9), 0.99) is None
    assert [fewest(AGREE, Votes(k=16, right=n), 0.99) for n in range(5)] == [5, 4, 3, 2, 1]
    assert further([], "majority", Votes(k=16, others=(5,)), 0.99) == 0
    assert further([], "majority", Votes(k=16, others=(4,)), 0.99) == 1
    assert further([AGREE], "random", Votes(k=16, right=9), 0.99) == 7


PARAMS = [AGREE, SURE, self_consistency.Params(min_share=0.75), pass_rate.Params(min=0.25, max=0.75)]


def least_chance(params: Any, votes: Votes) -> float:
    """The probability of `keep`, wherever the others go, if each further vote goes to the class that it is about with
    (its votes + 1) in (all votes + 2): by walking every way."""
    top = params.type == "self_consistency"
    first, second = (votes.top, votes.second) if top else (votes.right or 0, max(votes.others, default=0))

    def kept(own: int, rival: int) -> bool:
        filled = Votes(votes.k, own, (rival,), votes.k - own - rival)
        return bool(parts.load("filters", params.type).decide(filled, params))

    def walk(own: int, left: int) -> float:
        if left == 0:
            return float(kept(own, second + votes.remaining - (own - first)) and kept(own, second))
        share = (own + 1) / (votes.k - left + 2)
        return share * walk(own + 1, left - 1) + (1 - share) * walk(own, left - 1)

    return walk(first, votes.remaining)


@pytest.mark.parametrize("params", PARAMS, ids=str)
def test_likely_is_what_the_urn_says(params: Any) -> None:
    rng, likely = random.Random(0), 0
    for _ in range(200):
        votes = Votes(12, rng.randrange(5), (rng.randrange(4), rng.randrange(2)), rng.randrange(2))
        confidence = rng.uniform(0.6, 0.99)
        if parts.load("filters", params.type).decide(votes, params) is None:
            chance = least_chance(params, votes)
            assert (verdict(params, votes, confidence) is True) == (chance > confidence)
            likely += chance > confidence
    assert likely


@pytest.mark.parametrize("params", PARAMS, ids=str)
def test_few_verdicts_differ_and_votes_are_saved(params: Any) -> None:
    """Of 400 votes from concentrated to scattered, at 0.95: at most one in twenty, and fewer answers than exactly."""
    rng = random.Random(1)
    agreed = seen = certain = 0
    for _ in range(400):
        cast = rng.choices("12345", [rng.gammavariate(0.5, 1) for _ in range(5)], k=16)
        votes = [Votes.of(cast[:n], 16, "1") for n in range(17)]
        full = verdict(params, votes[16])
        stop, early = next((n, said) for n in range(17) if (said := verdict(params, votes[n], 0.95)) is not None)
        agreed, seen = agreed + (early == full), seen + stop
        certain += next(n for n in range(17) if verdict(params, votes[n]) is not None)
    assert agreed >= 0.95 * 400
    assert seen < certain
