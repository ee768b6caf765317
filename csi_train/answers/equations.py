r"""Answers with a relation sign: `x = 5`, `y = 2x + 3`, `1 < x \le 3`, `x \in [0, 1)`."""

from itertools import pairwise

from csi_train.answers import expression, relations, sets, syntax
from csi_train.answers.brackets import split, wrapped
from csi_train.answers.keys import number_key
from csi_train.answers.names import NAMES
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.readings import Reader, Reading, Readings, entry
from csi_train.answers.relations import EQUAL, FLIPPED, ORDER, RELATIONS
from csi_train.answers.sets import Piece
from csi_train.answers.tokens import Token
from csi_train.answers.trees import Tree, contains, variables

# What a left-hand side that is a mere name cannot hold: `x^2 = 4` and `2x = 4` say something about x.
NO_NAME = ("num", "neg", "pow", "pi", "e", "i", "root", "pm", "mp", "factorial", "log")
ANGLES = frozenset([r"\angle", r"\triangle", r"\measuredangle"])
APPLIED = frozenset("fghFGHP")


def related(tokens: list[Token], read: Reader) -> Readings | None:
    """The readings of an equation, an inequality or a membership; None where there is no relation sign."""
    parts, operators = split(tokens, RELATIONS)
    if not operators:
        return None
    if not all(parts):
        raise UnreadableError("a relation without a side")
    if operators == [r"\in"]:
        return tuple(reading._replace(label=label(parts[0])) for reading in read(parts[1]))
    if EQUAL.issuperset(operators):
        return _equation(parts, operators, read)
    if solved := conditions(tokens):
        return (Reading(sets.key(solved[1]), None if "(" in solved[0] else solved[0]),)
    trees = [syntax.parse(part) for part in parts]
    if len(trees) > 2 and not any(map(variables, trees)):
        return (_order(trees, operators),)
    signs = {ORDER[operator][0] if operator in ORDER else None for operator in operators}
    if len(trees) == 3 and trees[1][0] == "var" and signs in ({"<"}, {">"}):
        return (_symbolic_interval(trees, operators),)
    keys = [relations.relation_key(a, operator, b) for (a, b), operator in zip(pairwise(trees), operators, strict=True)]
    return (Reading(keys[0] if len(keys) == 1 else ("relations", *keys)), *_half_lines(trees, operators))


def _order(trees: list[Tree], operators: list[str]) -> Reading:
    """`4 > 2 > 3` says in which order three things stand, which are only numbered."""
    if operators[0] in (">", r"\ge"):
        trees, operators = trees[::-1], [FLIPPED.get(operator, operator) for operator in operators[::-1]]
    return Reading(("order", *operators, *map(expression.key, trees)))


def conditions(tokens: list[Token]) -> tuple[str, list[Piece]] | None:
    r"""The variable of a chain of linear inequalities, `1 < x \le 3`, and the numbers that satisfy it; else None."""
    parts, operators = split(tokens, RELATIONS)
    if operators == [r"\in"] and len(parts[0]) == 1 and [token.text for token in parts[1]] == [r"\mathbbR"]:
        return parts[0][0].text, sets.reals()
    if not operators or not all(operator in ORDER or operator == r"\ne" for operator in operators):
        return None
    try:
        trees = [_applied(part) or syntax.parse(part) for part in parts]
        solved = [
            relations.condition(a, operator, b) for (a, b), operator in zip(pairwise(trees), operators, strict=True)
        ]
    except UnreadableError:
        return None
    pieces = sets.reals()
    for found in solved:
        if not found or found[0] != (solved[0] or found)[0]:
            return None
        pieces = sets.intersection(pieces, found[1])
    return (solved[0][0], pieces) if solved[0] else None


def _applied(tokens: list[Token]) -> Tree | None:
    """`f(x)` within an inequality is one quantity."""
    applied = tokens and tokens[0].text in APPLIED and _is_application(tokens)
    return ("var", "".join(token.text for token in tokens)) if applied else None


def _half_lines(trees: list[Tree], operators: list[str]) -> list[Reading]:
    """`x \\ge 1/N` is [1/N, ∞)."""
    if len(trees) != 2 or operators[0] not in ORDER:
        return []
    found = []
    left, right = trees
    for variable, bound, operator in ((left, right, operators[0]), (right, left, FLIPPED[operators[0]])):
        if variable[0] == "var" and variable[1] not in variables(bound):
            (sign, closed), end = ORDER[operator], expression.key(bound)
            below = ("(", ("infinity", -1), end, "]" if closed else ")")
            above = ("[" if closed else "(", end, ("infinity", 1), ")")
            ends = below if sign == "<" else above
            found.append(Reading(("interval", *ends), str(variable[1])))
    return found


