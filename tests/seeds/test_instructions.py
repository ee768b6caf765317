"""The instructions and pairs are balanced, short and all different, and length does not give the label away."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTRUCTIONS = [ROOT / "seeds/instructions.jsonl", ROOT / "evals/data/instructions_test.jsonl"]
PREFERENCES = [ROOT / "seeds/preferences.jsonl", ROOT / "evals/data/preferences_test.jsonl"]
SETS = INSTRUCTIONS + PREFERENCES
COUNTS = {"instructions": 96, "instructions_test": 64, "preferences": 240, "preferences_test": 64}

CATEGORIES = {
    "Writing & Storytelling",
    "Technical & Programming",
    "Creative & Design",
    "Data & Analysis",
    "Education & Research",
    "Communication & Support",
    "Business & Marketing",
    "Miscellaneous",
}
FAILURES = {"ignores_constraint", "off_topic", "wrong", "repeats", "cut_short", "rambles", "refuses", "echoes"}

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def ngrams(text: str, n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words(text)[i:] for i in range(n)), strict=False))


def loops(text: str) -> bool:
    return max(Counter(ngrams(text, 5)).values(), default=0) > 1


def pairs_failing(failure: str) -> list[Row]:
    return [row for path in PREFERENCES for row in rows_of(path) if row["failure"] == failure]


@pytest.fixture(params=SETS, ids=[path.stem for path in SETS])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(params=PREFERENCES, ids=[path.stem for path in PREFERENCES])
def pairs(request: pytest.FixtureRequest) -> list[Row]:
    return rows_of(request.param)


def test_card_matches_file(path: Path) -> None:
    card = json.loads(path.with_suffix(".card.json").read_text(encoding="utf-8"))
    assert card["file"] == path.name
    assert card["licence"] == "Apache-2.0"
    assert card["count"] == len(rows_of(path)) == COUNTS[path.stem]
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_fields(path: Path) -> None:
    fields = {"instruction", "category"} | ({"chosen", "rejected", "failure"} if path in PREFERENCES else set())
    for row in rows_of(path):
        assert set(row) == fields
        assert all(text and text == text.strip() for text in row.values()), row


def test_every_eight_rows_hold_each_category_once(path: Path) -> None:
    rows = rows_of(path)
    for start in range(0, len(rows), len(CATEGORIES)):
        assert {row["category"] for row in rows[start : start + len(CATEGORIES)]} == CATEGORIES


def test_instructions_are_short(path: Path) -> None:
    assert all(3 <= len(row["instruction"].split()) <= 60 for row in rows_of(path))


def test_no_two_instructions_are_alike() -> None:
    instructions = [set(words(row["instruction"])) for path in SETS for row in rows_of(path)]
    for one, other in combinations(instructions, 2):
        assert len(one & other) <= 0.65 * len(one | other), one & other


def test_no_two_instructions_share_an_8_gram() -> None:
    seen: set[tuple[str, ...]] = set()
    for row in (row for path in SETS for row in rows_of(path)):
        grams = set(ngrams(row["instruction"], 8))
        assert not grams & seen, row
        seen |= grams


def test_no_answer_twice() -> None:
    answers = [row[side] for path in PREFERENCES for row in rows_of(path) for side in ("chosen", "rejected")]
    assert [answer for answer, count in Counter(answers).items() if count > 1] == []


def test_answers_are_short(pairs: list[Row]) -> None:
    for row in pairs:
        assert 20 <= len(row["chosen"].split()) <= 90, row
        assert len(row["rejected"].split()) <= 120, row


def test_failures_are_equally_frequent(pairs: list[Row]) -> None:
    assert Counter(row["failure"] for row in pairs) == dict.fromkeys(FAILURES, len(pairs) // len(FAILURES))


@pytest.mark.parametrize("unit", [len, lambda text: len(text.split())], ids=["characters", "words"])
def test_length_does_not_give_the_label_away(pairs: list[Row], unit: Callable[[str], int]) -> None:
    longer = sum(unit(row["chosen"]) > unit(row["rejected"]) for row in pairs)
    assert 0.4 <= longer / len(pairs) <= 0.6


def test_repeats_loop_and_good_answers_do_not(pairs: list[Row]) -> None:
    for row in pairs:
        assert not loops(row["chosen"]), row
        assert loops(row["rejected"]) or row["failure"] != "repeats", row


def test_echoes_consist_of_the_instruction() -> None:
    for row in pairs_failing("echoes"):
        own = set(words(row["instruction"]))
        assert sum(word in own for word in words(row["rejected"])) >= 0.5 * len(words(row["rejected"])), row


def test_cut_short_is_less_than_half_as_long() -> None:
    for row in pairs_failing("cut_short"):
        assert 2 * len(words(row["rejected"])) < len(words(row["chosen"])), row
