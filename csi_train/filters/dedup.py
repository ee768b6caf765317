"""Dedup: of problems that say the same, the first stays.

Equal tokens are copies. Near-copies are found by MinHash (rensa) over word shingles, and each candidate is then
compared for real, so none is dropped on a hash collision. Numbers count: the same story with other numbers may stay.

It is stricter about what it calls a copy than `novelty`: of AlpacaEval 2's 805 instructions it drops 14 at 0.7. The 144
pairs there that have a ROUGE-L of 0.7 or more lie at 0.4 or more here, so `threshold: 0.4` is the like of that rule.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt
from rensa import RMinHash, RMinHashLSH

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
        self.params = params
        self.rows: list[tuple[Problem, set[Gram]]] = []
        self.tables = RMinHashLSH(params.threshold, PERMUTATIONS, bands(params.threshold))

    def add(self, problem: Problem) -> Verdict:
        """The verdict on one more problem, which is kept unless one kept before it is as near as the threshold."""
        shingles = set(grams(tokens(problem.question), self.params.ngram))
        minhash = RMinHash(PERMUTATIONS, seed=0)
        minhash.update([" ".join(shingle) for shingle in shingles])
        near = {number: jaccard(shingles, self.rows[number][1]) for number in sorted(self.tables.query(minhash))}
        nearest = max(near, key=near.__getitem__, default=-1)
        if nearest >= 0 and near[nearest] >= self.params.threshold:
            return self._dropped(problem, self.rows[nearest][0], near[nearest])
        self.tables.insert(len(self.rows), minhash)
        self.rows.append((problem, shingles))
        return Verdict(problem=problem.id, filter=self.params.type, keep=True, reason="first of its kind")

    def _dropped(self, problem: Problem, of: Problem, similarity: float) -> Verdict:
        reason = "copy" if tokens(problem.question) == tokens(of.question) else "near-copy"
        figures = {"of": of.id, "similarity": round(similarity, 3)}
        return Verdict(problem=problem.id, filter=self.params.type, keep=False, reason=reason, figures=figures)


def bands(threshold: float) -> int:
    """The fewest bands of the signature with which a pair at the threshold is overlooked with at most `MISSED`."""
    rows_to_bands = ((rows, PERMUTATIONS // rows) for rows in (64, 32, 16, 8, 4, 2, 1))
    return next(bands for rows, bands in rows_to_bands if (1 - threshold**rows) ** bands <= MISSED)
