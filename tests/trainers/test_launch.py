"""The command line and environment of a training stage."""

import sys
from pathlib import Path

import pytest
import yaml

from csi_train.errors import RecipeError, RunError
from csi_train.trainers import arguments, grpo, launch
from csi_train.trainers.params import BATCH_SIZE, TrainerParams

FILES = sorted((launch.REPOSITORY / "launch").glob("*.yaml"))


def test_command_is_what_a_user_would_type(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = launch.command(Path("runs/x"), "sft", TrainerParams())
    assert command[0] == sys.executable
    assert command[3:5] == ["--config_file", str(launch.REPOSITORY / "launch/cpu.yaml")]
    assert command[5:7] == ["--num_processes", "1"]
    assert command[7:] == ["-m", "csi_train.stages.train", "runs/x", "--stage", "sft"]


def test_the_recipe_says_how_many_processes():
    params = TrainerParams(launch="launch/gpu_zero2.yaml", processes=8)
    assert launch.command(Path("runs/x"), "sft", params)[5:7] == ["--num_processes", "8"]
    assert launch.processes(TrainerParams(launch="launch/cpu_zero2.yaml")) == 2
    assert launch.processes(TrainerParams(launch="launch/cpu_zero2.yaml", processes=3)) == 3


def test_a_launch_file_of_several_processes_does_not_say_how_many():
    with pytest.raises(RecipeError, match=r"leaves the number of processes to the recipe\n.*processes: 8"):
        launch.processes(TrainerParams(launch="launch/gpu_ddp.yaml"))


def test_a_launch_file_of_one_process_starts_no_eight():
    with pytest.raises(RecipeError, match=r"launch/gpu.yaml starts 1 process, and processes is 8\n.*several"):
        launch.processes(TrainerParams(launch="launch/gpu.yaml", processes=8))


def test_a_training_started_with_other_processes_than_its_recipe_says():
    params = TrainerParams(launch="launch/gpu_zero2.yaml", processes=8)
    launch.started(params, 8)
    with pytest.raises(RunError, match=r"has 1 processes, and its recipe says 8\n.*--num_processes 8"):
        launch.started(params, 1)


def grpo_params(**more):
    args = {"per_device_train_batch_size": 8, "num_generations": 16}
    return grpo.Params(**{"launch": "launch/gpu_zero2.yaml", "batch": 128, "args": args} | more)


def test_the_batch_is_kept_with_any_number_of_processes():
    """128 prompts × 16 completions are 2,048 rows, eight of them at once on each GPU."""
    for processes, launched in ((8, "launch/gpu_zero2.yaml"), (4, "launch/gpu_ddp.yaml"), (1, "launch/gpu.yaml")):
        params = grpo_params(processes=processes, launch=launched)
        assert launch.accumulation(params) == 2048 // (8 * processes)
        assert launch.batch(params) == 128
    assert launch.accumulation(TrainerParams(batch=64, args={"per_device_train_batch_size": 2})) == 32
    assert launch.accumulation(TrainerParams(batch=64)) == 64 // 8  # transformers takes 8 at once


def test_without_a_batch_the_args_decide():
    params = grpo_params(batch=None, processes=2)
    assert (launch.accumulation(params), launch.batch(params)) == (1, 1.0)
    more = {"args": params.args | {"gradient_accumulation_steps": 32}}
    assert launch.batch(params.model_copy(update=more)) == 32


def test_a_batch_that_cannot_be_split_over_the_processes():
    message = "batch 128 × 16 completions = 2048 is not a multiple of .* 8 × 3 processes\n.*a multiple of 3;"
    with pytest.raises(RecipeError, match=message):
        launch.accumulation(grpo_params(processes=3))


def test_a_batch_is_stated_once():
    with pytest.raises(RecipeError, match="batch 64 decides gradient_accumulation_steps"):
        launch.accumulation(TrainerParams(batch=64, args={"gradient_accumulation_steps": 8}))


def test_the_defaults_that_a_batch_is_worked_out_from_are_the_libraries():
    for kind in ("sft", "grpo", "dpo"):
        assert arguments.values(kind, {})["per_device_train_batch_size"] == BATCH_SIZE
    assert arguments.values("grpo", {})["num_generations"] == grpo.Params.completions({})


def test_a_launch_file_of_ones_own_comes_first(tmp_path, monkeypatch):
    (tmp_path / "launch").mkdir()
    (tmp_path / "launch/cpu.yaml").write_text("num_processes: 3\n")
    monkeypatch.chdir(tmp_path)
    assert launch.processes(TrainerParams()) == 3


def test_missing_launch_file():
    with pytest.raises(RecipeError, match="no launch file"):
        launch.command(Path("x"), "sft", TrainerParams(launch="launch/tpu.yaml"))


def test_cpu_processes_share_the_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(launch.os, "sched_getaffinity", lambda pid: set(range(8)))
    assert launch.environment(TrainerParams())["OMP_NUM_THREADS"] == "8"
    assert launch.environment(TrainerParams(launch="launch/cpu_zero2.yaml"))["OMP_NUM_THREADS"] == "4"
    assert "OMP_NUM_THREADS" not in launch.environment(TrainerParams(launch="launch/gpu.yaml"))


def test_a_users_own_setting_stands(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert launch.environment(TrainerParams())["OMP_NUM_THREADS"] == "1"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_accelerate_takes_every_launch_file(file):
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(file))
    assert file.read_text().startswith("# ")
    assert config.mixed_precision == "no"
    alone = config.distributed_type == "NO"
    assert config.num_processes == (1 if alone else 2 if config.use_cpu else -1)
    if file.stem.endswith("zero3"):
        assert yaml.safe_load(file.read_text())["deepspeed_config"]["zero3_save_16bit_model"] is True
