"""Answers in words: choices with and without their text, number words, dates, times, names."""

import re
from collections.abc import Sequence
from fractions import Fraction

from csi_train.answers.brackets import wrapped
from csi_train.answers.keys import Key
from csi_train.answers.tokens import Token
from csi_train.answers.vocabulary import CONNECTIVES, MONTHS, NUMERALS, ORDINALS, PARTS, SCALES

LETTERS = frozenset("ABCDEFGHIJ")
OPENING, CLOSING = frozenset(["(", "[", "{"]), frozenset([")", "]", "}"])
CHOICE_WORDS = frozenset(["option", "choice", "answer", "statement", ":"])
PHRASES = {
    **dict.fromkeys(
        ["all real numbers", "all reals", "all real x", "real numbers", "all real values", "any real number"],
        "all real numbers",
    ),
    **dict.fromkeys(
        [
            *["no solution", "no solutions", "no real solution", "no real solutions", "empty set", "null set"],
            *["there is no solution", "there are no solutions", "no solution exists", "no solutions exist"],
        ],
        "no solution",
    ),
    **dict.fromkeys(["does not exist", "dne", "doesn't exist"], "does not exist"),
    **dict.fromkeys(
        ["infinitely many", "infinitely many solutions", "infinite", "infinite solutions", "infinite number"],
        "infinitely many",
    ),
}
FORMULA = re.compile(r"(?=.*\d)(?:[A-Z][a-z]?\d{0,3}|\((?:[A-Z][a-z]?\d{0,3})+\)\d{0,3})+(?:\^?\d?[+-])?|[A-Z]\d[a-z]")
ARTICLES = frozenset(["the", "a", "an"])


def text(tokens: Sequence[Token]) -> str:
    """What equal texts share: words in lower case, without articles in front and without punctuation at the end."""
    plain = all(token.kind in ("word", "letter", "run", "number") or token.text in ".,;:!?'\"()-/" for token in tokens)
    if not plain:
        texts = [token.text.lower() if token.kind == "word" and len(token.text) > 1 else token.text for token in tokens]
        return re.sub(r"\{ (\S+) \}", r"\1", " ".join(texts))  # x^{2} is x^2
    parts: list[str] = []
    for token in tokens:
        joined = parts and not token.spaced and token.kind == "letter"
        parts[-1:] = [parts[-1] + token.text] if joined else [*parts[-1:], token.text]
    words = [part.lower() for part in parts if part not in ".,;:!?'\"()-/"]
    while len(words) > 1 and words[0] in ARTICLES:
        words = words[1:]
    phrase = " ".join(words)
    return PHRASES.get(phrase, phrase)


def choice(tokens: Sequence[Token]) -> tuple[str, list[Token]] | None:
    r"""The letter of a choice and the tokens of its text: `C`, `(C)`, `c)`, `Option C`, `(C) 12`, `C: Argon`."""
    start = next((i for i, token in enumerate(tokens) if token.text.lower() not in CHOICE_WORDS), len(tokens))
    opened = next((i for i, token in enumerate(tokens[start:]) if token.text not in OPENING), 0)
    letter, *rest = tokens[start + opened :] or [Token("", "", False)]
    if len(letter.text) != 1 or letter.text.upper() not in LETTERS or (letter.text == "i" and rest):
        return None
    closed = next((i for i, token in enumerate(rest) if token.text not in CLOSING), len(rest))
    if closed < opened:
        return None
    if closed == len(rest):
        return letter.text, []
    rest, marked = rest[closed:], closed > 0
    dashed = len(rest) > 1 and rest[0].text == "-" and rest[0].spaced and rest[1].spaced
    if rest[0].text in (".", ":") or (dashed and (marked or rest[1].kind == "word")):
        rest, marked = rest[1:], True
    elif rest[0].text == "(" and rest[0].spaced and letter.text.isupper() and wrapped(rest, "(", ")"):  # C (Argon)
        rest, marked = [rest[1]._replace(spaced=True), *rest[2:-1]], True
    beside = rest and (rest[0].kind == "word" or (rest[0].spaced and (letter.text.isupper() or start > 0)))
    return (letter.text, rest) if marked and beside and rest[0].text not in CONNECTIVES else None


def is_choice(key: Key) -> bool:
    """Whether a core is the letter of a choice."""
    return isinstance(key, tuple) and key[:1] == ("choice",)


