r"""Sizes: `2 \times 3 \text{ matrix}`, `5 cm by 3 cm`. They are no products, and a matrix has an order."""

from itertools import permutations

from csi_train.answers import numbers, words
from csi_train.answers.brackets import split
from csi_train.answers.quantities import quantity
from csi_train.answers.readings import Reading, Readings
from csi_train.answers.tokens import Token
from csi_train.answers.units import unit_of

ORDERED = frozenset(["matrix", "matrices"])
TURNED = frozenset(
    ["rectangle", "rectangles", "grid", "table", "board", "chessboard", "box", "square", "array", "prism"]
)
SIGNS = frozenset(["*", "x", "X", "by"])
MOST = 4


def size(tokens: list[Token]) -> Readings | None:
    """The readings of a size; None where the tokens are none. What can be turned, as a rectangle, has no order."""
    if not any(token.text in SIGNS or token.text == "b" for token in tokens):
        return None
    tokens = words.runs(tokens)
    texts = [token.text.lower() for token in tokens]
    start = texts[0] in ("a", "an") and len(texts) > 3
    parts, found = split([t for t in tokens[start:] if t.text not in ("-", "/")], SIGNS)
    shapes = (ORDERED | TURNED).intersection(texts[-2:])
    if not 2 <= len(parts) <= MOST or not all(parts) or not (shapes or "by" in found):
        return None
    *first, (last, *noun) = parts
    sides = [*map(_side, first), _side([last] if shapes else parts[-1])]
    if not all(sides):
        return None
    keys = [side.core for side in sides if side]
    unit = unit_of(noun) if shapes else None
    lengths = [side.unit for side in sides if side]
    turned = not ORDERED.intersection(texts) and (shapes or any(lengths))
    orders = dict.fromkeys(permutations(keys)) if turned else [tuple(keys)]
    return tuple(Reading(("size", *order), None, unit or next(filter(None, lengths), None)) for order in orders)


def _side(tokens: list[Token]) -> Reading | None:
    """A number, with a unit or without."""
    if tokens[0].kind != "number" or not all(token.kind in ("word", "letter") for token in tokens[1:]):
        return None
    reading = quantity(tokens)[0]
    return reading if numbers.is_exact(reading.core) else None
