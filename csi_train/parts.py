"""From a word in a recipe to the module of that name: `type: novelty` under `filter` is `csi_train/filters/novelty.py`.

A dotted name (`type: my_package.my_filter`) reaches a user's own module. A part is a plain module with a pydantic
`Params` class, whose fields are the part's recipe keys, and the function its package's `__init__` describes.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, SerializeAsAny, ValidationError
from pydantic_core import to_json

from csi_train.errors import RecipeError


class PartError(RecipeError):
    """A part's section that its Params refuse; `params` and `cause` say which and why."""

    def __init__(self, params: type[BaseModel], cause: ValidationError) -> None:
        super().__init__(str(cause))
        self.params = params
        self.cause = cause


class Strict(BaseModel):
    """A recipe section: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def names(package: str) -> list[str]:
    """The parts that come with csi_train: modules of the package that are not plumbing shared by them."""
    found = importlib.import_module(f"csi_train.{package}")
    return [m.name for m in pkgutil.iter_modules(found.__path__) if m.name not in found.SHARED]


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or the list of what there is."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, 1, 0.65)
    return f"did you mean {close[0]!r}?" if close else f"there is: {', '.join(choices) or 'none'}"


def load(package: str, name: str) -> ModuleType:
    """The module behind a `type:`; raises RecipeError naming the parts there are."""
    if "." not in name and name not in names(package):
        hint = f"{nearest(name, names(package))} (or give a dotted path to your own module)"
        raise RecipeError(f"no module {name!r} in csi_train/{package}/", hint)
    try:
        module = importlib.import_module(name if "." in name else f"csi_train.{package}.{name}")
    except (ImportError, SyntaxError) as error:
        raise RecipeError(
            f"cannot import {name!r}: {error}", "is it on PYTHONPATH, and does plain Python import it?"
        ) from error
    if not hasattr(module, "Params"):
        raise RecipeError(f"module {name!r} has no Params class", f"see csi_train/{package}/__init__.py")
    return module


def read(package: str, section: Any, default: str | None = None) -> BaseModel:
    """The Params of a recipe section `{type: name, …}`; raises RecipeError, PartError where its own keys are wrong."""
    name = section.get("type", default) if isinstance(section, dict) else None
    if not isinstance(name, str):
        raise RecipeError("needs a type", f"one of: {', '.join(names(package))}")
    params: type[BaseModel] = load(package, name).Params
    try:
        return params.model_validate_json(to_json(section), strict=True)
    except ValidationError as error:
        raise PartError(params, error) from error


def entry(package: str, default: str | None = None) -> Any:
    """The type of a recipe entry `{type: name, …}`, validated by the Params of the module of that name."""

    def build(value: Any) -> BaseModel:
        return value if isinstance(value, BaseModel) else read(package, value, default)

    return Annotated[SerializeAsAny[BaseModel], BeforeValidator(build)]
