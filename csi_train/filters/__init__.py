"""Ways to keep or drop a problem. A filter is a module with `Params` (its recipe keys) and

    judge(rows: Sequence[tuple[Problem, Samples | None]], params: Params, context: Context) -> list[Verdict]

Pure: rows in, one verdict per row out, in order; nothing is lost. It sees the rows that the filters above it kept.
One that votes over sampled answers has two functions more, by which sampling knows when to stop: see `votes.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from csi_train.records import Problem, Samples, Seed

SHARED = ("stopping", "text", "votes")

Rows = Sequence[tuple[Problem, Samples | None]]


@dataclass(frozen=True)
class Context:
    """What a filter may know besides its rows: the seeds, and the questions of the benchmarks by name.

    `verifiable`: whether the rows are questions with an answer to check, or instructions. `scored`: whether their
    responses have rewards.
    """

    seeds: Sequence[Seed]
    benchmarks: Mapping[str, Sequence[str]]
    verifiable: bool = True
    scored: bool = False
