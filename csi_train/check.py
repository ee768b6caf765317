"""What can be known to be wrong with a recipe before anything is loaded; no torch, under a second.

The schema knows keys, types and ranges. The rules here know files, models, other libraries' keys, and which sections
need each other. A rule yields (key, message) for each problem it finds.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from csi_train import parts, recipe_file, sources
from csi_train.adapters import models
from csi_train.errors import CsiError, RecipeError
from csi_train.filters import Context
from csi_train.filters.votes import Votes
from csi_train.parts import nearest
from csi_train.recipe import Recipe, Source
from csi_train.recipe_file import Key
from csi_train.records import Seed
from csi_train.trainers import arguments, launch

Problems = Iterator[tuple[Key, str]]


def load(path: Path | str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, fit to run as far as can be told; raises RecipeError listing every problem."""
    recipe, source = recipe_file.read(path, overrides)
    if found := list(problems(recipe)):
        raise source.refusal(found)
    return recipe


def problems(recipe: Recipe) -> Problems:
    """Everything wrong with a recipe that its schema cannot know."""
    for rule in (_rows, _models, _engine, _lengths, _filters, _votes, _labels, _training, _evaluation):
        yield from rule(recipe)


def _rows(recipe: Recipe) -> Problems:
    """The first rows of local files, read as a run would read them; as many of them as are asked for at once."""
    data, _ = _first(recipe.data)
    if data:
        yield ("data", "path"), data
    seeds, number = _first(recipe.seeds)
    if seeds:
        yield ("seeds", "path"), seeds
    drawn = recipe.generate.seeds_per_prompt if recipe.generate else 0
    for name, section, more in (("generate", recipe.generate, drawn), ("sample", recipe.sample, 0)):
        if section and number is not None and section.shots + more > number:
            yield (name, "shots"), f"{section.shots + more} seeds are needed, and there are only {number}"
    if recipe.sample and recipe.sample.shots and recipe.seeds is None:
        yield ("sample", "shots"), "shots are shown from the seeds; add a seeds section, or leave shots out"
    yield from _method(recipe)


def _first(source: Source | None) -> tuple[str | None, int | None]:
    """What is wrong with the first thousand rows of a local file, or else how many there are; None is unknown."""
    if source is None or source.path is None or (source.path.endswith(".parquet") and Path(source.path).is_file()):
        return None, None
    few = source.model_copy(update={"limit": min(source.limit or 1000, 1000)})
    try:
        return None, len(sources.read(few))
    except CsiError as error:
        return f"{error.args[0]}; {error.hint}", None


def _method(recipe: Recipe) -> Problems:
    """The method itself says whether it has such a form, by writing its prompt for a seed of the kind to come."""
    if not (section := recipe.generate) or not recipe.seeds:
        return
    if section.template and not Path(section.template).is_file():
        yield from _missing(("generate", "template"), section.template)
        return
    text = Path(section.template).read_text(encoding="utf-8") if section.template else None
    fields = recipe.seeds.fields
    seed = Seed(id="of seeds", question="?", answer=fields.answer and "?", solution=fields.solution and "?")
    try:
        method = parts.load("methods", section.method)
        method.prompt([seed] * section.seeds_per_prompt, [seed] * section.shots, text)
    except RecipeError as error:
        yield ("generate", "shots" if section.shots else "template"), f"{error.args[0]}; {error.hint}"


def _models(recipe: Recipe) -> Problems:
    named: list[tuple[Key, Any]] = [
        (("model",), recipe.model),
        (("generate", "model"), recipe.generate and recipe.generate.model),
        (("sample", "model"), recipe.sample and recipe.sample.model),
        *((("train", n, "model"), getattr(entry, "model", None)) for n, entry in enumerate(recipe.train)),
    ]
    for key, name in named:
        if name is not None and (problem := _model(name)):
            yield key, problem


def _model(name: str) -> str | None:
    folder = Path(name)
    if name == models.EMBEDDED:
        return None
    if not folder.is_dir():
        hub_id = re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", name) and not name.startswith(".")
        return None if hub_id else f"no model folder {name!r}; a folder, a hub id org/name, or {models.EMBEDDED}"
    if not (folder / "config.json").is_file():
        return f"{name} holds no config.json, so it is no model; name the folder that does"
    return None if any(folder.glob("*.safetensors")) else f"{name} holds no *.safetensors; convert the weights first"


def _engine(recipe: Recipe) -> Problems:
    """vLLM's keys, read from its source: importing it would take seconds."""
    args = getattr(recipe.engine, "args", {})
    found = importlib.util.find_spec("vllm") if recipe.engine.type == "vllm" and args else None
    if found is None or found.origin is None:
        return
    known = _fields(Path(found.origin).parent / "engine" / "arg_utils.py", "EngineArgs")
    for name in args:
        if name in ("model", "seed", "trust_remote_code"):
            yield ("engine", "args", name), "is not for a recipe to set here: csi_train sets it"
        elif name not in known:
            yield ("engine", "args", name), f"vLLM has no argument {name!r}; {nearest(name, known)}"


def _fields(source: Path, name: str) -> list[str]:
    """The fields of a dataclass, from its source."""
    body = ast.parse(source.read_text(encoding="utf-8")).body
    found = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == name)
    return [
        line.target.id for line in found.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    ]


def _lengths(recipe: Recipe) -> Problems:
    """A reply must fit beside its prompt."""
    room = getattr(recipe.engine, "args", {}).get("max_model_len")
    for name in ("generate", "sample", "evaluate"):
        section = getattr(recipe, name)
        if section and isinstance(room, int) and section.sampling.max_tokens >= room:
            key = (name, "sampling", "max_tokens")
            yield key, f"{section.sampling.max_tokens} leaves no room for a prompt in engine.args.max_model_len {room}"


