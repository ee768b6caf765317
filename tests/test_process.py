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
