r"""Numbers as they are written in figures: `0.5`, `5e-1`, `0.\overline{3}`, `204_5`."""

from csi_train.answers import numbers
from csi_train.answers.cursor import Cursor
from csi_train.answers.names import subscript
from csi_train.answers.numbers import Number, UnreadableError
from csi_train.answers.trees import Tree


def number(cursor: Cursor) -> Tree:
    """A decimal, a repeating decimal, a or a number in another base."""
    text = cursor.tokens[cursor.position].text
    cursor.position += 1
    if cursor.peek() == r"\overline" and "." in text:
        return repeating(cursor, text)
    if cursor.take("_"):
        base = subscript(cursor)
        return ("var", f"{text.lstrip('0')}_{base}")
    return ("num", decimal(text))


def repeating(cursor: Cursor, text: str) -> Tree:
    cursor.position += 1
    cursor.need("{")
    block = cursor.peek()
    if not block.isdigit():
        raise UnreadableError("no repeating digits")
    cursor.position += 1
    cursor.need("}")
    places = len(text.partition(".")[2])
    period = numbers.divide(int(block), (10 ** len(block) - 1) * 10**places)
    return ("num", numbers.add(decimal(text), period))


def decimal(text: str) -> Number:
    """The exact value of a decimal, with or without an exponent of ten."""
    digits, _, exponent = text.lower().partition("e")
    whole, _, fraction = digits.partition(".")
    shift = int(exponent or 0) - len(fraction)
    if abs(shift) > 5000:
        raise UnreadableError("too large an exponent")
    value = int(whole + fraction)
    return value * 10**shift if shift >= 0 else numbers.divide(value, 10**-shift)
