"""Novelty: copies and near-copies of a seed go.

Two questions are compared by ROUGE-L, the measure of Self-Instruct (arXiv 2212.10560), with numbers masked: a seed with
other numbers in it is a copy. At 0.7 no two of the 435 problems of `seeds/` and `evals/data` are near-copies, and of
AlpacaEval 2's 805 instructions 27 are, all but two of them of two families with one wording (`How many … Try to
explain your answer. …`).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from csi_train.errors import RecipeError
from csi_train.filters import Context, Rows
from csi_train.filters.text import Gram, f1, masked, rouge_l, tokens
from csi_train.parts import Strict
from csi_train.records import Problem, Seed, Verdict


class Params(Strict):
    """`threshold`: the ROUGE-L, 0 to 1, from which a problem counts as a near-copy."""

    type: Literal["novelty"] = "novelty"
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.7


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Drop what repeats a seed; the figures name the nearest one. Raises RecipeError where there are no seeds."""
    if not context.seeds:
        raise RecipeError(
            "filter novelty has no seeds to compare with", "take it out, or give the recipe a `seeds:` section"
        )
    index = _Index(context.seeds)
    return [_verdict(problem, params, *index.nearest(problem.question)) for problem, _ in rows]


def _verdict(problem: Problem, params: Params, seed: Seed, similarity: float) -> Verdict:
    keep = similarity < params.threshold
    copy = tokens(problem.question) == tokens(seed.question)
    reason = "new" if keep else "copy of a seed" if copy else "near-copy of a seed"
    figures = {"seed": seed.id, "similarity": round(similarity, 3)}
    return Verdict(problem=problem.id, filter=params.type, keep=keep, reason=reason, figures=figures)


class _Index:
    """The seeds, and for each word the seeds that hold it and how often: few are near enough for a full comparison."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self.seeds = [(seed, masked(tokens(seed.question))) for seed in seeds]
        self.holders: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, (_, words) in enumerate(self.seeds):
            for word, times in Counter(words).items():
                self.holders[word].append((number, times))

    def nearest(self, question: str) -> tuple[Seed, float]:
        """The seed with the highest ROUGE-L, and that figure."""
        words = masked(tokens(question))
        bounds = self._bounds(words)
        best, similarity = 0, -1.0
        for number in sorted(range(len(bounds)), key=bounds.__getitem__, reverse=True):
            if bounds[number] <= similarity:
                break
            score = rouge_l(words, self.seeds[number][1])
            if score > similarity:
                best, similarity = number, score
        return self.seeds[best][0], similarity

    def _bounds(self, words: Gram) -> list[float]:
        """For each seed, what ROUGE-L cannot exceed: the words shared, in any order."""
        shared = [0] * len(self.seeds)
        for word, times in Counter(words).items():
            for number, there in self.holders.get(word, ()):
                shared[number] += min(times, there)
        return [f1(count, words, seed) for count, (_, seed) in zip(shared, self.seeds, strict=True)]
