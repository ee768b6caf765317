"""wandb, for real and offline; online only as far as its key."""

import os

import pytest

from csi_train.adapters import tracking
from csi_train.errors import RunError
from csi_train.recipe import Recipe
from csi_train.run import Run


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that gives a run with a `track:` section; the environment it sets goes away afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.delenv("WANDB_API_KEY", raising=False)

    def make(**track) -> Run:
        recipe = Recipe(name="x", runs=str(tmp_path), model="m", data={"path": "rows.jsonl"}, track=track)
        return Run(tmp_path / "x", recipe)

    return make


def test_off_is_off(run):
    off = run()
    assert tracking.start(off, "train/sft") == []
    tracking.log_summary(off, "evaluate", {"avg": 1.0})
    assert not off.folder.exists()


def test_online_needs_its_key(run, monkeypatch):
    online = run(wandb="online")
    with pytest.raises(RunError, match="WANDB_API_KEY is not set"):
        tracking.start(online, "train/sft")
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    assert tracking.environment(online, "train/sft")["WANDB_MODE"] == "online"


def test_a_stage_keeps_its_id_and_another_has_its_own(run):
    offline = run(wandb="offline", project="p")
    first = tracking.environment(offline, "train/sft")
    assert first == tracking.environment(offline, "train/sft")
    assert first["WANDB_RUN_ID"] != tracking.environment(offline, "train/grpo")["WANDB_RUN_ID"]
    assert (first["WANDB_PROJECT"], first["WANDB_NAME"], first["WANDB_RUN_GROUP"]) == ("p", "x/train/sft", "x")


@pytest.mark.e2e
def test_offline_writes_a_folder_that_can_be_synced(run):
    offline = run(wandb="offline")
    tracking.log_summary(offline, "evaluate", {"csi_word_problems/avg_at_k": 0.5})
    tracking.log_table(offline, "evaluate", "scores", ["row", "avg@k"], [["base", 0.0], ["sft", 0.5]])
    files = list((offline.folder / "wandb").glob("offline-run-*/run-*.wandb"))
    assert files
    assert any(b"csi_word_problems/avg_at_k" in file.read_bytes() for file in files)
    assert any(b"scores" in file.read_bytes() for file in files)
