"""From a word in a recipe to the module of that name: `type: novelty` under `filter` is `csi_train/filters/novelty.py`.

Any other word is a module of your own: `short.py` beside the recipe is `type: short`, and a dotted name
(`type: my_package.my_filter`) is one in a package, beside the recipe or installed. A part is a plain module with a
pydantic `Params` class, whose fields are the part's recipe keys, and the function its package's `__init__` describes.
"""

import difflib
import functools
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterable
from types import ModuleType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, SerializeAsAny, ValidationError, create_model
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
    """The module behind a `type:`: ours of that name, or your own; raises RecipeError naming the parts there are."""
    if name in names(package):
        return importlib.import_module(f"csi_train.{package}.{name}")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _broken(name, error) from error
        hint = f"{nearest(name, names(package))} (your own lies beside the recipe, or in an installed package)"
        raise RecipeError(f"no module {name!r} in csi_train/{package}/", hint) from error
    except Exception as error:  # whatever a module of the user's does at import
        raise _broken(name, error) from error
    if not hasattr(module, "Params"):
        raise RecipeError(f"module {name!r} has no Params class", f"see csi_train/{package}/__init__.py")
    return module


def search(folder: str) -> None:
    """Have modules of one's own looked for in a folder too, after all others."""
    if folder not in sys.path:
        sys.path.append(folder)
        importlib.invalidate_caches()


def _broken(name: str, error: Exception) -> RecipeError:
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{error.filename}:{error.lineno}" if isinstance(error, SyntaxError) else f"{where.filename}:{where.lineno}"
    return RecipeError(f"cannot import {name!r}: {place}: {type(error).__name__}: {error}", "mend that module")


def read(package: str, section: Any, default: str | None = None) -> BaseModel:
    """The Params of a recipe section `{type: name, …}`; raises RecipeError, PartError where its own keys are wrong."""
    name = section.get("type", default) if isinstance(section, dict) else None
    if not isinstance(name, str):
        raise RecipeError("needs a type", f"one of: {', '.join(names(package))}")
    params = typed(load(package, name).Params)
    own = params.model_fields["type"].default
    word = own if isinstance(own, str) and own else name
    try:
        read = params.model_validate_json(to_json({**section, "type": word}), strict=True)
    except ValidationError as error:
        raise PartError(params, error) from error
    return read.model_copy(update={"type": name})


@functools.cache
def typed(params: type[BaseModel]) -> type[BaseModel]:
    """Params with a `type`: they need not declare one, and what they declare need not be the word in the recipe."""
    if "type" in params.model_fields:
        return params
    return create_model(params.__name__, __base__=params, __module__=params.__module__, type=(str, ""))


def entry(package: str, default: str | None = None) -> Any:
    """The type of a recipe entry `{type: name, …}`, validated by the Params of the module of that name."""

    def build(value: Any) -> BaseModel:
        return value if isinstance(value, BaseModel) else read(package, value, default)

    return Annotated[SerializeAsAny[BaseModel], BeforeValidator(build)]
