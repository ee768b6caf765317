"""From the text of a final answer to its readings: the order in which the forms of answers are tried, and the
memory."""

import re
from functools import lru_cache

from csi_train.answers import domains, numbers, quantities, sets, words
from csi_train.answers.brackets import split, ungrouped, upright, wrapped
from csi_train.answers.congruences import congruence
from csi_train.answers.containers import bracketed
from csi_train.answers.equations import related
from csi_train.answers.intervals import all_but, set_of_reals
from csi_train.answers.lists import several, unconditional
from csi_train.answers.money import dollars_and_cents
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.readings import Reading, Readings, text
from csi_train.answers.sizes import size
from csi_train.answers.tokens import Token, tokenize
from csi_train.answers.vocabulary import CONNECTIVES

INTEGER = re.compile(r"-?\d{1,300}", re.ASCII)
BOLD = re.compile(r"(?<![\w)\]}*])\*\*([^\s*](?:.*?[^\s*])?)\*\*(?![\w(\[{\\*])", re.DOTALL)
TEXT = re.compile(r"\$?\\(?:text\w*|mathrm|[mh]box)\s*\{((?:[^{}]|\{[^{}]*\})*)\}\.?\$?")
LONGEST = 2000  # characters; a longer answer is compared as text
LONGEST_KEPT = 500  # characters of an answer whose readings are remembered
REMEMBERED = 1 << 14

FILLERS = frozenset(
    [r"\approx", ":", "=", ",", "approximately", "about", "roughly", "exactly", "ans", "therefore", "thus", "hence"]
)
NOISE = frozenset([r"\(", r"\)", r"\[", r"\]", r"\boxed", r"\fbox", r"\therefore", '"', "`"])
FINAL = frozenset([".", ",", ";", ":", "\\\\"])


def read(answer: str) -> Readings:
    """The readings of a final answer: at least one, if only as a text. Takes bounded time and never fails."""
    return _remembered(answer) if len(answer) <= LONGEST_KEPT else _read(answer)


def _read(answer: str) -> Readings:
    answer = BOLD.sub(r"\1", answer).strip() if len(answer) <= LONGEST and "**" in answer else answer.strip()
    if INTEGER.fullmatch(answer):
        return (Reading(int(answer)),)
    if len(answer) > LONGEST:
        return (Reading(("text", "".join(answer.split()))),)
    found = _read_tokens(tokenize(answer))
    if whole := TEXT.fullmatch(answer):  # the text may be mathematics: \text{4.5 MeV, 3 MeV}
        found = tuple(dict.fromkeys((*found, *_read_tokens(tokenize(whole[1])))))
    return found


def _read_tokens(tokens: list[Token]) -> Readings:
    tokens = _trim(_tidied(tokens))
    try:
        found = _readings(tokens)
    except (UnreadableError, RecursionError):
        found = (text(tokens),)
    formula = words.formula(tokens)
    return (*found, Reading(("formula", formula))) if formula else found


_remembered = lru_cache(maxsize=REMEMBERED)(_read)


def forget() -> None:
    """Empty the memory of answers read, as a benchmark must."""
    _remembered.cache_clear()


def _readings(tokens: list[Token]) -> Readings:
    """The readings of tokens; raises UnreadableError where they are no mathematics and no known form of words."""
    tokens = unconditional(_trim(tokens))
    if not tokens:
        return (Reading(("text", "")),)
    return (
        _words(tokens)
        or congruence(tokens)
        or all_but(tokens)
        or dollars_and_cents(tokens)
        or several(tokens, _readings)
        or related(tokens, _readings)
        or set_of_reals(tokens)
        or bracketed(tokens, _readings)
        or quantities.ratio(tokens)
        or quantities.span(tokens)
        or size(tokens)
        or quantities.quantity(tokens)
    )


def _tidied(tokens: list[Token]) -> list[Token]:
    """The tokens in one spelling where brackets, named sets and multiplication signs have several."""
    texts = {token.text for token in tokens}
    if "{" in texts:
        tokens = ungrouped(tokens)
    if "[" in texts or "]" in texts:
        tokens = upright(tokens)
    if any(text.startswith(r"\mathbb") for text in texts):
        tokens = domains.merged(tokens)
    return _multiplied(tokens) if "x" in texts or "X" in texts else tokens


