"""Which stages a recipe has, in which order, and what each depends on: the whole of what can make it stale."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train.recipe import Recipe


@dataclass(frozen=True)
class Stage:
    """One stage: its name is its folder. `key` hashes its part of the recipe, its input files and the stages before it."""

    name: str
    key: str
    after: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The module under `stages/`: train for train/sft."""
        return self.name.partition("/")[0]


def stages(recipe: Recipe) -> list[Stage]:
    """The stages of a recipe in running order."""
    done: dict[str, Stage] = {}
    for name, after, inputs in _parts(recipe):
        before = tuple(a for a in after if a in done)
        text = json.dumps([name, inputs, [done[a].key for a in before]], default=_plain, sort_keys=True)
        done[name] = Stage(name, hashlib.sha256(text.encode()).hexdigest()[:16], before)
    return list(done.values())


def rows(recipe: Recipe) -> dict[str, str]:
    """The rows of the final table: name → model, or the train entry that leaves it."""
    if recipe.evaluate is None:
        return {}
    trained = {entry.type: f"train/{entry.type}" for entry in recipe.train}
    few_shot = {"base_fewshot": recipe.base_model} if recipe.evaluate.shots else {}
    return {"base": recipe.base_model, **few_shot, **trained}


def _parts(recipe: Recipe) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """(name, the stages it reads, what else it depends on) of each stage."""
    r = recipe
    if r.generate:
        yield (
            "generate",
            (),
            [r.seed, r.engine, r.seeds, _file(r.seeds and r.seeds.path), r.generate, _file(r.generate.template)],
        )
    votes = [r.filter, r.label] if r.sample and r.sample.early_stop != "off" else []
    data = [r.data, _file(r.data and r.data.path)]
    if r.sample:
        yield "sample", ("generate",), [r.seed, r.engine, r.sample, r.sample_model, votes, data]
    yield (
        "filter",
        ("generate", "sample"),
        [r.seed, r.filter, r.label, data, r.evaluate and (r.evaluate.tasks, r.evaluate.data_files)],
    )
    last = "filter"
    for entry in r.train:
        yield f"train/{entry.type}", ("filter", last), [r.seed, entry, r.base_model, _file(entry.launch)]
        last = f"train/{entry.type}"
    for row, model in rows(r).items():
        yield f"evaluate/{row}", (model,), [r.seed, r.engine, r.evaluate, row, model]


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json")


def _file(path: str | None) -> str | None:
    """The hash of an input file's bytes; None for no file."""
    if path is None or not Path(path).is_file():
        return None
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
