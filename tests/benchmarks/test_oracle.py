"""The oracle of the sampling benchmark is right: no part of the votes that it did not find decides for less."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.oracle import Vote, cheapest
from csi_train.filters import answer_consistency
from csi_train.filters.votes import Votes

VOTE = st.tuples(st.sampled_from([0, 0, 1, 2, None]), st.integers(1, 30))


def decided(part: tuple[Vote, ...], k: int) -> bool:
    numbers = [number for number, _ in part]
    others = tuple(numbers.count(n) for n in (1, 2) if n in numbers)
    votes = Votes(k, numbers.count(0), others, numbers.count(None))
    return answer_consistency.decide(votes, answer_consistency.Params()) is not None


@given(st.lists(VOTE, min_size=1, max_size=8))
def test_no_part_of_the_votes_decides_for_less(votes: list[Vote]) -> None:
    parts = (part for size in range(len(votes) + 1) for part in combinations(votes, size))
    costs = [sum(tokens for _, tokens in part) for part in parts if decided(part, len(votes))]
    assert cheapest(votes) == min(costs)


@pytest.mark.parametrize(
    ("votes", "tokens"),
    [
        ([(0, 5)] * 4, 15),  # three of four are enough
        ([(1, 5)] * 4, 10),  # two of four, and the written answer can only tie
        ([(0, 9), (0, 1), (0, 2), (1, 1)], 12),
        ([(None, 7)] * 3, 21),
    ],
)
def test_by_hand(votes: list[Vote], tokens: int) -> None:
    assert cheapest(votes) == tokens
