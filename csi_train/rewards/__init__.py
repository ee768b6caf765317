"""Ways to say how good a response is. A reward is a module with `Params` (its recipe keys) and

    fingerprint(params) -> str       says, without loading anything, whose scores those would be
    open(params, store) -> Scorer    loads it; raises EngineError where it cannot give one score a response

A score is any finite number; more is better. Scores go to the store, so that none is worked out twice. A reward that
asks a language model has Params that are `recipe.Asks`: what it is told goes to the `store`, and is read there again.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

from csi_train.errors import EngineError

SHARED = ("batches",)

Rows = Sequence[tuple[str, str]]
"""Prompts as they were asked in chat, each with a response to it."""
Scores = Iterator[tuple[int, float | None]]
"""The number of each row and its score, as soon as it is known, in any order; None where it is no finite number."""


class Scorer(Protocol):
    """One loaded reward. `cost`: what a language model was asked for so far; empty for a reward that asks none."""

    cost: dict[str, int]

    def score(self, rows: Rows) -> Scores:
        """The score of every row."""

    def close(self) -> None:
        """Free its memory."""


def given(scorer: Scorer, rows: Rows) -> Scores:
    """What a scorer says of the rows; raises EngineError where that is not one score for each."""
    missing = set(range(len(rows)))
    for number, score in scorer.score(rows):
        missing.discard(number)
        yield number, float(score) if score is not None and math.isfinite(score) else None
    if missing:
        raise EngineError(
            f"the reward gave {len(rows) - len(missing)} scores for {len(rows)} responses",
            "a reward's `score` yields the number of each row with its score: mend it",
        )


def in_order(scorer: Scorer, rows: Rows) -> list[float | None]:
    """The scores in the order of the rows, once all are there; raises as `given` does."""
    found = dict(given(scorer, rows))
    return [found[number] for number in range(len(rows))]
