"""Text only: prompts about an image, a sound, a file or a page that a text model cannot see go, and those to make one.

The words alone tell little (`resize an image in Python` is a fine prompt), so the rules look for how they are used.
Of what people wrote they drop 2 of AlpacaEval 2's 805 prompts, none of Self-Instruct's 427 and 2 of Arena-Hard's 500;
two of those four could have been answered in text.
"""

import re
from typing import Literal

from csi_train.filters import Context, Rows
from csi_train.parts import Strict
from csi_train.records import Problem, Verdict

SEEN = (
    r"(?:images?|pictures?|pics?|photos?|photographs?|screenshots?|drawings?|paintings?|illustrations?|memes?|videos?"
    r"|video clips?|audios?|audio (?:files?|clips?)|recordings?|podcasts?)"
)
STORED = r"(?:files?|pdfs?|attachments?|spreadsheets?|documents?|csvs?)"
PAGE = r"(?:links?|urls?|web ?sites?|web ?pages?|articles?|pages?)"
MADE = r"(?:images?|pictures?|photos?|drawings?|paintings?|sketch|illustrations?|logos?|icons?|gifs?|videos?)"
URL = r"(?:https?:|www\.)"
SENT = r"(?:attached|enclosed|uploaded)"
GIVEN = rf"(?:this|these|(?:the )?(?:following|above|given|provided|{SENT}))"
TEXT_OF = r"(?!['’]s|[ -](?:script|description|prompt|caption|title|idea|concept|game|essay|book)s?\b)"
"""`video script`, `the video's title`: a text, though what it is about is none."""

NOT_SHOWN = re.compile(
    rf"\b{GIVEN}(?: two| three)? {SEEN}\b{TEXT_OF}"
    rf"|\b{SENT} (?:[\w-]+ ){{0,3}}{STORED}\b"
    rf"|\b(?:{SEEN}|{STORED}) (?:above|below|attached|(?:that )?I(?: have|['’]ve)? (?:{SENT}|sent))\b"
    rf"|\b(?:describe|analy[sz]e|interpret|transcribe|watch|look at|listen to) the {SEEN}\b{TEXT_OF}"
    rf"|\b(?:what|who|where|which)\b[^.?!\n]{{0,40}} in the {SEEN}\?",
    re.IGNORECASE,
)
LINKED = re.compile(
    rf"\b{GIVEN} {PAGE}[ :(]*{URL}"
    rf"|\b(?:visit|read|watch|see|check(?: out)?|summari[sz]e|browse|go to|look at)\b[^.\n]{{0,20}}\b{URL}"
    rf"|\b(?:click|follow|open|visit|watch|use|see)(?: on)? (?:this|the following) {PAGE}\b",
    re.IGNORECASE,
)
NOT_TEXT = re.compile(
    r"\b(?:draw|sketch|generate|create|make|design|render)(?: me| us)? (?:an?|the|some|this|my|two) "
    rf"(?:[\w-]+ ){{0,2}}{MADE}\b{TEXT_OF}"
    r"|(?:^|[.!?]\s+|\bplease )(?:draw|sketch) (?:me )?(?:an?|the|my|some)\b"
    r"(?! (?:conclusion|parallel|comparison))",
    re.IGNORECASE,
)
CODE = re.compile(
    r"\b(?:ascii|svg|tikz|latex|html|css|code|program|python|javascript|matplotlib|mermaid)\b", re.IGNORECASE
)


class Params(Strict):
    """Nothing to set."""

    type: Literal["text_only"] = "text_only"


def judge(rows: Rows, params: Params, context: Context) -> list[Verdict]:
    """Keep the prompts that can be read and answered as text; the figures hold the words that told otherwise."""
    return [_verdict(problem) for problem, _ in rows]


def _verdict(problem: Problem) -> Verdict:
    reason, words = _broken(problem.question) or ("text", "")
    figures = {"words": words} if words else {}
    return Verdict(problem=problem.id, filter="text_only", keep=not words, reason=reason, figures=figures)


def _broken(text: str) -> tuple[str, str] | None:
    """The rule that a prompt breaks, and the words by which it does. A picture made of code is text."""
    rules = [("about something that is not shown", NOT_SHOWN), ("about what a link leads to", LINKED)]
    if not CODE.search(text):
        rules.append(("asks for something that is not text", NOT_TEXT))
    return next(((reason, found[0].strip()) for reason, rule in rules if (found := rule.search(text))), None)
