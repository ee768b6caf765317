"""What the rules need to say of files, models and errors."""

import re
from collections.abc import Iterator
from pathlib import Path

from csi_train.adapters import models
from csi_train.errors import CsiError
from csi_train.parts import nearest
from csi_train.recipe_file import Problem

Problems = Iterator[Problem]
"""(key, message) of each problem that a rule finds."""


def no_file(path: str) -> str | None:
    """That a file is missing, and what is beside it; None where it is there."""
    if Path(path).is_file():
        return None
    if recipe := _made_by(path):
        return f"no such file yet: {path}; {recipe}"
    beside = [str(p) for p in sorted(Path(path).parent.glob("*"))[:200] if p.is_file()]
    return f"no such file: {path}; {nearest(path, beside)} (paths start at the current folder)"


def model_folder(name: str) -> str | None:
    """What is wrong with a name of a model: a folder with safetensors, a hub id, or the embedded one."""
    folder = Path(name)
    if name == models.EMBEDDED:
        return None
    if not folder.is_dir():
        if recipe := _made_by(name):
            return f"no such model yet: {name}; {recipe}"
        hub_id = re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", name) and not name.startswith(".")
        return None if hub_id else f"no model folder {name!r}; a folder, a hub id org/name, or {models.EMBEDDED}"
    if not (folder / "config.json").is_file():
        return f"{name} holds no config.json, so it is no model; name the folder that does"
    return None if any(folder.glob("*.safetensors")) else f"{name} holds no *.safetensors; convert the weights first"


def _made_by(path: str) -> str | None:
    """Which recipe here has a run that leaves this file or folder, if one has."""
    recipes = (Path("recipes") / f"{part}.yaml" for part in Path(path).parts)
    return next((f"`csi-train run {recipe}` makes it" for recipe in recipes if recipe.is_file()), None)


def line(error: CsiError) -> str:
    """An error and its hint in one line."""
    return "; ".join(filter(None, (str(error.args[0]), error.hint)))
