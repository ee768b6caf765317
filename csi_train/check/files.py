"""What the rules need to say of files, models and errors."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from csi_train.adapters import models
from csi_train.errors import CsiError
from csi_train.parts import nearest
from csi_train.recipe_file import Problem
from csi_train.yaml_tree import Key


class Note(NamedTuple):
    """Something to know, though nothing is wrong with the recipe. `stage`: which cannot do without what is missing."""

    key: Key
    message: str
    stage: str = ""


Problems = Iterator[Problem | Note]
"""(key, message) of each problem that a rule finds, and notes."""


def file(key: Key, path: str, stage: str, otherwise: str = "") -> Problems:
    """A file that a stage reads is there, or another recipe makes it; `otherwise` says what else could be named."""
    if Path(path).is_file():
        return
    if recipe := _made_by(path):
        yield Note(key, f"no such file yet: {path}; {recipe}", stage)
        return
    beside = [str(p) for p in sorted(Path(path).parent.glob("*"))[:200] if p.is_file()]
    problem = f"no such file: {path}; {nearest(path, beside)} (paths start at the current folder){otherwise}"
    yield key, problem


def model_folder(key: Key, name: str, stage: str) -> Problems:
    """A model that a stage loads: a folder with safetensors, a hub id, or the embedded one."""
    folder = Path(name)
    if name == models.EMBEDDED:
        return
    if not folder.is_dir():
        if recipe := _made_by(name):
            yield Note(key, f"no such model yet: {name}; {recipe}", stage)
        elif not re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", name) or name.startswith("."):
            yield key, f"no model folder {name!r}; a folder, a hub id org/name, or {models.EMBEDDED}"
    elif not (folder / "config.json").is_file():
        yield key, f"{name} holds no config.json, so it is no model; name the folder that does"
    elif not any(folder.glob("*.safetensors")):
        yield key, f"{name} holds no *.safetensors; convert the weights first"


def _made_by(path: str) -> str | None:
    """Which recipe here has a run that leaves this file or folder, if one has."""
    recipes = (Path("recipes") / f"{part}.yaml" for part in Path(path).parts)
    return next((f"`csi-train run {recipe}` makes it" for recipe in recipes if recipe.is_file()), None)


def line(error: CsiError) -> str:
    """An error and its hint in one line."""
    return "; ".join(filter(None, (str(error.args[0]), error.hint)))
