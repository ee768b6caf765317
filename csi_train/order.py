"""Which stages a recipe has, in which order, and what each depends on: the whole of what can make it stale."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi_train import parts
from csi_train.recipe import Recipe, Source
from csi_train.yaml_tree import Key


@dataclass(frozen=True)
class Stage:
    """One stage; its name is its folder. `key` hashes its part of the recipe, its files and the stages before it."""

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


def stage(recipe: Recipe, name: str) -> Stage:
    """The stage of this name, which the recipe has."""
    return next(found for found in stages(recipe) if found.name == name)


def rows(recipe: Recipe) -> dict[str, str]:
    """The rows of the final table: name → model, or the train entry that leaves it. A reward model answers nothing."""
    if recipe.evaluate is None:
        return {}
    trained = {entry.type: f"train/{entry.type}" for entry in recipe.train if entry.type != "reward_model"}
    few_shot = {"base_fewshot": recipe.base_model} if recipe.evaluate.shots else {}
    return {"base": recipe.base_model, **few_shot, **trained}


def stage_at(recipe: Recipe, key: Key) -> str:
    """The stage that a section of the recipe belongs to, by the section's key: ("train", 0) is train/sft."""
    section, *rest = key
    match section:
        case "train":
            return f"train/{recipe.train[int(rest[0])].type}"
        case "judge":
            return f"judge/{list(judges(recipe))[int(rest[0])]}"
        case "reward":
            return "score"
        case "evaluate":
            return "evaluate/base"
    return str(section)


def judges(recipe: Recipe) -> dict[str, Any]:
    """The judges by name, the folder of their results under judge/."""
    return {entry.name or entry.type: entry for entry in recipe.judge}


def _parts(recipe: Recipe) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """(name, the stages it reads, what else it depends on) of each stage."""
    r = recipe
    seeds, data = [r.seeds, _source(r.seeds)], [r.data, _source(r.data)]
    tests = r.evaluate and [r.evaluate.tasks, _files(Path(r.evaluate.include_path), *r.evaluate.data_files.values())]
    if r.classify:
        prompt = getattr(parts.load("classifiers", r.classify.type), "TEMPLATE", None)
        own = [r.classify, prompt, _model(r.classify_model)]
        yield "classify", (), [r.seed, own, seeds if r.generate else data]
    if r.generate:
        own = [_files(r.generate.template), _model(r.generate.model)]
        yield "generate", ("classify",), [r.seed, seeds, r.generate, own]
    if r.sample:
        votes = [r.filter, r.label] if r.sample.early_stop != "off" else []
        own = [r.sample, r.verifiable, _model(r.sample_model)]
        yield "sample", ("generate",), [r.seed, own, seeds, data, votes]
    if r.reward:
        yield "score", ("sample",), _reward(r.reward)
    yield "filter", ("classify", "generate", "sample", "score"), [r.seed, r.filter, r.label, r.verifiable, data, tests]
    if r.pair:
        yield "pair", ("filter",), [r.seed, r.pair]
    last = "pair" if r.pair else "filter"
    for entry in r.train:
        own = [entry, _files(entry.launch), _model(entry.model or r.base_model)]
        yield f"train/{entry.type}", ("filter", "pair", last), [r.seed, own, _reward(getattr(entry, "reward", None))]
        last = f"train/{entry.type}"
    for row, model in rows(r).items():
        yield f"evaluate/{row}", (model,), [r.seed, r.evaluate, row, _model(model), tests]
    for name, entry in judges(r).items():
        prompt = getattr(parts.load("judging", entry.type), "TEMPLATE", None) or _reward(r.reward)
        read = _files(getattr(entry, "baseline", None), getattr(entry, "instruction_difficulty", None))
        yield (
            f"judge/{name}",
            tuple(f"evaluate/{row}" for row in rows(r)),
            [r.seed, entry, _model(getattr(entry, "model", None)), prompt, read],
        )


def _plain(value: Any) -> Any:
    """A section as JSON; with one of your own modules, the text of that."""
    module = sys.modules[type(value).__module__]
    own = [] if module.__name__.partition(".")[0] == "csi_train" else _files(module.__file__)
    return [value.model_dump(mode="json"), *own]


def _reward(params: Any) -> Any:
    """What decides the scores: the reward's keys, its model, and the prompt of one that asks a language model."""
    if params is None:
        return None
    prompt = getattr(parts.load("rewards", params.type), "TEMPLATE", None)
    return [params, _model(getattr(params, "model", None)), prompt]


def _source(source: Source | None) -> Any:
    return _files(source.path) if source else None


def _model(name: str | None) -> Any:
    """A model by name; of a local folder also the size and time of each file: hashing gigabytes takes minutes."""
    found = sorted(Path(name).glob("*")) if name else []
    return [name, [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in found if file.is_file()]]


def _files(*paths: str | Path | None) -> list[str]:
    """The hash of each input file; of a folder, those of all the files in it."""
    found = [Path(path) for path in paths if path is not None]
    files = [f for path in found for f in (sorted(path.rglob("*.*")) if path.is_dir() else [path]) if f.is_file()]
    return [hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.suffix != ".pyc"]
