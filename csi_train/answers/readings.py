r"""What an answer says, as keys: the type that the rest of this package fills.

An answer such as `x = 5 \text{ cm}` has a core (5), a label (x) and a unit (cm). Two readings agree if their cores
are equal and neither labels nor units differ, nor what stands
beside the unit (`27 miles from City A`); a missing one does not matter. Where a spelling may be meant in two
ways (`50%` is 50, or a half) an answer has two readings.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from csi_train.answers import sets, words
from csi_train.answers.keys import Key
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.tokens import Token
from csi_train.answers.units import Unit


class Reading(NamedTuple):
    """One way to understand an answer."""

    core: Key
    label: str | None = None
    unit: Unit | None = None
    beside: str | None = None


Readings = tuple[Reading, ...]
Reader = Callable[[list[Token]], Readings]  # reads a part of an answer; raises UnreadableError


def agree(a: Readings, b: Readings) -> bool:
    """Whether two answers are the same: some reading of one agrees with some reading of the other."""
    return any(_match(x, y) for x in a for y in b)


def _match(x: Reading, y: Reading) -> bool:
    return (
        x.core == y.core
        and (x.label == y.label or x.label is None or y.label is None)
        and (x.unit == y.unit or x.unit is None or y.unit is None)
        and (x.beside == y.beside or x.beside is None or y.beside is None)
    )


def text(tokens: Sequence[Token]) -> Reading:
    """Tokens that are no mathematics, as a text."""
    return Reading(("text", words.text(tokens)))


def entry(tokens: list[Token], read: Reader) -> Reading:
    """An entry of a list or a tuple: its first reading, or its text; a set within a set stays one."""
    try:
        reading = read(tokens)[0]
    except UnreadableError:
        return text(tokens)
    inner = is_list(reading.core) and tokens[0].text in ("{", r"\{")
    return reading._replace(core=("inner", reading.core)) if inner else reading


def is_list(key: Key) -> bool:
    """Whether a core is that of several answers."""
    return isinstance(key, tuple) and key[:1] == ("list",)


def with_units(entries: Sequence[Reading]) -> tuple[list[Key], Unit | None]:
    """The cores of entries and the unit they share; entries of different units carry their own."""
    units = {e.unit for e in entries} - {None}
    if len(units) > 1:
        return [("quantity", e.core, e.unit) for e in entries], None
    return [e.core for e in entries], units.pop() if units else None


def unordered(entries: Sequence[Reading], label: str | None = None) -> Reading:
    """A list in which the order does not matter and each entry counts."""
    keys, unit = with_units(entries)
    flat: list[Key] = []
    for key in keys:
        flat += key[1:] if is_list(key) else [key]
    return Reading(sets.collection(flat), label, unit)


def ordered(keys: Sequence[Key], opening: str = "(", closing: str = ")") -> Key:
    """The key of a tuple or a vector; one of two entries may be an interval."""
    return sets.pair(opening, keys[0], keys[1], closing) if len(keys) == 2 else ("tuple", *keys)
