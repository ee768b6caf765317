r"""Numbers and expressions, with a unit or without: `5 \text{ cm}`, `\$3.50`, `25\%`, `30^\circ`, `3 hours 20
minutes`, `3:4`."""

from itertools import pairwise

from csi_train.answers import expression, numbers, syntax, words
from csi_train.answers.brackets import split
from csi_train.answers.keys import Key
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.readings import Reading, Readings, unordered
from csi_train.answers.sets import collection
from csi_train.answers.tokens import Token
from csi_train.answers.trees import Tree, contains, natural, variables
from csi_train.answers.unit_names import CURRENCIES, UNITS
from csi_train.answers.units import AMBIGUOUS, POWERS, Unit, unit_of
from csi_train.answers.vectors import unit_vectors
from csi_train.answers.vocabulary import ADVERBS, HEDGES, MORE, NUMERALS, PREPOSITIONS, SCALES

PERCENT: Unit = (("percent", 1),)
SIDES = frozenset(map(str, range(1, 1001)))
FRACTION: Unit = (("fraction", 1),)  # a percentage as a fraction: agrees with a number without a unit, and no other


# Words behind a unit: those that begin a phrase, but for a part of the unit (square in), and those that add nothing.
BEHIND = ADVERBS | PREPOSITIONS
IN_FRONT = frozenset([*POWERS, ".", "*", "/", "-", "per"])
SAYS_NOTHING = ADVERBS | {"in", "all"}


def quantity(tokens: list[Token]) -> Readings:
    """The readings of a number or an expression; raises UnreadableError where the tokens are none."""
    if priced := _price(tokens):
        return (priced,)
    tokens = _celsius(_micro(_based(_counted(tokens))))
    tree, rest = syntax.parse_prefix(tokens)
    while rest and rest[0].text.lower() in SCALES:  # 3.5 million
        tree, rest = ("mul", tree, ("num", SCALES[rest[0].text.lower()])), rest[1:]
    if further := _next_number(rest):
        parts = tokens[: len(tokens) - len(rest) + further], rest[further:]
        return (unordered([quantity(part)[0] for part in parts]),)
    rest, beside = _beside(rest)
    unit = _unit(tree, rest)
    core = core_of(tree)
    found = [Reading(core, None, unit or None, beside)]
    if unit == PERCENT:
        found.append(Reading(core_of(("div", tree, ("num", 100))), None, FRACTION))
    elif unit:
        found.append(Reading(("quantity", core, unit), None, None, beside))
    if contains(tree, "fn") and (base_e := natural(tree)) != tree:
        found.append(Reading(core_of(base_e), None, unit or None))
    if vector := unit_vectors(tree):
        found.append(vector)
    if len(tokens) == 3 and tokens[1].text == "*" and {tokens[0].text, tokens[2].text} <= SIDES:
        found.append(Reading(("size", int(tokens[0].text), int(tokens[2].text))))  # 2 × 3 may be that of a matrix
    return (*found, *([] if rest else _letter_unit(tokens)))


def ratio(tokens: list[Token]) -> Readings | None:
    """`3:4`, `3 to 4`, `3 out of 4`, `2:1:3`; a ratio of two numbers is their quotient."""
    parts, found = split([token for token in tokens if token.text != "of"], (":", "to", "in", "out"))
    if not found or not all(parts) or (":" not in found and parts[-1][0].kind != "number"):
        return None
    trees = [syntax.parse(part) for part in parts]
    if trees[1:] == [("num", 0)]:
        return (Reading(("hour", expression.key(trees[0]))),)  # 9:00
    keys = [expression.key(("div", tree, trees[-1])) for tree in trees[:-1]]
    return (Reading(keys[0] if len(keys) == 1 else ("ratio", *keys)), *(span(tokens) or ()))


def span(tokens: list[Token]) -> Readings | None:
    """A range, `110-130`, `98.5%-99%`, `3 to 4`: two plain numbers in ascending order.

    `6-15` may be -9 as well, but two ranges are not the same because their differences are.
    """
    parts, found = split(tokens, ("-", "to"))
    if found == ["-", "-"] and not parts[1]:  # TeX's dash
        parts = parts[::2]
    if not found or len(parts) != 2 or not all(map(_is_plain, parts)):
        return None
    sides = [quantity(part)[0] for part in parts]
    low, high = (side.core for side in sides)
    if not (numbers.is_exact(low) and numbers.is_exact(high) and low < high):
        return None
    unit = sides[1].unit or sides[0].unit
    return Reading(("range", low, high), None, unit), Reading(low - high, f"{low} to {high}", unit)


def _is_plain(tokens: list[Token]) -> bool:
    """Whether these tokens are one number, with a unit or without."""
    others = [token for token in tokens if token.kind != "number"]
    return len(tokens) - len(others) == 1 and all(t.kind == "word" or t.text in ("%", "$", r"\$") for t in others)


def core_of(tree: Tree) -> Key:
    r"""The key of a tree; that of a list of two where it has a `\pm`, of infinity where it is that."""
    if tree in (("var", r"\infty"), ("neg", ("var", r"\infty"))):
        return ("infinity", 1 if tree[0] == "var" else -1)
    if contains(tree, "pm", "mp"):
        return collection([expression.key(tree, 1), expression.key(tree, -1)])
    return expression.key(tree)


