"""What every trainer leaves, what it does when it is asked again, and when it diverges: in this process, two steps."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from csi_train.errors import RunError
from csi_train.records import Example, Pair, write_rows
from csi_train.run import Run
from csi_train.stages import train
from csi_train.trainers import checkpoints
from tests.training import steps

pytestmark = pytest.mark.e2e

SEEDS = Path(__file__).parents[2] / "seeds/word_problems.jsonl"
OWN: dict[str, dict[str, Any]] = {
    "sft": {},
    "dpo": {},
    "reward_model": {"holdout": 0.25},
    "grpo": {"args": {"num_generations": 2, "max_completion_length": 8, "beta": 0.1}},
    "online_dpo": {"args": {"max_new_tokens": 8}, "reward": {"type": "tests.scripted_reward"}},
}
"""A train entry of each type."""
ARGS: dict[str, Any] = {
    "max_steps": 2,
    "per_device_train_batch_size": 2,
    "learning_rate": 1e-3,
    "gradient_checkpointing": False,
    "logging_steps": 1,
    "save_steps": 1,
}


def make(folder: Path, model: Path, type: str, **args: Any) -> Run:
    """A run folder with four examples, one of them without a response, and four pairs."""
    rows = [json.loads(line) for line in SEEDS.read_text().splitlines()[:4]]
    examples = [
        Example(
            id=f"p{n}", question=r["question"], answer=r["answer"], response=r["solution"] if n else None, source="s"
        )
        for n, r in enumerate(rows)
    ]
    pairs = [
        Pair(id=f"p{n}", question=r["question"], chosen=r["solution"], rejected=f"I do not know, {n}.", source="seed")
        for n, r in enumerate(rows)
    ]
    write_rows(folder / "filter/examples.jsonl", examples)
    write_rows(folder / "pair/pairs.jsonl", pairs)
    given = {
        "max_steps": 2,
        "per_device_train_batch_size": 2,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "save_steps": 1,
    }
    entry: dict[str, Any] = {"type": type, **OWN[type]}
    entry["args"] = {"gradient_checkpointing": False, **given, **entry.get("args", {}), **args}
    if "reward" in entry:
        entry["reward"] = {**entry["reward"], "log": str(folder / "scored.jsonl")}
    recipe = {"name": folder.name, "runs": str(folder.parent), "model": str(model), "pair": {}, "train": [entry]}
    data = {"path": str(SEEDS), "fields": {"solution": "solution"}}
    (folder / "recipe.yaml").write_text(yaml.safe_dump({"data": data, **recipe}))
    return Run.at(folder)


def lora(run: Run) -> Run:
    """The same with adapters."""
    recipe = yaml.safe_load((run.folder / "recipe.yaml").read_text())
    recipe["train"][0]["lora"] = {"r": 4}
    (run.folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return Run.at(run.folder)


def trained(run: Run) -> dict[str, Any]:
    """Train the one entry; returns its figures."""
    train.train(run, 0)
    figures: dict[str, Any] = run.record(f"train/{run.recipe.train[0].type}")["figures"]
    return figures


def weights(folder: Path, name: str = "model.safetensors") -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / name)


def equal(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all((left[name] == right[name]).all() for name in left)


def poison(checkpoint: Path) -> None:
    """Make one weight of a checkpoint no number."""
    from safetensors.torch import save_file

    tensors = weights(checkpoint)
    next(iter(tensors.values())).view(-1)[0] = float("nan")
    save_file(tensors, checkpoint / "model.safetensors", {"format": "pt"})


@pytest.fixture(scope="module", params=OWN)
def run(request, tiny, tmp_path_factory) -> Run:
    """A run that has trained one entry."""
    run = make(tmp_path_factory.mktemp(request.param) / "run", tiny, request.param)
    trained(run)
    return run


def test_every_file_has_the_mode_that_umask_gives(run):
    mask = os.umask(0)
    os.umask(mask)
    files = [file for file in run.folder.rglob("*") if file.is_file()]
    assert any(file.suffix == ".safetensors" for file in files)
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {oct(0o666 & ~mask)}


def test_killed_after_the_last_step_it_trains_no_more_and_done_again_it_trains_anew(run):
    kind = run.recipe.train[0].type
    name = f"train/{kind}"
    folder = run.folder / name
    before = weights(folder / "model")
    (folder / "done.json").unlink()
    (folder / "model/model.safetensors").unlink()
    figures = trained(run)
    assert (figures["steps"], figures["resumed_from"], figures["last"]["step"]) == (2, 2, 2)
    assert list(dict.fromkeys(steps(run, name))) == [1, 2]
    assert equal(weights(folder / "model"), before)
    figures = trained(run)
    assert (figures["steps"], figures["resumed_from"]) == (2, None)
    assert list(dict.fromkeys(steps(run, name))) == [1, 2]


def test_the_rows_it_trained_on_are_what_trl_reads(run, tiny, tmp_path):
    """One step of TRL's own trainer on the file as it is."""
    from datasets import load_dataset
    from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

    kind = run.recipe.train[0].type
    file = run.folder / "train" / kind / "train.jsonl"
    rows = load_dataset("json", data_files=str(file), split="train", cache_dir=str(tmp_path))
    assert len(rows) == {"sft": 3, "reward_model": 3}.get(kind, 4)
    if kind == "online_dpo":
        assert rows.column_names == ["prompt"]
        return
    trainer, config = {
        "sft": (SFTTrainer, SFTConfig),
        "dpo": (DPOTrainer, DPOConfig),
        "reward_model": (RewardTrainer, RewardConfig),
        "grpo": (GRPOTrainer, GRPOConfig),
    }[kind]
    more = {"num_generations": 2, "max_completion_length": 4} if kind == "grpo" else {}
    args = config(
        output_dir=str(tmp_path), max_steps=1, per_device_train_batch_size=2, use_cpu=True, bf16=False,
        report_to=[], save_strategy="no", **more,
    )  # fmt: skip
    rewards = {"reward_funcs": lambda completions, answer, **_: [float(len(a)) for a in answer]}
    used = trainer(str(tiny), args=args, train_dataset=rows, **(rewards if kind == "grpo" else {}))
    assert used.train().global_step == 1


