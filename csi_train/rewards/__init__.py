"""Ways to say how good a response is. A reward is a module with `Params` (its recipe keys) and

    fingerprint(params) -> str      says, without loading anything, whose scores those would be
    open(params) -> Scorer          loads it; raises EngineError where it cannot give one score a response

A score is any finite number; more is better. Scores go to the store, so that none is worked out twice.
"""

from collections.abc import Sequence
from typing import Protocol

SHARED = ("batches",)


class Scorer(Protocol):
    """One loaded reward."""

    def score(self, rows: Sequence[tuple[str, str]]) -> list[float | None]:
        """The reward of each (prompt, response), in order; None where it is not a finite number."""

    def close(self) -> None:
        """Free its memory."""
