"""YAML as a tree of nodes, each of which knows its place: `file:line`, or the override that it came from.

Plain words mean what YAML 1.2 says: `1e-6` is a number, `off` is text. Aliases and tags are refused.
"""

import math
import re
from typing import Any

import yaml

from csi_train.errors import RecipeError

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
"""The plain words that are not text: their first letters, and a pattern."""


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


def parse(text: str, name: str) -> yaml.Node:
    """The tree of a text; `name` is its file, or `override '…'`. Raises RecipeError with the line."""
    loader = _Loader(text)
    loader.name = name
    try:
        return loader.get_single_node() or yaml.ScalarNode(TAG + "null", "", yaml.Mark(name, 0, 0, 0, None, 0))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "mind the indentation, colons and quotes there and on the line above"
        where = place(mark) if mark else name
        raise RecipeError(f"{where}: cannot read as YAML: {error.problem or error.context}", hint) from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{name}: cannot read as YAML: {error}", "save it as plain UTF-8 text") from error


def plain(node: yaml.Node, places: dict[Key, str], wrong: list[tuple[Key, str]], key: Key = ()) -> Any:
    """The data of a tree. Fills in the place of each key, and (key, complaint) of each that stands there twice, or is a
    number that no recipe means: infinite, none at all, or beyond 64 bits."""
    places.setdefault(key, place(node.start_mark))
    if isinstance(node, yaml.SequenceNode):
        return [plain(item, places, wrong, (*key, index)) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        value = _scalar(node)
        if isinstance(value, float) and not math.isfinite(value):
            wrong.append((key, f"{node.value} is not a finite number"))
        elif isinstance(value, int) and abs(value) >= 2**63:
            wrong.append((key, f"{node.value} is beyond any number of 64 bits"))
        return value
    section: dict[str, Any] = {}
    for name, item in node.value:
        here, where = (*key, str(name.value)), place(name.start_mark)
        if here in places:
            wrong.append((here, f"stands twice, on {places[here]} and {where}; remove one"))
        places[here] = where
        section[str(name.value)] = plain(item, places, wrong, here)
    return section


def write(data: dict[str, Any]) -> str:
    """Data as text that `parse` and `plain` read back the same, a blank line between its sections."""
    sections = (
        yaml.dump({name: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
        for name, value in data.items()
    )
    return "\n".join(sections)


def place(mark: yaml.Mark) -> str:
    """`recipes/x.yaml:12`, or the override."""
    return mark.name if mark.name.startswith("override ") else f"{mark.name}:{mark.line + 1}"


def _scalar(node: yaml.ScalarNode) -> Any:
    try:
        if node.tag.removeprefix(TAG) not in {*WORDS, "str"}:
            raise ValueError(f"it has the tag {node.tag}")
        return _Loader("").construct_object(node)
    except ValueError as error:
        problem = f"{place(node.start_mark)}: cannot read {node.value!r}: {error}"
        raise RecipeError(problem, "write a plain value, without a ! tag") from error
