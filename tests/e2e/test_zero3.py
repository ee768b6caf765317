"""Every trainer for real under DeepSpeed ZeRO-3, two processes: killed, resumed, saved, and equal to one process."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from csi_train.records import Example, Pair, write_rows
from csi_train.run import Run
from csi_train.trainers import launch
from tests.training import generate, last_step, steps

pytestmark = pytest.mark.e2e

SEEDS = Path(__file__).parents[2] / "seeds/word_problems.jsonl"
ARGS: dict[str, Any] = {
    "max_steps": 4,
    "gradient_checkpointing": False,
    "logging_steps": 1,
    "save_steps": 1,
    "learning_rate": 1e-3,
    "bf16": False,  # so that two processes can be compared with one
}


@pytest.fixture(scope="module")
def classifier(tiny, tmp_path_factory) -> Path:
    """The tiny model with a head of one label: a new head is drawn otherwise under ZeRO-3 than in one process."""
    from transformers import AutoTokenizer, LlamaForSequenceClassification

    folder = tmp_path_factory.mktemp("classifier")
    LlamaForSequenceClassification.from_pretrained(tiny, num_labels=1).save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny).save_pretrained(folder)
    return folder


def entries(folder: Path, model: Path, classifier: Path, processes: int) -> list[dict[str, Any]]:
    """A train entry of each type: four rows a step, however many processes share them."""
    launch = "launch/cpu_zero3.yaml" if processes == 2 else "launch/cpu.yaml"
    reward = {"type": "classifier", "model": str(folder / "train/reward_model/model")}
    own: dict[str, dict[str, Any]] = {
        "sft": {},
        "dpo": {},
        "reward_model": {"model": str(classifier), "holdout": 0.5},
        "online_dpo": {"reward": reward, "args": {"max_new_tokens": 8}},
        "grpo": {"args": {"num_generations": 2, "max_completion_length": 8}},
    }
    return [
        {
            **{"type": kind, "model": str(model), "launch": launch, **more},
            "args": ARGS | {"per_device_train_batch_size": 4 // processes} | more.get("args", {}),
        }
        for kind, more in own.items()
    ]


def make(folder: Path, train: list[dict[str, Any]]) -> Run:
    """A run folder with eight examples, and pairs of worked answers against refusals."""
    rows = [json.loads(line) for line in SEEDS.read_text().splitlines()[:8]]
    examples = [
        Example(id=f"p{n}", question=r["question"], answer=r["answer"], response=r["solution"], source="seed")
        for n, r in enumerate(rows)
    ]
    pairs = [
        Pair(id=e.id, question=e.question, chosen=str(e.response), rejected=f"I do not know, {e.id}.", source="seed")
        for e in examples
    ]
    write_rows(folder / "filter/examples.jsonl", examples)
    write_rows(folder / "pair/pairs.jsonl", pairs)
    recipe = {"name": folder.name, "runs": str(folder.parent), "model": train[0]["model"], "pair": {}, "train": train}
    data = {"path": str(SEEDS), "fields": {"solution": "solution"}}
    (folder / "recipe.yaml").write_text(yaml.safe_dump({"data": data, **recipe}))
    return Run.at(folder)


def start(run: Run) -> subprocess.Popen[str]:
    """All entries of a run in one process group, as a user would start them by hand."""
    entry = run.recipe.train[0]
    command = launch.command(run.folder, entry.type, entry)
    return subprocess.Popen(
        command[: command.index("--stage")],
        env=launch.environment(entry) | {"HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(run: Run) -> None:
    process = start(run)
    output, _ = process.communicate(timeout=400)
    assert process.returncode == 0, output[-3000:]


def kill(run: Run, kind: str) -> int:
    """Kill -9 the training once an entry has left a checkpoint; returns the step it will go on from."""
    process, folder = start(run), run.folder / "train" / kind / "checkpoints"
    while last_step(folder) < 1:
        assert process.poll() is None, process.communicate()[0][-3000:]
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return last_step(folder)


def weights(run: Run, kind: str) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(run.folder / "train" / kind / "model/model.safetensors")


@pytest.fixture(scope="module")
def killed(tiny, classifier, tmp_path_factory) -> tuple[Run, dict[str, int]]:
    """Two processes that train everything, killed in three of the trainers; and where each was killed."""
    folder = tmp_path_factory.mktemp("two") / "run"
    run = make(folder, entries(folder, tiny, classifier, 2))
    at = {kind: kill(run, kind) for kind in ("sft", "reward_model", "online_dpo")}
    finish(run)
    return run, at


def test_killed_in_three_trainers_each_goes_on_and_the_finished_are_not_done_again(killed):
    run, at = killed
    for entry in run.recipe.train:
        figures = run.record(f"train/{entry.type}")["figures"]
        assert (figures["steps"], figures["resumed_from"]) == (4, at.get(entry.type)), entry.type
        assert list(dict.fromkeys(steps(run, f"train/{entry.type}"))) == [1, 2, 3, 4], entry.type
    assert run.record("train/reward_model")["figures"]["holdout"]["pairs"] == 4
    assert "assistant" in generate(run.folder / "train/online_dpo/model")


def test_what_two_processes_learn_is_what_one_learns(killed, tiny, classifier, tmp_path):
    """Of the trainers that sample nothing."""
    from safetensors.torch import load_file

    two, _ = killed
    one = make(tmp_path / "run", entries(tmp_path / "run", tiny, classifier, 1)[:3])
    finish(one)
    begin = load_file(tiny / "model.safetensors")
    for kind in ("sft", "dpo", "reward_model"):
        left, right = weights(two, kind), weights(one, kind)
        assert left.keys() == right.keys()
        for name, weight in left.items():
            assert weight.float().allclose(right[name].float(), atol=2e-4, rtol=0.01), (kind, name)
        moved = [name for name in begin if name in left and (left[name] - begin[name]).abs().max() > 1e-3]
        assert moved, kind
