"""The questions of the benchmarks that a recipe evaluates, read from the lm-eval task files without lm-eval."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from csi_train.errors import RecipeError
from csi_train.recipe import Evaluate
from csi_train.sources import rows

NAMES = ("question", "problem", "instruction", "prompt")
"""The columns that may hold the question, as in evals/utils.py; upper and lower case are the same."""


class _TaskFile(yaml.SafeLoader):
    """YAML with lm-eval's `!function` tag, read as the plain word behind it."""


_TaskFile.add_constructor("!function", lambda loader, node: node.value)


def questions(evaluate: Evaluate) -> dict[str, list[str]]:
    """The questions of each task: of its `data_files` in the recipe, else of its own files, else of its hub dataset.

    Raises RecipeError where `include_path` has no file of a task that names them, CsiError where they cannot be read.
    """
    return {task: [_question(task, row) for row in _rows(task, evaluate)] for task in evaluate.tasks}


def _rows(task: str, evaluate: Evaluate) -> Iterable[dict[str, Any]]:
    if task in evaluate.data_files:
        return _file(Path(evaluate.data_files[task]))
    path = Path(evaluate.include_path) / f"{task}.yaml"
    if own := own_file(path):
        return _file(own)
    config = task_config(path) if path.is_file() else {}
    if on_hub := _named(config):
        return _file(rows.fetched(on_hub))
    split = config.get("test_split")
    if split and "dataset_path" in config:
        return rows.hub(config["dataset_path"], config.get("dataset_name"), split)
    what = f"{path} names no dataset and test_split" if config else f"there is no {path}"
    hint = "name a file with them under evaluate.data_files, or take the filter out"
    raise RecipeError(f"filter decontaminate cannot find the questions of {task}: {what}", hint)


def own_file(path: Path) -> Path | None:
    """The test file that a task file names; None where it names none, or is not there."""
    own = _named(task_config(path)) if path.is_file() else None
    return path.parent / own if own and not own.startswith(rows.HUB_FILE) else None


def stated_documents(path: Path) -> int | None:
    """How many documents a task file says that its hub dataset has (`metadata.documents`); None where it does not."""
    found: int | None = task_config(path).get("metadata", {}).get("documents") if path.is_file() else None
    return found


def _named(config: dict[str, Any]) -> str | None:
    """The test file of a task: beside the task file, or on the hub."""
    found: str | None = config.get("dataset_kwargs", {}).get("data_files", {}).get(config.get("test_split"))
    return found


def task_config(path: Path) -> dict[str, Any]:
    """A task file, over the one it includes."""
    own: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_TaskFile)
    return task_config(path.parent / own["include"]) | own if "include" in own else own


def _file(path: Path) -> Iterable[dict[str, Any]]:
    return (row for _, row in rows.file(path))


def _question(task: str, row: dict[str, Any]) -> str:
    columns = {name.lower(): value for name, value in row.items()}
    for name in NAMES:
        if columns.get(name):
            return str(columns[name])
    raise RecipeError(f"a row of {task} has no column {' or '.join(NAMES)}, only {', '.join(row)}", "rename the column")
