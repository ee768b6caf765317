"""Metrics on disk and the alarms in them."""

import json
import math
from types import SimpleNamespace

import pytest

from csi_train.trainers import callbacks

FINE = {
    "loss": 0.1,
    "grad_norm": 1.0,
    "frac_reward_zero_std": 0.5,
    "completions/clipped_ratio": 0.1,
    "sampling/importance_sampling_ratio/mean": 1.02,
    "val/contain_eos_token": 0.9,
    "objective/scores_margin": 0.2,
    "holdout_accuracy": 0.65,
    "holdout_stderr": 0.03,
}


def test_no_alarm_where_all_is_well():
    assert callbacks.alarms(FINE) == []
    assert callbacks.alarms({"loss": 0.3}) == []
    assert callbacks.alarms({**FINE, "sampling/importance_sampling_ratio/mean": None}) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("frac_reward_zero_std", 1.0, "100% of the groups have equal rewards"),
        ("completions/clipped_ratio", 0.75, "75% of the completions are cut off"),
        ("sampling/importance_sampling_ratio/mean", 0.4, "importance ratio 0.40"),
        ("sampling/importance_sampling_ratio/mean", 3.0, "importance ratio 3.00"),
        ("sampling/importance_sampling_ratio/mean", 0.0, "importance ratio 0.00"),
        ("val/contain_eos_token", 0.25, "75% of the completions are cut off"),
        ("objective/scores_margin", 0.0, "equal rewards"),
        ("holdout_accuracy", 0.55, "no better than chance"),
    ],
)
def test_one_alarm_for_each_figure_that_is_wrong(name, value, said):
    (sentence,) = callbacks.alarms({**FINE, name: value})
    assert said in sentence


def steps(path):
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def test_truncate_drops_later_steps_and_a_torn_line(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    callbacks.truncate(path, 2)
    assert steps(path) == [1, 2]


def test_truncate_makes_an_empty_file(tmp_path):
    callbacks.truncate(tmp_path / "metrics.jsonl", 0)
    assert (tmp_path / "metrics.jsonl").read_text() == ""


def state(step, first=True):
    return SimpleNamespace(global_step=step, max_steps=3, is_world_process_zero=first)


def test_metrics_are_one_line_a_step_and_go_on_after_a_resume(tmp_path):
    for begin in (0, 1):
        callback = callbacks.metrics(tmp_path)
        callback.on_train_begin(None, state(begin), None)
        for step in range(begin + 1, 3):
            callback.on_step_end(None, state(step), None)
            callback.on_log(None, state(step), None, logs={"loss": math.nan})
        callback.on_log(None, state(2), None, logs={"train_runtime": 1.0})
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    assert lines[0]["loss"] is None


def test_figures_of_preference_training_are_printed(tmp_path, capsys):
    callback = callbacks.metrics(tmp_path)
    callback.on_train_begin(None, state(0), None)
    callback.on_log(None, state(1), None, logs={"loss": 0.5, "rewards/margins": 0.25, "rewards/accuracies": 0.75})
    assert capsys.readouterr().out == "step 1 of 3  loss 0.5  rewards/margins 0.25  rewards/accuracies 0.75\n"


def test_only_the_first_process_writes(tmp_path):
    callback = callbacks.metrics(tmp_path)
    callback.on_train_begin(None, state(0, first=False), None)
    callback.on_log(None, state(1, first=False), None, logs={"loss": 1.0})
    assert list(tmp_path.iterdir()) == []