def test_sft_says_how_many_examples_have_no_response(tiny, tmp_path, caplog):
    figures = trained(make(tmp_path / "run", tiny, "sft", max_steps=1))
    assert (figures["examples"], figures["without_response"]) == (3, 1)
    assert "1 of 4 examples are left out: no response gives the label" in caplog.text


def test_it_does_not_go_on_from_weights_that_are_no_numbers(tiny, tmp_path):
    run = make(tmp_path / "run", tiny, "sft", max_steps=3)
    trained(run)
    folder = run.folder / "train/sft"
    expected = weights(folder / "model")
    (folder / "done.json").unlink()
    poison(folder / "checkpoints/checkpoint-3")
    assert checkpoints.latest(folder / "checkpoints") == folder / "checkpoints/checkpoint-2"
    figures = trained(run)
    assert (figures["steps"], figures["resumed_from"]) == (3, 2)
    assert steps(run, "train/sft") == [1, 2, 3]
    assert equal(weights(folder / "model"), expected)


@pytest.mark.parametrize("logging_steps", [1, 50])
def test_a_training_that_diverges_is_an_error_and_leaves_no_model(tiny, tmp_path, logging_steps):
    run = lora(make(tmp_path / "run", tiny, "sft", max_steps=3, learning_rate=1e30, logging_steps=logging_steps))
    with pytest.raises(RunError, match=r"diverged: at step 2 .*; .*checkpoint-1\n.*learning_rate"):
        trained(run)
    assert run.record("train/sft") == {}
    assert not (run.folder / "train/sft/model").exists()
    assert not (run.folder / "train/sft/checkpoints/checkpoint-2").exists()


def test_adapters_whose_product_is_no_number_are_not_merged_into_a_model(tiny, tmp_path):
    """Each of the two factors is finite after one step, and so is the loss."""
    run = lora(make(tmp_path / "run", tiny, "sft", max_steps=1, learning_rate=3e38))
    with pytest.raises(RunError, match=r"diverged: at step 1 the weight .*proj.* is not a finite number"):
        trained(run)
    assert run.record("train/sft") == {}
    assert not (run.folder / "train/sft/model").exists()


def test_adapters_are_kept_beside_the_model_they_are_merged_into(tiny, tmp_path):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    run = lora(make(tmp_path / "run", tiny, "sft"))
    trained(run)
    folder = run.folder / "train/sft"
    base = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.bfloat16)
    merged = PeftModel.from_pretrained(base, folder / "adapter").merge_and_unload().state_dict()
    left = weights(folder / "model")
    assert all((merged[name] == weight).all() for name, weight in left.items())
    assert not equal(left, {name: weight.bfloat16() for name, weight in weights(tiny).items()})
