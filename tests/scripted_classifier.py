"""A classifier for tests, reached as `type: tests.scripted_classifier`: the first word, where that is one."""

from collections.abc import Sequence
from typing import Literal

from csi_train.parts import Strict
from csi_train.records import Classified, Seed
from csi_train.run import Run


class Params(Strict):
    """`only`: a word that no seed but those beginning with it is sorted by."""

    type: Literal["tests.scripted_classifier"] = "tests.scripted_classifier"
    only: str | None = None


def classify(seeds: Sequence[Seed], params: Params, run: Run) -> list[Classified]:
    """One row per seed."""
    return [_sorted(seed, params.only) for seed in seeds]


def _sorted(seed: Seed, only: str | None) -> Classified:
    word = seed.question.partition(" ")[0]
    known = word.istitle() and only in (None, word)
    return Classified(seed=seed.id, question=seed.question, category=word if known else None, how={"word": word})
