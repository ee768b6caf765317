r"""Determinants, `\begin{vmatrix} … \end{vmatrix}` and `\det`, as trees: they are computed as any other expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csi_train.answers.numbers import UnreadableError
from csi_train.answers.trees import Tree

if TYPE_CHECKING:
    from csi_train.answers.syntax import Parser

VMATRIX = r"\begin vmatrix"
LARGEST = 5  # rows: the expansion has 120 terms


def determinant(parser: Parser) -> Tree:
    r"""The determinant of the matrix that comes next, in brackets or none."""
    bracket = parser.take("(", "[")
    begin = parser.peek()
    if not begin.startswith(r"\begin "):
        raise UnreadableError("no matrix")
    parser.position += 1
    rows = [[parser.sum()]]
    while not parser.take(begin.replace("begin", "end")):
        if parser.take("&"):
            rows[-1].append(parser.sum())
        else:
            parser.need("\\\\")
            if parser.peek() != begin.replace("begin", "end"):
                rows.append([parser.sum()])
    if bracket:
        parser.need(")" if bracket == "(" else "]")
    if len(rows) > LARGEST or any(len(row) != len(rows) for row in rows):
        raise UnreadableError("no square, or too large a one")
    return _expanded(rows)


def _expanded(rows: Sequence[Sequence[Tree]]) -> Tree:
    """The expansion along the first row."""
    if len(rows) == 1:
        return rows[0][0]
    total: Tree = ("num", 0)
    for column, cell in enumerate(rows[0]):
        minor = [[*row[:column], *row[column + 1 :]] for row in rows[1:]]
        total = ("sub" if column % 2 else "add", total, ("mul", cell, _expanded(minor)))
    return total
