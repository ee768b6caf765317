r"""Where the final answer of a response stands.

The last `\boxed{…}` after `</think>`, else the last statement: `The answer is …`, `Final answer: …`, `#### 42`.
Boxes joined by nothing but a comma, "and" or "or" are one answer of several parts, as math-verify reads them too.
Every scan is linear in the text, so that a response of a megabyte costs milliseconds.
"""

import re

BOX = re.compile(r"\\(?:boxed|fbox)\s*(?=\{)")
BARE_BOX = re.compile(r"\\boxed\s*(\d[\d.,]*|[A-Za-z](?![A-Za-z]))")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
JOINT = re.compile(r"[\s$*]*(?:,|;|,?\s*\b(?:and|or)\b|,?\s*\\text\{\s*(?:and|or)\s*\})[\s$*]*")

STATEMENT = re.compile(
    r"""(?:<answer>|\bans(?:wers?)?\b(?:\ to\ [^.:\n$]{1,60}?|\ choice|\ option)?
           (?:\s{0,3}[*_]{0,3}\s{0,3}:|\s{1,3}(?:is|are|must\ be|equals|would\ be|will\ be|=)(?![a-z]))
        |\bfinal\ answer\s{0,3}(?:[*_]{0,3}\s{0,3}\n|[-–—])
        |\bcorrect\ (?:option|choice|statement)\ (?:is|are)\b
        |^[ \t*]*(?:final\ |correct\ )?answer\ (?=[(\[*]{0,3}[A-J][)\]*.]{0,4}[ \t]*$)
        |^[ \t]*\#{4}(?!\#)
        |^[ \t]*(?:\#{1,6}|\*\*)[ \t]*answer\**[ \t]*\n
        )[\s*:]*+(?:(?:therefore|thus|simply|just|indeed|then|hence)\b[\s,]*)?+
        (?!not\b|correct\b|incorrect\b|wrong\b|right\b|clear\b|unclear\b|unique\b|unknown\b|that\b|as\ follows)""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
JUDGED = re.compile(
    r"""\b(?:option|choice|answer)\ [(*\[]{0,3}([A-J])[)*\]]{0,3}\ is\ (?:the\ )?(?:correct|right|best)\b
        |(?<![\w)])[(*\[]{0,3}([A-J])[)*\]]{0,3}\ is\ the\ (?:correct|right|best)\ (?:answer|option|choice)\b
        |^[ \t]*\(([A-J])\)\ is\ (?:correct|right)\b""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
CHOICE = re.compile(
    r"[*]{0,2}(?:(?:option|choice)\ [(\[*]{0,3}[A-J][)\]*]{0,3}(?:[:.]|$)|[(\[]?[A-J][)\]](?!\ (?:is|are|can)))",
    re.IGNORECASE,
)
DISPLAY = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]", re.DOTALL)
END = re.compile(r"\n|</answer>|(?<!\\)[.!?](?=[*_$)\"'\]]*(?:\s|$))|,?\s+(?:because|since|where|which|so)\b")
SPACING = r"\\[,;:!> ]|~|\\(?:q?quad|(?:thin|en|neg(?:thin)?)?space)(?![a-zA-Z])|\s"
BEFORE = re.compile(rf"(?:{SPACING})++")
# Behind an answer: punctuation and the spacing that `SPACING` matches, spelled backwards so that the scan is anchored.
BEHIND = re.compile(r"(?:\\\\|[,;:!> ]\\(?!\\)|~|(?:dauqq?|ecaps(?:niht|ne|(?:niht)?gen)?)\\|\s|[.:,;])++")
MARKUP = re.compile(r"\*\*|__|`|(?<!\\)\$|\\[()\[\]]")

LONGEST_STATEMENT = 1000
LONGEST_JOINT = 40
LONGEST_BARE = 100


def extract(text: str) -> str | None:
    r"""The final answer of a response, without its box; None where there is none.

    Only what follows the last `</think>` counts. The last complete box wins; an empty one is no answer, and one that
    was cut off is no box. Without a box the last statement counts, up to the end of its sentence, then the one choice
    that is called correct. A response that is
    nothing but one short line without a sentence ("42") states its answer.
    """
    text = text.rpartition("</think>")[2]
    boxes = _boxes(text)
    if boxes:
        return _plain(", ".join(boxes)) or None
    return _stated(text) or _judged(text) or _bare(text) or None


def _boxes(text: str) -> list[str]:
    """The contents of the last box and of those joined to it, in order."""
    found: list[str] = []
    limit, next_start = len(text), -1
    for match in reversed(list(BOX.finditer(text))):
        end = _closing(text, match.end(), limit)
        if end is None:
            limit = match.start()
            continue
        if found and (end > next_start or not _joined(text, end, next_start)):
            if end > next_start:  # this box holds the one found before
                found, next_start = [text[match.end() + 1 : end - 1]], match.start()
                continue
            break
        found.insert(0, text[match.end() + 1 : end - 1])
        next_start = match.start()
    bare = None if found else BARE_BOX.search(text)
    return [bare[1]] if bare else found


def _joined(text: str, end: int, start: int) -> bool:
    """Whether nothing but a comma, "and" or "or" stands between two boxes."""
    return start - end <= LONGEST_JOINT and JOINT.fullmatch(text, end, start) is not None


def _closing(text: str, start: int, limit: int) -> int | None:
    """The index after the brace that closes the one at `start`; None if it is not closed before `limit`."""
    depth = 0
    for match in BRACE.finditer(text, start, limit):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return None


def _stated(text: str) -> str | None:
    """The last statement of an answer, to the end of its sentence."""
    ends = [match.end() for match in STATEMENT.finditer(text)]
    if not ends:
        return None
    tail = text[ends[-1] : ends[-1] + LONGEST_STATEMENT].lstrip()
    display = DISPLAY.match(tail)
    if display:
        return _plain(display[1] or display[2])
    end = END.search(tail)
    answer = tail[: end.start()] if end else tail
    return None if "\\boxed" in answer else _plain(answer)  # a box that was cut off


def _judged(text: str) -> str | None:
    """The one choice that is called correct: "Option C is correct"."""
    letters = {(match[1] or match[2] or match[3]).upper() for match in JUDGED.finditer(text)}
    return letters.pop() if len(letters) == 1 else None


def _bare(text: str) -> str | None:
    """A response that is one short line and no sentence."""
    line = text.strip()
    if len(line) > LONGEST_BARE or "\n" in line or "\\boxed" in line:
        return None
    words = re.findall(r"(?<!\\)\b[A-Za-z]{2,}", line)
    states = (
        CHOICE.match(line)
        or line.strip(".").lower() in ("yes", "no", "true", "false")
        or len(words) <= any(char.isdigit() for char in line)
    )
    return _plain(line) if states else None


def _plain(answer: str) -> str:
    """Without dollars, markdown and boxes inside, which say nothing about the answer."""
    while len(answer) <= LONGEST_STATEMENT and (box := BOX.search(answer)):
        end = _closing(answer, box.end(), len(answer)) or len(answer)
        answer = answer[: box.start()] + answer[box.end() + 1 : end - 1] + answer[end:]
    answer = MARKUP.sub("", answer)
    if start := BEFORE.match(answer):
        answer = answer[start.end() :]
    behind = None if answer[-1:].isdigit() else BEHIND.match(answer[::-1])
    return answer[: len(answer) - behind.end()] if behind else answer
