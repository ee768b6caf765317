"""Text only: prompts about an image, a sound, a file or a page that a text model cannot see go, and those to make one.

The words alone tell little (`resize an image in Python` is a fine prompt), so the rules look for how they are used:
what is pointed at as if it were there, and what somebody is told to make. A prompt about code may load or draw what it
likes, and a letter, or a sentence to translate, may speak of its own attachments and links.

Of what people wrote they drop 1 of AlpacaEval 2's 805 prompts, none of Self-Instruct's 427 and 1 of Arena-Hard's 500.
"""

import re
from typing import Literal

from csi_train.filters import Context, Rows
from csi_train.parts import Strict
from csi_train.records import Problem, Verdict

SEEN = (
    r"(?:images?|pictures?|pics?|photos?|photographs?|screenshots?|drawings?|paintings?|illustrations?|infographics?"
    r"|cartoons?|memes?|gifs?|videos?|video clips?|clips?|audios?|audio (?:files?|clips?)|recordings?|podcasts?)"
)
HEARD = r"(?:songs?|tracks?|music|melody|speech|lecture|movie|film|episode)"
STORED = (
    r"(?:files?|pdfs?|attachments?|spreadsheets?|documents?|csvs?|reports?|papers?|slides?|presentations?|charts?"
    r"|graphs?|diagrams?|maps?|figures?|tables?|r[eé]sum[eé]s?|scans?|data ?sets?)"
)
PAGE = r"(?:links?|urls?|web ?sites?|web ?pages?|articles?|pages?)"
SITE = r"(?:links?|urls?|web ?sites?|web ?pages?)"
MADE = (
    r"(?:images?|pictures?|pics?|photos?|photographs?|drawings?|paintings?|illustrations?|infographics?|cartoons?"
    r"|memes?|gifs?|logos?|icons?|posters?|fl[iy]ers?|banners?|billboards?|collages?|mood ?boards?|wallpapers?"
    r"|thumbnails?|stickers?|(?:book|album|magazine) covers?|animations?|videos?|(?:video|audio|sound) clips?"
    r"|audio (?:files?|tracks?|recordings?)|sound effects?|3d models?)"
)
URL = r"(?:https?:|www\.)"
SENT = r"(?:attached|enclosed|uploaded)"
GIVEN = rf"(?:this|these|(?:the )?(?:following|above|given|provided|{SENT}))"
SIZE = r"(?:(?:two|three|four|five|\d+|old|short|sample|youtube|black[ -]and[ -]white) ){0,2}"
NOT_ABOUT = r"(?!['’]s|[ -](?:script|description|prompt|caption|title|idea|concept|game|essay|book|style|quality)s?\b)"
"""`video script`, `the video's title`: a text, though what it is about is none."""
ENDS = r"(?=\W*$|\s*[.,;:!?)\n]|\s+(?:and|in (?:detail|your|\w+ (?:words?|sentences?))|you|using|then|to)\b)"
"""Nothing follows that would name it: `describe the painting`, but not `describe the painting Guernica`."""
BEGINS = (
    r"(?:^|[.!?:;\n]\s{0,3}|\b(?:please|then|(?<!how )(?:can|could|would|will) you(?: please)?"
    r"|(?:want|need|like) you to|(?:task|job|goal) is to|help me(?: to)?) )"
)
"""Where an order begins. `How can you create an image` is a question."""
PLAIN = r"(?:(?!(?:of|for|about|to|in|on|with|that|from|and|or|by|as|mental|vivid|clear)\b)[\w'’-]+,? ){0,4}"
"""What may stand between `create a` and the thing: `create a list of images` is another thing."""
AFTER = (
    r"(?=\W*$|\s*[.,;:!?)\n]|\s+(?!of (?:how|what|why)\b)(?:of|for|that|which|with|in|on|about|to|from|at|and|so|by"
    r"|like|as|where|please|based|inspired|using|titled|called|showing|depicting|featuring|explaining|comparing|promoting"
    r"|advertising|announcing|saying)\b)"
)
"""What goes on after the thing itself: `a poster for`, but not `a poster session`, `a video script`, `a photo app`."""
FIGURATIVE = (
    r"(?!(?:an?|the|any|your|some)? ?(?:own )?(?:up|from|on|upon|attention|inspiration|conclusions?|parallels?"
    r"|outlines?|comparisons?|distinctions?|inferences?|connections?|lessons?|analog(?:y|ies)|line between|cards?"
    r"|winner|plans?|name|sample|experience|proof|scenario|character|scene)\b)"
)

