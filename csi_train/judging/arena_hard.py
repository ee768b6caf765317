"""Arena-Hard v0.1: a judge answers the prompt itself, compares two answers and gives one of five verdicts; two orders.

As in arena-hard-auto until April 2025 (arXiv 2406.11939) a verdict is a battle, one of "much better" three of them, and
the score is the win rate against the baseline from the Bradley–Terry model. `style_control` takes length and Markdown
out; lengths are characters here, tokens there.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from csi_train.engines.contract import Completion
from csi_train.judge_prompts import said, template
from csi_train.judging.bradley_terry import Strength, Style, counts, strength
from csi_train.judging.pairwise import Reading
from csi_train.judging.params import JudgeParams
from csi_train.recipe import Sampling
from csi_train.records import Judged

TEMPLATE = template(__file__)
AGAIN = "Go on with your judgement, and end it with one of the five verdicts in its double brackets."
FIGURES = {"score": "score", "style_controlled": "style-controlled"}
VALUE = "preference"
SHARES = True
SETTINGS = ()
STRONG = 3
"""Battles that "much better" counts for."""
READINGS = {
    "A>>B": Reading("A>>B", 0.0, STRONG),
    "A>B": Reading("A>B", 0.0),
    "A=B": Reading("A=B", 0.5),
    "B>A": Reading("B>A", 1.0),
    "B>>A": Reading("B>>A", 1.0, STRONG),
}
VERDICT = re.compile(r"\[\[([AB<>=]+)\]\]")


class ArenaParams(JudgeParams):
    """`style_control`: report the score at equal length, headers, lists and bold as well."""

    style_control: bool = False
    sampling: Sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=4096)


class Params(ArenaParams):
    """`task`: whose responses."""

    type: Literal["arena_hard"] = "arena_hard"
    task: str = "csi_arena_hard"


def first(question: str) -> tuple[str, ...]:
    """Both orders."""
    return ("baseline", "model")


def read(completion: Completion) -> Reading | None:
    """The one verdict of a finished reply, as often as it is given; what a thinking judge thinks does not count.

    Two different verdicts are none, as in the original: which of them is the final one is a guess, and the last may be
    a quotation. So is a reply that was cut off: the judge had not come to its end.
    """
    found = set(VERDICT.findall(said(completion.text))) if completion.finish == "stop" else set()
    return READINGS.get(found.pop()) if len(found) == 1 else None


def figures(rows: Sequence[Judged], params: ArenaParams) -> dict[str, Any]:
    """The score, and that at equal style where the recipe wants it, with intervals, as shares; None where unknown."""
    return scores(rows, counts if params.style_control else None)


def scores(rows: Sequence[Judged], features: Callable[[tuple[int, int], Style], list[float]] | None) -> dict[str, Any]:
    """Both figures from the documents that were judged in every order; `features` tells style for the second."""
    rows = [row for row in rows if row.preference is not None]
    battles = [[(j.preference, j.weight) for j in row.judgements if j.preference is not None] for row in rows]
    found = {"score": _told(strength(battles))}
    if features:
        style = [features((row.chars, row.baseline_chars), (row.style, row.baseline_style)) for row in rows]
        found["style_controlled"] = _told(strength(battles, style))
    return found


def _told(found: Strength | None) -> dict[str, float] | None:
    return {"mean": found.rate, "low": found.low, "high": found.high} if found else None
