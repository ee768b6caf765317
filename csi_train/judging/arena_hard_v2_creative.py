"""Arena-Hard v2.0, creative writing: the judge writes no answer of its own; the baseline is gemini-2.0-flash-001.

Published without control of style, by two judges together; here each judge is an entry of its own.
"""

from typing import Literal

from csi_train.judge_prompts import template
from csi_train.judging import arena_hard_v2

TEMPLATE, AGAIN = template(__file__), arena_hard_v2.AGAIN
FIGURES, VALUE, SHARES = arena_hard_v2.FIGURES, arena_hard_v2.VALUE, arena_hard_v2.SHARES
SETTINGS = arena_hard_v2.SETTINGS

first, read, figures = arena_hard_v2.first, arena_hard_v2.read, arena_hard_v2.figures


class Params(arena_hard_v2.ArenaParams):
    """`task`: whose responses. `style_control`: report the score at equal length, headers, lists and bold as well."""

    type: Literal["arena_hard_v2_creative"] = "arena_hard_v2_creative"
    task: str = "csi_arena_hard_v2_creative"
    style_control: bool = False
