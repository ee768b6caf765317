r"""How many ways there are to choose: `C(n, 2)`, `{}_nC_2`, `^nC_2` and `15C3`; with a P for a C, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csi_train.answers.brackets import opens
from csi_train.answers.cursor import Cursor
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.trees import Tree

if TYPE_CHECKING:
    from csi_train.answers.syntax import Parser

LETTERS = ("C", "P")


def prescripted(parser: Parser) -> Tree:
    r"""`{}_nC_2` or `^nC_2`, from the first sign on."""
    if parser.take("{"):
        parser.need("}")
    if not parser.take("_", "^"):
        raise UnreadableError("an empty group")
    n = parser.argument()
    letter = parser.take(*LETTERS)
    parser.need("_")
    return _ways(letter, n, parser.argument())


def is_applied(cursor: Cursor) -> bool:
    """Whether `C(n, 2)` comes next after its letter: two arguments."""
    if cursor.next_text() != "(":
        return False
    depth = commas = 0
    for token in cursor.tokens[cursor.position + 1 :]:
        depth += opens(token)
        commas += depth == 1 and token.text == ","
        if depth == 0:
            break
    return commas == 1


def applied(parser: Parser) -> Tree:
    """`C(n, 2)`; raises UnreadableError for the point C(2, 5) and for a P of what are no numbers."""
    letter = parser.take(*LETTERS)
    parser.need("(")
    n = parser.sum()
    parser.need(",")
    k = parser.sum()
    parser.need(")")
    plain = n[0] == k[0] == "num"
    if (plain and n[1] < k[1]) or (letter == "P" and not plain):
        raise UnreadableError("no number of choices")
    return _ways(letter, n, k)


def between(cursor: Cursor) -> Tree | None:
    """`15C3`; None where it does not come next."""
    run = cursor.tokens[cursor.position : cursor.position + 3]
    if [token.kind for token in run] != ["number", "letter", "number"] or run[1].spaced or run[2].spaced:
        return None
    n, letter, k = (token.text for token in run)
    if letter not in LETTERS or not (n.isdigit() and k.isdigit()):
        return None
    cursor.position += 3
    return _ways(letter, ("num", int(n)), ("num", int(k)))


def _ways(letter: str, n: Tree, k: Tree) -> Tree:
    if not letter:
        raise UnreadableError("neither combinations nor permutations")
    tree = ("binom", n, k)
    return tree if letter == "C" else ("mul", tree, ("factorial", k))
