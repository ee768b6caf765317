"""The one-step problems are right, small, all different, and the held-out ones are not the seeds in disguise."""

import hashlib
import json
import operator
import re
from collections import Counter
from pathlib import Path

import pytest

from csi_train.methods import cot_self_instruct
from csi_train.records import Seed

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds/one_step_problems.jsonl"
WRITER = ROOT / "seeds/one_step_writer.jsonl"
TEMPLATE = ROOT / "seeds/one_step_writer.md"
HELD_OUT = ROOT / "evals/data/one_step_problems_test.jsonl"

OPERATIONS = {"+": operator.add, "-": operator.sub}
EQUATION = re.compile(r"(\d+) ([-+]) (\d+) = (\d+)")

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def equation(row: Row) -> tuple[str, str, str, str]:
    (found,) = EQUATION.findall(row["solution"])
    return found


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def names(rows: list[Row]) -> set[str]:
    return {row["question"].split()[0] for row in rows}


@pytest.fixture(params=[SEEDS, HELD_OUT], ids=["seeds", "held-out"])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.mark.parametrize("file", [SEEDS, HELD_OUT, WRITER], ids=lambda file: file.stem)
def test_card_matches_file(file: Path) -> None:
    card = json.loads(file.with_suffix(".card.json").read_text(encoding="utf-8"))
    assert card["file"] == file.name
    assert card["licence"] == "Apache-2.0"
    assert card["count"] == len(rows_of(file))
    assert card["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_one_equation_holds_and_gives_the_answer(path: Path) -> None:
    for row in rows_of(path):
        assert set(row) == {"question", "solution", "answer"}
        left, sign, right, result = equation(row)
        assert OPERATIONS[sign](int(left), int(right)) == int(result), row
        assert result == row["answer"], row
        assert row["solution"].endswith(f" The answer is \\boxed{{{result}}}."), row


def test_the_question_gives_the_numbers_that_the_solution_takes(path: Path) -> None:
    for row in rows_of(path):
        left, _, right, _ = equation(row)
        stated = re.findall(r"\d+", row["question"])
        assert sorted(stated) == sorted([left, right]), row


def test_numbers_and_answers_are_at_most_10(path: Path) -> None:
    for row in rows_of(path):
        assert max(map(int, equation(row)[::2] + equation(row)[3:])) <= 10, row


def test_sums_and_differences_are_equally_frequent(path: Path) -> None:
    counts = Counter(equation(row)[1] for row in rows_of(path))
    assert abs(counts["+"] - counts["-"]) <= 1


def test_enough_of_each() -> None:
    assert len(rows_of(SEEDS)) >= 64
    assert len(rows_of(HELD_OUT)) >= 128


def test_held_out_names_are_not_those_of_the_seeds() -> None:
    assert not names(rows_of(SEEDS)) & names(rows_of(HELD_OUT))


def test_held_out_shares_no_8_gram_with_the_seeds() -> None:
    seen = set().union(*(ngrams(row["question"], 8) for row in rows_of(SEEDS)))
    for row in rows_of(HELD_OUT):
        assert not ngrams(row["question"], 8) & seen, row


def test_the_writer_learns_to_solve_each_seed_and_to_write_it_when_shown_another() -> None:
    """What it is asked to write is what `generate` will ask, and what it shall reply parses to the seed."""
    seeds = {row["question"]: row for row in rows_of(SEEDS)}
    written, solved = [], []
    for row in rows_of(WRITER):
        if row["question"] in seeds:
            assert row == seeds[row["question"]]
            solved.append(row["question"])
            continue
        draft = cot_self_instruct.parse(row["solution"], shots=False)
        assert draft.answer == row["answer"] == seeds[draft.question]["answer"]
        asked = row["question"] + "\n\nPut your final answer within \\boxed{}."
        (shown,) = [seed for seed in seeds if seed in asked]
        assert shown != draft.question
        prompt = cot_self_instruct.prompt([Seed(id="", question=shown)], [], TEMPLATE.read_text(encoding="utf-8"))
        assert prompt == (("user", asked),)
        written.append(draft.question)
    assert sorted(written) == sorted(solved) == sorted(seeds)
