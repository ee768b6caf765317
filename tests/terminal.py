"""A terminal to run a command in, and to look at what a person would see there."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[1]
LIMIT = 240
"""Seconds after which a test that waits for something on the screen gives up: it only guards against hanging."""


class Terminal:
    """A command in a pseudo-terminal of its own. `seen` holds every picture of the screen, one after the other."""

    def __init__(self, command: list[str], columns: int, rows: int, cwd: Path, limit: float) -> None:
        self.columns = columns
        self.limit = limit
        self.seen: list[str] = []
        self.written = b""
        self.status: int | None = None
        self._screen = pyte.HistoryScreen(columns, rows, history=1000)
        self._stream = pyte.ByteStream(self._screen)
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):  # a script's background job ignores some
                signal.signal(number, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")}
            env = kept | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
            os.execve(command[0], command, env)

    @property
    def screen(self) -> str:
        """What is on the screen, without empty lines at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def text(self) -> str:
        """All that was left on the screen, with what has scrolled off its top."""
        above = ["".join(line[n].data for n in range(self.columns)) for line in self._screen.history.top]
        return "\n".join([*(line.rstrip() for line in above), self.screen])

    @property
    def cursor_hidden(self) -> bool:
        return bool(self._screen.cursor.hidden)

    def press(self, keys: str) -> None:
        """Type something; `\\x03` is Ctrl-C."""
        os.write(self._end, keys.encode())

    def until(self, there: Callable[[], object]) -> None:
        """Read until something is so; fails with the screen where it does not come to be."""
        deadline = time.monotonic() + self.limit
        while not there():
            assert time.monotonic() < deadline, f"waited for {self.limit} s:\n{self.text}"
            if not self._read() and self.status is not None:
                assert there(), f"it ended with {self.status}:\n{self.text}"

    def shows(self, words: str) -> None:
        """Read until these words are on the screen."""
        self.until(lambda: words in self.text)

    def ends(self) -> int:
        """Read to the end; returns the exit status."""
        self.until(lambda: self.status is not None and not self._read())
        assert self.status is not None
        return self.status

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._end)
        self._end = -1

    def _read(self) -> bool:
        """Take in what was written; whether there was anything."""
        if self.status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if ended else None
        if self._end < 0 or not select.select([self._end], [], [], 0.05)[0]:
            return False
        try:
            data = os.read(self._end, 65536)
        except OSError:  # Linux says so where nobody has the other end open any more
            data = b""
        if not data:
            return False
        self.written += data
        self._stream.feed(data)
        self.seen.append(self.screen)
        return True

    def close(self) -> None:
        """End it, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self.status is None:
            os.waitpid(self.pid, 0)
        if self._end >= 0:
            os.close(self._end)


def processes_in(folder: Path) -> list[str]:
    """The command lines of all processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended by now
            if (process / "cwd").resolve() == folder:
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


@contextlib.contextmanager
def terminal(
    *command: object, columns: int = 80, rows: int = 24, cwd: Path = ROOT, limit: float = LIMIT
) -> Iterator[Terminal]:
    """`csi-train` with these words, in a window of this size; nothing is waited for longer than `limit` seconds."""
    started = Terminal([sys.executable, "-m", "csi_train", *map(str, command)], columns, rows, cwd, limit)
    try:
        yield started
    finally:
        started.close()
