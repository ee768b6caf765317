"""How far a stage is: a small file that the stage rewrites about once a second and whoever watches reads."""

import json
import time
from pathlib import Path
from typing import NamedTuple

from csi_train.run import write_text


class Progress:
    """Counts what is done of what is expected, and the tokens that took, in `folder/progress.json`."""

    def __init__(self, folder: Path, of: int, unit: str) -> None:
        self._path = folder / "progress.json"
        self._of = of
        self._unit = unit
        self._done = 0
        self._tokens = 0
        self._started = time.time()
        self._written = 0.0
        self.advance(0)

    def advance(self, by: int = 1, tokens: int = 0) -> None:
        """So many more are done, with so many tokens."""
        self._done += by
        self._tokens += tokens
        if time.time() - self._written > 1 or self._done == self._of:
            self._written = time.time()
            write_text(self._path, json.dumps(Snapshot(self._done, self._of, self._unit, self._tokens, self._started)))


class Snapshot(NamedTuple):
    """What the file says: `started` is in seconds since the epoch."""

    done: int
    of: int
    unit: str
    tokens: int
    started: float

    @classmethod
    def read(cls, folder: Path) -> "Snapshot | None":
        """The state of the stage in a folder; None before it says anything."""
        try:
            return cls(*json.loads((folder / "progress.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
