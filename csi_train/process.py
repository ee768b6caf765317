"""Child processes: none outlives the one that started it, and none hides why it failed."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from csi_train import failure
from csi_train.errors import RunError

PR_SET_PDEATHSIG = 1
COMMAND = "CSI_TRAIN_COMMAND"
"""Names, to the processes that a command starts, the command's process."""
GRACE = 20
"""Seconds that a process has to close its model in when it is told to end; then it is killed."""


def die_with_parent() -> None:
    """Have Linux kill this process when its parent dies, even of kill -9: no orphan goes on writing in a run folder.

    The signal is for a parent that dies from now on. One that died before has left this process to another parent, so
    the command that started it all is not among its ancestors any more: then it ends here.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    command = os.environ.get(COMMAND)
    if command and int(command) not in _ancestors():
        os._exit(1)


def _ancestors() -> Iterator[int]:
    """The parent of this process, its parent, and so on."""
    process = os.getppid()
    while process:
        yield process
        status = Path(f"/proc/{process}/status")
        process = int(next((n.split()[1] for n in _lines(status) if n.startswith("PPid:")), 0))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # that process has ended meanwhile
        return []


def run(command: Sequence[str], env: dict[str, str], log: Path, tick: Callable[[], None]) -> None:
    """Run a command with its output in a log, calling `tick` every half second.

    Raises RunError with the message the command left, or the end of its log and the signal that killed it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            env=env | {COMMAND: str(os.getpid())},
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_begin,
        )
        try:
            while True:
                try:
                    code = child.wait(0.5)
                    break
                except subprocess.TimeoutExpired:
                    tick()
        except BaseException:
            end(child)
            raise
    tick()
    if code:
        raise RunError(
            _reason(log, code), f"the whole story: {log}; then run again with --resume: finished work is kept"
        )


def end(child: "subprocess.Popen[bytes]") -> None:
    """End a process with SIGTERM, with SIGKILL where it takes longer than GRACE."""
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a command."""


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Have those signals wait for the end of the block: half a picture cannot be wiped out any more.

    A blocked signal would not do: the system hands it to any other thread, and Python then interrupts the main one.
    """
    waiting: list[int] = []
    before = {number: signal.getsignal(number) for number in STOPS}
    handled = [number for number, handler in before.items() if callable(handler)]
    try:
        for number in handled:
            signal.signal(number, lambda got, frame: waiting.append(got))
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])
        for got in waiting:
            signal.raise_signal(got)


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end the block as Ctrl-C does: by KeyboardInterrupt, its argument the signal's number.

    One that is ignored (SIGHUP under nohup) stays ignored, as Python leaves SIGINT in a script's background job.
    """
    before = {number: signal.getsignal(number) for number in STOPS[1:]}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if number == signal.SIGHUP:  # the terminal is gone, and writing to it is an error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    raise KeyboardInterrupt(number)


def _begin() -> None:
    """In the child: leave Ctrl-C, which a terminal sends to both, to the parent, who ends its child."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _reason(log: Path, code: int) -> str:
    if message := failure.told(log):
        return message
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    memory = "; out of memory, perhaps" if code == -signal.SIGKILL else ""
    return "\n".join([f"the stage died: {how}{memory}", *(f"    {line}" for line in lines[-8:])])
