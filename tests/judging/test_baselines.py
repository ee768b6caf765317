"""Baselines in the forms they are published in, and the errors of those that do not fit."""

import json
from pathlib import Path
from typing import Any

import pytest

from csi_train.errors import CsiError, RecipeError, RowError
from csi_train.judging import baselines
from csi_train.records import content_id

ALPACA = {"dataset": "helpful_base", "instruction": " Name a bird. ", "output": "Wren", "generator": "gpt"}
ARENA = {
    "uid": "1",
    "messages": [{"role": "user", "content": "Name a bird."}, {"role": "assistant", "content": {"answer": "Wren"}}],
}
PLAIN = {"messages": [{"role": "user", "content": "Name a bird."}, {"role": "assistant", "content": "Wren"}]}
BIRD = content_id("doc", "Name a bird.")


def write(path: Path, *rows: Any) -> str:
    text = json.dumps(rows) if path.suffix == ".json" else "".join(json.dumps(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("row", [ALPACA, ARENA, PLAIN, {"prompt": "Name a bird.", "output": "Wren"}])
def test_published_forms(row: dict[str, Any], tmp_path: Path) -> None:
    assert baselines.read(write(tmp_path / "outputs.jsonl", row)) == {f"{BIRD}#1": "Wren"}


def test_a_json_list(tmp_path: Path) -> None:
    found = baselines.read(write(tmp_path / "outputs.json", ALPACA, ALPACA | {"instruction": "Name a fish."}))
    assert list(found.values()) == ["Wren", "Wren"]


def test_a_question_twice_has_two_responses(tmp_path: Path) -> None:
    found = baselines.read(write(tmp_path / "outputs.jsonl", ALPACA, ALPACA | {"output": "Robin"}))
    assert found == {f"{BIRD}#1": "Wren", f"{BIRD}#2": "Robin"}


def test_other_instructions_are_an_error_that_names_the_first(tmp_path: Path) -> None:
    place = write(tmp_path / "outputs.jsonl", ALPACA)
    questions = {f"{BIRD}#1": "Name a bird."} | {f"d{n}#1": f"Name fish {n}." for n in range(5)}
    with pytest.raises(RecipeError, match=r"no response to 5 of 6 instructions, first: 'Name fish 0\.'; .*2\.'\n"):
        baselines.matched(place, baselines.read(place), questions)


def test_the_responses_come_in_the_order_of_the_questions(tmp_path: Path) -> None:
    place = write(tmp_path / "o.jsonl", ALPACA, ALPACA | {"instruction": "Name a fish.", "output": "Cod"})
    fish = content_id("doc", "Name a fish.")
    assert baselines.matched(place, baselines.read(place), {f"{fish}#1": "", f"{BIRD}#1": ""}) == ["Cod", "Wren"]


@pytest.mark.parametrize(
    "row", [{"text": "?"}, {"instruction": "q"}, {"instruction": "q", "output": None}, {"messages": ["hi"]}]
)
def test_a_row_without_a_response_is_named(row: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"outputs\.jsonl:2: no instruction with its response"):
        baselines.read(write(tmp_path / "outputs.jsonl", ALPACA, row))


def test_broken_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="is empty"):
        baselines.read(write(tmp_path / "none.jsonl"))
    (tmp_path / "half.jsonl").write_text('{"instruction": "q", "out')
    with pytest.raises(RowError, match=r"half\.jsonl:1: not JSON"):
        baselines.read(str(tmp_path / "half.jsonl"))
    with pytest.raises(RecipeError, match="no such file"):
        baselines.read("nowhere.jsonl")


def test_a_hub_file_that_cannot_be_had_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(repository: str, path: str, repo_type: str) -> str:
        asked.append((repository, path, repo_type))
        raise OSError("no connection")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", refuse)
    with pytest.raises(
        CsiError, match=r"cannot get hf://datasets/org/name/data/x\.jsonl: no connection[\s\S]*download"
    ):
        baselines.read("hf://datasets/org/name/data/x.jsonl")
    assert asked == [("org/name", "data/x.jsonl", "dataset")]
