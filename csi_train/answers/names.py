r"""Names of variables: `x`, `x_1`, `a0`, `f'`, `\vec{v}`."""

from functools import reduce

from csi_train.answers.cursor import Cursor
from csi_train.answers.notation import GREEK_NAMES
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.tables import commands
from csi_train.answers.trees import Tree

NAMES = commands("ell hbar ldots partial infty nabla Re Im", *GREEK_NAMES - {"pi"})
DECORATIONS = commands("vec hat bar overline widehat tilde overrightarrow dot mathbf angle triangle")


def variable(cursor: Cursor) -> Tree:
    """A variable, with its subscript and primes; e and i are the numbers."""
    text = cursor.peek()
    cursor.position += 1
    if text == "e" and cursor.peek() != "_":
        return ("e",)
    if text == "i" and cursor.peek() != "_":
        return ("i",)
    if cursor.take("_") or numbered(cursor, text):
        text += "_" + subscript(cursor)
    while cursor.take("'"):
        text += "'"
    return ("var", text)


def numbered(cursor: Cursor, name: str) -> bool:
    """Whether an integer right after a name is its index, `a0` or `T2`; `k2` is taken for 2k."""
    index = cursor.kind() == "number" and cursor.peek().isdigit() and not cursor.tokens[cursor.position].spaced
    return index and (cursor.peek() in ("0", "1") or not name.islower() or len(name) > 1)


def subscript(cursor: Cursor) -> str:
    if not cursor.take("{"):
        cursor.position += 1
        return cursor.tokens[cursor.position - 1].text if cursor.position <= len(cursor.tokens) else ""
    start = cursor.position
    while cursor.kind() != "end" and cursor.peek() != "}":
        cursor.position += 1
    text = "".join(token.text for token in cursor.tokens[start : cursor.position])
    cursor.need("}")
    return text


def decorated(cursor: Cursor, text: str) -> Tree:
    r"""`\vec{v}` and `\overline{AB}` are names."""
    if cursor.peek() == "{":
        start = cursor.position
        _skip_group(cursor)
        inner = "".join(token.text for token in cursor.tokens[start + 1 : cursor.position - 1])
    else:
        start = cursor.position
        while cursor.kind() == "letter":
            cursor.position += 1
        inner = "".join(token.text for token in cursor.tokens[start : cursor.position])
    if text == r"\overline" and len(inner) > 1 and inner.isupper():
        return reduce(lambda product, letter: ("mul", product, ("var", letter)), inner[1:], ("var", inner[0]))
    if not inner:
        raise UnreadableError("nothing to decorate")
    return ("var", inner if text in (r"\vec", r"\mathbf", r"\overrightarrow") else text + inner)


def _skip_group(cursor: Cursor) -> None:
    depth = 0
    while cursor.kind() != "end":
        depth += {"{": 1, "}": -1}.get(cursor.peek(), 0)
        cursor.position += 1
        if depth == 0:
            return
    raise UnreadableError("an open brace")