def _price(tokens: list[Token]) -> Reading | None:
    """An amount with the currency in front: `$5`, `-$5`, `USD 5`, `$2 per pound`."""
    for position, token in enumerate(tokens[:2]):
        if token.text.lower() in CURRENCIES and len(tokens) > 1:
            rest = tokens[position + 1 :]
            if rest and rest[0].text == ".":  # Rs. 5
                rest = rest[1:]
            (_, *rest), beside = _beside([token, *rest])
            amount = quantity(tokens[:position] + rest)[0]
            currency = unit_of([token]) or ()
            return amount._replace(unit=tuple(sorted({*currency, *(amount.unit or ())})), beside=beside)
    return None


def _unit(tree: Tree, rest: list[Token]) -> Unit | None:
    degrees = tree[0] == "degree" or (tree[0] == "neg" and tree[1][0] == "degree")
    if not rest:
        return (("degree", 1),) if degrees else None
    unit = unit_of(rest)
    if unit is None or (variables(tree) and not all(name in UNITS.values() for name, _ in unit)):
        raise UnreadableError(f"unexpected {rest[0].text!r}")
    return unit


def _beside(rest: list[Token]) -> tuple[list[Token], str | None]:
    """A unit, and the phrase behind it: `miles` and `from City A`, but no `less than` and nothing with a number."""
    if len(rest) < 2:
        return rest, None
    runs = words.runs(rest)
    texts = [run.text.lower() for run in runs]
    behind = (i for i, (before, text) in enumerate(pairwise(texts), 1) if text in BEHIND and before not in IN_FRONT)
    start = next(behind, len(runs))
    phrase = runs[start:]
    ends = len(phrase) == 1 and texts[-1] not in ADVERBS
    plain = all(run.kind in ("word", "letter", "run") or run.text in "-'." for run in phrase)
    if not phrase or ends or not plain or not HEDGES.isdisjoint(texts[start:]):
        return rest, None
    unit = rest[: sum(len(run.text) if run.kind == "run" else 1 for run in runs[:start])]
    return unit, None if SAYS_NOTHING.issuperset(texts[start:]) else words.text(phrase)


def _next_number(rest: list[Token]) -> int:
    """Where a second quantity begins, as in `3 hours 20 minutes`; 0 if nowhere."""
    numerals = (
        i for i, token in enumerate(rest) if i and token.kind == "number" and rest[i - 1].text not in ("^", "{", "-")
    )
    return next(numerals, 0)


def _letter_unit(tokens: list[Token]) -> list[Reading]:
    """`5 m` may be five metres, and agrees with 5; `5m` may only if the other answer says metres."""
    first = next((i for i, token in enumerate(tokens) if token.kind == "letter"), 0)
    if not first or tokens[first].text not in AMBIGUOUS:
        return []
    unit = unit_of(tokens[first:])
    try:
        tree = syntax.parse(tokens[:first])
    except UnreadableError:
        return []
    if not unit or variables(tree):
        return []
    core = core_of(tree)
    spaced = tokens[first].spaced or len(unit) > 1
    return [Reading(("quantity", core, unit)), *([Reading(core, None, unit)] if spaced else [])]


def _based(tokens: list[Token]) -> list[Token]:
    r"""`(204)_5`, `204_{\text{five}}` and `204 (base 5)` are `204_5`."""
    texts = [token.text.lower() for token in tokens]
    if texts[:1] == ["("] and texts[2:4] == [")", "_"]:
        tokens = [tokens[1], *tokens[3:]]
    if "base" in texts[1:3]:
        tokens = [tokens[0], Token("symbol", "_", False), *(t for t in tokens[1:] if t.text.lower() not in "(base)")]
    if [token.text for token in tokens[1:2]] != ["_"]:
        return tokens
    base = [token for token in tokens[2:] if token.text not in ("(", ")", "{", "}")]
    if len(base) != 1 or tokens[0].kind != "number":
        return tokens
    return [*tokens[:2], base[0]._replace(text=str(NUMERALS.get(base[0].text.lower(), base[0].text)))]


def _counted(tokens: list[Token]) -> list[Token]:
    """`11 more CDs` are 11 of them, and the a in `2 a day` is no variable."""
    if len(tokens) < 3 or tokens[0].kind != "number" or tokens[2].kind != "word":
        return tokens
    if tokens[1].text == "a" and tokens[1].spaced and tokens[2].spaced:
        return [tokens[0], tokens[1]._replace(kind="word", text="per"), *tokens[2:]]
    more = tokens[1].text in MORE and HEDGES.isdisjoint(token.text for token in tokens[2:])
    return [tokens[0], *tokens[2:]] if more else tokens


def _micro(tokens: list[Token]) -> list[Token]:
    r"""`6 \mu\text{m}`: one unit after a number, no variable and a unit."""
    for i, (before, sign, unit) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        if sign.text == r"\mu" and before.kind in ("number", "symbol") and unit.text in UNITS:
            return [*tokens[: i + 1], Token("word", f"micro{UNITS[unit.text]}", True), *tokens[i + 3 :]]
    return tokens


def _celsius(tokens: list[Token]) -> list[Token]:
    """`25 °C`: the C is a word, no variable, and the degree sign belongs to it."""
    if len(tokens) > 2 and tokens[-2].text == r"\degree" and tokens[-1].text in ("C", "F"):
        name = "celsius" if tokens[-1].text == "C" else "fahrenheit"
        return [*tokens[:-2], Token("word", name, True)]
    return tokens
