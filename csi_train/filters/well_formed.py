"""Well-formed: a question of sensible length, without leftovers, that asks for something that can be checked.

The rules are few; the first that is broken is the reason. Of the 8,933 problems of s1K, GSM8K, MATH-500, AIME24 and
AMC23 that ask for no proof they drop 5. An instruction asks in other ways and has no answer to check: of it, length
and leftovers are all that is looked at. Of the 1,732 of AlpacaEval 2, Self-Instruct and Arena-Hard that drops 12.
"""

import re
from collections.abc import Callable
from typing import Literal

from pydantic import PositiveInt

from csi_train.filters import Context, Rows
from csi_train.parts import Strict
from csi_train.records import Problem, Verdict
from csi_train.sources import asks_for_proof

MARKER = re.compile(
    r"<\|[^|>]{1,40}\|>|</?(?:s|think|begin|end|question|answer)>|\[/?INST\]|\[[^\]\n]{0,40}\b(?:Begin|End)\]"
    r"|#\s?(?:(?:Common|Main) Elements List|Plan|(?:Synthetic )?Prompt(?: \d)?)\s?#",
    re.IGNORECASE,
)
"""What belongs to a template or a chat format: `<|im_end|>`, `[New Question Begin]`, `#Plan#`."""

LINE = re.compile(
    r"\b(?:New|Seed) Question\b|^\s*(?:Question|Problem|Answer|Solution)\s*\d*\s*:", re.IGNORECASE | re.MULTILINE
)
"""A line `Answer: …` or the like. An instruction may hold such a line."""

TASK = re.compile(
    r"[?？]|\(A\)|__|\b(?:find|compute|calculate|determine|evaluate|solve|simplify|express|factor|expand|convert|derive"
    r"|state|give|write|enter|submit|list|name|count|estimate|complete|choose|identify|what|which|who|when|where|how)\b",
    re.IGNORECASE,
)
"""A question mark, choices, a blank, or a word that sets a task."""

STATED = re.compile(r"\banswer\s*(?:is|:|=)\s*\S|\\boxed\s*\{\s*[^\s}]", re.IGNORECASE)
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
DOLLAR = re.compile(r"\\.|(?P<price>\d\s?\$|\$\s?\.?\d)|\$", re.DOTALL)


class Params(Strict):
    """Bounds in characters. TRL cuts no long prompts: `max_chars` keeps them out of training."""

    type: Literal["well_formed"] = "well_formed"
    min_chars: PositiveInt = 20
    max_chars: PositiveInt = 4000
    max_answer_chars: PositiveInt = 100


Rules = tuple[tuple[str, Callable[[Problem, Params], bool]], ...]


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Keep the problems that break no rule."""
    rules = RULES + QUESTION_RULES if context.verifiable else RULES
    return [_verdict(problem, params, rules) for problem, _ in rows]


def _verdict(problem: Problem, params: Params, rules: Rules) -> Verdict:
    broken = next((reason for reason, breaks in rules if breaks(problem, params)), None)
    figures = {"chars": len(problem.question)}
    return Verdict(
        problem=problem.id, filter=params.type, keep=broken is None, reason=broken or "well-formed", figures=figures
    )


def _unbalanced(text: str) -> bool:
    """Whether braces do not match, or a `$` opens what none closes. An odd `$` beside a number is a price."""
    depth = 0
    for found in BRACE.findall(text):
        depth += {"{": 1, "}": -1}.get(found, 0)
        if depth < 0:
            return True
    dollars = [found for found in DOLLAR.finditer(text) if not found[0].startswith("\\")]
    return depth > 0 or (len(dollars) % 2 == 1 and not any(found["price"] for found in dollars))


RULES: Rules = (
    ("too short", lambda problem, params: len(problem.question) < params.min_chars),
    ("too long", lambda problem, params: len(problem.question) > params.max_chars),
    ("leftover of a template", lambda problem, _: bool(MARKER.search(problem.question))),
)
QUESTION_RULES: Rules = (
    ("leftover of a template", lambda problem, _: bool(LINE.search(problem.question))),
    ("states an answer", lambda problem, _: bool(STATED.search(problem.question))),
    ("broken LaTeX", lambda problem, _: _unbalanced(problem.question)),
    ("asks for a proof", lambda problem, _: asks_for_proof(problem.question)),
    ("asks nothing", lambda problem, _: not TASK.search(problem.question)),
    ("answer too long", lambda problem, params: len(problem.answer or "") > params.max_answer_chars),
)
