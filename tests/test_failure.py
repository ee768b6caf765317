"""What a failed process says, and what whoever started it makes of its log."""

from pathlib import Path

import pytest

from csi_train import failure
from csi_train.errors import RunError


def tell(error: Exception) -> None:
    try:
        raise error
    except Exception as raised:
        failure.tell(raised)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """As in a process that torch elastic did not start."""
    for name in ("TORCHELASTIC_ERROR_FILE", "WORLD_SIZE", "RANK"):
        monkeypatch.delenv(name, raising=False)


def log_of(folder: Path, *pieces: str) -> Path:
    file = folder / "log"
    file.write_text("".join(pieces))
    return file


def test_an_error_of_the_users_is_told_without_a_traceback(capsys):
    tell(RunError("nothing to train on", "look at filter/examples.jsonl"))
    assert capsys.readouterr().err == "error: nothing to train on\n  → look at filter/examples.jsonl\n"


def test_any_other_is_told_with_its_type_and_its_traceback(capsys):
    tell(ValueError("too\nbad"))
    trace, message = capsys.readouterr().err.split("error: ", 1)
    assert trace.startswith("Traceback")
    assert trace.count("\n") > 3
    assert message == "ValueError: too\n  bad\n"


def test_what_is_told_is_found_in_a_log_whatever_is_written_around_it(tmp_path, capsys):
    tell(RunError("first line\nsecond line", "do this"))
    said = capsys.readouterr().err
    log = log_of(tmp_path, "error: of a compiler\nmore\n", said, "E1125 elastic: failed\n  deep inside\n")
    assert failure.told(log) == "first line\n  second line\n  → do this"
    assert failure.told(log_of(tmp_path, "all is well\n")) is None


def test_of_several_processes_the_first_that_fails_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, error in (("1", ValueError("the cause")), ("0", RuntimeError("connection closed by peer"))):
        (tmp_path / rank).mkdir()
        monkeypatch.setenv("RANK", rank)
        monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / rank / "error.json"))
        tell(error)
    said = capsys.readouterr().err
    assert "error: rank 1 of 2 processes: ValueError: the cause\n" in said
    assert "closed by peer" not in said
    assert "the cause" in (tmp_path / "1/error.json").read_text()
    assert not (tmp_path / "0/error.json").exists()
