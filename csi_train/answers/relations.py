"""Equations and inequalities: solved where they are linear in one variable, else known up to a factor."""

from csi_train.answers import numbers, sets
from csi_train.answers.expression import POINTS, key, value
from csi_train.answers.keys import Key, number_key
from csi_train.answers.numbers import Number, UnreadableError
from csi_train.answers.sets import Piece
from csi_train.answers.trees import Tree, contains, substitute, variables

ORDER = {"<": ("<", False), r"\le": ("<", True), ">": (">", False), r"\ge": (">", True)}
FLIPPED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}
EQUAL = frozenset(["=", r"\approx", r"\equiv"])
RELATIONS = frozenset([*ORDER, *EQUAL, r"\ne", r"\in"])


def solve(left: Tree, right: Tree) -> tuple[str, Number, Number] | None:
    """For an equation linear in its only variable: the variable, its value and its coefficient in left - right."""
    difference = ("sub", left, right)
    names = variables(difference)
    if len(names) != 1 or r"\infty" in names or contains(difference, "pm", "mp"):
        return None
    name = names.pop()
    try:
        at = [value(substitute(difference, name, ("num", x))) for x in (0, 1, 3, -2)]
        slope = numbers.add(at[1], numbers.negate(at[0]))
        straight = all(
            numbers.add(y, numbers.negate(numbers.add(at[0], numbers.multiply(slope, x)))) == 0
            for x, y in ((3, at[2]), (-2, at[3]))
        )
        if slope == 0 or not straight:
            return None
        return name, numbers.divide(numbers.negate(at[0]), slope), slope
    except UnreadableError:
        return None


def condition(left: Tree, operator: str, right: Tree) -> tuple[str, list[Piece]] | None:
    """The variable and the real numbers that satisfy an inequality linear in it."""
    if operator == r"\ne" and left[0] == "var" and contains(right, "pm") and not variables(right):  # x ≠ ±2
        return left[1], sets.complement([*sets.point(value(right, sign=1)), *sets.point(value(right, sign=-1))])
    if right[0] == "abs" and operator in ORDER:
        left, operator, right = right, FLIPPED[operator], left
    if left[0] == "abs" and operator in ORDER and not variables(right):
        return _absolute(left[1], operator, right)
    solved = solve(left, right)
    if not solved:
        return _unbounded(left, operator, right)
    name, x, slope = solved
    if operator == r"\ne":
        return name, sets.complement(sets.point(x))
    sign, closed = ORDER[operator]
    if (sign == "<") == (numbers.real(slope) > 0):
        return name, sets.interval(sets.infinity(-1), False, x, closed)
    return name, sets.interval(x, closed, sets.infinity(1), False)


def _absolute(inside: Tree, operator: str, bound: Tree) -> tuple[str, list[Piece]] | None:
    """|x| < c is -c < x < c, and |x| > c is x < -c or x > c."""
    sides = condition(inside, operator, bound), condition(inside, FLIPPED[operator], ("neg", bound))
    if sides[0] is None or sides[1] is None:
        return None
    join = sets.intersection if ORDER[operator][0] == "<" else lambda a, b: sets.union([*a, *b])
    return sides[0][0], join(sides[0][1], sides[1][1])


def _unbounded(left: Tree, operator: str, right: Tree) -> tuple[str, list[Piece]] | None:
    """`x < \\infty` and `-\\infty < x` hold for every number."""
    for variable, bound in ((left, right), (right, left)):
        if variable[0] == "var" and variable[1] != r"\infty" and variables(bound) == {r"\infty"}:
            return str(variable[1]), sets.reals()
    return None


def relation_key(left: Tree, operator: str, right: Tree) -> Key:
    """What equations, or inequalities, with the same solutions share if one is a multiple of the other."""
    sign, closed = ORDER.get(operator, ("=" if operator in EQUAL else operator, False))
    difference = ("sub", right, left) if sign == ">" else ("sub", left, right)
    values = [_value(difference, point) for point in POINTS]
    scale = next((x for x in values if x is not None and x != 0), None)
    told = len(values) - values.count(None) > 1  # at one point alone all relations are multiples of each other
    if scale is None or not told or contains(difference, "pm", "mp"):
        return ("relation", sign, closed, key(left), key(right))
    if sign in "<>":
        scale, sign = abs(scale), "<"
    return (
        "relation",
        sign,
        closed,
        *(None if x is None else number_key(numbers.divide(x, scale)) for x in values),
    )


def _value(tree: Tree, point: int) -> Number | None:
    try:
        x = value(tree, point)
        return x if contains(tree, "i") else numbers.real(x)
    except UnreadableError:
        return None
