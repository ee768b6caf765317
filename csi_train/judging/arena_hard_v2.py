"""Arena-Hard v2.0, hard prompts: asked as in v0.1, read and scored as arena-hard-auto does since April 2025.

The last verdict of a reply counts, in one pair of brackets or two. There is no score over all categories: each has its
own baseline (here o3-mini-2025-01-31) and its own module. Style is controlled for, as in the published table, by the
density of its elements; lengths are characters here, tokens there.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

from csi_train.engines.contract import Completion
from csi_train.judge_prompts import said
from csi_train.judging import arena_hard
from csi_train.judging.bradley_terry import densities
from csi_train.judging.pairwise import Reading
from csi_train.recipe import Sampling
from csi_train.records import Judged

TEMPLATE, AGAIN = arena_hard.TEMPLATE, arena_hard.AGAIN
FIGURES, VALUE, SHARES = arena_hard.FIGURES, arena_hard.VALUE, arena_hard.SHARES
SETTINGS = arena_hard.SETTINGS
MIRRORED = {"A<<B": "B>>A", "A<B": "B>A", "B=A": "A=B", "B<A": "A>B", "B<<A": "A>>B"}
READINGS = arena_hard.READINGS | {name: arena_hard.READINGS[same] for name, same in MIRRORED.items()}
ANY = "|".join(READINGS)
VERDICTS = (re.compile(rf"\[\[({ANY})\]\]"), re.compile(rf"\[({ANY})\]"))

first = arena_hard.first


class ArenaParams(arena_hard.ArenaParams):
    """What both categories share."""

    style_control: bool = True
    sampling: Sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=16000)


class Params(ArenaParams):
    """`task`: whose responses. `style_control`: report the score at equal length, headers, lists and bold as well."""

    type: Literal["arena_hard_v2"] = "arena_hard_v2"
    task: str = "csi_arena_hard_v2"


def read(completion: Completion) -> Reading | None:
    """The last verdict of a finished reply, in single brackets where there is none in double ones."""
    text = said(completion.text).upper() if completion.finish == "stop" else ""
    found = VERDICTS[0].findall(text) or VERDICTS[1].findall(text)
    return READINGS[found[-1]] if found else None


def figures(rows: Sequence[Judged], params: arena_hard.ArenaParams) -> dict[str, Any]:
    """The score, and that at equal style where the recipe wants it, with intervals, as shares; None where unknown."""
    return arena_hard.scores(rows, densities if params.style_control else None)