def _multiplied(tokens: list[Token]) -> list[Token]:
    """`1.5 x 10^3`: a spaced x between two numbers, or one before a power of ten, is a multiplication sign."""
    kinds, texts = [token.kind for token in tokens], [token.text for token in tokens]
    return [
        token._replace(kind="symbol", text="*")
        if token.text in ("x", "X")
        and (token.spaced or texts[i + 1 : i + 3] == ["10", "^"])
        and kinds[i - 1 : i] == ["number"] == kinds[i + 1 : i + 2]
        else token
        for i, token in enumerate(tokens)
    ]


def _trim(tokens: list[Token]) -> list[Token]:
    """Without what says nothing: dollars and boxes, braces around it all, a full stop, "about", "the answer is"."""
    noise = NOISE | {"$"} if sum(token.text == "$" for token in tokens) % 2 == 0 else NOISE
    kept = [t._replace(spaced=True) if i and tokens[i - 1].text in noise else t for i, t in enumerate(tokens)]
    tokens = [token for token in kept if token.text not in noise]
    while tokens and tokens[-1].text in FINAL:
        tokens = tokens[:-1]
    while len(tokens) > 1 and tokens[0].text.lower() in FILLERS:
        tokens = tokens[1:]
    tokens = _unnamed(tokens)
    if len(tokens) > 2 and tokens[0].text == "<" and tokens[-1].text == ">":  # <1, 2> is a vector
        tokens = [tokens[0]._replace(text=r"\langle"), *tokens[1:-1], tokens[-1]._replace(text=r"\rangle")]
    while wrapped(tokens, "{", "}") and len(split(tokens[1:-1], (",", ";", "|", ":"))[0]) == 1:
        tokens = tokens[1:-1]
    return tokens


def _unnamed(tokens: list[Token]) -> list[Token]:
    """Without "the answer is" or "Area:" in front."""
    colon = next((i for i, token in enumerate(tokens[:5]) if token.kind != "word"), 0)
    alone = sum(token.text == ":" for token in tokens) == 1
    if alone and 0 < colon < len(tokens) - 1 and tokens[colon].text == ":" and not words.choice(tokens):
        return tokens[colon + 1 :]
    texts = [token.text.lower() for token in tokens[:5]]
    if "answer" not in texts:
        return tokens
    end = texts.index("answer")
    if not {"the", "final", "correct"}.issuperset(texts[:end]):
        return tokens
    while end + 1 < len(tokens) and tokens[end + 1].text.lower() in ("is", ":", "="):
        end += 1
    return tokens[end + 1 :] or tokens


def _words(tokens: list[Token]) -> Readings | None:
    """Choices, dates, times, numbers in words, and plain words; None where the tokens are something else."""
    if found := words.choice(tokens):
        return _choice(*found)
    if date := words.date(tokens):
        return (Reading(date),)
    if time := words.time(tokens):
        return _time(*time)
    if ordinal := words.ordinal(tokens):
        return (Reading(ordinal),)
    if number := words.number_words(tokens):
        count, used = number
        return quantities.quantity([*tokenize(str(count)), *tokens[used:]])
    if words.are_choices(tokens):
        return Reading(("list", *(("choice", token.text) for token in tokens))), *quantities.quantity(tokens)
    if all(t.kind == "word" or t.text in ".!?'-" for t in tokens) and not any(t.text in CONNECTIVES for t in tokens):
        return (_phrase(words.text(tokens)),)
    return None


def _choice(letter: str, rest: list[Token]) -> Readings:
    """A choice, or the text beside it where the other answer has no letter; a bare letter is a variable as well."""
    core = Reading(("choice", letter.upper()))
    if not rest:
        variable = quantities.quantity([Token("letter", letter, False)])
        return (core, *variable) if letter.isupper() else (*variable, core)
    try:
        inner = _readings(rest)
    except UnreadableError:
        inner = (text(rest),)
    if any(words.is_choice(reading.core) for reading in inner):  # (A) B
        return (core,)
    return (core, *(Reading(reading.core, f"({letter.upper()})", reading.unit) for reading in inner))


def _time(hour: int, minute: int, half: str) -> Readings:
    """A time of day; without am or pm it looks like a ratio, `3:30`, and agrees with that."""
    time = Reading(("time", hour % 12 + 12 * (half == "pm"), minute))
    return time, Reading(numbers.divide(hour, minute) if minute else ("hour", hour), None, ((half, 1),))


def _phrase(phrase: str) -> Reading:
    match phrase:
        case "all real numbers":
            return Reading(sets.key(sets.reals()))
        case "no solution":
            return Reading(sets.key([]))
    if name := domains.phrase(phrase):
        return Reading(domains.key(name))
    return Reading(("text", phrase))
