"""Copies of a seed go, with other numbers too; new problems of the same kind stay."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csi_train.errors import RecipeError
from csi_train.filters import novelty
from csi_train.filters.text import rouge_l
from csi_train.records import Seed

ROOT = Path(__file__).parents[2]

SEEDS = [
    Seed(id="seed-eggs", question="A carton holds 12 eggs. How many eggs are in 4 cartons?"),
    Seed(
        id="seed-pool",
        question="A pool has 120 gallons of water. A hose adds 15 gallons an hour. How full is it after 4 hours?",
    ),
    Seed(id="seed-poly", question=r"Let $f(x) = x^2 + 3x - 4$. Find all real numbers $a$ with $f(a) = 0$."),
]


def questions_of(path: str) -> list[str]:
    return [json.loads(line)["question"] for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("question", "reason", "nearest"),
    [
        ("a carton holds 12 EGGS -- how many eggs, are in 4 cartons", "near-copy of a seed", "seed-eggs"),
        ("A carton holds 12 eggs; how many eggs are in 4 cartons?", "copy of a seed", "seed-eggs"),
        ("A carton holds 18 eggs. How many eggs are in 7 cartons?", "near-copy of a seed", "seed-eggs"),
        ("A carton holds 12 eggs. How many eggs are in 4 big cartons?", "near-copy of a seed", "seed-eggs"),
        (r"Let $f(x) = x^2 + 3x - 4$. Find all real numbers $b$ with $f(b) = 0$.", "near-copy of a seed", "seed-poly"),
        ("A carton of 12 eggs costs 3 dollars. What does one egg cost, in cents?", "new", "seed-eggs"),
        ("A tank has 80 liters of oil. A pump takes out 11 liters a minute. When is it empty?", "new", "seed-pool"),
    ],
)
def test_reason_and_nearest_seed(question: str, reason: str, nearest: str, judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(novelty, [question], SEEDS)
    assert (verdict.reason, verdict.keep, verdict.figures["seed"]) == (reason, reason == "new", nearest)
    assert (verdict.figures["similarity"] >= 0.7) == (reason != "new")


def test_threshold(judge_text: Callable[..., Any]) -> None:
    question = "A carton holds 12 eggs. How many eggs are in 4 big cartons?"
    (verdict,) = judge_text(novelty, [question], SEEDS, threshold=1.0)
    assert (verdict.reason, verdict.figures["similarity"]) == ("new", 0.96)


def test_the_nearest_seed_is_the_nearest_of_all(judge_text: Callable[..., Any]) -> None:
    """The bounds that skip most comparisons skip no better one."""
    seeds = [Seed(id=f"seed-{n}", question=q) for n, q in enumerate(questions_of("seeds/word_problems.jsonl"))]
    held_out = questions_of("evals/data/word_problems_test.jsonl")
    verdicts = judge_text(novelty, held_out, seeds)
    masked = [novelty.masked(novelty.tokens(seed.question)) for seed in seeds]
    for question, verdict in zip(held_out, verdicts, strict=True):
        best = max(rouge_l(novelty.masked(novelty.tokens(question)), words) for words in masked)
        assert verdict.figures["similarity"] == round(best, 3)


def test_problems_that_people_wrote_apart_are_new(judge_text: Callable[..., Any]) -> None:
    """The docstring's figure: at 0.7 none of our own questions is a near-copy of another."""
    files = ("seeds/{}.jsonl", "evals/data/{}_test.jsonl")
    sets = [file.format(name) for name in ("word_problems", "one_step_problems") for file in files]
    own = [question for path in sets for question in questions_of(path)]
    seeds = [Seed(id=q, question=q) for q in own]
    for number, question in enumerate(own):
        (verdict,) = judge_text(novelty, [question], seeds[:number] + seeds[number + 1 :])
        assert verdict.keep, verdict


def test_nothing_to_compare_with(judge_text: Callable[..., Any]) -> None:
    with pytest.raises(RecipeError, match="no seeds to compare with"):
        judge_text(novelty, ["How many eggs are in 4 cartons?"])


def test_no_words_at_all(judge_text: Callable[..., Any]) -> None:
    (verdict,) = judge_text(novelty, ["…?!"], [Seed(id="seed-x", question="???"), *SEEDS])
    assert verdict.figures["similarity"] == 0
