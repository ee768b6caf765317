"""Tokens keep what makes two questions different, and the measures agree with plain versions of themselves."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csi_train.filters.text import grams, jaccard, masked, rouge_l, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How many eggs, Anna?", "how many eggs anna"),
        (r"Let $x_1 + 2 \le 5$.", "let x 1 + 2 le 5"),
        ("It's “half” of 3.5—nearly!", "it s half of 3 5 nearly"),
        ("2x is 15cm or a 3rd", "2 x is 15 cm or a 3 rd"),
        ("STRASSE straße", "strasse strasse"),
        ("Wie groß ist √2 × 3 ≤ 5?", "wie gross ist √ 2 × 3 ≤ 5"),
        ("", ""),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    assert " ".join(tokens(text)) == expected


def test_a_sign_makes_another_question() -> None:
    assert tokens("Solve $x + 1 = 3$.") != tokens("Solve $x - 1 = 3$.")


def test_masked_numbers() -> None:
    assert masked(tokens("Solve 12x + 7 = 3y2 for x")) == tokens("Solve 0x + 0 = 0y0 for x")


def test_grams_of_a_short_text_are_the_text() -> None:
    assert grams(("a", "b", "c"), 2) == [("a", "b"), ("b", "c")]
    assert grams(("a", "b"), 3) == [("a", "b")]


def test_jaccard() -> None:
    assert jaccard({("a",), ("b",), ("c",)}, {("b",), ("c",), ("d",)}) == 0.5


def plain_rouge_l(a: list[str], b: list[str]) -> float:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return 2 * table[-1][-1] / (len(a) + len(b)) if a or b else 0.0


@given(st.lists(st.sampled_from("abcde"), max_size=80), st.lists(st.sampled_from("abcdef"), max_size=80))
def test_rouge_l_is_the_textbook_one(a: list[str], b: list[str]) -> None:
    assert rouge_l(tuple(a), tuple(b)) == plain_rouge_l(a, b)


def test_rouge_l_agrees_with_the_rouge_score_library() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    scorer, rng = RougeScorer(["rougeL"]), random.Random(5)
    words = ["eggs", "pool", "how", "many", "are", "left", "12", "7"]
    for _ in range(50):
        a, b = (" ".join(rng.choices(words, k=rng.randint(3, 30))) for _ in range(2))
        assert rouge_l(tokens(a), tokens(b)) == pytest.approx(scorer.score(a, b)["rougeL"].fmeasure)
