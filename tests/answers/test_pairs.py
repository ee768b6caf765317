"""The labelled pairs of tests/data: at most 0.3 % errors, and the file is what its script writes."""

import importlib.util
import json
from pathlib import Path

from csi_train.answers import equivalent

DATA = Path(__file__).parents[1] / "data"
ROWS = [json.loads(line) for line in (DATA / "answer_pairs.jsonl").read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_pairs_of_both_labels() -> None:
    assert len(ROWS) >= 2000
    assert 0.4 < sum(row["same"] for row in ROWS) / len(ROWS) < 0.6
    assert len({row["kind"] for row in ROWS}) >= 30


def test_at_most_3_errors_in_1000() -> None:
    wrong = [row for row in ROWS if equivalent(row["a"], row["b"]) != row["same"]]
    assert len(wrong) <= 0.003 * len(ROWS), wrong


def test_order_does_not_matter() -> None:
    assert all(equivalent(row["a"], row["b"]) == equivalent(row["b"], row["a"]) for row in ROWS)


def test_the_script_writes_the_file() -> None:
    spec = importlib.util.spec_from_file_location("make_answer_pairs", DATA / "make_answer_pairs.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.rows() == ROWS
