"""What a run shows while it works: a picture that moves on a terminal, plain lines elsewhere, nothing if quiet."""

import contextlib
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from csi_train.process import undisturbed
from csi_train.progress import Pace, Snapshot
from csi_train.run import Run

EVERY = 15
"""Seconds between two plain lines about one stage; where nothing was done meanwhile there is none."""
GAP = 2
ECHO = 3
"""Columns left free: a terminal writes ^C behind the picture, and where that wraps, wiping it out is a line short."""
BAR = (8, 24)
"""The narrowest and the widest bar, in columns."""


class Row(NamedTuple):
    """One stage in words: how far it is, the time left, its speed, and what else is known, in order of importance.

    `share`: how much is done, 0 to 1; None where that is not known.
    """

    name: str
    share: float | None
    amount: str
    left: str = ""
    speed: str = ""
    elapsed: str = ""
    note: str = ""


@dataclass
class _Track:
    """What was seen of a stage."""

    said: float
    """When the last line about it was printed."""
    told: float = 0.0
    """When the last thing was done that a line told of."""
    pace: Pace = field(default_factory=Pace)
    snapshot: Snapshot | None = None


class Watch:
    """Shows the stages of a run, read from the progress files that they write."""

    def __init__(self, run: Run, quiet: bool) -> None:
        self._run = run
        self._console = Console(stderr=True, quiet=quiet)
        # rich takes FORCE_COLOR for a terminal: a log file would fill with pictures
        self._drawn = not quiet and sys.stderr.isatty() and not self._console.is_dumb_terminal
        self._live: Live | None = None
        self._tracks: dict[str, _Track] = {}
        self._began = 0.0

    def say(self, line: str) -> None:
        """One line for a person to read."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def stages(self, names: Sequence[str]) -> Iterator[None]:
        """Show these stages while the block runs, and one line at the end that says how it went."""
        self._began = time.time()
        self._tracks = {name: _Track(self._began) for name in names}
        together, outcome = " + ".join(names), "failed"
        try:
            with self._picture(together):
                yield
            outcome = "done"
        except KeyboardInterrupt:
            outcome = "interrupted"
            raise
        finally:
            took = duration(time.time() - self._began)
            self.say(f"{together}: done in {took}" if outcome == "done" else self._stopped(together, outcome, took))
            self._tracks = {}

    def tick(self) -> None:
        """Look at the progress files once."""
        now = time.time()
        for name, track in self._tracks.items():
            snapshot = Snapshot.read(self._run.folder / name)
            if snapshot is None or snapshot.started < self._began:
                continue
            track.snapshot = snapshot
            track.pace.see(snapshot)
            if not self._drawn and now - track.said > EVERY and snapshot.at > max(track.told, snapshot.started):
                track.said, track.told = now, snapshot.at
                self.say(plain(row(name, snapshot, track.pace, now)))
        if self._live:
            with undisturbed():
                self._live.refresh()

    @contextlib.contextmanager
    def _picture(self, together: str) -> Iterator[None]:
        if not self._drawn:
            self.say(f"{together}: starting")
            yield
            return
        # no thread of rich's own: `tick` refreshes, and a process is never forked beside a thread that draws
        self._live = Live(console=self._console, auto_refresh=False, transient=True, get_renderable=self._rows)
        try:
            with undisturbed():
                self._live.start()
            yield
        finally:
            with undisturbed():
                self._live.stop()
            self._live = None

    def _rows(self) -> "Picture":
        now, rows, before = time.time(), list[Row](), True
        for name, track in self._tracks.items():
            if track.snapshot:
                rows.append(row(name, track.snapshot, track.pace, now))
            elif before:  # it loads its model, or counts nothing
                rows.append(Row(name, None, "working", elapsed=duration(now - self._began)))
            else:
                rows.append(Row(name, None, "waiting"))
            before = bool(track.snapshot and track.snapshot.ended)
        return Picture(rows)

    def _stopped(self, together: str, outcome: str, took: str) -> str:
        """Where the stages stood."""
        seen = [(name, track.snapshot) for name, track in self._tracks.items() if track.snapshot]
        where = ", ".join(f"{name} at {count(snapshot)}" for name, snapshot in seen if snapshot.of)
        return f"{together}: {outcome} after {took}{f' ({where})' if where else ''}"


def row(name: str, snapshot: Snapshot, pace: Pace, now: float) -> Row:
    """A stage that has said how far it is."""
    s, left = snapshot, pace.left(now)
    remaining = "time left unknown" if left is None else f"{'at most ' if s.at_most else ''}{duration(left)} left"
    tokens, rate = pace.tokens(now), pace.rate(now)
    speed = f"{tokens:,.0f} tokens/s" if tokens else _speed(rate, s.unit) if rate else ""
    return Row(
        name,
        min(s.done / s.of, 1.0) if s.of else 1.0,
        f"{s.done:>{len(f'{s.of:,}')},}/{s.of:,} {s.unit}",  # as wide as it will be: nothing jumps
        "finished" if s.ended else remaining,
        "" if s.ended else speed,
        f"{duration((s.at if s.ended else now) - s.started)} so far",
        s.note,
    )


def count(snapshot: Snapshot) -> str:
    """`12/40 problems`."""
    return f"{snapshot.done:,}/{snapshot.of:,} {snapshot.unit}"


def plain(row: Row) -> str:
    """A stage as a line of a log."""
    return f"{row.name}: " + ", ".join(filter(None, (row.amount.strip(), row.speed, row.left, row.note)))


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 20 min`."""
    minutes = round(seconds / 60)
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60:,} h {minutes % 60} min"


