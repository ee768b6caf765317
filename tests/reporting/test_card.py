"""The data card says what the files of the run say."""

import json
from pathlib import Path
from typing import Any

import yaml

from csi_train.reporting import card
from csi_train.run import Run


def front(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return found


def test_front_matter_is_what_the_hub_reads(run: Run) -> None:
    text = card.write_card(run).read_text(encoding="utf-8")
    assert front(text) == {
        "license": "apache-2.0",
        "task_categories": ["text-generation"],
        "size_categories": ["n<1K"],
        "pretty_name": "quick",
        "tags": ["synthetic", "reasoning", "csi_train"],
        "configs": [{"config_name": "default", "data_files": "filter/examples.jsonl"}],
    }


def test_facts_come_from_the_files(run: Run) -> None:
    text = card.card(run)
    for line in (
        "18 rows to train on, made with csi_train 0.1.0.",
        "| 00ff | Apache-2.0 | written for the tests |",
        "| model (base) | smollm2 |",
        "| fingerprint of the base model | base |",
        "| method | cot_self_instruct |",
        "| answers sampled for each problem (K) | 8 |",
        "| filters | novelty, dedup, answer_consistency |",
        "| generated | 52 |  |",
        "| parsed | 40 | no end marker: 6, no boxed answer: 6 |",
        "| rows to train on | 18 |  |",
        "grpo, the best of 2 trained models, scores 43.4 % on words",
    ):
        assert line in text


def test_categories_are_counted_step_by_step(run: Run) -> None:
    assert "of each category" not in card.card(run)
    (run.folder / "generate/stats.json").write_text(json.dumps({"categories": {"verse": 30, "a | b": 9, "maps": 1}}))
    steps = json.loads((run.folder / "filter/funnel.json").read_text())
    for step, kinds in zip(steps, ({"verse": 25, "a | b": 8}, {"verse": 20, "a | b": 8}, {}), strict=True):
        step["categories"] = kinds
    (run.folder / "filter/funnel.json").write_text(json.dumps(steps))
    told = """\
## What each step left of each category

| category | parsed | novelty | dedup |
| --- | --- | --- | --- |
| verse | 30 | 25 | 20 |
| a \\| b | 9 | 8 | 8 |
| maps | 1 | 0 | 0 |
"""
    assert told in card.card(run)


def test_the_loading_line_loads(run: Run) -> None:
    named = front(card.card(run))["configs"][0]["data_files"]
    rows = [json.loads(line) for line in (run.folder / named).read_text().splitlines()]
    assert len(rows) == 18
    assert all(f"`{field}`" in card.FIELDS[named] for field in rows[0])


def test_an_unknown_licence_is_not_guessed(run: Run) -> None:
    manifest = run.folder / "manifest.json"
    manifest.write_text(json.dumps({"files": {"a": {"licence": "MIT"}, "b": {"licence": None}}}))
    assert front(card.card(run))["license"] == "unknown"
    manifest.unlink()
    assert front(card.card(run))["license"] == "unknown"
    assert "seeds.jsonl | not stated | not stated | not stated |" in card.card(run)


def test_text_of_others_cannot_break_the_card(run: Run, tmp_path: Path) -> None:
    evil = "x | y\n\n# heading <script> [link](javascript:x) \u202e"
    (run.folder / "manifest.json").write_text(json.dumps({"files": {evil: {"licence": evil, "source": evil}}}))
    text = card.card(run)
    assert "\n# heading" not in text
    assert "<script>" not in text.replace("\\<", "")
    assert "\u202e" not in text
    assert front(text)["license"] == "unknown"
