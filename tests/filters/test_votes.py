"""The early stop is exact and tight: it answers as all K votes would, as soon as that is certain and never before."""

import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csi_train import parts
from csi_train.filters import answer_consistency, pass_rate, self_consistency
from csi_train.filters.votes import Votes, fewest_for_majority, majority_decided

WRITTEN = "42"
ANSWERS = (WRITTEN, "7", "9", "13", None)

Cast = tuple[str | None, ...]
Settled = Callable[[Votes, Cast], Any]

FILTERS = [
    answer_consistency.Params(),
    *(self_consistency.Params(min_share=share) for share in (0.0, 0.3, 0.5, 0.75, 0.99)),
    *(pass_rate.Params(min=a, max=b) for a, b in ((0.2, 0.8), (0.5, 0.5), (0.0, 0.4), (0.6, 1.0), (0.0, 1.0))),
]


def winner(cast: Cast) -> str | None:
    """The majority answer by its definition: nothing of the code under test."""
    ranked = [*Counter(a for a in cast if a is not None).most_common(2), (None, 0), (None, 0)]
    return ranked[0][0] if ranked[0][1] > ranked[1][1] else None


def keeps(params: Any, cast: Cast) -> bool:
    """What a filter says of all k votes, by its definition."""
    if params.type == "answer_consistency":
        return winner(cast) == WRITTEN
    if params.type == "self_consistency":
        return winner(cast) is not None and cast.count(winner(cast)) / len(cast) > params.min_share
    return bool(params.min <= cast.count(WRITTEN) / len(cast) <= params.max)


def decide(params: Any, votes: Votes) -> bool | None:
    return parts.load("filters", params.type).decide(votes, params)


def fewest(params: Any, votes: Votes) -> int:
    return parts.load("filters", params.type).fewest(votes, params)


def check_all_votes(k: int, outcome: Callable[[Cast], Any], settled: Settled, least: Callable[[Votes], int]) -> None:
    """`settled` gives a prefix's outcome exactly where all its completions share one, and `least` is the way to there.

    Every vote there can be is walked, in one order each: no outcome hangs on the order.
    """

    @cache
    def walk(cast: Cast) -> tuple[set[Any], int]:
        if len(cast) == k:
            outcomes, distance = {outcome(cast)}, 0
        else:
            below = [walk(tuple(sorted((*cast, answer), key=str))) for answer in ANSWERS]
            outcomes = set().union(*(found for found, _ in below))
            distance = 0 if len(outcomes) == 1 else 1 + min(steps for _, steps in below)
        votes = Votes.of(cast, k, WRITTEN)
        assert votes.remaining == k - len(cast)
        assert settled(votes, cast) == (outcomes.copy().pop() if len(outcomes) == 1 else None), cast
        if distance:
            assert least(votes) == distance, cast
        return outcomes, distance

    walk(())


@pytest.mark.parametrize("k", [5, 7, 8, 10])
@pytest.mark.parametrize("params", FILTERS, ids=str)
def test_a_filter_decides_as_soon_as_it_is_certain(params: Any, k: int) -> None:
    check_all_votes(k, lambda c: keeps(params, c), lambda v, _: decide(params, v), lambda v: fewest(params, v))


@pytest.mark.parametrize("k", [1, 2, 7, 8, 10])
def test_a_majority_is_decided_as_soon_as_it_is_certain(k: int) -> None:
    def settled(votes: Votes, cast: Cast) -> tuple[str | None] | None:
        return (winner(cast),) if majority_decided(votes) else None

    check_all_votes(k, lambda cast: (winner(cast),), settled, fewest_for_majority)


@pytest.mark.parametrize("params", FILTERS, ids=str)
@settings(max_examples=40, deadline=None)
@given(st.integers(1, 64), st.randoms(use_true_random=False))
def test_long_votes(params: Any, k: int, rng: random.Random) -> None:
    weights = [rng.random() ** 3 for _ in ANSWERS]
    cast = tuple(rng.choices(ANSWERS, weights, k=k))
    verdicts = [decide(params, Votes.of(cast[:seen], k, WRITTEN)) for seen in range(k + 1)]
    stop = next(seen for seen, verdict in enumerate(verdicts) if verdict is not None)
    assert set(verdicts[stop:]) == {keeps(params, cast)}
    assert all(1 <= fewest(params, Votes.of(cast[:seen], k, WRITTEN)) <= stop - seen for seen in range(stop))


def test_equal_answers_in_other_spellings_are_one_class() -> None:
    votes = Votes.of(["0.5", r"\frac{1}{2}", None, "3", "1/2", "3.0"], 8, r"\frac12")
    assert votes == Votes(k=8, right=3, others=(2,), none=1)
    assert (votes.top, votes.second, votes.remaining) == (3, 2, 2)


def test_without_a_written_answer_nothing_is_right() -> None:
    assert Votes.of(["3", None, "4", "3"], 4, None) == Votes(k=4, right=None, others=(2, 1), none=1)


AMBIGUOUS = ("5", "5 cm", "5 m", r"5\%", "0.05", "5.0", "7", None)
"""Answers whose classes depend on who else votes: 5 stands with 5 cm, until 5 m is there too."""


@pytest.mark.parametrize("params", FILTERS, ids=str)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(AMBIGUOUS), min_size=1, max_size=9), st.sampled_from(AMBIGUOUS[:-1]))
def test_no_later_vote_turns_an_early_verdict_even_where_it_parts_classes(
    params: Any, cast: list[str | None], written: str
) -> None:
    k = len(cast)
    full = decide(params, Votes.of(cast, k, written))
    assert full is not None
    assert {decide(params, Votes.of(cast[:seen], k, written)) for seen in range(k)} <= {full, None}
    assert majority_decided(Votes.of(cast, k, written))


def test_a_vote_that_may_still_leave_its_class_is_not_counted_yet() -> None:
    """Three of five stand with the written 5, but two of them only while nobody votes 5 m."""
    assert Votes.of(["5", "5 cm", "5 cm", "7"], 5, "5") == Votes(k=5, right=1, others=(1,))
    assert Votes.of(["5", "5 cm", "5 cm", "7", "7"], 5, "5") == Votes(k=5, right=3, others=(2,))
    assert Votes.of(["5", "5 cm", "5 cm", "7", "5 m"], 5, "5") == Votes(k=5, right=1, others=(2, 1, 1))
