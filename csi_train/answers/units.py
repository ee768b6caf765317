"""Units of measure: `cm`, `centimeters` and `centimetre` are one unit, `square inches` and `in^2` too, `cm` and `m` are two.

Nothing is converted: an answer in another unit is another answer. A noun that is no known unit ("apples") counts as one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csi_train.answers.tokens import Token

Unit = tuple[tuple[str, int], ...]  # sorted (name, exponent) pairs: m/s is (("meter", 1), ("second", -1))

SPELLINGS = {
    "meter": "m meter meters metre metres", "centimeter": "cm cms", "millimeter": "mm mms", "kilometer": "km kms",
    "inch": "in inch inches", "foot": "ft foot feet", "yard": "yd yds yard yards", "mile": "mi mile miles",
    "second": "s sec secs second seconds", "minute": "min mins minute minutes", "hour": "h hr hrs hour hours", "day": "day days",
    "week": "week weeks wk wks", "month": "month months", "year": "yr yrs year years", "millisecond": "ms",
    "gram": "g gram grams gm gms", "kilogram": "kg kgs kilo kilos", "milligram": "mg", "pound": "lb lbs pound pounds", "ounce": "oz ounce ounces",
    "ton": "ton tons tonne tonnes", "liter": "L l liter liters litre litres", "milliliter": "mL ml", "gallon": "gal gallon gallons",
    "newton": "N newton newtons", "joule": "J joule joules", "kilojoule": "kJ", "watt": "W watt watts", "kilowatt": "kW", "volt": "V volt volts",
    "ampere": "A amp amps ampere amperes", "pascal": "Pa pascal pascals", "hertz": "Hz hertz", "kelvin": "K kelvin kelvins", "mole": "mol mole moles",
    "ohm": "ohm ohms", "coulomb": "C coulomb coulombs", "electronvolt": "eV", "nanometer": "nm", "kilopascal": "kPa", "kilohertz": "kHz", "megahertz": "MHz",
    "tesla": "T tesla teslas", "farad": "F farad farads", "kilometer/hour": "kph kmph", "mile/hour": "mph", "meter/second": "mps",
    "degree": "deg degs degree degrees", "radian": "rad rads radian radians", "celsius": "celsius", "fahrenheit": "fahrenheit",
    "dollar": "dollar dollars usd bucks", "cent": "cent cents", "euro": "euro euros eur", "rupee": "rupee rupees rs inr", "yen": "yen jpy",
    "percent": "percent", "person": "person persons people", "child": "child children", "die": "die dice", "man": "man men", "woman": "woman women",
    "": "unit units",
}  # fmt: skip
PREFIXES = {"centi": "centi", "milli": "milli", "kilo": "kilo", "micro": "micro", "nano": "nano", "mega": "mega"}
METRIC = "meter meters metre metres gram grams liter liters litre litres second seconds watt watts joule joules hertz".split()
UNITS = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings.split()}
UNITS |= {prefix + word: prefix + UNITS[word] for prefix in PREFIXES for word in METRIC}
AMBIGUOUS = frozenset("msghLlNJWVAK")  # single letters that may be variables as well
POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
TRAILING_POWERS = {"squared": 2, "cubed": 3}
SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
# Words that make a phrase more than the name of what is counted.
NOT_NOUNS = frozenset(
    "and or is are was be not no the a an if else then because since but only correct incorrect right wrong true false answer answers "
    "gold accept grade mark ignore either neither both to with by from at when where that this it its as than more less least most "
    "any all every whatever instructions approximately about which same equal equals equivalent please score reward".split()
)
LONGEST = 4


def unit_of(tokens: "Sequence[Token]") -> Unit | None:
    """The unit that these tokens name; None if they name none. `()` is the unit of plain `units`."""
    exponents: Counter[str] = Counter()
    sign, power, last, words = 1, 1, "", 0
    position = 0
    while position < len(tokens):
        kind, text, _ = tokens[position]
        position += 1
        lower = text.lower()
        if text == "/" or lower == "per" or (lower in ("a", "an", "each") and last):
            sign, last = -1, ""
        elif text in ("*", r"\*", ".", "-", "{", "}", "(", ")", "of"):
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
        return {r"\degree": "degree", r"\Omega": "ohm"}.get(text)
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


def _exponent(tokens: "Sequence[Token]", position: int) -> tuple[int | None, int]:
    r"""The integer after `^`, bare or in braces."""
    text = ""
    while position < len(tokens) and len(text) < 4 and (tokens[position].text in "{-" or tokens[position].kind == "number"):
        if tokens[position].text != "{":
            text += tokens[position].text
        position += 1
        if tokens[position - 1].kind == "number":
            break
    if position < len(tokens) and tokens[position].text == "}":
        position += 1
    return (int(text) if re.fullmatch(r"-?\d", text) else None), position
