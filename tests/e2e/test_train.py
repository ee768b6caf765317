"""Training for real: the embedded model, the true `accelerate launch` command, kills included."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from csi_train.adapters import models
from csi_train.errors import RunError
from csi_train.process import run as run_child
from csi_train.records import Example, read_rows, write_rows
from csi_train.run import Run
from csi_train.trainers import launch
from tests.training import generate, last_step, start, steps, train

pytestmark = pytest.mark.e2e

SEEDS = Path(__file__).parents[2] / "seeds/word_problems.jsonl"
SFT: dict[str, Any] = {
    "type": "sft",
    "args": {
        "max_steps": 4,
        "per_device_train_batch_size": 2,
        "gradient_checkpointing": False,
        "learning_rate": 1e-4,
        "logging_steps": 1,
        "save_steps": 1,
    },
}
GRPO: dict[str, Any] = {
    "type": "grpo",
    "args": {
        "max_steps": 2,
        "per_device_train_batch_size": 4,
        "num_generations": 4,
        "gradient_checkpointing": False,
        "max_completion_length": 16,
        "logging_steps": 1,
        "save_strategy": "no",
    },
}


def make(folder: Path, *train: dict[str, Any], model: str | Path = models.EMBEDDED, **more: Any) -> Run:
    """A run folder whose filter stage has kept eight of our seeds."""
    rows = [json.loads(line) for line in SEEDS.read_text().splitlines()[:8]]
    examples = [
        Example(id=f"p{n}", question=r["question"], answer=r["answer"], response=r["solution"], source="seed")
        for n, r in enumerate(rows)
    ]
    write_rows(folder / "filter/examples.jsonl", examples)
    recipe = {"name": folder.name, "runs": str(folder.parent), "model": str(model), "train": list(train), **more}
    data = {"path": str(SEEDS), "fields": {"solution": "solution"}}
    (folder / "recipe.yaml").write_text(yaml.safe_dump({"data": data, **recipe}))
    return Run.at(folder)


def test_sft_then_grpo(tmp_path):
    sft = {**SFT, "args": SFT["args"] | {"save_strategy": "no"}}
    run = make(tmp_path / "run", sft, GRPO, track={"wandb": "offline"})
    assert train(run, 0)["steps"] == 4
    assert steps(run, "train/sft") == [1, 2, 3, 4]
    assert train(run, 1)["steps"] == 2
    assert steps(run, "train/grpo") == [1, 2]
    metrics = json.loads((run.folder / "train/grpo/metrics.jsonl").read_text().splitlines()[0])
    assert {"loss", "reward", "completions/mean_length"} <= set(metrics)
    for name in ("sft", "grpo"):
        folder = run.folder / "train" / name / "model"
        assert {"model.safetensors", "tokenizer.json", "chat_template.jinja"} <= {f.name for f in folder.iterdir()}
        assert "assistant" in generate(folder)
    assert models.fingerprint(run.folder / "train/sft/model") != models.fingerprint(models.resolve(models.EMBEDDED))
    assert len(list((run.folder / "wandb").glob("offline-run-*/run-*.wandb"))) == 2


def test_killed_three_times_and_taken_up_again(tmp_path, tiny):
    """Kill -9 at random moments, most of them spent writing checkpoints: it goes on, and logs every step once."""
    run = make(tmp_path / "run", {**SFT, "args": SFT["args"] | {"max_steps": 20}}, model=tiny)
    folder, last = run.folder / "train/sft/checkpoints", 0
    for _ in range(3):
        process = start(run)
        while last_step(folder) <= last:
            assert process.poll() is None, process.communicate()[0][-3000:]
            time.sleep(0.02)
        time.sleep(random.uniform(0, 1))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
        last = last_step(folder)
    figures = train(run)
    assert figures["steps"] == 20
    assert figures["resumed_from"] == last
    assert steps(run, "train/sft") == list(range(1, 21))


def test_a_changed_recipe_starts_afresh_and_lora_is_merged(tmp_path, tiny):
    """The first training leaves a checkpoint; another learning rate must not go on from it."""
    first = make(tmp_path / "run", {**SFT, "lora": {"r": 8}, "args": SFT["args"] | {"max_steps": 1}}, model=tiny)
    train(first)
    weights = models.fingerprint(first.folder / "train/sft/model")
    again = make(
        tmp_path / "run", {**SFT, "lora": {"r": 8}, "args": SFT["args"] | {"max_steps": 2, "learning_rate": 1e-2}}
    )
    figures = train(again)
    assert (figures["steps"], figures["resumed_from"]) == (2, None)
    folder = again.folder / "train/sft/model"
    assert models.fingerprint(folder) != weights
    assert not list(folder.glob("adapter*"))
    assert "assistant" in generate(folder)


def test_a_recipe_file_trains_on_its_data(tmp_path, tiny):
    """By hand, with no run folder yet: `data:` goes through the filter stage first."""
    run = make(tmp_path / "made", {**SFT, "args": SFT["args"] | {"max_steps": 1, "save_strategy": "no"}}, model=tiny)
    recipe = yaml.safe_load((run.folder / "recipe.yaml").read_text()) | {"name": "fresh"}
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(recipe))
    command = launch.command(file, "sft", run.recipe.train[0])
    subprocess.run(command, env=launch.environment(run.recipe.train[0]), check=True, timeout=300, capture_output=True)
    fresh = Run.at(tmp_path / "fresh")
    assert len(read_rows(fresh.folder / "filter/examples.jsonl", Example)) == 72
    assert fresh.record("train/sft")["figures"]["steps"] == 1
    assert steps(fresh, "train/sft") == [1]


def test_two_processes_under_zero2(tmp_path, tiny):
    """GRPO under DeepSpeed: two processes, two completions each, one group."""
    entry = {**GRPO, "launch": "launch/cpu_zero2.yaml", "args": GRPO["args"] | {"per_device_train_batch_size": 2}}
    run = make(tmp_path / "run", entry, model=tiny)
    assert train(run)["steps"] == 2
    assert steps(run, "train/grpo") == [1, 2]
    assert "assistant" in generate(run.folder / "train/grpo/model")


def test_the_first_process_to_fail_is_told_whatever_started_it(tmp_path, tiny):
    """The second of two, while the first waits for it: by the pipeline, and in the summary that ends the log."""
    entry = {"type": "tests.failing_trainer", "launch": "launch/cpu_zero3.yaml"}
    run = make(tmp_path / "run", entry, model=tiny)
    (params,) = run.recipe.train
    log = tmp_path / "log"
    command, env = launch.command(run.folder, params.type, params), launch.environment(params)
    told = r"^rank 1 of 2 processes: ZeroDivisionError: one of the weights\n  is zero\n  → "
    with pytest.raises(RunError, match=told):
        run_child(command, env, log, lambda: None)
    by_hand = log.read_text()
    assert "failing_trainer.py" in by_hand.split("error: rank 1")[0], "its traceback"
    assert "ZeroDivisionError: one of the weights" in by_hand.split("Root Cause")[1]
    assert run.record("train/tests.failing_trainer") == {}


def test_an_error_is_one_the_user_can_mend(tmp_path):
    run = make(tmp_path / "run", {**GRPO, "args": GRPO["args"] | {"max_completion_length": 9000}})
    output, _ = start(run).communicate(timeout=200)
    assert "error: nothing to train on" in output
    assert run.record("train/grpo") == {}
