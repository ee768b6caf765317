"""Rows of a file, a hub dataset or a reasoning-gym task set, each with its place for messages.

JSONL and CSV are read as plain text, so that an answer `025` stays `025`. JSON, Parquet and the hub are streamed by
`datasets`, which then leaves no copy in its cache.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from csi_train import parts
from csi_train.errors import CsiError, RecipeError, RowError
from csi_train.recipe import Source

Row = dict[str, Any]
Placed = tuple[str, Row]
"""Where a row stands (`file:line`) and its columns."""


def name(source: Source) -> str:
    """What a message calls a source."""
    return source.path or source.hub or f"reasoning-gym {source.gym}"


def of(source: Source, seed: int) -> Iterator[Placed]:
    """Every row of a source; `seed` is for reasoning-gym. Raises RecipeError, or RowError for a broken line."""
    if source.path:
        return file(Path(source.path))
    if source.hub:
        return _numbered(name(source), hub(source.hub, source.config, source.split, source.revision))
    return _numbered(name(source), _gym(source.gym or "", source.limit or 0, seed))


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
    return _numbered(str(path), _streamed(str(path), path.suffix[1:], data_files=str(path), split="train"))


HUB_FILE = "hf://datasets/"
"""How the place of one file of a hub dataset begins: hf://datasets/org/name/path/in/the/repository."""


def fetched(place: str) -> Path:
    """The local copy of one file of a hub dataset; raises CsiError where it cannot be had."""
    from huggingface_hub import hf_hub_download

    organisation, _, rest = place.removeprefix(HUB_FILE).partition("/")
    name, _, path = rest.partition("/")
    try:
        return Path(hf_hub_download(f"{organisation}/{name}", path, repo_type="dataset"))
    except Exception as error:
        hint = "check the connection and the name, or download the file and name it by its path here"
        raise CsiError(f"cannot get {place}: {error}", hint) from error


def hub(dataset: str, config: str | None, split: str, revision: str | None = None) -> Iterable[Row]:
    """The rows of a hub dataset, streamed; raises CsiError where it cannot be had."""
    return _streamed(dataset, dataset, config, split=split, revision=revision)


def _streamed(what: str, *args: Any, **kwargs: Any) -> Iterator[Row]:
    from datasets import load_dataset

    try:
        yield from load_dataset(*args, streaming=True, **kwargs)
    except (OSError, ValueError) as error:
        hint = "check name, config, split and connection; a gated set needs `hf auth login`"
        local = "or name a local file (`path:`, evaluate.data_files)"
        raise CsiError(f"cannot read {what}: {error}", f"{hint}; {local}") from error


def _gym(task_set: str, size: int, seed: int) -> Iterable[Row]:
    from reasoning_gym.factory import DATASETS, create_dataset

    if task_set not in DATASETS:
        raise RecipeError(f"reasoning-gym has no task set {task_set!r}", parts.nearest(task_set, DATASETS))
    try:
        tasks: Iterable[Row] = create_dataset(task_set, size=size, seed=seed)
    except (AssertionError, ValueError) as error:
        raise RecipeError(f"reasoning-gym cannot make {task_set!r}: {error}", "take another task set") from error
    return tasks


def _numbered(place: str, found: Iterable[Row]) -> Iterator[Placed]:
    return ((f"{place}, row {number}", row) for number, row in enumerate(found, 1))
