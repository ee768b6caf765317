"""Rows that exist already: the seeds of a recipe, or its `data:` to train on."""

import re
from itertools import islice
from typing import Any

from csi_train import answers
from csi_train.errors import RecipeError
from csi_train.recipe import Fields, Source
from csi_train.records import Problem, Seed, content_id
from csi_train.sources import rows

PROOF = re.compile(
    r"\b(?:dis)?prove\b|\bproof that\b"
    r"|(?:^|[^\w\s]\s*|\b(?:and|also|then)\s+)(?:show|verify|demonstrate)\s+that\b",
    re.IGNORECASE,
)
"""`Prove …`, `… show that`: 111 of s1K's 1,000 problems (the paper drops 107), none of 9,362 that have an answer."""


def read(source: Source, seed: int = 0) -> list[Seed]:
    """The rows of a source, at most `limit`; `verifiable_only` drops those without an answer and those to prove.

    Where the answer is a worked solution (it has a box or `####`), the final answer is taken and the solution kept.
    `seed` is for reasoning-gym, which makes its tasks on the spot. Raises RecipeError, or RowError for a broken line.
    """
    found = (_seed(place, row, source.fields) for place, row in rows.of(source, seed))
    usable = list(islice((row for row in found if verifiable(row) or not source.verifiable_only), source.limit))
    if not usable:
        hint = "does fields.answer name the right column? verifiable_only: false takes rows without an answer too"
        raise RecipeError(f"{rows.name(source)}: no row to use", hint)
    return usable


def problem(number: int, row: Seed) -> Problem:
    """A row of a recipe's `data:` as a problem, so that samples and filters take it like a generated one.

    Its number is part of its id: a file may hold a question twice, and ids tell rows apart.
    """
    return Problem(
        id=content_id("problem", f"{number} {row.question}"),
        question=row.question,
        answer=row.answer,
        method="data",
        seeds=(),
        call=number,
        completion="",
        category=row.category,
    )


def problems(source: Source, seed: int = 0) -> list[Problem]:
    """The rows of a recipe's `data:` as problems, numbered from 1; raises as `read` does."""
    return [problem(number, row) for number, row in enumerate(read(source, seed), 1)]


def verifiable(row: Seed) -> bool:
    """Whether a response to the row can be checked: it has an answer and asks for no proof."""
    return row.answer not in (None, "proof") and not asks_for_proof(row.question)


def asks_for_proof(question: str) -> bool:
    """Whether a question wants something shown instead of an answer."""
    return PROOF.search(question) is not None


def _seed(place: str, row: dict[str, Any], fields: Fields) -> Seed:
    question = _needed(place, row, fields.question)
    answer, solution = _text(place, row, fields.answer), _text(place, row, fields.solution)
    if answer and ("####" in answer or r"\boxed" in answer):
        answer, solution = answers.extract(answer), solution or answer
    return Seed(
        id=_needed(place, row, fields.id) if fields.id else content_id("seed", question),
        question=question,
        answer=answer,
        solution=solution,
        category=_text(place, row, fields.category),
        chosen=_text(place, row, fields.chosen),
        rejected=_text(place, row, fields.rejected),
    )


def _needed(place: str, row: dict[str, Any], column: str) -> str:
    if text := _text(place, row, column):
        return text
    raise RecipeError(f"{place}: {column!r} is empty", f"remove the row, or write its {column}")


def _text(place: str, row: dict[str, Any], column: str | None) -> str | None:
    """What a column holds, as text; None where it is empty or no column is named."""
    if column is None:
        return None
    if column not in row:
        there = ", ".join(map(str, row))
        raise RecipeError(f"{place}: no column {column!r}", f"name one under `fields:`, or null; there is: {there}")
    if isinstance(row[column], list | dict):
        raise RecipeError(
            f"{place}: {column!r} holds a {type(row[column]).__name__}, not text", "name a column of text"
        )
    return (str(row[column]).strip() or None) if row[column] is not None else None