def number_words(tokens: Sequence[Token]) -> tuple[Fraction, int] | None:
    """The number in words that the tokens begin with, and how many they are: `twenty-five`, `two hundred and six`."""
    total = current = 0
    used = 0
    for position, token in enumerate(tokens):
        word = token.text.lower()
        if word in NUMERALS:
            current += NUMERALS[word]
        elif word == "hundred" and used:
            current *= 100
        elif word in SCALES and used:
            total, current = total + current * SCALES[word], 0
        elif word.removesuffix("s") in PARTS and used == position and used:
            return Fraction(total + current, PARTS[word.removesuffix("s")]), position + 1
        elif (word == "-" or word == "and") and used == position and used:
            continue
        else:
            break
        used = position + 1
    return (Fraction(total + current), used) if used else None


def date(tokens: Sequence[Token]) -> Key | None:
    """`July 4, 1776`, `4 July 1776`, `1776-07-04`; the year may be missing."""
    if not 2 <= len(tokens) <= 8:
        return None
    words = [token.text.lower() for token in tokens if token.text != ","]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", "".join(words)):
        year, month, day = (int(part) for part in "".join(words).split("-"))
        return ("date", year, month, day)
    words = re.sub(r"(\d) (?:s ?t|n ?d|r ?d|t ?h)\b|\b(?:of|the)\b", r"\1", " ".join(words)).split()
    names = [word for word in words if word in MONTHS]
    figures = [int(word) for word in words if word.isdigit()]
    if len(names) != 1 or len(words) != 1 + len(figures) or len(figures) not in (1, 2):
        return None
    days = [figure for figure in figures if 1 <= figure <= 31]
    years = [figure for figure in figures if figure > 31]
    if len(days) > 1 or len(years) > 1:
        return None
    return ("date", *years, MONTHS[names[0]], *days)


def ordinal(tokens: Sequence[Token]) -> Key | None:
    """`3rd`, `third`, `21^{st}`, `twenty-first`."""
    words = [token.text.lower() for token in tokens if token.text not in ("^", "{", "}", "-")]
    while words[:1] == ["the"]:
        words = words[1:]
    if figures := re.fullmatch(r"(\d{1,9})(?:st|nd|rd|th)", "".join(words)):
        return ("ordinal", int(figures[1]))
    if not words or words[-1] not in ORDINALS or not NUMERALS.keys() >= set(words[:-1]):
        return None
    return ("ordinal", sum(NUMERALS[word] for word in words[:-1]) + ORDINALS[words[-1]])


def formula(tokens: Sequence[Token]) -> str | None:
    """A chemical formula or a point group, `C6H12O6`, `C2v` or `\\text{H}_2\\text{O}`."""
    if not tokens or not tokens[0].text[:1].isupper() or len(tokens) > 40:
        return None
    joined = "".join(token.text for token in tokens if token.text not in ("{", "}", "_"))
    return joined if FORMULA.fullmatch(joined) else None


def time(tokens: Sequence[Token]) -> tuple[int, int, str] | None:
    """Hour, minute and am or pm: `3:30 p.m.`, `3:30 PM`, `3 pm`, `noon`."""
    if len(tokens) > 8:
        return None
    joined = "".join(token.text.lower() for token in tokens if token.text not in ".$")
    if half := re.fullmatch(r"(?:at)?(?:12(?::00)?)?(noon|midnight)", joined):
        return 12, 0, "pm" if half[1] == "noon" else "am"
    match = re.fullmatch(r"(\d{1,2})(?::(\d\d))?([ap]m)", joined)
    if not match or not 1 <= int(match[1]) <= 12 or int(match[2] or 0) > 59:
        return None
    return int(match[1]), int(match[2] or 0), match[3]


def runs(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, letters that are written together as one of the kind "run": "at" has been taken for a product."""
    found: list[Token] = []
    for token in tokens:
        if token.kind == "letter" and not token.spaced and found and found[-1].kind in ("letter", "run"):
            found[-1] = Token("run", found[-1].text + token.text, found[-1].spaced)
        else:
            found.append(token)
    return found


def are_choices(tokens: Sequence[Token]) -> bool:
    """`ACD` names three choices: different letters in their order."""
    texts = [token.text for token in tokens]
    return 2 <= len(texts) <= 5 and LETTERS.issuperset(texts) and texts == sorted(set(texts))
