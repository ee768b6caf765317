r"""Trees of expressions: an operator's name and its operands, `1 + x` is `("add", ("num", 1), ("var", "x"))`."""

from typing import Any

Tree = tuple[Any, ...]


def contains(tree: Tree, *operators: str) -> bool:
    """Whether one of these operators is somewhere in the tree."""
    return tree[0] in operators or any(contains(part, *operators) for part in tree[1:] if isinstance(part, tuple))


def natural(tree: Tree) -> Tree:
    r"""The tree with each `\log` without a base as a natural logarithm, as some write it."""
    if tree[:2] == ("fn", "log"):
        return ("fn", "ln", natural(tree[2]))
    return (tree[0], *(natural(part) if isinstance(part, tuple) else part for part in tree[1:]))


def variables(tree: Tree) -> set[str]:
    """The names in a tree."""
    if tree[0] == "var":
        return {tree[1]}
    return set().union(*(variables(part) for part in tree[1:] if isinstance(part, tuple)))


def substitute(tree: Tree, name: str, x: Tree) -> Tree:
    """The tree with a variable replaced."""
    if tree == ("var", name):
        return x
    return (tree[0], *(substitute(part, name, x) if isinstance(part, tuple) else part for part in tree[1:]))
