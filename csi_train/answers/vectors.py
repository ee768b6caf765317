r"""Vectors as sums of unit vectors: `3\mathbf{i} - 2\mathbf{j} + k` is (3, -2, 1)."""

from csi_train.answers import expression
from csi_train.answers.keys import number_key
from csi_train.answers.numbers import UnreadableError
from csi_train.answers.readings import Reading, ordered
from csi_train.answers.trees import Tree, variables

UNIT_VECTORS = {"i": 0, r"\hati": 0, r"\veci": 0, "j": 1, r"\hatj": 1, "k": 2, r"\hatk": 2}


def unit_vectors(tree: Tree) -> Reading | None:
    """The reading of a sum with a `j`; in two dimensions where there is no `k`."""
    names = variables(tree)
    if not names & {"j", r"\hatj"} or not names <= UNIT_VECTORS.keys():
        return None
    dimensions = 3 if names & {"k", r"\hatk"} else 2
    try:
        if expression.value(_placed(tree, None)) != 0:
            return None
        parts = [number_key(expression.value(_placed(tree, axis))) for axis in range(dimensions)]
    except UnreadableError:
        return None
    return Reading(ordered(parts))


def _placed(tree: Tree, axis: int | None) -> Tree:
    """The tree where the unit vector along an axis is 1 and the others are 0."""
    if tree == ("i",):
        return ("num", int(axis == 0))
    if tree[0] == "var":
        return ("num", int(UNIT_VECTORS[tree[1]] == axis))
    return (tree[0], *(_placed(part, axis) if isinstance(part, tuple) else part for part in tree[1:]))
