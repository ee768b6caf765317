"""The command line and environment of a training stage."""

import sys
from pathlib import Path

import pytest
import yaml

from csi_train.errors import RecipeError
from csi_train.trainers import launch
from csi_train.trainers.params import TrainerParams

FILES = sorted((launch.REPOSITORY / "launch").glob("*.yaml"))


def test_command_is_what_a_user_would_type(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = launch.command(Path("runs/x"), "sft", TrainerParams())
    assert command[0] == sys.executable
    assert command[3:5] == ["--config_file", str(launch.REPOSITORY / "launch/cpu.yaml")]
    assert command[5:] == ["-m", "csi_train.stages.train", "runs/x", "--stage", "sft"]


def test_a_launch_file_of_ones_own_comes_first(tmp_path, monkeypatch):
    (tmp_path / "launch").mkdir()
    (tmp_path / "launch/cpu.yaml").write_text("num_processes: 3\n")
    monkeypatch.chdir(tmp_path)
    assert launch.processes("launch/cpu.yaml") == 3


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
    if file.stem.endswith("zero3"):
        assert yaml.safe_load(file.read_text())["deepspeed_config"]["zero3_save_16bit_model"] is True