def _speed(rate: float, unit: str) -> str:
    return f"{rate:,.1f} {unit}/s" if rate >= 1 else f"{1 / rate:,.0f} s each"


class Picture:
    """The rows of a group of stages, one line each, none ever wider than the window.

    What does not fit is left out, the least important first, and the bar is as wide as the rest leaves it. Where there
    is no room for the time left beside the name, the name has a line of its own.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = [(row.name, *row[2:]) for row in rows]
        self._shares = [row.share for row in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        name, *needs = (max(map(cell_len, column)) for column in zip(*self._rows, strict=True))
        needs = [need and need + GAP for need in needs]
        width = options.max_width - ECHO
        if name + sum(needs[:2]) > width:
            yield from self._stack(self._fitting(needs, width), width)
            return
        room = width - name
        least = BAR[0] + GAP
        bar = least if any(share is not None for share in self._shares) and sum(needs[:3]) + least <= room else 0
        shown = self._fitting(needs, room - bar)
        yield self._table(shown, min(BAR[1], room - sum(needs[n] for n in shown) - GAP) if bar else 0)

    def _fitting(self, needs: Sequence[int], room: int) -> list[int]:
        """Which columns there is room for: those up to the first that does not fit."""
        sums = list(itertools.accumulate(needs))
        return [number for number, need in enumerate(needs) if need and sums[number] <= room]

    def _table(self, shown: Sequence[int], bar: int) -> Table:
        grid = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        for _ in range(1 + bool(bar) + len(shown)):
            grid.add_column(no_wrap=True)
        for (name, *cells), share in zip(self._rows, self._shares, strict=True):
            drawn = ProgressBar(total=1, completed=share, width=bar) if share is not None else Text()
            grid.add_row(Text(name), *([drawn] if bar else []), *(Text(cells[number]) for number in shown))
        return grid

    def _stack(self, shown: Sequence[int], width: int) -> Iterator[Text]:
        """A line with the name, and one with the rest."""
        for name, *cells in self._rows:
            for line in (name, (" " * GAP).join(["", *(cells[n] for n in shown if cells[n])])):
                text = Text(line)
                text.truncate(width, overflow="ellipsis")
                yield text
