"""How far a stage is: a small file that the stage rewrites about once a second and whoever watches reads."""

import json
import time
from pathlib import Path
from typing import NamedTuple

from csi_train.run import write_text

WINDOW = 60
"""Seconds that a rate looks back: the first replies are the shortest, and a machine may slow down."""
SPAN = 10
"""Seconds of work that a rate needs: what is asked for together comes back together."""


class Progress:
    """Counts what is done of what is expected, and the tokens that took, in `folder/progress.json`.

    `at_most`: fewer may be enough; `expect` then says how many it is.
    """

    def __init__(self, folder: Path, of: int, unit: str, at_most: bool = False) -> None:
        self._path = folder / "progress.json"
        now = time.time()
        self._state = Snapshot(0, of, unit, 0, now, now, at_most=at_most)
        self._write()

    def advance(self, by: int = 1, tokens: int = 0, before: bool = False) -> None:
        """So many more are done, with so many tokens.

        `before`: an earlier process did them, which says nothing of how fast this one is.
        """
        s = self._state
        self._state = s._replace(done=s.done + by, at=time.time())
        if before:
            self._state = self._state._replace(before=s.before + by)
        else:
            self._state = self._state._replace(tokens=s.tokens + tokens)
        if self._state.at - self._written > 1 or self._state.ended:
            self._write()

    def expect(self, by: int) -> None:
        """So many more are expected than before, or fewer where it is negative."""
        self._state = self._state._replace(of=self._state.of + by)
        if self._state.ended:
            self._write()

    def note(self, text: str) -> None:
        """What else there is to know, in a few words; the next `advance` shows it."""
        self._state = self._state._replace(note=text)

    def _write(self) -> None:
        self._written = time.time()
        write_text(self._path, json.dumps(self._state))


class Snapshot(NamedTuple):
    """What the file says: `done` of `of`, of which `before` by an earlier process, and the tokens of the others.

    `started` and `at`, the time of the last thing done, are in seconds since the epoch.
    """

    done: int
    of: int
    unit: str
    tokens: int
    started: float
    at: float
    before: int = 0
    at_most: bool = False
    note: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.of

    @classmethod
    def read(cls, folder: Path) -> "Snapshot | None":
        """The state of the stage in a folder; None before it says anything."""
        try:
            return cls(*json.loads((folder / "progress.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


class Pace:
    """How fast a stage goes: what it did itself in the last minute, its start-up and first result left out."""

    def __init__(self) -> None:
        self._marks: list[Snapshot] = []

    def see(self, snapshot: Snapshot) -> None:
        """Take a look into account."""
        own = snapshot.done > snapshot.before or snapshot.tokens
        if not own or (self._marks and snapshot.at <= self._marks[-1].at):
            return
        self._marks.append(snapshot)
        while len(self._marks) > 2 and self._marks[1].at < snapshot.at - WINDOW:
            del self._marks[0]

    def rate(self, now: float) -> float | None:
        """What is done in a second; None where that is not known."""
        return self._per_second(now, [mark.done - mark.before for mark in self._marks])

    def tokens(self, now: float) -> float | None:
        """Tokens in a second; None where that is not known, or nothing is counted in tokens."""
        return self._per_second(now, [mark.tokens for mark in self._marks])

    def left(self, now: float) -> float | None:
        """Seconds to the end at this rate; None where that is not known."""
        rate = self.rate(now)
        if rate is None:
            return None
        last = self._marks[-1]
        return max(0.0, (last.of - last.done) / rate - min(now - last.at, 1 / rate))

    def _per_second(self, now: float, counts: list[int]) -> float | None:
        """Between the first mark and the last, or now where the next one is overdue."""
        if not self._marks or counts[-1] == counts[0]:
            return None
        first, last = self._marks[0].at, self._marks[-1].at
        number = counts[-1] - counts[0]
        end = max(last, now - (last - first) / number)
        return number / (end - first) if end - first >= SPAN else None
