"""Decontaminate: problems that repeat a benchmark question go.

A problem is contaminated when the runs of `ngram` words it shares with a question cover at least `min_overlap` of that
question, as in Tulu 3 (arXiv 2411.15124). A shared run alone is mostly a set phrase: of 1,000 s1K problems 112 share
eight words with MATH-500 ("where m and n are relatively prime positive integers"), and 5 cover half of a question, the
3 true copies among them. A question shorter than `ngram` words must be the same whole. The figures show the span.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt

from csi_train.errors import RecipeError
from csi_train.filters import Context, Rows
from csi_train.filters.text import Gram, grams, tokens
from csi_train.parts import Strict
from csi_train.records import Problem, Verdict


class Params(Strict):
    """`ngram`: words in a row that count as shared. `min_overlap`: the share of a question, 0 to 1, they must cover."""

    type: Literal["decontaminate"] = "decontaminate"
    ngram: PositiveInt = 8
    min_overlap: Annotated[float, Field(gt=0, le=1)] = 0.5


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Drop what repeats a benchmark question; raises RecipeError where the recipe evaluates nothing."""
    if not context.benchmarks:
        raise RecipeError("filter decontaminate has no benchmark to compare with", "name the tasks in `evaluate.tasks`")
    index = _Index(context.benchmarks, params.ngram)
    return [_verdict(problem, params, index.closest(tokens(problem.question))) for problem, _ in rows]


def _verdict(problem: Problem, params: Params, figures: dict[str, Any]) -> Verdict:
    keep = figures.get("overlap", 0.0) < params.min_overlap
    reason = "not in a benchmark" if keep else "in a benchmark"
    return Verdict(problem=problem.id, filter=params.type, keep=keep, reason=reason, figures=figures)


class _Index:
    """Where each run of words stands in the benchmark questions."""

    def __init__(self, benchmarks: Mapping[str, Sequence[str]], ngram: int) -> None:
        self.ngram = ngram
        self.questions = [(name, text, tokens(text)) for name, texts in benchmarks.items() for text in texts]
        self.places: dict[Gram, list[tuple[int, int]]] = {}
        for number, (_, _, words) in enumerate(self.questions):
            for start, gram in enumerate(grams(words, ngram) if words else ()):
                self.places.setdefault(gram, []).append((number, start))

    def closest(self, words: Gram) -> dict[str, Any]:
        """The question covered the most: benchmark, share covered, longest span; empty where none shares a run."""
        covered: dict[int, set[int]] = {}
        for gram in grams(words, self.ngram):
            for number, start in self.places.get(gram, ()):
                covered.setdefault(number, set()).update(range(start, start + len(gram)))
        if not covered:
            return {}
        overlaps = {number: len(where) / len(self.questions[number][2]) for number, where in covered.items()}
        number = max(overlaps, key=overlaps.__getitem__)
        name, question, its_words = self.questions[number]
        span = max(_runs(covered[number]), key=len)
        shared = " ".join(its_words[span[0] : span[-1] + 1])
        return {"benchmark": name, "overlap": overlaps[number], "span": shared, "question": question[:300]}


def _runs(positions: set[int]) -> list[list[int]]:
    """Positions as runs without a gap."""
    numbered = enumerate(sorted(positions))
    return [[place for _, place in run] for _, run in groupby(numbered, key=lambda pair: pair[1] - pair[0])]
