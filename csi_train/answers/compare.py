"""Whether two answers are the same, and which answer the votes elect."""

from collections.abc import Sequence
from dataclasses import dataclass

from csi_train.answers.extract import extract
from csi_train.answers.reading import read
from csi_train.answers.readings import Readings, agree


@dataclass(frozen=True, slots=True)
class Vote:
    """How answers voted: the winner as first spelled (None on a tie), its votes, and answers' indices by class.

    `alike` are the finer groups of answers that read exactly alike: no further vote can part their members.
    """

    winner: str | None
    count: int
    classes: list[list[int]]
    alike: list[list[int]]


def equivalent(a: str, b: str) -> bool:
    """Whether two final answers are the same, by this package's rules. Symmetric, bounded in time, never raises."""
    return a == b or agree(read(a), read(b))


def grade(gold: str, response: str) -> bool:
    """Whether a whole response ends in the gold answer; the gold may be bare, boxed or a worked solution."""
    answer = extract(response)
    return answer is not None and equivalent(gold_answer(gold), answer)


def gold_answer(gold: str) -> str:
    """The answer of a gold: of its box or its statement, or the gold as it is."""
    worked = "\\boxed" in gold or "####" in gold or "\n" in gold or "answer" in gold.lower()
    return (extract(gold) if worked else None) or gold


def vote(answers: Sequence[str | None]) -> Vote:
    """Count votes over classes of equal answers; a tie has no majority, None is a vote for nothing.

    Two answers share a class if they are equal to each other and to the same others: where 5 cm and 5 m both have
    votes, a bare 5 stands alone. So the classes do not depend on the order of the answers.
    """
    spellings: dict[Readings, list[int]] = {}
    for index, answer in enumerate(answers):
        if answer is not None:
            spellings.setdefault(read(answer), []).append(index)
    classes = _classes(spellings)
    count = max(map(len, classes), default=0)
    largest = [group for group in classes if len(group) == count]
    winner = answers[largest[0][0]] if len(largest) == 1 else None
    return Vote(winner, count, classes, list(spellings.values()))


def _classes(spellings: dict[Readings, list[int]]) -> list[list[int]]:
    """The indices by class, each in order, the classes by their first index."""
    different = list(spellings)
    groups: dict[tuple[bool, ...], list[int]] = {}
    for readings in different:
        equals = tuple(agree(readings, other) for other in different)
        groups.setdefault(equals, []).extend(spellings[readings])
    return sorted(sorted(group) for group in groups.values())
