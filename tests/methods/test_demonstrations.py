"""The demonstrations are of all categories, whole, answerable in text, and like nothing that is a seed or held out."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from csi_train import sources
from csi_train.filters import Context, text_only
from csi_train.methods.instructions import DEMONSTRATIONS
from csi_train.recipe import Fields, Source
from csi_train.records import Problem

ROOT = Path(__file__).parents[2]
SETS = ["seeds/instructions", "seeds/preferences", "evals/data/instructions_test", "evals/data/preferences_test"]
TEXTS = [text for shot in DEMONSTRATIONS for text in (*shot.prompts, shot.prompt)]


def instructions() -> Iterator[str]:
    for name in SETS:
        fields = Fields(question="instruction", answer=None)
        yield from (
            row.question
            for row in sources.read(Source(path=str(ROOT / f"{name}.jsonl"), fields=fields, verifiable_only=False))
        )


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def grams(text: str) -> set[tuple[str, ...]]:
    return set(zip(*(words(text)[n:] for n in range(8)), strict=False))


def test_there_is_one_of_each_category() -> None:
    assert len({shot.category for shot in DEMONSTRATIONS}) == len(DEMONSTRATIONS) == 8


def test_each_is_whole() -> None:
    for shot in DEMONSTRATIONS:
        assert len(shot.prompts) == 2
        assert len(shot.elements) == 3
        assert all(8 <= len(words(text)) <= 45 for text in (*shot.prompts, shot.plan, shot.prompt)), shot


def test_each_can_be_answered_in_text() -> None:
    problems = [
        Problem(id=text, question=text, answer=None, method="", seeds=(), call=0, completion="") for text in TEXTS
    ]
    verdicts = text_only.judge([(problem, None) for problem in problems], text_only.Params(), Context([], {}))
    assert [verdict.problem for verdict in verdicts if not verdict.keep] == []


def test_none_is_like_another_or_like_a_row_of_seeds_or_evals() -> None:
    rows = list(instructions())
    assert len(rows) == 96 + 240 + 64 + 64
    for one, other in [*combinations(TEXTS, 2), *((text, row) for text in TEXTS for row in rows)]:
        first, second = set(words(one)), set(words(other))
        assert len(first & second) <= 0.5 * len(first | second), (one, other)
        assert not grams(one) & grams(other), (one, other)
