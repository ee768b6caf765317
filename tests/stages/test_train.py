"""The train stage around the trainers: what it trains, from which model, and what it makes of a folder it finds."""

import pytest
import yaml

from csi_train import parts
from csi_train.adapters import models
from csi_train.errors import RunError
from csi_train.records import Example, Pair, write_rows
from csi_train.run import Run
from csi_train.stages import train

ROW = '{"question": "What is 1 + 1?", "answer": "2"}\n'


@pytest.fixture
def make(tmp_path):
    """A function that writes a run folder with these train entries."""

    def run(*entries, **more) -> Run:
        (tmp_path / "rows.jsonl").write_text(ROW)
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        data = {"path": str(tmp_path / "rows.jsonl")}
        recipe = {"name": "run", "runs": str(tmp_path), "model": str(tmp_path), "data": data, "train": list(entries)}
        (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe | more))
        return Run.at(folder)

    return run


def test_chosen_entries(make):
    run = make({"type": "sft"}, {"type": "grpo"})
    assert train.chosen(run, None) == [0, 1]
    run.finish("train/sft", 1.0, {})
    assert train.chosen(run, None) == [1], "what is done is done"
    assert train.chosen(run, "sft") == [0], "but for one that is named"
    with pytest.raises(RunError, match="dpo is not in the recipe"):
        train.chosen(run, "dpo")
    with pytest.raises(RunError, match="nothing to train"):
        train.chosen(make(), None)


def test_the_model_to_start_from(make, tmp_path):
    run = make({"type": "sft"}, {"type": "grpo"})
    assert train.start_model(run, 0) == tmp_path
    with pytest.raises(RunError, match="train sft first"):
        train.start_model(run, 1)
    before = run.folder / "train/sft/model"
    before.mkdir(parents=True)
    assert train.start_model(run, 1) == before


def test_an_entrys_own_model_comes_first(make, tmp_path):
    (tmp_path / "other").mkdir()
    run = make({"type": "sft"}, {"type": "grpo", "model": str(tmp_path / "other")})
    assert train.start_model(run, 1) == models.resolve(str(tmp_path / "other"))


def test_the_same_training_is_taken_up_and_another_starts_afresh(make):
    run = make({"type": "sft", "args": {"max_steps": 4}})
    train.take_up(run, "train/sft")
    left = run.folder / "train/sft/checkpoints/checkpoint-2"
    left.mkdir(parents=True)
    train.take_up(run, "train/sft")
    assert left.is_dir()
    train.take_up(make({"type": "sft", "args": {"max_steps": 5}}), "train/sft")
    assert not left.exists()


def test_a_training_that_is_done_starts_afresh(make):
    run = make({"type": "sft"})
    train.take_up(run, "train/sft")
    left = run.folder / "train/sft/checkpoints/checkpoint-2"
    left.mkdir(parents=True)
    run.finish("train/sft", 1.0, {})
    train.take_up(run, "train/sft")
    assert run.record("train/sft") == {}
    assert not left.exists()


def test_processes_other_than_the_recipes_do_not_train(make):
    """This test is one process; the launch file says two."""
    with pytest.raises(RunError, match="has 1 processes, and its recipe says 2"):
        train.train(make({"type": "sft", "launch": "launch/cpu_zero2.yaml"}), 0)


EXAMPLE = Example(id="p", question="q", answer="1", response="r", source="p")
PAIR = Pair(id="p", question="q", chosen="good", rejected="bad", source="p", chosen_reward=1.0)


@pytest.mark.parametrize(("name", "row"), [("filter/examples", EXAMPLE), ("pair/pairs", PAIR)])
def test_rows_are_what_the_stage_before_kept(make, name, row):
    run = make({"type": "sft"})
    write_rows(run.folder / f"{name}.jsonl", [row])
    assert train.rows(run, type(row)) == [row]


def test_each_trainer_is_handed_its_kind_of_rows():
    kinds = {name: parts.load("trainers", name).ROWS for name in parts.names("trainers")}
    pairs = {"dpo", "reward_model"}
    assert kinds == {name: Pair if name in pairs else Example for name in kinds}
    assert set(kinds.values()) == set(train.FILES)


def test_data_goes_through_the_filters_first(make):
    run = make({"type": "grpo"})
    (row,) = train.rows(run, Example)
    assert (row.question, row.answer) == ("What is 1 + 1?", "2")
    assert run.record("filter")["figures"]["kept"] == 1


@pytest.mark.parametrize(("kind", "stage"), [(Example, "filter"), (Pair, "pair")])
def test_nothing_made_yet(make, kind, stage):
    run = make({"type": "sft"}, sample={"k": 2})
    with pytest.raises(RunError, match=f"--until {stage}"):
        train.rows(run, kind)


def test_errors_are_printed_not_raised(make, capsys):
    run = make({"type": "sft"})
    assert train.main([str(run.folder), "--stage", "grpo"]) == 1
    assert "error: nothing to train: grpo is not in the recipe\n  → it has: sft" in capsys.readouterr().err
