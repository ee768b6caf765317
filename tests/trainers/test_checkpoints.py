"""Which checkpoint is taken up again: the last whole one, whatever a kill left behind after it."""

import json
import math
import struct
import zipfile
from pathlib import Path

import pytest

from csi_train.trainers import checkpoints


def write(folder: Path, step: int, weight: float = 0.0) -> Path:
    """A checkpoint with the files that transformers leaves, of a training of ten steps."""
    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    (checkpoint / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + struct.pack("<2f", 1.0, weight)
    )
    with zipfile.ZipFile(checkpoint / "optimizer.pt", "w") as file:
        file.writestr("data", "x" * 1000)
    (checkpoint / "trainer_state.json").write_text(json.dumps({"global_step": step, "max_steps": 10}))
    return checkpoint


def cut(file: Path) -> None:
    """Leave half of a file, as a kill in the middle of writing does."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def test_none_where_there_is_none(tmp_path):
    assert checkpoints.latest(tmp_path / "checkpoints") is None


def test_highest_step_not_last_in_the_alphabet(tmp_path):
    write(tmp_path, 9)
    write(tmp_path, 10)
    assert checkpoints.latest(tmp_path) == tmp_path / "checkpoint-10"


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "trainer_state.json"])
def test_skips_one_with_half_a_file(tmp_path, name):
    write(tmp_path, 2)
    cut(write(tmp_path, 4) / name)
    assert checkpoints.latest(tmp_path) == tmp_path / "checkpoint-2"


@pytest.mark.parametrize("name", ["model.safetensors", "trainer_state.json"])
def test_skips_one_with_a_file_missing(tmp_path, name):
    write(tmp_path, 2)
    (write(tmp_path, 4) / name).unlink()
    assert checkpoints.latest(tmp_path) == tmp_path / "checkpoint-2"


def test_an_empty_weights_file_is_not_whole(tmp_path):
    (write(tmp_path, 2) / "model.safetensors").write_bytes(b"")
    assert checkpoints.latest(tmp_path) is None


def test_half_a_file_of_another_process_deep_inside(tmp_path):
    inside = write(tmp_path, 2) / "global_step2"
    inside.mkdir()
    (inside / "rank_1_optim_states.pt").write_bytes(b"PK\x03\x04half")
    assert checkpoints.latest(tmp_path) is None


def test_other_names_are_not_checkpoints(tmp_path):
    write(tmp_path, 2).rename(tmp_path / "checkpoint-best")
    assert checkpoints.latest(tmp_path) is None


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf])
def test_skips_one_with_a_weight_that_is_no_finite_number(tmp_path, weight):
    write(tmp_path, 2)
    write(tmp_path, 4, weight)
    assert checkpoints.latest(tmp_path) == tmp_path / "checkpoint-2"


def test_the_last_step_is_the_end(tmp_path):
    assert not checkpoints.ended(write(tmp_path, 9))
    assert checkpoints.ended(write(tmp_path, 10))


def test_removes_those_of_later_steps(tmp_path):
    for step in (2, 9, 10):
        write(tmp_path, step)
    checkpoints.remove_after(tmp_path / "checkpoint-9", tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"checkpoint-2", "checkpoint-9"}
    checkpoints.remove_after(None, tmp_path)
    assert list(tmp_path.iterdir()) == []
