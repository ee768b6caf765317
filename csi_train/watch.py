"""What a run shows while it works: progress bars on a terminal, plain lines elsewhere, nothing if quiet."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from csi_train.progress import Snapshot
from csi_train.run import Run

EVERY = 15
"""Seconds between two plain lines about one stage."""


class Watch:
    """Shows the stages of a run, read from the progress files that they write."""

    def __init__(self, run: Run, quiet: bool) -> None:
        self._run = run
        self._console = Console(stderr=True, quiet=quiet)
        self._bars = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(24),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f} {task.fields[unit]}  {task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, float] = {}
        self._since = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def say(self, line: str) -> None:
        """One line for a person to read."""
        self._console.print(line, markup=False, highlight=False)

    @contextlib.contextmanager
    def stages(self, names: Sequence[str]) -> Iterator[None]:
        """Show these stages while the block runs, and one line at the end."""
        began, self._since = time.monotonic(), time.time()
        self._tasks = {name: self._bars.add_task(name, total=None, unit="", rate="starting") for name in names}
        self._said = dict.fromkeys(names, time.monotonic())
        if self._bars.disable:
            self.say(f"{' + '.join(names)}: starting")
        yield
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks = {}
        self.say(f"{' + '.join(names)}: done in {time.monotonic() - began:.0f} s")

    def tick(self) -> None:
        """Look at the progress files once."""
        for name, task in self._tasks.items():
            snapshot = Snapshot.read(self._run.folder / name)
            if snapshot is None or snapshot.started < self._since:
                continue
            self._bars.update(
                task, completed=snapshot.done, total=snapshot.of, unit=snapshot.unit, rate=_rate(snapshot)
            )
            if self._bars.disable and time.monotonic() - self._said[name] > EVERY:
                self._said[name] = time.monotonic()
                self.say(
                    f"{name}: {snapshot.done:,}/{snapshot.of:,} {snapshot.unit}, {_rate(snapshot)}, {_left(snapshot)}"
                )


def _rate(snapshot: Snapshot) -> str:
    seconds = max(time.time() - snapshot.started, 1e-3)
    if snapshot.tokens:
        return f"{snapshot.tokens / seconds:,.0f} tokens/s"
    return f"{snapshot.done / seconds:,.2f}/s"


def _left(snapshot: Snapshot) -> str:
    if not snapshot.done:
        return "time left unknown"
    seconds = (time.time() - snapshot.started) / snapshot.done * (snapshot.of - snapshot.done)
    return f"about {seconds:,.0f} s left"
