"""Units of measure: `cm`, `centimeters` and `centimetre` are one unit, `square inches` and `in^2` too, `cm` and `m`
are two.

Nothing is converted: an answer in another unit is another answer. A noun that is no known unit ("apples") counts as
one.
"""

import re
from collections import Counter
from collections.abc import Sequence

from csi_train.answers.tokens import Token
from csi_train.answers.unit_names import UNITS
from csi_train.answers.vocabulary import NOT_NOUNS

Unit = tuple[tuple[str, int], ...]  # sorted (name, exponent) pairs: m/s is (("meter", 1), ("second", -1))

AMBIGUOUS = frozenset("msghLlNJWVAKCTM")  # single letters that may be variables as well
POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
TRAILING_POWERS = {"squared": 2, "cubed": 3}
LONGEST = 4


def unit_of(tokens: Sequence[Token]) -> Unit | None:
    """The unit that these tokens name; None if they name none. `()` is the unit of plain `units`."""
    exponents: Counter[str] = Counter()
    sign, power, last, words = 1, 1, "", 0
    position = 0
    while position < len(tokens):
        kind, text, _ = tokens[position]
        position += 1
        lower = text.lower()
        if text == "of" and words:  # 16 cans of soda are 16 cans
            break
        before = tokens[position - 2].text if position > 1 else ""
        if before == "of" and lower in ("the", "a", "an"):  # 3/8 of the pizza
            continue
        below = text == "{" and before == "}" and tokens[0].text == r"\frac"
        if text == "/" or below or lower == "per" or (lower in ("a", "an", "each") and last):
            sign, last = -1, ""
        elif text in ("*", r"\*", ".", "-", "{", "}", "(", ")", "of", r"\frac"):
            continue
        elif text == "^":
            exponent, position = _exponent(tokens, position)
            if exponent is None or not words:
                return None
            exponents[last] += sign * (exponent - 1)
        elif lower in POWERS:
            power = POWERS[lower]
        elif lower in TRAILING_POWERS and last:
            exponents[last] += sign * (TRAILING_POWERS[lower] - 1)
        else:
            name = _name(kind, text)
            words += 1
            if name is None or words > LONGEST:
                return None
            for index, part in enumerate(name.split("/")):
                exponents[part] += (-1) ** index * sign * power
            last, power = name.partition("/")[0], 1
    del exponents[""]
    if exponents["celsius"] or exponents["fahrenheit"]:
        del exponents["degree"]
    return tuple(sorted((name, exponent) for name, exponent in exponents.items() if exponent)) if words else None


def _name(kind: str, text: str) -> str | None:
    if kind == "command":
        return {r"\degree": "degree", r"\Omega": "ohm", r"\AA": "angstrom"}.get(text)
    if text in ("%", r"\%"):
        return "percent"
    if text in (r"\$", "$"):
        return "dollar"
    if kind not in ("word", "letter"):
        return None
    name = UNITS.get(text, UNITS.get(text.lower()) if len(text) > 1 else None)
    if name is not None:
        return name
    lower = text.lower()
    if kind == "letter" or len(text) < 3 or lower in NOT_NOUNS:
        return None
    return _singular(lower)


def _singular(noun: str) -> str:
    """Close enough to tell the same noun in another number: boxes, cities, apples."""
    for ending, stem in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x")):
        if noun.endswith(ending):
            return noun.removesuffix(ending) + stem
    return noun.removesuffix("s") if not re.search("(ss|us|is)$", noun) else noun


def _exponent(tokens: Sequence[Token], position: int) -> tuple[int | None, int]:
    r"""The integer after `^`, bare or in braces."""
    text = ""
    while (
        position < len(tokens)
        and len(text) < 4
        and (tokens[position].text in "{-" or tokens[position].kind == "number")
    ):
        if tokens[position].text != "{":
            text += tokens[position].text
        position += 1
        if tokens[position - 1].kind == "number":
            break
    if position < len(tokens) and tokens[position].text == "}":
        position += 1
    return (int(text) if re.fullmatch(r"-?\d", text) else None), position
