"""Rules of the rows that a recipe reads, and of the method that writes new ones."""

from pathlib import Path

from csi_train import order, parts, sources
from csi_train.check.files import Problems, file, line
from csi_train.errors import CsiError, RecipeError
from csi_train.recipe import Generate, Recipe, Source
from csi_train.records import Seed
from csi_train.stages import generate


def rows(recipe: Recipe) -> Problems:
    """Local files of rows can be read, and hold as many seeds as are shown at once."""
    first = order.stages(recipe)[0].name
    for name, source in (("data", recipe.data), ("seeds", recipe.seeds)):
        if source and source.path and not Path(source.path).is_file():
            yield from file((name, "path"), source.path, first)
        elif problem := _first(source)[0]:
            yield (name, "path"), problem
    _, seeds = _first(recipe.seeds)
    if recipe.generate and seeds is not None:
        yield from _drawn(recipe.generate, seeds)
    number = len(seeds or ())
    if recipe.sample and recipe.sample.shots > number and (seeds is not None or recipe.seeds is None):
        yield ("sample", "shots"), f"shots are shown from the seeds, and there are only {number}"


def categories(recipe: Recipe) -> Problems:
    """They come from a column or from a classifier, and k-means has no more of them than there are rows."""
    if recipe.classify is None:
        return
    if recipe.given.fields.category:
        column = f"{'seeds' if recipe.generate else 'data'}.fields.category"
        yield ("classify",), f"{column} names a column that holds the categories; take out classify, or {column}"
    _, found = _first(recipe.given)
    if found is not None and len(found) < getattr(recipe.classify, "clusters", 0):
        yield ("classify", "clusters"), f"there are only {len(found)} rows; lower it, or give more"


def method(recipe: Recipe) -> Problems:
    """The method itself says whether it has such a form, by writing its prompt for a seed of the kind to come."""
    if not (section := recipe.generate) or not recipe.seeds:
        return
    if section.template and not Path(section.template).is_file():
        yield from file(("generate", "template"), section.template, "generate")
        return
    text = Path(section.template).read_text(encoding="utf-8") if section.template else None
    fields = recipe.seeds.fields
    seed = Seed(id="of seeds", question="?", answer=fields.answer and "?", solution=fields.solution and "?")
    try:
        method = parts.load("methods", section.method)
        shots, _ = generate.shown([seed] * section.shots, section)
        method.prompt([seed] * section.seeds_per_prompt, shots, text)
    except RecipeError as error:
        yield ("generate", "shots" if section.shots else "template"), line(error)
        return
    if method.VERIFIABLE and not recipe.verifiable:
        fitting = "long_cot, short_cot or no_cot write instructions; or take out verifiable: false"
        yield ("generate", "method"), f"{section.method} writes questions that have an answer to check; {fitting}"
    if recipe.verifiable and not method.VERIFIABLE:
        problem = f"{section.method} writes instructions, which have no answer to check"
        yield ("generate", "method"), f"{problem}; say verifiable: false at the top, or take cot_self_instruct"


def _drawn(section: Generate, seeds: list[Seed]) -> Problems:
    """There are seeds to show and to draw from, and some category has as many as are shown together."""
    own = hasattr(parts.load("methods", section.method), "DEMONSTRATIONS")
    shots = 0 if own else section.shots
    wanted = shots + section.seeds_per_prompt
    if wanted > len(seeds):
        yield ("generate", "shots"), f"{wanted} seeds are needed for a prompt, and there are only {len(seeds)}"
        return
    try:
        generate.pool(seeds[shots:], section)
    except RecipeError as error:
        yield ("generate", "seeds_per_prompt"), line(error)


def _first(source: Source | None) -> tuple[str | None, list[Seed] | None]:
    """What is wrong with the first thousand rows of a local file, or else those rows; None where unknown."""
    if source is None or source.path is None or source.path.endswith(".parquet") or not Path(source.path).is_file():
        return None, None
    few = source.model_copy(update={"limit": min(source.limit or 1000, 1000)})
    try:
        return None, sources.read(few)
    except CsiError as error:
        return line(error), None