def _filters(recipe: Recipe) -> Problems:
    """A filter itself says what it cannot do without, when it judges nothing."""
    seeds = [Seed(id="", question="?")] if recipe.seeds else []
    benchmarks = {"": ["?"]} if recipe.evaluate else {}
    for n, params in enumerate(recipe.filter):
        try:
            parts.load("filters", params.type).judge([], params, Context(seeds, benchmarks))
        except RecipeError as error:
            yield ("filter", n), f"{error.args[0]}; {error.hint}"


def _votes(recipe: Recipe) -> Problems:
    """Filters that vote need samples, some of them a written answer; and only what is voted can stop early."""
    writes = _writes_answers(recipe)
    voting = [
        (("filter", n), module, params)
        for n, params in enumerate(recipe.filter)
        if hasattr(module := parts.load("filters", params.type), "decide")
    ]
    for key, module, params in voting:
        if recipe.sample is None:
            yield key, f"{params.type} votes over sampled answers; add a sample section"
            continue
        needs_written = module.decide(Votes(recipe.sample.k), params) is False
        if needs_written and not writes:
            yield key, f"{params.type} drops every problem without a written answer, and none has one here"
        elif needs_written and recipe.label != "written":
            yield (
                key,
                f"{params.type} checks the written answers, which label {recipe.label!r} replaces",
            )
        elif module.decide(Votes(recipe.sample.k, right=0 if writes else None), params) is False:
            yield key, f"no {recipe.sample.k} votes can pass {params.type}; widen its bounds, or raise sample.k"
    if recipe.sample and recipe.sample.early_stop != "off" and not voting and recipe.label != "majority":
        yield ("sample", "early_stop"), "nothing votes, so nothing can stop early; add a voting filter or say off"


def _labels(recipe: Recipe) -> Problems:
    if recipe.label == "written" and not _writes_answers(recipe) and recipe.train:
        yield ("label",), "there are no written answers to train on; label: majority (of the sampled answers)"
    if recipe.label != "written" and recipe.sample is None:
        yield ("label",), f"{recipe.label!r} is chosen from sampled answers; add a sample section"
    if recipe.sample and recipe.sample_model is None:
        yield ("sample", "model"), "is required where no generate section names a model"


def _writes_answers(recipe: Recipe) -> bool:
    if recipe.generate is None:
        return recipe.data is not None and recipe.data.fields.answer is not None
    return bool(parts.load("methods", recipe.generate.method).ANSWERED)


def _training(recipe: Recipe) -> Problems:
    """The launch file, TRL's own argument names and rules, and something to learn from."""
    for n, entry in enumerate(recipe.train):
        key: Key = ("train", n)
        try:
            for problem in arguments.check(entry.type, entry.args, launch.processes(entry.launch)):
                named = [name for name in entry.args if re.search(rf"\b{re.escape(name)}\b", problem)]
                yield (*key, "args", *named[:1]), problem
        except RecipeError as error:
            yield (*key, "launch"), f"{error.args[0]}; {error.hint}"
        worked = recipe.sample or (recipe.data and recipe.data.fields.solution)
        if entry.type == "sft" and not worked:
            yield key, "sft learns from worked answers; add a sample section, or name data.fields.solution"


def _evaluation(recipe: Recipe) -> Problems:
    """Task names, and the files that stand in for their hub data."""
    if recipe.evaluate is None:
        return
    folder = Path(recipe.evaluate.include_path)
    if not folder.is_dir():
        yield ("evaluate", "include_path"), f"no such folder: {folder.absolute()}"
        return
    ours = _tasks(folder)
    unknown = [n for n, task in enumerate(recipe.evaluate.tasks) if task not in ours]
    theirs = _tasks(*_lm_eval_tasks()) if unknown else set()
    for n in unknown:
        task = recipe.evaluate.tasks[n]
        if task not in theirs:
            yield ("evaluate", "tasks", n), f"no task {task!r} in {folder} or lm-eval; {nearest(task, ours)}"
        elif task not in recipe.evaluate.data_files and any(f.type == "decontaminate" for f in recipe.filter):
            yield ("evaluate", "tasks", n), "decontaminate needs its questions; name a file under evaluate.data_files"
    for task, file in recipe.evaluate.data_files.items():
        if task not in recipe.evaluate.tasks:
            yield ("evaluate", "data_files", task), f"not a task of this recipe; {nearest(task, recipe.evaluate.tasks)}"
        yield from _missing(("evaluate", "data_files", task), file)


def _tasks(*folders: Path) -> set[str]:
    """The names that the YAML files below give to tasks and groups of tasks."""
    name = re.compile(r"^(?:task|group|tag): *['\"]?([\w.-]+)", re.MULTILINE)
    files = (file for folder in folders for file in folder.rglob("*.yaml"))
    return {task for file in files for task in name.findall(file.read_text(encoding="utf-8"))}


def _lm_eval_tasks() -> Iterator[Path]:
    found = importlib.util.find_spec("lm_eval")
    if found and found.origin:
        yield Path(found.origin).parent / "tasks"


def _missing(key: Key, path: str) -> Problems:
    if not Path(path).is_file():
        beside = [str(p) for p in Path(path).parent.glob("*") if p.is_file()]
        yield key, f"no such file: {path}; {nearest(path, beside[:200])} (paths start at the current folder)"
