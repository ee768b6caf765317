"""Benchmark questions go, whole or in large part, with the span shown; a set phrase in common is no crime."""

from collections.abc import Callable
from typing import Any

import pytest

from csi_train.errors import RecipeError
from csi_train.filters import decontaminate

STEVE = (
    'Steve says to Jon, "I am thinking of a polynomial whose roots are all positive integers. The polynomial has the '
    "form $P(x) = 2x^3-2ax^2+(a^2-81)x-c$ for some positive integers $a$ and $c$. Can you tell me the values of both?"
)
COPRIME = (
    r"The area is $\frac{m}{n}$, where $m$ and $n$ are relatively prime positive integers. Find $m + n$, given that {}."
)
BENCHMARKS = {
    "csi_math500": [
        STEVE,
        COPRIME.replace("{}", "the sides of the triangle are 13, 14 and 15 and its angles are acute"),
    ],
    "csi_word_problems": ["A pool has 120 gallons of water and a hose adds 15 gallons each hour.", "Simplify $4!$."],
}


def judge_one(judge_text: Callable[..., Any], question: str, **params: Any) -> Any:
    (verdict,) = judge_text(decontaminate, [question], benchmarks=BENCHMARKS, **params)
    assert verdict.reason == ("not in a benchmark" if verdict.keep else "in a benchmark")
    return verdict


def test_a_copy_in_other_typography(judge_text: Callable[..., Any]) -> None:
    verdict = judge_one(judge_text, STEVE.upper().replace(",", "").replace("$", ""))
    assert not verdict.keep
    assert verdict.figures["benchmark"] == "csi_math500"
    assert verdict.figures["overlap"] == 1.0
    assert verdict.figures["span"].startswith("steve says to jon i am thinking of a polynomial")
    assert verdict.figures["question"] == STEVE[:300]


def test_a_question_inside_a_longer_one(judge_text: Callable[..., Any]) -> None:
    verdict = judge_one(
        judge_text, f"Here is a riddle for a rainy day. {BENCHMARKS['csi_word_problems'][0]} When is it full?"
    )
    assert not verdict.keep
    assert verdict.figures["span"] == "a pool has 120 gallons of water and a hose adds 15 gallons each hour"


def test_half_of_a_question(judge_text: Callable[..., Any]) -> None:
    """8 of 15 words are enough, 8 of 15 with min_overlap 0.6 are not."""
    question = "A pool has 120 gallons of water and nobody swims in it. How many buckets is that?"
    verdict = judge_one(judge_text, question)
    assert (verdict.keep, verdict.figures["overlap"], verdict.figures["span"]) == (
        False,
        8 / 15,
        "a pool has 120 gallons of water and",
    )
    assert judge_one(judge_text, question, min_overlap=0.6).keep


def test_a_set_phrase_stays_and_is_shown(judge_text: Callable[..., Any]) -> None:
    verdict = judge_one(judge_text, COPRIME.replace("{}", "two dice show the same number"), min_overlap=0.8)
    assert verdict.keep
    assert "m and n are relatively prime positive integers" in verdict.figures["span"]


def test_a_short_question_must_be_the_same(judge_text: Callable[..., Any]) -> None:
    assert not judge_one(judge_text, "simplify 4").keep
    assert judge_one(judge_text, "Simplify $4! + 5$.").keep


def test_a_new_question_shares_nothing(judge_text: Callable[..., Any]) -> None:
    verdict = judge_one(judge_text, "Half of the 46 lamps in a hall are on. How many lamps are off?")
    assert (verdict.keep, verdict.figures) == (True, {})


def test_shorter_runs_find_more(judge_text: Callable[..., Any]) -> None:
    question = "Her pool has 120 gallons of water, and every hose adds 15 gallons each hour."
    assert judge_one(judge_text, question).keep
    assert not judge_one(judge_text, question, ngram=4).keep


def test_the_longest_span_is_shown(judge_text: Callable[..., Any]) -> None:
    """Runs of 7 and of 5 of the 15 words."""
    verdict = judge_one(judge_text, "A pool has 120 gallons of water; a hose adds 15 gallons.", ngram=4)
    assert (verdict.figures["span"], verdict.figures["overlap"]) == ("a pool has 120 gallons of water", 0.8)


def test_the_question_covered_most_is_named(judge_text: Callable[..., Any]) -> None:
    both = f"{STEVE[:60]} {BENCHMARKS['csi_word_problems'][0]}"
    assert judge_one(judge_text, both).figures["benchmark"] == "csi_word_problems"


def test_a_recipe_that_evaluates_nothing(judge_text: Callable[..., Any]) -> None:
    with pytest.raises(RecipeError, match=r"no benchmark to compare with\n.*evaluate.tasks"):
        judge_text(decontaminate, [STEVE])
