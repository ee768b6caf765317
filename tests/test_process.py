"""Child processes of a command: none goes on without it, whenever it dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WORKER = """
import pathlib, sys, time
mark = pathlib.Path(sys.argv[1])
mark.with_suffix(".started").touch()
while not mark.with_suffix(".go").exists():
    time.sleep(0.02)
from csi_train.process import die_with_parent
die_with_parent()
mark.with_suffix(".working").touch()
time.sleep(60)
"""
LAUNCHER = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
COMMAND = """
import os, pathlib, sys
from csi_train import process
process.run([sys.executable, "-c", *sys.argv[2:]], dict(os.environ), pathlib.Path(sys.argv[1]), lambda: None)
"""
LIMIT = 60
"""Seconds after which a test gives up."""


def start(folder: Path) -> subprocess.Popen[bytes]:
    """A command that starts a launcher that starts a worker, as `csi-train run` starts a training."""
    chain = [COMMAND, str(folder / "log"), LAUNCHER, WORKER, str(folder / "mark")]
    return subprocess.Popen([sys.executable, "-c", *chain])


def until(path: Path) -> bool:
    end = time.monotonic() + LIMIT
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return path.exists()


def workers(folder: Path) -> list[int]:
    """The processes that have the test's folder among their arguments and are no launcher."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words[2:4] == [WORKER, str(folder / "mark")]:
            found.append(int(process.name))
    return found


def gone(folder: Path) -> bool:
    end = time.monotonic() + LIMIT
    while workers(folder) and time.monotonic() < end:
        time.sleep(0.02)
    return not workers(folder)


def test_a_worker_that_starts_after_its_command_was_killed_does_nothing(tmp_path: Path) -> None:
    command = start(tmp_path)
    assert until(tmp_path / "mark.started")
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    (tmp_path / "mark.go").touch()
    assert gone(tmp_path)
    assert not (tmp_path / "mark.working").exists()


def test_a_worker_at_work_ends_with_its_command(tmp_path: Path) -> None:
    (tmp_path / "mark.go").touch()
    command = start(tmp_path)
    assert until(tmp_path / "mark.working")
    assert workers(tmp_path)
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    assert gone(tmp_path)