POINTED = re.compile(
    rf"\b{GIVEN} {SIZE}{SEEN}\b{NOT_ABOUT}"
    rf"|\b{SEEN} (?:above|below|attached|provided|(?:that )?I(?: have|['’]ve)? (?:{SENT}|sent|shared))\b"
    rf"|\bhere(?: is| are|['’]s) (?:an?|the|my|some|two|three) {PLAIN}{SEEN}\b{NOT_ABOUT}"
    rf"|\b(?:listen to|watch) (?:this|these|the following) {SIZE}{HEARD}\b"
    r"|\[(?:insert )?(?:an? |the )?(?:image|picture|photo|video|audio|screenshot)(?: here| attached| file)?\]"
    r"|\b(?:describe|look at|analy[sz]e|open|read|summari[sz]e|watch|listen to|transcribe) "
    r"[\w-]+\.(?:jpe?g|png|gif|mp[34]|wav|pdf|docx?|xlsx?|pptx?)\b",
    re.IGNORECASE,
)
SUPPOSED = re.compile(
    rf"\b(?:describe|analy[sz]e|interpret|transcribe|watch|look at|listen to|examine|based on) the {SEEN}\b"
    rf"{NOT_ABOUT}{ENDS}"
    rf"|\b(?:what|who|where|which|how many)\b[^.?!\n]{{0,60}} (?:in|on) the {SEEN}\?"
    rf"|\bwhat (?:does|do|is|are) the {SEEN} (?:show|depict|say|about)\b"
    rf"|\b(?:identify|count|name|list|locate|recogni[sz]e|label)\b[^.?!\n]{{0,40}} in the {SEEN}\b{NOT_ABOUT}{ENDS}"
    rf"|\b(?:shown|seen|depicted|pictured|visible) in the {SEEN}\b{NOT_ABOUT}{ENDS}",
    re.IGNORECASE,
)
ENCLOSED = re.compile(
    rf"\b{SENT} (?:[\w-]+ ){{0,3}}{STORED}\b"
    rf"|\b{STORED} (?:attached|(?:that )?I(?: have|['’]ve)? (?:{SENT}|sent|shared))\b"
    rf"|\bI(?: have|['’]ve)? {SENT} (?:an?|the|my|some|two|three) ",
    re.IGNORECASE,
)
LINKED = re.compile(
    rf"\b{GIVEN} {PAGE}[ :(]*{URL}"
    rf"|\b(?:visit|read|watch|see|check(?: out)?|summari[sz]e|browse|go to|navigate to|look at)\b[^.\n]{{0,20}}\b{URL}",
    re.IGNORECASE,
)
FOLLOWED = re.compile(
    rf"\b(?:click|follow|open|visit|watch|use|see|read|access|browse|go to|navigate to|check)(?: on| out)? "
    rf"(?:this|the (?:following|attached|given|provided)) {SITE}\b"
    rf"|\b(?:at|from|in|behind) (?:this|the (?:following|attached|given|provided)) (?:links?|urls?|web ?pages?)\b"
    r"|\b(?:the|this|these) (?:links?|urls?) (?:below|above|provided|I (?:gave|sent|shared))\b",
    re.IGNORECASE,
)
MAKES = re.compile(
    rf"{BEGINS}(?:draw|sketch|generate|create|make|design|render|produce|record|film|edit|show|give|send|provide)"
    rf"(?: me| us)? (?:an?|the|some|this|my|our|two|three|four|five|\d+) {PLAIN}{MADE}\b{AFTER}"
    rf"|\bI(?: need| want|['’]d like| would like) (?:an?|some) {PLAIN}{MADE}\b{AFTER}"
    rf"|{BEGINS}(?:draw (?:me |us )?|sketch (?:me |us |(?=an? |my |the (?:graph|curve|floor)))){FIGURATIVE}\w",
    re.IGNORECASE,
)
CODE = re.compile(
    r"\b(?:ascii|unicode|emojis?|svg|tikz|latex|html|css|canvas|code|program|function|api|python|java|javascript|ruby"
    r"|matplotlib|ggplot|mermaid|graphviz|plantuml|opencv|docker|data ?set)\b|c\+\+",
    re.IGNORECASE,
)
LETTER = re.compile(
    r"\b(?:e-?mails?|letters?|memos?|newsletters?|announcements?|invitations?|messages?|tweets?"
    r"|translat\w+)\b",
    re.IGNORECASE,
)
NOT_SHOWN, LINK = "about something that is not shown", "about what a link leads to"
NOT_TEXT = "asks for something that is not text"
RULES: list[tuple[str, re.Pattern[str], tuple[re.Pattern[str], ...]]] = [
    (NOT_SHOWN, POINTED, ()),
    (NOT_SHOWN, SUPPOSED, (CODE,)),
    (NOT_SHOWN, ENCLOSED, (LETTER,)),
    (LINK, LINKED, (CODE,)),
    (LINK, FOLLOWED, (CODE, LETTER)),
    (NOT_TEXT, MAKES, (CODE,)),
]
"""The reason, the words that tell it, and the words beside which they tell nothing."""


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
    """The first rule that a prompt breaks, and the words by which it does."""
    for reason, told, unless in RULES:
        if (found := told.search(text)) and not any(words.search(text) for words in unless):
            return reason, found[0].lstrip(".!?:;").strip()
    return None
