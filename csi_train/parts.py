"""From a word in a recipe to the module of that name: `type: novelty` under `filter` is `csi_train/filters/novelty.py`.

A dotted name (`type: my_package.my_filter`) reaches a user's own module. A part is a plain module with a pydantic
`Params` class, whose fields are the part's recipe keys, and the function its package's `__init__` describes.
"""

import importlib
import pkgutil
from types import ModuleType

from pydantic import BaseModel, ConfigDict

from csi_train.errors import RecipeError


class Strict(BaseModel):
    """A recipe section: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def names(package: str) -> list[str]:
    """The parts that come with csi_train: modules of the package that are not plumbing shared by them."""
    found = importlib.import_module(f"csi_train.{package}")
    return [m.name for m in pkgutil.iter_modules(found.__path__) if m.name not in found.SHARED]


def load(package: str, name: str) -> ModuleType:
    """The module behind a `type:`; raises RecipeError naming the parts there are."""
    if "." not in name and name not in names(package):
        raise RecipeError(f"no {package} part named {name!r}", f"one of: {', '.join(names(package))}, or a dotted path to your own module")
    try:
        module = importlib.import_module(name if "." in name else f"csi_train.{package}.{name}")
    except ModuleNotFoundError as error:
        raise RecipeError(f"cannot import {name!r}: {error}", "is the module on PYTHONPATH and installed?") from error
    if not hasattr(module, "Params"):
        raise RecipeError(f"module {name!r} has no Params class", f"see the docstring of csi_train/{package}/__init__.py")
    return module
