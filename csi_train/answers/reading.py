r"""What an answer says: a final answer as text becomes a few readings, each with a key that equal answers share.

An answer such as `x = 5 \text{ cm}` has a core (5), a label (x) and a unit (cm). Two readings agree if their cores are equal and
neither label nor unit differ; a missing one does not matter. Where a spelling may be meant in two ways (`50%` is 50 or a half) the
answer has two readings.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from csi_train.answers import expression, numbers, relations, sets, words
from csi_train.answers.expression import Tree
from csi_train.answers.numbers import Key, Number, Unreadable
from csi_train.answers.relations import EQUAL, ORDER, RELATIONS, split
from csi_train.answers.sets import Piece
from csi_train.answers.tokens import CONNECTIVES, Token, tokenize
from csi_train.answers.units import AMBIGUOUS, SCALES, UNITS, Unit, unit_of

INTEGER = re.compile(r"-?\d{1,300}", re.ASCII)
LONGEST = 2000  # characters; a longer answer is compared as text
LONGEST_KEPT = 500  # characters of an answer whose readings are remembered
REMEMBERED = 1 << 14

SEPARATORS = frozenset([",", ";", *CONNECTIVES])
CURRENCIES = frozenset([r"\$", "$", "euro", "pound", "rupee", "rs", "usd", "yen", "eur", "inr"])
FILLERS = frozenset("approximately about roughly exactly answer ans therefore thus hence is".split())
NOISE = frozenset([r"\(", r"\)", r"\[", r"\]", r"\boxed", r"\fbox", r"\therefore", '"', "`"])
MATRICES = frozenset(["pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array"])
PERCENT: Unit = (("percent", 1),)
FRACTION: Unit = (("fraction", 1),)  # a percentage as a fraction: agrees with a number without a unit, and no other


class Reading(NamedTuple):
    """One way to understand an answer."""

    core: Key
    label: str | None = None
    unit: Unit | None = None


Readings = tuple[Reading, ...]


def read(answer: str) -> Readings:
    """The readings of a final answer; every answer has at least one, if only as a text."""
    return _remembered(answer) if len(answer) <= LONGEST_KEPT else _read(answer)


def _read(answer: str) -> Readings:
    answer = answer.strip()
    if INTEGER.fullmatch(answer):
        return (Reading(int(answer)),)
    if len(answer) > LONGEST:
        return (Reading(("text", "".join(answer.split()))),)
    tokens = _trim(tokenize(answer))
    try:
        return _readings(tokens)
    except (Unreadable, RecursionError):
        return (Reading(("text", words.text(tokens))),)


_remembered = lru_cache(maxsize=REMEMBERED)(_read)


def _trim(tokens: list[Token]) -> list[Token]:
    """Without what says nothing: dollars and boxes around, braces around, a full stop, "approximately"."""
    dollars = sum(token.text == "$" for token in tokens)
    noise = NOISE | {"$"} if dollars % 2 == 0 else NOISE
    kept = [t._replace(spaced=True) if i and tokens[i - 1].text in noise else t for i, t in enumerate(tokens)]
    tokens = [t for t in kept if t.text not in noise]
    while tokens and tokens[-1].text in (".", ",", ";", ":", "\\\\"):
        tokens = tokens[:-1]
    while tokens and (tokens[0].text.lower() in FILLERS or tokens[0].text in (r"\approx", ":", "=", ",")) and len(tokens) > 1:
        tokens = tokens[1:]
    tokens = _unnamed(tokens)
    while _wrapped(tokens, "{", "}") and not _parts_inside(tokens):
        tokens = tokens[1:-1]
    stars = [t.text for t in tokens[:2]] == ["*", "*"] or tokens[:1] and tokens[0].text in ("^", "*")
    if stars and tokens[-1].text in ("^", "*"):  # **bold**
        return _trim([t for t in tokens if t.text not in ("^", "*")])
    return tokens


def _unnamed(tokens: list[Token]) -> list[Token]:
    """Without "the answer is" in front."""
    texts = [token.text.lower() for token in tokens[:5]]
    if "answer" not in texts:
        return tokens
    end = texts.index("answer")
    if not {"the", "final", "correct"}.issuperset(texts[:end]):
        return tokens
    while end + 1 < len(tokens) and tokens[end + 1].text.lower() in ("is", ":", "="):
        end += 1
    return tokens[end + 1 :] or tokens


def _wrapped(tokens: Sequence[Token], opening: str, closing: str) -> bool:
    """Whether the first and the last token are brackets of one pair."""
    if len(tokens) < 2 or tokens[0].text != opening or tokens[-1].text != closing:
        return False
    parts, _ = split(tokens[:-1], frozenset())
    depth = 0
    for token in tokens[:-1]:
        depth += relations._opens(token)
        if depth == 0:
            return False
    return len(parts) == 1


def _parts_inside(tokens: Sequence[Token]) -> bool:
    """Whether braces hold a set: `{1, 2}` or `{x | x > 0}`."""
    return len(split(tokens[1:-1], frozenset([",", ";", "|", ":"]))[0]) > 1


def _readings(tokens: list[Token]) -> Readings:
    """The readings of tokens; raises Unreadable where they are no mathematics and no known form of words."""
    tokens = _trim(tokens)
    if not tokens:
        return (Reading(("text", "")),)
    return _words(tokens) or _several(tokens) or _related(tokens) or _set(tokens) or _bracketed(tokens) or _ratio(tokens) or _quantity(tokens)


# ------------------------------------------------------------------------------------------------ words


def _words(tokens: list[Token]) -> Readings | None:
    """Choices, dates, times, numbers in words, and plain words."""
    if date := words.date(tokens):
        return (Reading(date),)
    if time := words.time(tokens):
        clock = divmod(time[0][1] * 60 + time[0][2], 60)
        hour = clock[0] % 12 or 12
        ratio = numbers.divide(hour, clock[1]) if clock[1] else None
        return (Reading(time[0]), *([Reading(ratio, None, ((time[1], 1),))] if ratio else []))
    if found := words.choice(tokens):
        return _choice(*found)
    if number := words.number_words(tokens):
        count, used = number
        figures = tokenize(str(count))  # 25, or 2/3
        return _quantity([*figures, *tokens[used:]])
    letters = [token for token in tokens if token.kind in ("word", "letter")]
    if len(letters) == len(tokens) and 2 <= len(tokens) <= 5 and _ascending(tokens):
        return (Reading(("list", *(("choice", token.text) for token in tokens))), *_quantity(tokens))
    if tokens and all(t.kind == "word" or t.text in ".!?'-" for t in tokens) and not any(t.text in CONNECTIVES for t in tokens):
        phrase = words.text(tokens)
        if phrase == "all real numbers":
            return (Reading(sets.key(sets.reals())),)
        return (Reading(sets.key([])),) if phrase == "no solution" else (Reading(("text", phrase)),)
    return None


def _ascending(tokens: list[Token]) -> bool:
    """`ACD` names three choices."""
    texts = [token.text for token in tokens]
    return texts == sorted(set(texts)) and words.LETTERS.issuperset(texts)


def _choice(letter: str, rest: list[Token]) -> Readings:
    core = Reading(("choice", letter))
    if not rest:
        if letter in "EI":
            return (core, Reading(_quantity([Token("letter", letter.lower(), False)])[0].core))
        return (core,)
    try:
        inner = _readings(rest)
    except Unreadable:
        inner = (Reading(("text", words.text(rest))),)
    return (core, *(Reading(reading.core, f"({letter})", reading.unit) for reading in inner))


# ------------------------------------------------------------------------------------------------ lists


def _several(tokens: list[Token]) -> Readings | None:
    """A bare list: unordered, each entry counts; assignments to several variables are a tuple."""
    parts, separators = split(tokens, SEPARATORS)
    parts = [part for part in parts if part and not _side_condition(part)]
    if len(parts) < 2:
        return _readings(parts[0]) if separators and parts else None
    if [token.text for token in parts[0][1:2]] == [r"\ne"]:  # x ≠ 1, 2
        parts = [part if any(t.text == r"\ne" for t in part) else [*parts[0][:2], *part] for part in parts]
    entries = [_entry(part) for part in parts]
    labels = [entry.label for entry in entries]
    if None not in labels and len(set(labels)) == len(labels):
        return (_assignments(entries),)
    if conditions := [_conditions(part) for part in parts]:
        solved = [c for c in conditions if c]
        if len(solved) == len(parts) and len({name for name, _ in solved}) == 1:
            return (_joined(solved[0][0], [pieces for _, pieces in solved], "or" in separators),)
    if "or" in separators and "and" not in separators:
        entries = list(dict.fromkeys(entries))
    named = set(labels) - {None}
    return (_list(entries, named.pop() if len(named) == 1 else None),)


def _entry(tokens: list[Token]) -> Reading:
    """An entry of a list or a tuple: its first reading; words are entries too."""
    try:
        return _readings(tokens)[0]
    except Unreadable:
        return Reading(("text", words.text(_trim(tokens))))


def _side_condition(tokens: list[Token]) -> bool:
    r"""`k \in \mathbb{Z}` and `where k is an integer` say what k stands for; they are no entries."""
    member = len(tokens) >= 3 and tokens[-2].text == r"\in" and tokens[-1].text in (r"\mathbbZ", r"\mathbbN") and tokens[-3].kind == "letter"
    return member or (tokens[0].text in ("where", "for", "with") and any(t.text in ("integer", "integers") for t in tokens))


def _list(entries: Sequence[Reading], label: str | None = None) -> Reading:
    units = {entry.unit for entry in entries} - {None}
    if len(units) > 1:
        return Reading(sets.collection([("quantity", entry.core, entry.unit) for entry in entries]), label)
    keys: list[Key] = []
    for entry in entries:
        keys += entry.core[1:] if isinstance(entry.core, tuple) and entry.core[0] == "list" else [entry.core]
    return Reading(sets.collection(keys), label, units.pop() if units else None)


def _assignments(entries: list[Reading]) -> Reading:
    """`y = 2, x = 1` is (x, y) = (1, 2)."""
    ordered = sorted(entries, key=lambda entry: str(entry.label))
    return Reading(_tuple([entry.core for entry in ordered]), ",".join(str(entry.label) for entry in ordered))


def _tuple(keys: list[Key]) -> Key:
    if len(keys) == 2:
        numeric = [key if numbers.is_exact(key) else None for key in keys]
        return sets.pair("(", numeric[0], keys[0], numeric[1], keys[1], ")")
    return ("tuple", *keys)


def _joined(name: str, conditions: list[list[Piece]], either: bool) -> Reading:
    """Conditions on one variable: all hold, unless "or" joins them or all cannot."""
    pieces = conditions[0]
    for other in conditions[1:]:
        pieces = sets.union([*pieces, *other]) if either else sets.intersection(pieces, other)
    if not pieces:
        pieces = sets.union([piece for condition in conditions for piece in condition])
    return Reading(sets.key(pieces), name)


# ------------------------------------------------------------------------------------------------ relations


def _related(tokens: list[Token]) -> Readings | None:
    """Equations, inequalities and memberships."""
    parts, operators = split(tokens, RELATIONS)
    if not operators:
        return None
    if not all(parts):
        raise Unreadable("a relation without a side")
    if operators[0] == r"\in" and len(operators) == 1:
        return tuple(reading._replace(label=_label(parts[0])) for reading in _readings(parts[1]))
    if EQUAL.issuperset(operators):
        return _equation(parts, operators)
    if conditions := _conditions(tokens):
        return (Reading(sets.key(conditions[1]), conditions[0]),)
    trees = [expression.parse(part) for part in parts]
    if len(trees) == 3 and len({ORDER.get(op, ("", 0))[0] for op in operators}) == 1 and trees[1][0] == "var":
        return (_symbolic_interval(trees, operators),)
    keys = [relations.relation_key(a, operator, b) for a, operator, b in zip(trees, operators, trees[1:], strict=False)]
    return (Reading(keys[0] if len(keys) == 1 else ("relations", *keys)),)


def _conditions(tokens: list[Token]) -> tuple[str, list[Piece]] | None:
    """The variable and the real numbers that satisfy a chain of linear inequalities, `1 < x \\le 3`."""
    parts, operators = split(tokens, RELATIONS)
    if not operators or not all(operator in ORDER or operator == r"\ne" for operator in operators):
        return None
    trees = [expression.parse(part) for part in parts]
    solved = [relations.condition(a, operator, b) for a, operator, b in zip(trees, operators, trees[1:], strict=False)]
    names = {found[0] for found in solved if found}
    if None in solved or len(names) != 1:
        return None
    pieces = sets.reals()
    for found in solved:
        pieces = sets.intersection(pieces, found[1]) if found else pieces
    return names.pop(), pieces


def _symbolic_interval(trees: list[Tree], operators: list[str]) -> Reading:
    if ORDER[operators[0]][0] == ">":
        trees, operators = trees[::-1], operators[::-1]
    opening, closing = ("[" if ORDER[operators[0]][1] else "("), ("]" if ORDER[operators[1]][1] else ")")
    return Reading(("interval", opening, expression.key(trees[0]), expression.key(trees[2]), closing), str(trees[1][1]))


def _equation(parts: list[list[Token]], operators: list[str]) -> Readings:
    """A value with its left-hand side, or an equation between two expressions."""
    if operators[-1] == r"\approx":  # 1/3 ≈ 0.33 is 1/3; x ≈ 0.33 is 0.33
        if len(parts) > 2 or not _is_name(parts[0]):
            parts, operators = parts[:-1], operators[:-1]
        if not operators:
            return _readings(parts[0])
    if not _is_name(parts[0]) and _is_name(parts[-1]) and len(parts) == 2:
        parts = parts[::-1]
    found: list[Reading] = []
    if _is_name(parts[0]):
        found += [reading._replace(label=reading.label or _label(parts[0])) for reading in _readings(parts[-1])]
    try:
        trees = [expression.parse(part) for part in parts]
    except Unreadable:
        if found:
            return tuple(found)
        raise
    if not any(map(expression.variables, trees)):  # 2 + 3 = 5
        return _readings(parts[-1])
    if len(trees) == 2:
        if solved := relations.solve(*trees):
            return (*found, Reading(numbers.number_key(solved[1]), solved[0])) if not found else tuple(found)
        found.append(Reading(relations.relation_key(trees[0], "=", trees[1])))
    if not found:
        raise Unreadable("a chain of equations")
    return tuple(found)


def _is_name(tokens: list[Token]) -> bool:
    """Whether a left-hand side only says what the right-hand side is: `x`, `f(x)`, `(x, y)`, `m+n`, `\\angle ABC`, `Area`."""
    if all(token.kind == "word" or token.text in "()'-" for token in tokens):
        return True
    if any(token.kind == "word" for token in tokens):
        return all(token.kind in ("word", "letter") or token.text in "()'_{}" or token.kind == "number" for token in tokens) and tokens[0].kind != "number"
    if tokens[0].kind == "letter" and len(tokens) > 1 and tokens[-1].text == ")":
        rest = tokens[1:]
        while rest and rest[0].text != "(":  # f', f_n, f^{-1}
            if rest[0].text not in ("^", "_", "'", "{", "}", "-") and rest[0].kind not in ("number", "letter"):
                break
            rest = rest[1:]
        if _wrapped(rest, "(", ")") and not any(token.kind == "letter" for token in tokens[1 : len(tokens) - len(rest)]):
            return True
    if _wrapped(tokens, "(", ")"):
        return all(_is_name(part) for part in split(tokens[1:-1], frozenset([","]))[0] if part)
    if tokens[0].text in (r"\angle", r"\triangle", r"\measuredangle") or tokens[:2] and tokens[0].text == "m" and tokens[1:2] and tokens[1].text == r"\angle":
        return True
    try:
        tree = expression.parse(tokens)
    except Unreadable:
        return False
    return bool(expression.variables(tree)) and not expression.contains(tree, "num", "neg", "pow", "pi", "e", "i", "root", "pm", "mp", "factorial", "log")


def _label(tokens: list[Token]) -> str | None:
    """The name on the left-hand side where another name would mean another answer: a variable, or `(x, y)`."""
    texts = [token.text for token in tokens if token.text not in "()"]
    if all(token.kind == "letter" or token.text in ("_", "{", "}", "'", ",", "(", ")") or token.kind == "number" or token.text in expression.NAMES for token in tokens):
        if len(tokens) > 1 and tokens[0].kind == "letter" and tokens[1].text == "(":
            return None
        return "".join(texts).replace("{", "").replace("}", "")
    return None


# ------------------------------------------------------------------------------------------------ sets, brackets


def _set(tokens: list[Token]) -> Readings | None:
    """A union, an intersection or a difference of sets of real numbers, or a set with a name."""
    names = {r"\mathbbR": sets.key(sets.reals()), r"\emptyset": sets.key([])}
    if len(tokens) == 1 and tokens[0].kind == "command":
        if tokens[0].text in names:
            return (Reading(names[tokens[0].text]),)
        return (Reading(("set of", tokens[0].text)),) if tokens[0].text.startswith(r"\mathbb") else None
    tokens = [t._replace(text=r"\cup") if t.text in ("U", "union") else t for t in tokens] if _brackets(tokens) else tokens
    if len(split(tokens, frozenset([r"\cup", r"\cap", r"\setminus"]))[1]) or (tokens[0].text == r"\mathbbR" and tokens[1].text == "-"):
        return (Reading(sets.key(_pieces(tokens))),)
    return None


def _brackets(tokens: list[Token]) -> bool:
    return tokens[0].text in ("(", "[", "{", r"\{") and tokens[-1].text in (")", "]", "}", r"\}")


def _pieces(tokens: list[Token]) -> list[Piece]:
    for operator in (r"\cup", r"\cap"):
        parts, found = split(tokens, frozenset([operator]))
        if found:
            pieces = [_pieces(part) for part in parts]
            if operator == r"\cup":
                return sets.union([piece for part in pieces for piece in part])
            result = pieces[0]
            for other in pieces[1:]:
                result = sets.intersection(result, other)
            return result
    parts, found = split(tokens, frozenset([r"\setminus", "-"]))
    if found and len(parts) == 2:
        return sets.intersection(_pieces(parts[0]), sets.complement(_pieces(parts[1])))
    tokens = _trim(tokens)
    if [token.text for token in tokens] == [r"\mathbbR"]:
        return sets.reals()
    if not tokens or not _brackets(tokens):
        raise Unreadable("not a set of real numbers")
    entries, _ = split(tokens[1:-1], frozenset([","]))
    if tokens[0].text in ("{", r"\{"):
        return [piece for entry in entries for x in _values(entry) for piece in sets.point(x)]
    if len(entries) != 2:
        raise Unreadable("not an interval")
    low, high = _end(entries[0]), _end(entries[1])
    if low is None or high is None:
        raise Unreadable("not an interval of real numbers")
    return sets.interval(low, tokens[0].text == "[", high, tokens[-1].text == "]")


def _values(tokens: list[Token]) -> list[Number]:
    tree = expression.parse(tokens)
    if expression.variables(tree):
        raise Unreadable("not a number")
    return [expression.value(tree, sign=sign) for sign in ((1, -1) if expression.contains(tree, "pm", "mp") else (1,))]


def _end(tokens: list[Token]) -> Number | None:
    """The end of an interval as a number, infinite ones included; None where it is no real number."""
    texts = [token.text for token in tokens]
    if texts in ([r"\infty"], ["+", r"\infty"], ["-", r"\infty"]):
        return sets.infinity(-1 if texts[0] == "-" else 1)
    try:
        tree, rest = expression.parse_prefix(tokens)
        if expression.variables(tree) or (rest and unit_of(rest) is None):
            return None
        return numbers.real(expression.value(tree))
    except Unreadable:
        return None


def _bracketed(tokens: list[Token]) -> Readings | None:
    """Tuples, intervals, sets in braces, vectors and matrices."""
    if any(token.text.startswith(r"\begin ") for token in tokens):
        return _matrix(tokens)
    opening, closing = tokens[0].text, tokens[-1].text
    if (opening, closing) in ((r"\{", r"\}"), ("{", "}")) and _wrapped(tokens, opening, closing):
        return _braces(tokens[1:-1])
    if opening not in ("(", "[", r"\langle", "<") or closing not in (")", "]", r"\rangle", ">"):
        return None
    if any(relations._opens(token) for token in ()) or not _spans(tokens):
        return None
    parts, separators = split(tokens[1:-1], frozenset([",", ";"]))
    if not separators:
        if (opening, closing) in (("(", ")"), ("[", "]")):
            try:
                return _quantity(tokens)
            except Unreadable:
                return _readings(tokens[1:-1])
        return None
    if not all(parts):
        raise Unreadable("an empty entry")
    entries = [_entry(part) for part in parts]
    units = {entry.unit for entry in entries} - {None}
    keys = [("quantity", e.core, e.unit) if len(units) > 1 else e.core for e in entries]
    unit = units.pop() if len(units) == 1 else None
    if len(parts) == 2:
        angle = opening == r"\langle"
        ends = [_end(part) for part in parts]
        keys = [sets.end_key(end) if end is not None and sets.infinite(end) else key for end, key in zip(ends, keys, strict=True)]
        return (Reading(sets.pair("(" if angle else opening, ends[0], keys[0], ends[1], keys[1], ")" if angle else closing), None, unit),)
    return (Reading(("tuple", *keys), None, unit),)


def _spans(tokens: list[Token]) -> bool:
    """Whether the first bracket closes at the last token, whatever its shape: `[0, 1)`."""
    depth = 0
    for position, token in enumerate(tokens):
        depth += relations._opens(token)
        if depth == 0:
            return position == len(tokens) - 1
    return False


def _braces(tokens: list[Token]) -> Readings:
    r"""The set `\{1, 2\}`, or the numbers with a property, `\{x \mid x > 1\}`."""
    bars, found = split(tokens, frozenset(["|", ":"]))
    if len(bars) == 2 and found and bars[0] and any(t.text in RELATIONS for t in bars[1]):
        return _readings(bars[1])
    parts, _ = split(tokens, frozenset([",", ";"]))
    entries = [_entry(part) for part in parts if part]
    listed = _list(entries)
    members = listed.core[1:] if isinstance(listed.core, tuple) and listed.core[0] == "list" else [listed.core]
    return (listed._replace(core=sets.collection(set(members))),)


def _matrix(tokens: list[Token]) -> Readings:
    """A matrix, with a factor in front or none; one of a single column is a vector."""
    if _spans(tokens) and tokens[0].text in ("(", "[") and tokens[1].text.startswith(r"\begin "):
        tokens = tokens[1:-1]
    start = next(index for index, token in enumerate(tokens) if token.text.startswith(r"\begin "))
    name = tokens[start].text.split()[1]
    if tokens[-1].text != rf"\end {name}":
        raise Unreadable("a matrix within an expression")
    rows, _ = split(tokens[start + 1 : -1], frozenset(["\\\\"]))
    cells = [split(row, frozenset(["&"]))[0] for row in rows if row]
    if name == "cases" and all(len(row) == 1 for row in cells):
        return _several([Token("symbol", ",", False) if token.text == "\\\\" else token for token in tokens[start + 1 : -1]])
    if name == "cases":
        return (Reading(("cases", *sorted((tuple(_entry(cell) for cell in row if cell) for row in cells), key=repr))),)
    factor = None if not start else ("num", -1) if tokens[0].text == "-" and start == 1 else expression.parse(tokens[:start])
    keys = [tuple(_cell(factor, cell) for cell in row) for row in cells]
    if name not in MATRICES:
        return (Reading((name, *keys)),)
    if len(keys) > 1 and all(len(row) == 1 for row in keys):
        return (Reading(_tuple([row[0] for row in keys])),)
    return (Reading(("matrix", *keys)),)


def _cell(factor: Tree | None, tokens: list[Token]) -> Key:
    if factor is None:
        return _entry(tokens).core
    return expression.key(("mul", factor, expression.parse(tokens)))


# ------------------------------------------------------------------------------------------------ numbers


def _ratio(tokens: list[Token]) -> Readings | None:
    """`3:4`, `3 to 4`, `2:1:3`; a ratio of two is their quotient."""
    parts, found = split([token for token in tokens if token.text != "of"], frozenset([":", "to", "in", "out"]))
    if not found or not all(parts) or (":" not in found and parts[-1][0].kind != "number"):
        return None
    trees = [expression.parse(part) for part in parts]
    keys = [expression.key(("div", tree, trees[-1])) for tree in trees[:-1]]
    return (Reading(keys[0] if len(keys) == 1 else ("ratio", *keys)),)


def _quantity(tokens: list[Token]) -> Readings:
    """A number or an expression, with a unit or without."""
    for position, token in enumerate(tokens[:2]):
        if token.text.lower() in CURRENCIES and len(tokens) > 1:
            money = _quantity(tokens[:position] + tokens[position + 1 :])[0]
            unit = tuple(sorted([*(unit_of([token]) or ()), *(money.unit or ())]))
            return (Reading(money.core, None, unit),)
    if len(tokens) > 2 and tokens[-2].text == r"\degree" and tokens[-1].text in ("C", "F"):
        tokens = [*tokens[:-1], tokens[-1]._replace(kind="word")]
    tokens = _multiplied(tokens)
    tree, rest = expression.parse_prefix(tokens)
    while rest and rest[0].text.lower() in SCALES:
        tree, rest = ("mul", tree, ("num", SCALES[rest[0].text.lower()])), rest[1:]
    if len(rest) > 1 and (further := next((i for i, t in enumerate(rest) if t.kind == "number" and i and rest[i - 1].text not in ("^", "{", "-")), 0)):
        return (_list([_quantity(tokens[: len(tokens) - len(rest) + further])[0], _quantity(rest[further:])[0]]),)
    unit = _unit(tree, rest)
    core = _core(tree)
    found = [Reading(core, None, unit or None)]
    if unit == PERCENT:
        found.append(Reading(_core(("div", tree, ("num", 100))), None, FRACTION))
    elif unit:
        found.append(Reading(("quantity", core, unit)))
    return (*found, *([] if rest else _letter_unit(tokens)))


def _core(tree: Tree) -> Key:
    if tree in (("var", r"\infty"), ("neg", ("var", r"\infty"))):
        return ("infinity", 1 if tree[0] == "var" else -1)
    if expression.contains(tree, "pm", "mp"):
        return sets.collection([expression.key(tree, 1), expression.key(tree, -1)])
    return expression.key(tree)


def _unit(tree: Tree, rest: list[Token]) -> Unit | None:
    degrees = tree[0] == "degree" or (tree[0] == "neg" and tree[1][0] == "degree")
    if not rest:
        return (("degree", 1),) if degrees else None
    if degrees and len(rest) == 1 and rest[0].text in "CF":
        return (("celsius" if rest[0].text == "C" else "fahrenheit", 1),)
    unit = unit_of(rest)
    if unit is None or (expression.variables(tree) and not all(name in UNITS.values() for name, _ in unit)):
        raise Unreadable(f"unexpected {rest[0].text!r}")
    if degrees:
        return tuple((name, 1) for name, _ in unit)
    return unit


def _letter_unit(tokens: list[Token]) -> list[Reading]:
    """`5 m` may be five metres; `5m` is, if the other answer says metres."""
    first = next((i for i, token in enumerate(tokens) if token.kind == "letter"), 0)
    if not first or tokens[first].text not in AMBIGUOUS:
        return []
    unit = unit_of(tokens[first:])
    try:
        tree = expression.parse(tokens[:first])
    except Unreadable:
        return []
    if not unit or expression.variables(tree):
        return []
    core = _core(tree)
    return [Reading(("quantity", core, unit)), *([Reading(core, None, unit)] if tokens[first].spaced or len(unit) > 1 else [])]


def _multiplied(tokens: list[Token]) -> list[Token]:
    """`1.5 x 10^3`: an x between two numbers is a multiplication sign."""
    return [
        token._replace(kind="symbol", text="*") if token.text in "xX" and 0 < i < len(tokens) - 1 and token.spaced
        and tokens[i - 1].kind == tokens[i + 1].kind == "number" else token
        for i, token in enumerate(tokens)
    ]  # fmt: skip
