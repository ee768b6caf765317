"""Dedup: of problems that say the same, the first stays.

Equal tokens are copies. Near-copies are found by MinHash (rensa) over word shingles, and each candidate is then
compared for real, so none is dropped on a hash collision. Numbers count: the same story with other numbers may stay.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from csi_train.filters import Context, Rows
from csi_train.filters.text import Gram, grams, jaccard, tokens
from csi_train.parts import Strict
from csi_train.records import Problem, Verdict

PERMUTATIONS = 128
MISSED = 1e-3
"""The share of pairs exactly at the threshold that the hash tables may overlook; of closer pairs it is less."""


class Params(Strict):
    """`threshold`: the Jaccard similarity of their runs of `ngram` words from which two problems are one."""

    type: Literal["dedup"] = "dedup"
    threshold: Annotated[float, Field(ge=0.1, le=1)] = 0.7
    ngram: PositiveInt = 3


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Drop what repeats a problem kept before it; the figures name that problem and how similar it is."""
    kept = _Kept(params)
    return [kept.add(problem) for problem, _ in rows]


class _Kept:
    """The problems kept so far, in hash tables that find what may be near."""

    def __init__(self, params: Params) -> None:
        from rensa import RMinHashLSH

        self.params = params
        self.problems: list[Problem] = []
        self.words: list[Gram] = []
        self.shingles: list[set[Gram]] = []
        self.tables = RMinHashLSH(params.threshold, PERMUTATIONS, bands(params.threshold))

    def add(self, problem: Problem) -> Verdict:
        from rensa import RMinHash

        words = tokens(problem.question)
        shingles = set(grams(words, self.params.ngram))
        minhash = RMinHash(PERMUTATIONS, seed=0)
        minhash.update([" ".join(shingle) for shingle in shingles])
        candidates = self.tables.query(minhash)
        similarity, number = max(((jaccard(shingles, self.shingles[c]), -c) for c in candidates), default=(0.0, 0))
        if similarity >= self.params.threshold:
            reason = "copy" if words == self.words[-number] else "near-copy"
            figures = {"of": self.problems[-number].id, "similarity": round(similarity, 3)}
            return Verdict(problem=problem.id, filter=self.params.type, keep=False, reason=reason, figures=figures)
        self.tables.insert(len(self.problems), minhash)
        self.problems.append(problem)
        self.words.append(words)
        self.shingles.append(shingles)
        return Verdict(problem=problem.id, filter=self.params.type, keep=True, reason="first of its kind")


def bands(threshold: float) -> int:
    """The fewest bands of the signature with which a pair at the threshold is overlooked with at most `MISSED`."""
    rows_to_bands = ((rows, PERMUTATIONS // rows) for rows in (64, 32, 16, 8, 4, 2, 1))
    return next(bands for rows, bands in rows_to_bands if (1 - threshold**rows) ** bands <= MISSED)
