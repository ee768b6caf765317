"""Sets of real numbers: unions of intervals and points, written as intervals, as inequalities or as a set difference.

A set is a list of pieces in order, none touching the next, so that equal sets are equal lists.
"""

from collections.abc import Iterable
from functools import cmp_to_key
from typing import NamedTuple

from csi_train.answers import numbers
from csi_train.answers.keys import Key, number_key, number_of
from csi_train.answers.numbers import Number


class Piece(NamedTuple):
    """An interval; a point is a closed one of length 0. Infinite ends are mpmath's inf."""

    low: Number
    low_closed: bool
    high: Number
    high_closed: bool


def infinity(sign: int) -> Number:
    """Where a set without a bound ends."""
    return numbers.context().inf * sign


def reals() -> list[Piece]:
    """All real numbers."""
    return [Piece(infinity(-1), False, infinity(1), False)]


def point(x: Number) -> list[Piece]:
    """The set of one number."""
    return [Piece(numbers.real(x), True, x, True)]


def interval(low: Number, low_closed: bool, high: Number, high_closed: bool) -> list[Piece]:
    """The numbers between two; none where the ends are in the wrong order."""
    low, high = numbers.real(low), numbers.real(high)
    order = compare(low, high)
    if order > 0 or (order == 0 and not (low_closed and high_closed)):
        return []
    return [Piece(low, low_closed and abs(low) != infinity(1), high, high_closed and abs(high) != infinity(1))]


def compare(x: Number, y: Number) -> int:
    """-1, 0 or 1; numbers within rounding of each other are equal."""
    if infinite(x) or infinite(y):
        return int(numbers.inexact(x) > numbers.inexact(y)) - int(numbers.inexact(x) < numbers.inexact(y))
    difference = numbers.add(x, numbers.negate(y))
    return int(difference > 0) - int(difference < 0)


def infinite(x: Number) -> bool:
    return not numbers.is_exact(x) and abs(x) == infinity(1)


def union(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces in order, those that touch made one."""
    merged: list[Piece] = []
    for piece in sorted(pieces, key=cmp_to_key(_starts_before)):
        if merged and _touch(merged[-1], piece):
            last = merged.pop()
            order = compare(last.high, piece.high)
            closed = (
                last.high_closed
                if order > 0
                else piece.high_closed
                if order < 0
                else last.high_closed or piece.high_closed
            )
            piece = Piece(last.low, last.low_closed, last.high if order > 0 else piece.high, closed)
        merged.append(piece)
    return merged


def _starts_before(a: Piece, b: Piece) -> int:
    return compare(a.low, b.low) or b.low_closed - a.low_closed


def _touch(a: Piece, b: Piece) -> bool:
    order = compare(a.high, b.low)
    return order > 0 or (order == 0 and (a.high_closed or b.low_closed))


def complement(pieces: Iterable[Piece]) -> list[Piece]:
    """The real numbers that are in none of the pieces."""
    gaps: list[Piece] = []
    low, low_closed = infinity(-1), False
    for piece in union(pieces):
        gaps += interval(low, low_closed, piece.low, not piece.low_closed)
        low, low_closed = piece.high, not piece.high_closed
    return gaps + ([] if infinite(low) and low > 0 else interval(low, low_closed, infinity(1), False))


def intersection(a: Iterable[Piece], b: Iterable[Piece]) -> list[Piece]:
    """The real numbers in both."""
    return complement([*complement(a), *complement(b)])


def key(pieces: Iterable[Piece]) -> Key:
    """What equal sets share; a finite set has the key of the list of its members."""
    merged = union(pieces)
    if all(piece.low_closed and piece.high_closed and compare(piece.low, piece.high) == 0 for piece in merged):
        return collection([number_key(piece.low) for piece in merged])
    return ("set", *((end_key(p.low), p.low_closed, end_key(p.high), p.high_closed) for p in merged))


def pieces_of(key: Key) -> list[Piece] | None:
    """The pieces of a set that has this key; None for another key, that of a finite set too."""
    if not isinstance(key, tuple) or key[:1] != ("set",):
        return None
    return [Piece(number_of(low), left, number_of(high), right) for low, left, high, right in key[1:]]


def end_key(x: Number) -> Key:
    return ("infinity", 1 if x > 0 else -1) if infinite(x) else number_key(x)


def collection(keys: Iterable[Key]) -> Key:
    """The key of a list without order; one member stands for itself."""
    ordered = sorted(keys, key=repr)
    return ordered[0] if len(ordered) == 1 else ("list", *ordered)


def pair(opening: str, low: Key, high: Key, closing: str) -> Key:
    """The key of two entries in brackets: an interval; a tuple where the entries are numbers that do not ascend."""
    ends = number_of(low), number_of(high)
    if ends[0] is None or ends[1] is None:
        return ("interval", opening, low, high, closing)
    if compare(*ends) < 0:
        return key(interval(ends[0], opening == "[", ends[1], closing == "]"))
    return ("tuple", low, high)
