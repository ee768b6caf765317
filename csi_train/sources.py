"""Rows that exist already, as seeds or as data to train on: from a file, a hub dataset or a reasoning-gym task set.

JSONL and CSV are read as plain text, so that an answer `025` stays `025`. JSON, Parquet and the hub are
streamed by `datasets`, which then leaves no copy in its cache.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from csi_train import answers, parts
from csi_train.errors import CsiError, RecipeError, RowError
from csi_train.recipe import Fields, Source
from csi_train.records import Problem, Seed, content_id

Placed = tuple[str, dict[str, Any]]
"""Where a row stands (`file:line`, for messages) and its columns."""

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
    found = (_seed(place, row, source.fields) for place, row in _rows(source, seed))
    usable = list(islice((row for row in found if verifiable(row) or not source.verifiable_only), source.limit))
    if not usable:
        hint = "does fields.answer name the right column? verifiable_only: false takes rows without an answer too"
        raise RecipeError(f"{_name(source)}: no row to use", hint)
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
    question = _text(place, row, fields.question)
    if question is None:
        raise RecipeError(f"{place}: {fields.question!r} is empty", "remove the row, or write its question")
    answer, solution = _text(place, row, fields.answer), _text(place, row, fields.solution)
    if answer and ("####" in answer or r"\boxed" in answer):
        answer, solution = answers.extract(answer), solution or answer
    return Seed(id=content_id("seed", question), question=question, answer=answer, solution=solution)


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
    return str(row[column]).strip() or None if row[column] is not None else None


def _name(source: Source) -> str:
    return source.path or source.hub or f"reasoning-gym {source.gym}"


def _rows(source: Source, seed: int) -> Iterator[Placed]:
    if source.gym:
        rows = _gym(source.gym, source.limit or 0, seed)
    elif source.hub:
        rows = hub(source.hub, source.config, source.split, source.revision)
    else:
        return file(Path(source.path or ""))
    return ((f"{_name(source)}, row {number}", row) for number, row in enumerate(rows, 1))


def file(path: Path) -> Iterator[Placed]:
    """The rows of a JSONL, CSV, JSON or Parquet file; raises RecipeError for another, RowError for a broken line."""
    readers = {".jsonl": _jsonl, ".csv": _csv, ".json": _dataset, ".parquet": _dataset}
    if path.suffix not in readers:
        raise RecipeError(f"cannot read {path}", f"the name of a data file ends in {', '.join(readers)}")
    if not path.is_file():
        raise RecipeError(f"no such file: {path}", f"paths start at the current directory, {Path.cwd()}")
    return readers[path.suffix](path)


def _jsonl(path: Path) -> Iterator[Placed]:
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError as error:
            raise RowError(path, number, f"not JSON: {error}") from error
        if row is not None and not isinstance(row, dict):
            raise RowError(path, number, "not a JSON object")
        if row is not None:
            yield f"{path}:{number}", row


def _csv(path: Path) -> Iterator[Placed]:
    with path.open("rb") as lines:
        reader = csv.DictReader((line.decode().lstrip("\ufeff") for line in lines), strict=True)
        try:
            for row in reader:
                yield f"{path}:{reader.line_num}", row
        except (csv.Error, UnicodeDecodeError) as error:
            raise RowError(path, reader.line_num + 1, f"not CSV: {error}") from error


def _dataset(path: Path) -> Iterator[Placed]:
    rows = _streamed(str(path), path.suffix[1:], data_files=str(path), split="train")
    return ((f"{path}, row {number}", row) for number, row in enumerate(rows, 1))


def hub(name: str, config: str | None, split: str, revision: str | None = None) -> Iterable[dict[str, Any]]:
    """The rows of a hub dataset, streamed; raises CsiError where it cannot be had."""
    return _streamed(name, name, config, split=split, revision=revision)


def _streamed(what: str, *args: Any, **kwargs: Any) -> Iterator[dict[str, Any]]:
    from datasets import load_dataset

    try:
        yield from load_dataset(*args, streaming=True, **kwargs)
    except (OSError, ValueError) as error:
        hint = "check name, config, split and connection; a gated set needs `hf auth login`"
        local = "or name a local file (`path:`, evaluate.data_files)"
        raise CsiError(f"cannot read {what}: {error}", f"{hint}; {local}") from error


def _gym(name: str, size: int, seed: int) -> Iterable[dict[str, Any]]:
    from reasoning_gym.factory import DATASETS, create_dataset

    if name not in DATASETS:
        raise RecipeError(f"reasoning-gym has no task set {name!r}", parts.nearest(name, DATASETS))
    try:
        rows: Iterable[dict[str, Any]] = create_dataset(name, size=size, seed=seed)
    except (AssertionError, ValueError) as error:
        raise RecipeError(f"reasoning-gym cannot make {name!r}: {error}", "take another task set") from error
    return rows
