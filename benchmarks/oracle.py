"""The fewest tokens that can decide an Answer-Consistency vote: what an oracle that knows all K votes would ask for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

Vote = tuple[int | None, int]
"""The class of an answer (0 is the written one, None no answer), and its tokens."""


def cheapest(votes: Sequence[Vote]) -> int:
    """The least tokens of a part of the votes after which the others cannot change the verdict.

    Kept: the written answer leads every rival by more than what is not seen. Dropped: with all that is not seen it
    still does not lead one rival. For each size that can settle it, the cheapest votes are taken.
    """
    by_class: defaultdict[int | None, list[int]] = defaultdict(list)
    for number, tokens in votes:
        by_class[number].append(tokens)
    for tokens in by_class.values():
        tokens.sort()
    return min([*_kept(by_class, len(votes)), *_dropped(by_class, len(votes))])


def _kept(by_class: dict[int | None, list[int]], k: int) -> Iterator[int]:
    """Costs of the ways to see that the written answer wins, with at most `rivals` votes seen of any other class."""
    right = by_class.get(0, [])
    for rivals in range(len(right)):
        others = sorted(t for n, found in by_class.items() if n != 0 for t in (found if n is None else found[:rivals]))
        for wins in range(rivals + 1, len(right) + 1):
            fill = max(0, k - 2 * wins + rivals + 1)  # then the lead is larger than what is not seen
            if fill <= len(others):
                yield sum(right[:wins]) + sum(others[:fill])


def _dropped(by_class: dict[int | None, list[int]], k: int) -> Iterator[int]:
    """Costs of the ways to see that it does not win: votes of one rival, and others that could have been right ones."""
    for number, rival in by_class.items():
        others = sorted(t for n, found in by_class.items() if n not in (0, number) for t in found)
        for lead in range(1, len(rival) + 1) if number not in (0, None) else ():
            fill = max(0, k - 2 * lead)  # then what is not seen cannot lift the written answer over the rival
            if fill <= len(others):
                yield sum(rival[:lead]) + sum(others[:fill])
    if not by_class.get(0):
        yield sum(tokens for found in by_class.values() for tokens in found)
