"""A recipe as a YAML file: read with line numbers, changed by key=value overrides, checked by the schema, written back.

Plain words mean what YAML 1.2 says: `1e-6` is a number, `off` is text.
"""

import re
import reprlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from csi_train import __version__
from csi_train.errors import RecipeError
from csi_train.parts import PartError, nearest
from csi_train.recipe import Recipe

Key = tuple[str | int, ...]
"""Where in a recipe: ("train", 0, "args")."""

TAG = "tag:yaml.org,2002:"
WORDS = {
    "bool": ("tTfF", r"true|True|TRUE|false|False|FALSE"),
    "null": ("~nN", r"~|null|Null|NULL"),
    "int": ("-+0123456789", r"[-+]?(0|[1-9][0-9_]*)"),
    "float": (
        "-+.0123456789",
        r"[-+]?(\.\d+|\d[\d_]*\.\d*)([eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|[-+]?\.inf|\.nan",
    ),
}


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found = {"": [(TAG + "null", re.compile("^$"))]}
    for tag, (first, pattern) in WORDS.items():
        for letter in first:
            found.setdefault(letter, []).append((TAG + tag, re.compile(f"^(?:{pattern})$")))
    return found


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = _resolvers()

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name): write the value out", problem_mark=mark)
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = _resolvers()


class ProblemsError(RecipeError):
    """A recipe with problems: each has its `place` (file:line, or the override), `key` and `message`."""

    def __init__(self, path: Path, problems: list[dict[str, str]]) -> None:
        title = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n  ".join([f"{path}: {title}", *(": ".join(filter(None, p.values())) for p in problems)]))
        self.problems = problems


@dataclass(frozen=True)
class Source:
    """What was read, and the place of each key in it: `file:line`, or the override that set it."""

    path: Path
    data: dict[str, Any]
    places: dict[Key, str]

    def refusal(self, problems: Iterable[tuple[Key, str]]) -> ProblemsError:
        """The error that lists (key, message) problems in the order of the file, each once.

        A key that is not in the file stands where its section does.
        """
        order = {key: number for number, key in enumerate(self.places)}
        ranked = sorted(dict.fromkeys(problems), key=lambda problem: order[self._known(problem[0])])
        return ProblemsError(
            self.path,
            [{"place": self.places[self._known(k)], "key": dotted(k), "message": message} for k, message in ranked],
        )

    def _known(self, key: Key) -> Key:
        return next(key[:n] for n in range(len(key), -1, -1) if key[:n] in self.places)