def _symbolic_interval(trees: list[Tree], operators: list[str]) -> Reading:
    """`a < x \\le b` is (a, b]."""
    if ORDER[operators[0]][0] == ">":
        trees, operators = trees[::-1], operators[::-1]
    opening, closing = "[" if ORDER[operators[0]][1] else "(", "]" if ORDER[operators[1]][1] else ")"
    return Reading(("interval", opening, expression.key(trees[0]), expression.key(trees[2]), closing), str(trees[1][1]))


def _equation(parts: list[list[Token]], operators: list[str], read: Reader) -> Readings:
    """A value with the name of what it is, or an equation between two expressions."""
    if operators[-1] == r"\approx" and (
        len(parts) > 2 or not _is_name(parts[0])
    ):  # 1/3 ≈ 0.33 is 1/3; x ≈ 0.33 is 0.33
        parts = parts[:-1]
    if len(parts) == 1:
        return read(parts[0])
    if len(parts) == 2 and not _is_name(parts[0]) and _is_name(parts[1]):
        parts = parts[::-1]
    value = [_valued(parts, read)] if _is_name(parts[0]) else []
    trees = [_tree(part) for part in parts]
    known = [tree for tree in trees if tree is not None]
    constants = {expression.key(tree) for tree in known if not variables(tree) and not contains(tree, "pm", "mp")}
    if len(constants) > 1:
        raise UnreadableError("two values at once")
    if len(known) == len(trees) and not any(map(variables, known)):  # 2 + 3 = 5
        return read(parts[-1])
    if len(trees) == len(known) == 2:
        solved = relations.solve(*known)
        if not solved:
            return *(v for readings in value for v in readings), Reading(
                relations.relation_key(known[0], "=", known[1])
            )
        if not value:
            return (Reading(number_key(solved[1]), solved[0]),)
    if value:
        return value[0]
    if trees[-1] is None and None not in trees[:-1] and len(constants) == 1:  # 9 × 2 = 18 dollars
        found = read(parts[-1])
        if found[0].core in constants:
            return found
    if len(trees) > 2 and trees[-1] is not None and not variables(trees[-1]):  # (n + 1)^2 + … = 8 + 1 = 9
        return read(parts[-1])
    raise UnreadableError("an equation that is not understood")


def _tree(tokens: list[Token]) -> Tree | None:
    try:
        return syntax.parse(tokens)
    except UnreadableError:
        return None


def _valued(parts: list[list[Token]], read: Reader) -> Readings:
    """The readings of the last side, labelled with the first."""
    try:
        readings = read(parts[-1])
    except UnreadableError:
        readings = (entry(parts[-1], read),)
    return tuple(reading._replace(label=reading.label or label(parts[0])) for reading in readings)


def _is_name(tokens: list[Token]) -> bool:
    r"""Whether a side only names what the other is: `x`, `f(x)`, `(x, y)`, `m+n`, `\angle ABC`, `Area`."""
    if any(token.kind == "word" for token in tokens):
        return tokens[0].kind != "number" and all(
            t.kind in ("word", "letter", "number") or t.text in "()'_{}-" for t in tokens
        )
    if tokens[0].text in ANGLES or [t.text for t in tokens[:2]] == ["m", r"\angle"]:
        return True
    if wrapped(tokens, "(", ")"):
        return all(_is_name(part) for part in split(tokens[1:-1], (",",))[0] if part)
    if _is_application(tokens):
        return True
    tree = _tree(tokens)
    if tree is None or not variables(tree):
        return False
    return tree[0] == "fn" or not contains(tree, *NO_NAME)


def _is_application(tokens: list[Token]) -> bool:
    """`f(x)`, `P(A)`, `f'(2)`, `f^{-1}(x)`, `a_n(3)`."""
    start = next((i for i, token in enumerate(tokens) if token.text == "("), 0)
    head = tokens[1:start]
    plain = all(token.text in ("^", "_", "'", "{", "}", "-") or token.kind == "number" for token in head)
    return start > 0 and tokens[0].kind == "letter" and plain and wrapped(tokens[start:], "(", ")")


def label(tokens: list[Token]) -> str | None:
    """What the left-hand side names where another name would mean another answer: `x`, `(x, y)`, `m + n`, `\\sin x`."""
    if _is_application(tokens) or any(token.kind == "word" or token.text in ANGLES for token in tokens):
        return None
    plain = all(
        t.kind in ("letter", "number") or t.text in NAMES or t.text in ("_", "{", "}", "'", ",", "(", ")")
        for t in tokens
    )
    if plain:
        return "".join(token.text for token in tokens if token.text not in ("(", ")", "{", "}"))
    tree = _tree(tokens)
    return str(expression.key(tree)) if tree else None
