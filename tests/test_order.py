"""What makes a stage stale: its own part of the recipe, its files, its model, the stages before it; nothing else."""

import os
from pathlib import Path
from typing import Any

import pytest

from csi_train import order, recipe_file
from csi_train.rewards import llm_judge

ROOT = Path(__file__).parents[1]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    return folder


def keys(folder: Path, *changes: str) -> dict[str, str]:
    model = folder / "model"
    text = f"""\
name: r
seeds: {{path: {ROOT}/seeds/word_problems.jsonl, fields: {{solution: solution}}}}
generate: {{model: {model}, shots: 2}}
sample: {{k: 8, early_stop: exact}}
filter: [{{type: answer_consistency}}]
train: [{{type: sft, launch: {ROOT}/launch/cpu.yaml}}, {{type: grpo, launch: {ROOT}/launch/cpu.yaml}}]
evaluate: {{tasks: [csi_word_problems], include_path: {ROOT}/evals}}
"""
    (folder / "recipe.yaml").write_text(text)
    return {s.name: s.key for s in order.stages(recipe_file.load(folder / "recipe.yaml", changes))}


def stale(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


TRAINED = ["train/sft", "train/grpo", "evaluate/sft", "evaluate/grpo"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("generate.shots=3", ["generate", "sample", "filter", *TRAINED]),
        ("sample.k=9", ["sample", "filter", *TRAINED]),
        ("train.grpo.args.max_steps=3", ["train/grpo", "evaluate/grpo"]),
        ("evaluate.repeats=2", ["evaluate/base", "evaluate/sft", "evaluate/grpo"]),
        ("track.wandb=offline", []),
        ("name=other", []),
    ],
)
def test_a_change_makes_stale_what_depends_on_it(tmp_path: Path, model: Path, change: str, expected: list[str]) -> None:
    found = stale(keys(tmp_path), keys(tmp_path, change))
    assert sorted(found) == sorted(expected)


def test_another_reward_makes_stale_what_follows_it(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files, and the prompt of one that is a language model; the judge that scores with it as well."""
    scored = ["sample.early_stop=off", "judge=[{type: reward, task: csi_word_problems}]"]
    classifier, judge = (f"reward={{type: {kind}, model: {model}/rm}}" for kind in ("classifier", "llm_judge"))
    (model / "rm").mkdir()
    before = keys(tmp_path, *scored, classifier), keys(tmp_path, *scored, judge)
    (model / "rm/model.safetensors").write_bytes(b"weights")
    after = keys(tmp_path, *scored, classifier), keys(tmp_path, *scored, judge)
    follows = ["score", "filter", "train/sft", "train/grpo", "evaluate/sft", "evaluate/grpo", "judge/reward"]
    assert [stale(*both) for both in zip(before, after, strict=True)] == [follows, follows]
    monkeypatch.setattr(llm_judge, "TEMPLATE", "another")
    assert stale(after[0], keys(tmp_path, *scored, classifier)) == []
    assert stale(after[1], keys(tmp_path, *scored, judge)) == follows


CLASSIFY = "classify={type: llm, categories: [a, b]}"


@pytest.mark.parametrize(
    ("change", "everything"),
    [("classify.categories=[a, c]", True), ("seeds.limit=9", True), ("generate.problems=9", False)],
)
def test_what_classify_depends_on_and_who_on_it(tmp_path: Path, model: Path, change: str, everything: bool) -> None:
    before = keys(tmp_path, CLASSIFY)
    found = stale(before, keys(tmp_path, CLASSIFY, change))
    assert next(iter(before)) == "classify"
    assert set(before) - set(found) == {"evaluate/base"} | (set() if everything else {"classify"})
    assert stale(keys(tmp_path), before) == ["generate", "sample", "filter", *TRAINED]


@pytest.mark.parametrize("change", ["other contents", "a file more", "written again"])
def test_another_model_in_the_same_folder_makes_everything_stale(tmp_path: Path, model: Path, change: str) -> None:
    before: Any = keys(tmp_path)
    if change == "other contents":
        (model / "config.json").write_text('{"a": 1}')
    elif change == "a file more":
        (model / "model.safetensors").write_bytes(b"weights")
    else:
        os.utime(model / "config.json", ns=(1, 1))
    assert stale(before, keys(tmp_path)) == list(before)


def test_a_changed_filter_of_ones_own_makes_the_filter_stage_stale(tmp_path: Path, model: Path) -> None:
    own = tmp_path / "own_filter.py"
    own.write_text("from csi_train.parts import Strict\nclass Params(Strict):\n    pass\n")
    before = keys(tmp_path, "filter=[{type: own_filter}]", "sample.early_stop=off")
    assert keys(tmp_path, "filter=[{type: own_filter}]", "sample.early_stop=off") == before
    own.write_text(own.read_text() + "\n")
    after = keys(tmp_path, "filter=[{type: own_filter}]", "sample.early_stop=off")
    assert sorted(stale(before, after)) == sorted(["filter", *TRAINED])
