r"""What a mathematical expression is worth: a key that equal expressions share.

Without variables the key is that of the number. With variables it is the expression's value at four fixed points, to
48 digits: two expressions that agree there are the same but for a chance beyond counting (Schwartz 1980 and Zippel
1979: identity testing by evaluation). At a point where the value is not real there is none, so that `\sqrt{x^3}` is
`x\sqrt{x}`.
"""

from zlib import crc32

from csi_train.answers import numbers
from csi_train.answers.keys import Key, number_key, rounded
from csi_train.answers.numbers import Number, UnreadableError
from csi_train.answers.trees import Tree, contains, variables

POINTS = range(4)
WHOLE_POINTS = range(4, 10)
WHOLE = frozenset("kmnpqKMN")  # the letters that stand for integers by custom
STEPS = ("floor", "ceil")


def value(tree: Tree, point: int = 0, sign: int = 1) -> Number:
    r"""The value of a tree where its variables stand at one of the points and `\pm` has this sign."""
    operator, operands = tree[0], tree[1:]
    match operator:
        case "num":
            return operands[0]
        case "var":
            return at(operands[0], point)
        case "pi":
            return +numbers.context().pi
        case "e":
            return +numbers.context().e
        case "i":
            return numbers.context().j
        case "fn":
            return _function(operands[0], operands[1], point, sign)
        case "pow" if operands[0] == ("e",):
            return numbers.exponential(value(operands[1], point, sign))
    return _apply(operator, [value(operand, point, sign) for operand in operands], sign)


def _apply(operator: str, x: list[Number], sign: int) -> Number:
    match operator:
        case "add":
            return numbers.add(*x)
        case "sub":
            return numbers.add(x[0], numbers.negate(x[1]))
        case "pm" | "mp":
            return numbers.add(x[0], x[1] if (operator == "pm") == (sign > 0) else numbers.negate(x[1]))
        case "neg":
            return numbers.negate(x[0])
        case "mul":
            return numbers.multiply(*x)
        case "div":
            return numbers.divide(*x)
        case "pow":
            return numbers.power(*x)
        case "root":
            return numbers.power(x[1], numbers.divide(1, x[0])) if x[0] != 2 else numbers.root(x[1], 2)
        case "log":
            return numbers.divide(numbers.logarithm(x[1]), numbers.logarithm(x[0]))
        case "abs":
            return numbers.absolute(x[0])
        case "floor":
            return numbers.floor(x[0])
        case "ceil":
            return -numbers.floor(-x[0])
        case "min" | "max" | "gcd" | "lcm":
            return numbers.selection(operator, x)
        case "factorial":
            return numbers.factorial_of(x[0])
        case "binom":
            return numbers.choose(*x)
        case "degree":
            return x[0]
    raise UnreadableError(operator)


def _function(name: str, operand: Tree, point: int, sign: int) -> Number:
    x = value(operand, point, sign)
    if name == "exp":
        return numbers.exponential(x)
    if name in ("ln", "log", "lg"):
        logarithm = numbers.logarithm(x)
        return logarithm if name == "ln" else numbers.divide(logarithm, numbers.logarithm(10))
    if contains(operand, "degree"):
        x = numbers.divide(numbers.multiply(x, numbers.context().pi), 180)
    return numbers.function(name, x)


def at(name: str, point: int) -> Number:
    """Where a variable stands: rational, in (0, 1) or (1, 3), at two points negative for half of the names.

    At the points from `WHOLE_POINTS` it is in (0, 40), and an integer where it is called as integers are.
    """
    seed = crc32(f"{name}{point}".encode())
    if point in WHOLE_POINTS:
        return 2 + seed % 38 if name[0] in WHOLE else numbers.divide(1 + seed % 40_000, 1009)
    place = numbers.divide(101 + seed % 800, 1009)
    if point % 2:
        place = numbers.add(1, numbers.multiply(2, place))
    negative = point >= 2 and (sum(map(ord, name)) + point) % 2
    return -place if negative else place


def key(tree: Tree, sign: int = 1) -> Key:
    """What equal expressions share: the key of the number, or those of the values at the points."""
    if not variables(tree):
        return number_key(value(tree, sign=sign))
    complex_ = contains(tree, "i")
    values = [] if contains(tree, *STEPS) else [_value_key(tree, point, sign, complex_) for point in POINTS]
    if all(v is None for v in values):  # such as (-1)^n, and what takes steps, ⌊n/2⌋
        values = [_value_key(tree, point, sign, complex_) for point in WHOLE_POINTS]
    if all(v is None for v in values):
        raise UnreadableError("no real value")
    if values[0] is not None and len(set(values)) == 1:
        return number_key(value(tree, sign=sign))
    return ("expression", *values)


def _value_key(tree: Tree, point: int, sign: int, complex_: bool) -> Key:
    try:
        x = value(tree, point, sign)
        if numbers.is_real(x):
            return rounded(x)
        return (rounded(x.real), rounded(x.imag)) if complex_ else None
    except UnreadableError:
        return None
