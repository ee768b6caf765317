"""What can be known to be wrong with a recipe before anything is loaded; no torch, under a second.

The schema knows keys, types and ranges. The rules here know files, models, other libraries' keys, and which sections
need each other. A rule yields (key, message) for each problem it finds, and a `Note` for what is worth knowing. A note
may name what a stage needs and does not have yet, such as a judge's key or a file that another recipe makes: no recipe
is refused for that, but the stage does not start without it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from csi_train import recipe_file
from csi_train.check import engines, evaluation, filters, rows, training
from csi_train.check.files import Note, Problems
from csi_train.recipe import Recipe


class Checked(NamedTuple):
    """A recipe fit to run as far as can be told; notes to read; what a stage lacks yet, by the stage."""

    recipe: Recipe
    notes: list[str]
    lacking: dict[str, str]


def load(path: Path | str, overrides: Sequence[str] = ()) -> Checked:
    """Check the recipe in a file; raises RecipeError listing every problem."""
    recipe, source = recipe_file.read(path, overrides)
    found = list(problems(recipe))
    if wrong := [each for each in found if not isinstance(each, Note)]:
        raise source.refusal(wrong)
    needed: dict[str, list[str]] = {}
    lacking: dict[str, str] = {}
    for note in found:
        if isinstance(note, Note):
            line = source.line(note.key, note.message)
            needed.setdefault(line, []).extend(filter(None, [note.stage]))
            if note.stage:
                lacking[note.stage] = "\n  ".join(filter(None, (lacking.get(note.stage), line)))
    notes = [f"{line} (needed by {', '.join(stages)})" if stages else line for line, stages in needed.items()]
    return Checked(recipe, notes, lacking)


def problems(recipe: Recipe) -> Problems:
    """Everything wrong with a recipe that its schema cannot know, and what is worth knowing."""
    kind = (filters.votes, filters.labels) if recipe.verifiable else (filters.instructions,)
    for rule in (
        *(rows.rows, rows.categories, rows.method, engines.named, engines.engine, engines.lengths, filters.filters),
        *kind,
        *(filters.rewards, training.training, evaluation.tasks, evaluation.judges, evaluation.tracking),
    ):
        yield from rule(recipe)
