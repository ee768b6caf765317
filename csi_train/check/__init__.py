"""What can be known to be wrong with a recipe before anything is loaded; no torch, under a second.

The schema knows keys, types and ranges. The rules here know files, models, other libraries' keys, and which sections
need each other. A rule yields (key, message) for each problem it finds.
"""

from collections.abc import Sequence
from pathlib import Path

from csi_train import recipe_file
from csi_train.check import engines, evaluation, filters, rows, training
from csi_train.check.files import Problems
from csi_train.recipe import Recipe


def load(path: Path | str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, fit to run as far as can be told; raises RecipeError listing every problem."""
    recipe, source = recipe_file.read(path, overrides)
    if found := list(problems(recipe)):
        raise source.refusal(found)
    return recipe


def problems(recipe: Recipe) -> Problems:
    """Everything wrong with a recipe that its schema cannot know."""
    kind = (filters.votes, filters.labels) if recipe.verifiable else (filters.instructions,)
    for rule in (
        *(rows.rows, rows.categories, rows.method, engines.named, engines.engine, engines.lengths, filters.filters),
        *kind,
        *(filters.rewards, training.training, evaluation.tasks, evaluation.judges),
    ):
        yield from rule(recipe)
