"""Votes over classes of equal answers: ties, absent answers, and no dependence on order."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csi_train.answers import equivalent, vote

PAIRS = Path(__file__).parents[1] / "data/answer_pairs.jsonl"
WRITTEN = sorted({json.loads(line)[side] for line in PAIRS.read_text(encoding="utf-8").splitlines() for side in "ab"})
ALIKE = [
    "5",
    "5.0",
    "x = 5",
    "y = 5",
    "5 cm",
    "5 m",
    r"5\text{ m}",
    "5m",
    r"5\%",
    "0.05",
    r"\$5",
    "(A) 5",
    "A",
    "B",
    "5, 5",
    r"\{5\}",
]
answers = st.one_of(st.sampled_from(ALIKE), st.sampled_from(WRITTEN), st.text(max_size=30))


def test_spellings_of_one_answer_vote_together() -> None:
    result = vote(["1/2", "0.5", None, r"\frac{1}{2}", "2"])
    assert (result.winner, result.count, result.classes) == ("1/2", 3, [[0, 1, 3], [4]])


@pytest.mark.parametrize("ballot", [[], [None], [None, None, None]])
def test_no_answer_is_a_vote_for_nothing(ballot: list[None]) -> None:
    result = vote(ballot)
    assert (result.winner, result.count, result.classes) == (None, 0, [])


def test_a_tie_has_no_majority() -> None:
    result = vote(["1", "2", None, "2.0", "1.0", "3"])
    assert (result.winner, result.count, result.classes) == (None, 2, [[0, 4], [1, 3], [5]])


def test_a_missing_unit_does_not_split_the_vote() -> None:
    assert vote(["5 cm", "5", "5 centimeters"]).classes == [[0, 1, 2]]


def test_different_units_keep_a_bare_number_apart() -> None:
    assert vote(["5", "5 cm", "5 m"]).classes == [[0], [1], [2]]


def as_sets(ballot: Sequence[str | None]) -> set[frozenset[str]]:
    return {frozenset(str(ballot[index]) for index in group) for group in vote(ballot).classes}


@given(st.lists(st.one_of(st.none(), answers), max_size=12), st.randoms(use_true_random=False))
def test_classes_do_not_depend_on_order(ballot: list[str | None], rng: random.Random) -> None:
    shuffled = rng.sample(ballot, len(ballot))
    assert as_sets(ballot) == as_sets(shuffled)
    assert vote(ballot).count == vote(shuffled).count
    assert (vote(ballot).winner is None) == (vote(shuffled).winner is None)


@given(st.lists(st.one_of(st.none(), answers), max_size=12))
def test_every_answer_is_in_one_class_of_equal_answers(ballot: list[str | None]) -> None:
    result = vote(ballot)
    assert sorted(index for group in result.classes for index in group) == [
        i for i, a in enumerate(ballot) if a is not None
    ]
    assert [group[0] for group in result.classes] == sorted(group[0] for group in result.classes)
    for group in result.classes:
        assert all(equivalent(str(ballot[group[0]]), str(ballot[index])) for index in group)


@given(answers, answers)
def test_equivalence_is_symmetric(a: str, b: str) -> None:
    assert equivalent(a, b) == equivalent(b, a)


@given(answers)
def test_an_answer_equals_itself(a: str) -> None:
    assert equivalent(a, a)
    assert equivalent(a, f" {a} ")
