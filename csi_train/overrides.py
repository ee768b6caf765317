"""`key.path=value` on the command line: a change to the tree of a recipe before it is read."""

from typing import cast

import yaml

from csi_train import yaml_tree
from csi_train.errors import RecipeError
from csi_train.parts import nearest
from csi_train.yaml_tree import TAG


def apply(override: str, root: yaml.Node) -> None:
    """Set one key. A list entry goes by its number or its type; null takes it out, and is a value elsewhere.

    Raises RecipeError where the override has no such form, or leads nowhere.
    """
    path, equals, text = override.partition("=")
    name = f"override {override!r}"
    *sections, last = path.split(".")
    if not equals or not all((*sections, last)):
        raise RecipeError(f"{name} is not key.path=value", "for example generate.problems=64 or train.grpo.lora.r=8")
    value = yaml_tree.parse(text, name)
    node = root
    for step in sections:
        node = _section(node, step, value.start_mark)
    position = _position(node, last, value.start_mark)
    if isinstance(node, yaml.SequenceNode):
        node.value[position : position + 1] = [] if _is_null(value) else [value]
    else:
        node.value[position : position + 1] = [(_key(last, value.start_mark), value)]


def _section(node: yaml.Node, step: str, mark: yaml.Mark) -> yaml.Node:
    """What stands under a step; an empty section where nothing does."""
    position = _position(node, step, mark)
    if isinstance(node, yaml.SequenceNode):
        return cast(yaml.Node, node.value[position])
    if position == len(node.value) or _is_null(node.value[position][1]):
        node.value[position : position + 1] = [(_key(step, mark), yaml.MappingNode(TAG + "map", [], mark))]
    return cast(yaml.Node, node.value[position][1])


def _position(node: yaml.Node, step: str, mark: yaml.Mark) -> int:
    """The index of a step: in a section by key, its end where it is new; in a list by type or number."""
    if isinstance(node, yaml.MappingNode):
        return next((n for n, (name, _) in enumerate(node.value) if name.value == step), len(node.value))
    if isinstance(node, yaml.ScalarNode):
        raise RecipeError(f"{mark.name}: there is no {step!r} in the value {node.value!r}", "name a key of a section")
    names = [_type(entry) for entry in node.value] + [str(number) for number in range(len(node.value))]
    if step not in names:
        raise RecipeError(f"{mark.name}: the list has no entry {step!r}", nearest(step, filter(None, names)))
    return names.index(step) % len(node.value)


def _type(entry: yaml.Node) -> str:
    pairs = entry.value if isinstance(entry, yaml.MappingNode) else []
    return next((str(value.value) for name, value in pairs if name.value == "type"), "")


def _key(name: str, mark: yaml.Mark) -> yaml.Node:
    return yaml.ScalarNode(TAG + "str", name, mark)


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag == TAG + "null")