def load(path: Path | str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, with `key.path=value` overrides; raises RecipeError listing every problem there is."""
    return read(path, overrides)[0]


def read(path: Path | str, overrides: Sequence[str] = ()) -> tuple[Recipe, Source]:
    """Like `load`, and the source with it, so that a later check can name lines too."""
    path = Path(path)
    root = _compose(_text(path), str(path))
    if not isinstance(root, yaml.MappingNode):
        raise RecipeError(f"{path} is not a recipe: it holds no `key: value` lines", "recipes/ holds complete ones")
    for override in overrides:
        _apply(override, root)
    source = Source(path, {}, {})
    twice: list[tuple[Key, str]] = []
    source.data.update(_build(root, (), source.places, twice))
    try:
        recipe = Recipe.model_validate_json(to_json(source.data), strict=True)
    except ValidationError as error:
        raise source.refusal([*twice, *_problems(error, Recipe, source.data)]) from None
    if twice:
        raise source.refusal(twice)
    return recipe, source


def dump(recipe: Recipe) -> str:
    """The complete recipe as YAML that `load` reads back to an equal one."""
    sections = (
        yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
        for key, value in recipe.model_dump(mode="json").items()
    )
    return f"# Written by csi_train {__version__}: every key, defaults included.\n\n" + "\n".join(sections)


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


def _compose(text: str, name: str) -> yaml.Node | None:
    """The YAML tree of a text; its marks bear the name."""
    loader = _Loader(text)
    loader.name = name
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "mind the indentation, colons and quotes there and on the line above"
        place = _place(mark) if mark else name
        raise RecipeError(f"{place}: cannot read as YAML: {error.problem or error.context}", hint) from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{name}: cannot read as YAML: {error}", "save it as plain UTF-8 text") from error


def _place(mark: yaml.Mark) -> str:
    return mark.name if mark.name.startswith("override ") else f"{mark.name}:{mark.line + 1}"


def _build(node: yaml.Node, key: Key, places: dict[Key, str], twice: list[tuple[Key, str]]) -> Any:
    """Plain data of a tree; fills in where each key stands, and complains of each key that is there twice."""
    places.setdefault(key, _place(node.start_mark))
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*key, index), places, twice) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    section: dict[str, Any] = {}
    for name, item in node.value:
        here, place = (*key, str(name.value)), _place(name.start_mark)
        if here in places:
            twice.append((here, f"stands twice, on {places[here]} and {place}; remove one"))
        places[here] = place
        section[str(name.value)] = _build(item, here, places, twice)
    return section


def _scalar(node: yaml.ScalarNode) -> Any:
    loader = _Loader("")
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        reason = getattr(error, "problem", error)
        problem = f"{_place(node.start_mark)}: cannot read {node.value!r}: {reason}"
        raise RecipeError(problem, "write a plain value, without a ! tag") from error


def _apply(override: str, root: yaml.MappingNode) -> None:
    """Set one key of a tree; null takes an entry out of a list, and is a value elsewhere."""
    path, equals, text = override.partition("=")
    name = f"override {override!r}"
    steps = path.split(".")
    if not equals or not all(steps):
        hint = "for example generate.problems=64 or train.grpo.args.max_steps=3"
        raise RecipeError(f"{name} is not key.path=value", hint)
    value = _compose(text, name) or yaml.ScalarNode(TAG + "null", "", yaml.Mark(name, 0, 0, 0, None, 0))
    node: yaml.Node = root
    for step in steps[:-1]:
        node = _child(node, step, value.start_mark)
    position = _position(node, steps[-1], value.start_mark)
    if isinstance(node, yaml.SequenceNode):
        node.value[position : position + 1] = [] if value.tag == TAG + "null" else [value]
    else:
        node.value[position : position + 1] = [(yaml.ScalarNode(TAG + "str", steps[-1], value.start_mark), value)]


def _child(node: yaml.Node, step: str, mark: yaml.Mark) -> yaml.Node:
    """The section under a step, made where there is none yet."""
    position = _position(node, step, mark)
    if isinstance(node, yaml.SequenceNode):
        return cast(yaml.Node, node.value[position])
    if position == len(node.value) or node.value[position][1].tag == TAG + "null":
        name, section = yaml.ScalarNode(TAG + "str", step, mark), yaml.MappingNode(TAG + "map", [], mark)
        node.value[position : position + 1] = [(name, section)]
    return cast(yaml.Node, node.value[position][1])


def _position(node: yaml.Node, step: str, mark: yaml.Mark) -> int:
    """Where a step stands in a section (its end where it is new), or in a list, by number or by its `type`."""
    if isinstance(node, yaml.MappingNode):
        return next((n for n, (name, _) in enumerate(node.value) if name.value == step), len(node.value))
    if isinstance(node, yaml.ScalarNode):
        raise RecipeError(f"{mark.name}: there is no {step!r} in the value {node.value!r}", "name a key of a section")
    types = [_type(entry) or str(n) for n, entry in enumerate(node.value)]
    known = [*types, *map(str, range(len(types)))]
    if step not in known:
        raise RecipeError(f"{mark.name}: the list has no entry {step!r}", nearest(step, known))
    return known.index(step) % len(types)


def _type(entry: yaml.Node) -> str | None:
    pairs = entry.value if isinstance(entry, yaml.MappingNode) else []
    return next((str(value.value) for name, value in pairs if name.value == "type"), None)


def _problems(error: ValidationError, model: type[BaseModel], data: Any, at: Key = ()) -> Iterator[tuple[Key, str]]:
    """Each problem pydantic found, in our words, with its key; errors of a part's own keys lie inside the part's."""
    found: dict[Key, list[str]] = {}
    for detail in error.errors():
        key, inside = _locate(detail["loc"], data, detail["type"])
        nested = detail.get("ctx", {}).get("error")
        if isinstance(nested, PartError):
            yield from _problems(nested.cause, nested.params, inside, (*at, *key))
        else:
            found.setdefault(key, []).append(_words(detail, _section(model, key[:-1])))
    for key, messages in found.items():
        if not any(other[: len(key)] == key and other != key for other in found):  # of a union, the member meant
            yield (*at, *key), "; or ".join(dict.fromkeys(messages))


def _locate(loc: tuple[int | str, ...], data: Any, kind: str) -> tuple[Key, Any]:
    """The key of an error, without the steps pydantic adds for the members of a union, and the value there."""
    key: Key = ()
    for n, step in enumerate(loc):
        if (isinstance(data, dict) and step in data) or isinstance(data, list):
            key, data = (*key, step), data[cast(Any, step)]
        elif kind == "missing" and n == len(loc) - 1:
            key = (*key, step)
    return key, data


def _section(model: type[BaseModel], key: Key) -> type[BaseModel]:
    """The schema of the section under a key."""
    for step in key:
        field = model.model_fields.get(str(step))
        model = (_model(field.annotation) if field else None) or model
    return model


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model, get_args(annotation))), None)


def _words(detail: ErrorDetails, section: type[BaseModel]) -> str:
    """What is wrong and what is right instead."""
    given = reprlib.repr(detail["input"])
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
    for theirs, ours in (("array", "list"), ("an object", "a section of key: value lines"), ("valid string", "text")):
        message = message.replace(theirs, ours)
    return f"{message}, not {given}"
