"""The word problems are right, plain, all different, and the held-out ones are not the seeds in disguise."""

import hashlib
import json
import operator
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds/word_problems.jsonl"
HELD_OUT = ROOT / "evals/data/word_problems_test.jsonl"

OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
EQUATION = re.compile(r"(\d+) ([-+*/]) (\d+) = (\d+)")

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def equations(row: Row) -> list[tuple[str, str, str, str]]:
    return EQUATION.findall(row["solution"])


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


@pytest.fixture(params=[SEEDS, HELD_OUT], ids=["seeds", "held-out"])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_card_matches_file(path: Path) -> None:
    card = json.loads(path.with_suffix(".card.json").read_text(encoding="utf-8"))
    assert card["file"] == path.name
    assert card["licence"] == "Apache-2.0"
    assert card["count"] == len(rows_of(path))
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_equation_holds(path: Path) -> None:
    for row in rows_of(path):
        assert len(equations(row)) == row["solution"].count("="), row
        for left, sign, right, result in equations(row):
            assert OPERATIONS[sign](int(left), int(right)) == int(result), row


def test_last_value_box_and_answer_agree(path: Path) -> None:
    for row in rows_of(path):
        assert set(row) == {"question", "solution", "answer"}
        assert equations(row)[-1][-1] == row["answer"], row
        assert row["solution"].endswith(f" The answer is \\boxed{{{row['answer']}}}."), row


def test_questions_are_short_and_steps_are_one_or_two(path: Path) -> None:
    rows = rows_of(path)
    steps = [len(equations(row)) for row in rows]
    assert all(len(row["question"].split()) <= 45 for row in rows)
    assert steps.count(1) == steps.count(2) == len(rows) / 2


def test_enough_of_each() -> None:
    assert len(rows_of(SEEDS)) >= 64
    assert len(rows_of(HELD_OUT)) >= 160


def test_no_question_twice() -> None:
    questions = [row["question"].lower() for row in rows_of(SEEDS) + rows_of(HELD_OUT)]
    assert len(questions) == len(set(questions))


def test_held_out_shares_no_8_gram_with_the_seeds() -> None:
    seen = set().union(*(ngrams(row["question"], 8) for row in rows_of(SEEDS)))
    for row in rows_of(HELD_OUT):
        assert not ngrams(row["question"], 8) & seen, row


def test_held_out_stories_differ_once_numbers_are_dropped() -> None:
    stories = {re.sub(r"\d+", "#", row["question"].lower()) for row in rows_of(SEEDS) + rows_of(HELD_OUT)}
    assert len(stories) == len(rows_of(SEEDS)) + len(rows_of(HELD_OUT))
