"""What a model that judges is shown, and what counts of its reply.

The texts that are judged are not trusted: nothing but the judge's own reply is read, and what could pass for the end of
a text or for a verdict is defused before the judge sees it.
"""

import hashlib
import re
from pathlib import Path

from csi_train.engines.contract import Turns
from csi_train.prompts import filled

TAGS = re.compile(r"<(?=\s*/?\s*(?:instruction|output|prompt|answer)\b)", re.IGNORECASE)
VERDICTS = re.compile(r"\[(?:\s*\[)?(\s*[AB]\s*[<>=]+\s*[AB]\s*)\](?:\s*\])?", re.IGNORECASE)
SCORE = re.compile(
    r"^(?P<word>[ \t*_#>-]*score)[ \t*_]*:[ \t*_]*(?P<points>\d{1,3})(?:[ \t*_]*/ ?10)?[ \t*_.]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that is nothing but a score, in bold or not."""


def template(module: str) -> str:
    """The text of the `.md` file beside a judge's module: the system turn, a line `---`, the user turn."""
    return Path(module).with_suffix(".md").read_text(encoding="utf-8")


def version(text: str) -> str:
    """What tells two versions of a prompt apart: scores of different ones are not compared."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def prompt(text: str, **texts: str) -> Turns:
    """A judge's template with the texts filled in, each defused, in one pass: a text cannot fill a place itself."""
    shown = {name: defused(text) for name, text in texts.items()}
    system, user = text.split("\n---\n")
    return (("system", system.strip()), ("user", filled(user, shown).strip()))


def defused(text: str) -> str:
    """A text that cannot end itself for the judge, and holds no verdict or score that the judge might quote."""
    return SCORE.sub(r"\g<word> \g<points>", VERDICTS.sub(r"(\1)", TAGS.sub("‹", text)))


def said(reply: str) -> str:
    """What a model says once it has thought; nothing where its thinking has no end."""
    left = reply.rpartition("</think>")[2]
    return "" if "<think>" in left else left.strip()
