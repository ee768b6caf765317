"""Whether two answers are the same, and which answer the votes elect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from csi_train.answers.extract import extract


@dataclass(frozen=True)
class Vote:
    """How answers voted: the winning spelling, its votes, and the indices of the answers by class."""

    winner: str | None
    count: int
    classes: list[list[int]]


@lru_cache(maxsize=1 << 15)
def _key(answer: str) -> object:
    text = re.sub(r"\s|\\left|\\right|\\[,!;: ]|\$", "", answer).replace("dfrac", "frac").replace("tfrac", "frac")
    text = re.sub(r"\\(?:text|mathrm|mbox)\{(.*)\}", r"\1", text)
    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"\1/\2", text)
    text = re.sub(r"^[a-z]=", "", text)
    try:
        return Fraction(text.replace(",", "")) if len(text) < 100 else text
    except (ValueError, ZeroDivisionError):
        return text.strip("().").casefold() if len(text) < 4 else text.casefold()


def equivalent(a: str, b: str) -> bool:
    """Whether two answers are the same."""
    return _key(a) == _key(b)


def grade(gold: str, response: str) -> bool:
    """Whether the final answer of a response is the gold one; the gold may be bare, boxed or a worked solution."""
    answer = extract(response)
    return answer is not None and equivalent(extract(gold) or gold, answer)


def vote(answers: Sequence[str | None]) -> Vote:
    """Count votes over classes of equal answers; a tie has no majority, None is a vote for nothing."""
    classes: dict[object, list[int]] = {}
    for index, answer in enumerate(answers):
        if answer is not None:
            classes.setdefault(_key(answer), []).append(index)
    groups = list(classes.values())
    count = max(map(len, groups), default=0)
    largest = [group for group in groups if len(group) == count]
    return Vote(answers[largest[0][0]] if len(largest) == 1 else None, count, groups)
