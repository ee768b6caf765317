"""The preference trainers for real on a tiny model: reward model, its scores, DPO killed and resumed, online DPO."""

import json
import math
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from csi_train.records import Example, Pair, write_rows
from csi_train.rewards import classifier, in_order
from csi_train.run import Run
from tests.training import generate, last_step, start, steps, train

pytestmark = pytest.mark.e2e

SEEDS = Path(__file__).parents[2] / "seeds/word_problems.jsonl"
ARGS = {"per_device_train_batch_size": 2, "gradient_checkpointing": False, "logging_steps": 1, "learning_rate": 1e-2}


def make(folder: Path, model: Path, type: str, args: dict[str, Any], **more: Any) -> Run:
    """A run folder with eight pairs, worked answers against refusals, and their questions as examples."""
    rows = [json.loads(line) for line in SEEDS.read_text().splitlines()[:8]]
    names = [f"p{n}" for n in range(8)]
    pairs = [
        Pair(id=name, question=r["question"], chosen=r["solution"], rejected=f"I do not know, {name}.", source="seed")
        for name, r in zip(names, rows, strict=True)
    ]
    write_rows(folder / "pair/pairs.jsonl", pairs)
    write_rows(
        folder / "filter/examples.jsonl",
        [Example(id=p.id, question=p.question, answer=None, response=p.chosen, source=p.id) for p in pairs],
    )
    entry = {"type": type, "args": ARGS | {"save_strategy": "no"} | args, **more}
    recipe = {"name": folder.name, "runs": str(folder.parent), "model": str(model), "pair": {}, "train": [entry]}
    (folder / "recipe.yaml").write_text(yaml.safe_dump({"data": {"path": str(SEEDS)}, **recipe}))
    return Run.at(folder)


def metrics(run: Run, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.folder / name / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def reward_model(tiny, tmp_path_factory) -> Run:
    run = make(tmp_path_factory.mktemp("reward") / "run", tiny, "reward_model", {"max_steps": 4}, holdout=0.25)
    train(run)
    return run


def test_reward_model_is_measured_on_held_out_pairs_and_scores(reward_model):
    figures = reward_model.record("train/reward_model")["figures"]
    assert (figures["examples"], figures["steps"], figures["holdout"]["pairs"]) == (6, 4, 2)
    last = metrics(reward_model, "train/reward_model")[-1]
    assert (last["holdout_accuracy"], last["holdout_pairs"]) == (figures["holdout"]["accuracy"], 2)
    folder = reward_model.folder / "train/reward_model/model"
    assert {"model.safetensors", "tokenizer.json", "chat_template.jinja"} <= {f.name for f in folder.iterdir()}
    config = json.loads((folder / "config.json").read_text())
    assert (config["architectures"], config["dtype"]) == (["LlamaForSequenceClassification"], "bfloat16")
    assert config["pad_token_id"] is not None
    scorer = classifier.open(classifier.Params(model=str(folder)))
    said = ["It is 2.", "", "I do not know."]
    scores = in_order(scorer, [("What is 1 + 1?", text) for text in said])
    assert all(score is not None and math.isfinite(score) for score in scores)
    assert len(set(scores)) == 3


def test_a_reward_model_of_adapters_is_merged_with_its_head(tiny, tmp_path):
    run = make(tmp_path / "run", tiny, "reward_model", {"max_steps": 2}, holdout=0.25, lora={"r": 4})
    train(run)
    folder = run.folder / "train/reward_model/model"
    assert not list(folder.glob("adapter*"))
    scorer = classifier.open(classifier.Params(model=str(folder)))
    assert None not in in_order(scorer, [("What is 1 + 1?", "It is 2.")])


def test_dpo_killed_and_taken_up_again(tiny, tmp_path):
    run = make(tmp_path / "run", tiny, "dpo", {"max_steps": 12, "save_strategy": "steps", "save_steps": 1})
    folder = run.folder / "train/dpo"
    process = start(run)
    while last_step(folder / "checkpoints") < 2:
        assert process.poll() is None, process.communicate()[0][-3000:]
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    last, made = last_step(folder / "checkpoints"), {f.name for f in (folder / "dataset").iterdir()}
    figures = train(run)
    assert (figures["steps"], figures["resumed_from"]) == (12, last)
    assert {f.name for f in (folder / "dataset").iterdir()} == made, "the reference was worked out again"
    assert steps(run, "train/dpo") == list(range(1, 13))
    assert metrics(run, "train/dpo")[0]["loss"] == pytest.approx(math.log(2), abs=1e-3)
    assert metrics(run, "train/dpo")[-1]["rewards/margins"] > 0.5
    assert "assistant" in generate(folder / "model")


def test_online_dpo_learns_from_its_own_responses(tiny, tmp_path, reward_model):
    reward = {"type": "classifier", "model": str(reward_model.folder / "train/reward_model/model")}
    args = {"max_steps": 3, "max_new_tokens": 12, "learning_rate": 1e-4}
    run = make(tmp_path / "run", tiny, "online_dpo", args, reward=reward, lora={"r": 4})
    assert train(run)["steps"] == 3
    lines = metrics(run, "train/online_dpo")
    assert all(line["objective/scores_margin"] > 0 for line in lines)
    assert {"rewards/margins", "rewards/accuracies", "objective/kl"} <= set(lines[0])
    assert "assistant" in generate(run.folder / "train/online_dpo/model")


def test_online_dpo_of_all_weights_under_zero3(tiny, tmp_path, reward_model):
    """TRL cannot copy its reference model there, and the reward model must be whole in each process."""
    reward = {"type": "classifier", "model": str(reward_model.folder / "train/reward_model/model")}
    args = {"max_steps": 2, "max_new_tokens": 8, "per_device_train_batch_size": 1, "save_strategy": "no"}
    run = make(
        tmp_path / "run", tiny, "online_dpo", args, reward=reward, launch="launch/cpu_zero3.yaml", processes=2, batch=4
    )
    assert train(run)["steps"] == 2
    first, second = metrics(run, "train/online_dpo")
    assert first["epoch"] == 0.5, "a batch of 4 of the 8 prompts: one at once on each of two processes, two steps"
    assert first["objective/kl"] == pytest.approx(0, abs=1e-3), "the reference is the model that training starts from"
    assert second["objective/kl"] != 0
    assert first["objective/scores_margin"] > 0
    assert "assistant" in generate(run.folder / "train/online_dpo/model")


def test_online_dpo_is_scored_by_a_language_model(tiny, tmp_path):
    """What it is told is kept beside the checkpoints, and counted."""
    reward = {"type": "llm_judge", "model": "judge", "engine": {"type": "tests.scripted_judge"}, "samples": 2}
    args = {"max_steps": 2, "max_new_tokens": 12, "per_device_train_batch_size": 2}
    run = make(tmp_path / "run", tiny, "online_dpo", args, reward=reward, lora={"r": 4})
    figures = train(run)
    assert figures["steps"] == 2
    assert 0 < figures["score"]["completions"] <= 2 * 2 * 2 * 2, "two prompts a step, two rollouts each, two replies"
    assert figures["score"]["tokens"] == 3
    assert all(1 <= line["objective/scores"] <= 10 for line in metrics(run, "train/online_dpo"))


def test_a_model_that_is_no_reward_model_is_an_error_the_user_can_mend(tiny, tmp_path):
    run = make(
        tmp_path / "run", tiny, "online_dpo", {"max_steps": 1}, reward={"type": "classifier", "model": str(tiny)}
    )
    output, _ = start(run).communicate(timeout=200)
    assert "is a LlamaForCausalLM: it has no label" in output
    assert run.record("train/online_dpo") == {}
