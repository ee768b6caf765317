"""Child processes: how they end, and what the signals that end a command do."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from csi_train import process
from csi_train.errors import RunError

ENV = dict(os.environ)


def python(script: str, log: Path, tick: object = None) -> None:
    process.run([sys.executable, "-c", script], ENV, log, tick if callable(tick) else lambda: None)


def test_the_output_of_a_child_goes_to_its_log(tmp_path: Path) -> None:
    python("import sys; print('out'); print('err', file=sys.stderr)", tmp_path / "logs/log")
    assert sorted((tmp_path / "logs/log").read_text().split()) == ["err", "out"]


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"exit code 3\n.*it was the moon") as error:
        python("print('it was the moon'); raise SystemExit(3)", tmp_path / "log")
    assert f"{tmp_path}/log" in error.value.hint


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_ends_with_the_parents_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool) -> None:
    """One that closes its model at SIGTERM is waited for; one that heeds no signal is killed."""
    monkeypatch.setattr(process, "GRACE", 1 if stubborn else 60)
    handler = "signal.SIG_IGN" if stubborn else "lambda *_: sys.exit('closed' + str(signal.getsignal(signal.SIGINT)))"
    script = f"import os, signal, sys, time; signal.signal(signal.SIGTERM, {handler}); print(os.getpid(), flush=True)"
    log = tmp_path / "log"

    def tick() -> None:
        if log.read_text().strip():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        python(f"{script}\nwhile True: time.sleep(0.1)", log, tick)
    pid, *said = log.read_text().split()
    assert not Path(f"/proc/{pid}").exists()
    assert said == ([] if stubborn else [f"closed{signal.SIG_IGN}"]), "it leaves Ctrl-C to its parent"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_block_is_stopped_as_by_ctrl_c(number: signal.Signals) -> None:
    script = f"""
import os, signal, time
from csi_train import process
try:
    with process.stoppable():
        os.kill(os.getpid(), {number})
        time.sleep(60)
except KeyboardInterrupt as stop:
    os._exit(stop.args[0])
"""
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == number


def test_a_signal_that_was_ignored_stays_ignored_and_handlers_come_back() -> None:
    script = """
import os, signal
from csi_train import process
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with process.stoppable():
    os.kill(os.getpid(), signal.SIGHUP)
    print("still here")
print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "still here\nTrue True\n"


def test_a_signal_waits_for_the_end_of_an_undisturbed_block(ctrl_c: None) -> None:
    done = []

    def draw() -> None:
        with process.undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            done.append("drawn")

    other = threading.Event()
    thread = threading.Thread(target=other.wait, args=(60,))
    thread.start()  # which the system may hand the signal to
    with pytest.raises(KeyboardInterrupt):
        draw()
    other.set()
    thread.join(60)
    assert done == ["drawn"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


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
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words[2:4] == [WORKER, str(folder / "mark")]:
            found.append(int(entry.name))
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
