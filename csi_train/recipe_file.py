"""A recipe as a file: read with overrides and checked by the schema, every problem with its line; and written back."""

import reprlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from csi_train import __version__, overrides, parts, yaml_tree
from csi_train.errors import RecipeError
from csi_train.parts import PartError, nearest
from csi_train.recipe import Recipe
from csi_train.yaml_tree import Key

Problem = tuple[Key, str]
"""Which key is wrong, and what is wrong with it."""


class ProblemsError(RecipeError):
    """A recipe with problems: each has its `place` (file:line, or the override), `key` and `message`."""

    def __init__(self, path: Path, problems: list[dict[str, str]]) -> None:
        title = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n  ".join([f"{path}: {title}", *map(joined, problems)]))
        self.problems = problems


def joined(problem: dict[str, str]) -> str:
    """`place: key: message`, as far as they are known."""
    return ": ".join(filter(None, problem.values()))


@dataclass(frozen=True)
class Source:
    """What was read: the data, and the place of each key in it."""

    path: Path
    data: dict[str, Any]
    places: dict[Key, str]

    def refusal(self, problems: Iterable[Problem]) -> ProblemsError:
        """The error that lists problems in the order of the file, each once; a missing key stands at its section."""
        order = {key: number for number, key in enumerate(self.places)}
        ranked = sorted(dict.fromkeys(problems), key=lambda problem: order[self._known(problem[0])])
        return ProblemsError(self.path, [self._told(key, message) for key, message in ranked])

    def line(self, key: Key, message: str) -> str:
        """What there is to say of a key, with its place."""
        return joined(self._told(key, message))

    def _told(self, key: Key, message: str) -> dict[str, str]:
        return {"place": self.places[self._known(key)], "key": dotted(key), "message": message}

    def _known(self, key: Key) -> Key:
        return next(key[:n] for n in range(len(key), -1, -1) if key[:n] in self.places)


def load(path: Path | str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, with `key.path=value` overrides; raises RecipeError listing every problem there is."""
    return read(path, changes)[0]


def read(path: Path | str, changes: Sequence[str] = ()) -> tuple[Recipe, Source]:
    """Like `load`, and the source with it, so that a later check can name lines too."""
    path = Path(path)
    root = yaml_tree.parse(_text(path), str(path))
    if not isinstance(root, yaml.MappingNode):
        raise RecipeError(f"{path} is not a recipe: it holds no `key: value` lines", "recipes/ holds complete ones")
    for change in changes:
        overrides.apply(change, root)
    places: dict[Key, str] = {}
    wrong: list[Problem] = []
    source = Source(path, yaml_tree.plain(root, places, wrong), places)
    _find_code(path, source.data)
    try:
        recipe = Recipe.model_validate_json(to_json(source.data), strict=True)
    except ValidationError as error:
        known = {key for key, _ in wrong}
        others = [problem for problem in _problems(error, Recipe, source.data) if problem[0] not in known]
        raise source.refusal([*wrong, *others]) from None
    if wrong:
        raise source.refusal(wrong)
    return recipe, source


def _find_code(path: Path, data: dict[str, Any]) -> None:
    """Let a recipe find modules of one's own: in its `code` folder, which is its own folder if that has any."""
    folder = path.parent.resolve()
    if data.get("code") is None and (any(folder.glob("*.py")) or any(folder.glob("*/__init__.py"))):
        data["code"] = str(folder)
    if isinstance(code := data.get("code"), str):
        parts.search(code)


def dump(recipe: Recipe) -> str:
    """The complete recipe as YAML that `load` reads back to an equal one."""
    written = yaml_tree.write(recipe.model_dump(mode="json"))
    return f"# Written by csi_train {__version__}: every key, defaults included.\n\n{written}"


def dotted(key: Key) -> str:
    """("train", 0, "args") as `train[0].args`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in key).removeprefix(".")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}", "recipes/ holds complete ones") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not UTF-8 text: {error}", "save it as UTF-8") from error


def _problems(error: ValidationError, schema: type[BaseModel], data: Any, at: Key = ()) -> Iterator[Problem]:
    """What pydantic found, in our words. An error of a part holds those of the part's own keys."""
    found: dict[Key, list[str]] = {}
    for detail in error.errors():
        key, inside = _locate(detail, data)
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, PartError):
            yield from _problems(cause.cause, cause.params, inside, (*at, *key))
        else:
            found.setdefault(key, []).append(_words(detail, _section(schema, key[:-1])))
    for key, messages in found.items():
        if not any(other[: len(key)] == key and other != key for other in found):  # of a union, the member meant
            *others, last = dict.fromkeys(messages)
            yield (*at, *key), "; or ".join([*(text.rpartition(", not ")[0] or text for text in others), last])


def _locate(detail: ErrorDetails, data: Any) -> tuple[Key, Any]:
    """The key of an error, without the steps pydantic adds for the members of a union; and the value there."""
    key: Key = ()
    for step in detail["loc"]:
        if (isinstance(data, dict) and step in data) or isinstance(data, list):
            key, data = (*key, step), data[cast(Any, step)]
    return (*key, detail["loc"][-1]) if detail["type"] == "missing" else key, data


def _section(schema: type[BaseModel], key: Key) -> type[BaseModel]:
    """The schema of the section under a key."""
    for step in key:
        field = schema.model_fields.get(str(step))
        schema = (_model(field.annotation) if field else None) or schema
    return schema


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model, get_args(annotation))), None)


def _words(detail: ErrorDetails, section: type[BaseModel]) -> str:
    """What is wrong and what is right instead."""
    match detail["type"]:
        case "extra_forbidden":
            name = str(detail["loc"][-1])
            return f"no key {name!r}; {nearest(name, section.model_fields)}"
        case "missing":
            return "is required"
        case "value_error":
            error = detail["ctx"]["error"]
            return "; ".join(filter(None, (str(error.args[0]), getattr(error, "hint", ""))))
    message = detail["msg"].replace("Input should", "should").replace("String should", "should")
    for theirs, ours in (("array", "list"), ("an object", "a section of key: value lines"), ("a valid string", "text")):
        message = message.replace(theirs, ours)
    return f"{message}, not {reprlib.repr(detail['input'])}"
