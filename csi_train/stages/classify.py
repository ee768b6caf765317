"""Sort the seeds into categories, or the rows of `data:`, where no column says theirs.

Generation draws the seeds of a call from one category. A seed without a category is never drawn, and a row of `data:`
without one goes on as it is: filters that go by category take such rows as a group of their own.
"""

import json
import logging
from collections import Counter
from dataclasses import replace
from typing import Any

from csi_train import parts, sources
from csi_train.errors import RunError
from csi_train.records import Classified, Seed, write_rows
from csi_train.run import Run, write_text

log = logging.getLogger(__name__)


def main(run: Run) -> dict[str, Any]:
    """Write categories.jsonl, in the order of the rows, and stats.json; returns the figures.

    Raises RunError, after writing all the same, where nothing has a category.
    """
    recipe, folder = run.recipe, run.folder / "classify"
    assert recipe.classify is not None
    seeds = sources.read(recipe.given, recipe.seed)
    found = parts.load("classifiers", recipe.classify.type).classify(seeds, recipe.classify, run)
    counts = Counter(row.category for row in found)
    without = counts.pop(None, 0)
    figures = {"seeds": len(found), "categories": dict(counts.most_common()), "unclassified": without}
    write_rows(folder / "categories.jsonl", found)
    write_text(folder / "stats.json", json.dumps(figures, indent=1, ensure_ascii=False))
    told = f"{without} of {len(found)} seeds have no category: see {folder / 'categories.jsonl'}"
    if not counts:
        raise RunError(
            told, "does the server hold replies to a schema? name another classify.model, or raise max_tokens"
        )
    if without:
        log.warning("%s", told)
    return figures


def rows(run: Run) -> list[Seed]:
    """The rows that a run starts from, with their categories where a classifier was to find them.

    Raises RunError where it has not seen one of them.
    """
    seeds = sources.read(run.recipe.given, run.recipe.seed)
    if run.recipe.classify is None:
        return seeds
    found = {row.question: row.category for row in run.rows("classify", "categories.jsonl", Classified)}
    if missing := [seed.id for seed in seeds if seed.question not in found]:
        raise run.lacks("classify", f"{len(missing)} of {len(seeds)} seeds are not sorted, such as {missing[0]}")
    return [replace(seed, category=found[seed.question]) for seed in seeds]
