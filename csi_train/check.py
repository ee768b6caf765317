"""What can be known to be wrong with a recipe before anything is loaded; no torch, under a second.

The schema knows keys, types and ranges. The rules here know files, models, other libraries' keys, and which sections
need each other. A rule yields (key, message) for each problem it finds.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from csi_train import known_names, order, parts, recipe_file, sizes, sources
from csi_train.adapters import models
from csi_train.engines import server
from csi_train.errors import CsiError, EngineError, RecipeError
from csi_train.filters import Context
from csi_train.filters.votes import Votes
from csi_train.parts import nearest
from csi_train.recipe import Fields, Generate, Recipe, Source
from csi_train.recipe_file import Problem
from csi_train.records import Pair, Seed
from csi_train.sources.rows import HUB_FILE
from csi_train.stages import generate
from csi_train.trainers import arguments, launch
from csi_train.yaml_tree import Key

Problems = Iterator[Problem]

NOT_SET_HERE = {
    "model": "generate.model, sample.model and model name the models",
    "seed": "set `seed` at the top of the recipe",
    "trust_remote_code": "code that comes with a model is never run",
}
"""vLLM's arguments that are not the recipe's to set."""


def load(path: Path | str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, fit to run as far as can be told; raises RecipeError listing every problem."""
    recipe, source = recipe_file.read(path, overrides)
    if found := list(problems(recipe)):
        raise source.refusal(found)
    return recipe


def problems(recipe: Recipe) -> Problems:
    """Everything wrong with a recipe that its schema cannot know."""
    kind = (_votes, _labels) if recipe.verifiable else (_instructions,)
    rules = (_rows, _method, _models, _engine, _lengths, _filters, *kind, _rewards, _training, _evaluation, _judges)
    for rule in rules:
        yield from rule(recipe)


def _rows(recipe: Recipe) -> Problems:
    """Local files of rows can be read, and hold as many seeds as are shown at once."""
    problem, _ = _first(recipe.data)
    if problem:
        yield ("data", "path"), problem
    problem, seeds = _first(recipe.seeds)
    if problem:
        yield ("seeds", "path"), problem
    if recipe.generate and seeds is not None:
        wanted = recipe.generate.shots + recipe.generate.seeds_per_prompt
        if wanted > len(seeds):
            yield ("generate", "shots"), f"{wanted} seeds are needed for a prompt, and there are only {len(seeds)}"
        else:
            yield from _categories(recipe.generate, seeds)
    number = len(seeds or ())
    if recipe.sample and recipe.sample.shots > number and (seeds is not None or recipe.seeds is None):
        yield ("sample", "shots"), f"shots are shown from the seeds, and there are only {number}"


def _categories(section: Generate, seeds: list[Seed]) -> Problems:
    """Some category has as many seeds as are shown together."""
    try:
        generate.pool(seeds[section.shots :], section)
    except RecipeError as error:
        yield ("generate", "seeds_per_prompt"), _line(error)


def _first(source: Source | None) -> tuple[str | None, list[Seed] | None]:
    """What is wrong with the first thousand rows of a local file, or else those rows; None where unknown."""
    if source is None or source.path is None:
        return None, None
    if (problem := _no_file(source.path)) or source.path.endswith(".parquet"):
        return problem, None
    few = source.model_copy(update={"limit": min(source.limit or 1000, 1000)})
    try:
        return None, sources.read(few)
    except CsiError as error:
        return _line(error), None


def _method(recipe: Recipe) -> Problems:
    """The method itself says whether it has such a form, by writing its prompt for a seed of the kind to come."""
    if not (section := recipe.generate) or not recipe.seeds:
        return
    if section.template and (problem := _no_file(section.template)):
        yield ("generate", "template"), problem
        return
    text = Path(section.template).read_text(encoding="utf-8") if section.template else None
    fields = recipe.seeds.fields
    seed = Seed(id="of seeds", question="?", answer=fields.answer and "?", solution=fields.solution and "?")
    try:
        method = parts.load("methods", section.method)
        method.prompt([seed] * section.seeds_per_prompt, [seed] * section.shots, text)
    except RecipeError as error:
        yield ("generate", "shots" if section.shots else "template"), _line(error)
        return
    if method.VERIFIABLE and not recipe.verifiable:
        fitting = "long_cot, short_cot or no_cot write instructions; or take out verifiable: false"
        yield ("generate", "method"), f"{section.method} writes questions that have an answer to check; {fitting}"
    if recipe.verifiable and not method.VERIFIABLE:
        problem = f"{section.method} writes instructions, which have no answer to check"
        yield ("generate", "method"), f"{problem}; say verifiable: false at the top, or take cot_self_instruct"


def _models(recipe: Recipe) -> Problems:
    """Those that are loaded here; of a served one only its server knows the name."""
    if recipe.sample and recipe.sample_model is None:
        yield ("sample", "model"), "is required where no generate section names a model"
    named: dict[Key, str | None] = {("model",): recipe.model}
    if recipe.generate:
        named["generate", "model"] = recipe.generate.model
    if recipe.sample:
        named["sample", "model"] = recipe.sample.model
    if recipe.served:
        named = {("model",): recipe.base_model} if any(entry.model is None for entry in recipe.train[:1]) else {}
    for n, entry in enumerate(recipe.train):
        named["train", n, "model"] = getattr(entry, "model", None)
        named["train", n, "reward", "model"] = getattr(getattr(entry, "reward", None), "model", None)
    for key, name in named.items():
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
    """A server's key, and what no server has; vLLM's own argument names."""
    if recipe.served and recipe.train and recipe.evaluate:
        yield ("evaluate",), "the server does not have the models trained here; evaluate them with engine: {type: vllm}"
    yield from _one_engine(("engine",), recipe.engine)
    for n, entry in enumerate(recipe.judge):
        if hasattr(entry, "engine"):
            yield from _one_engine(("judge", n, "engine"), entry.engine)


def _one_engine(key: Key, params: Any) -> Problems:
    if params.type == "server":
        try:
            server.key(params)
        except EngineError as error:
            yield (*key, "api_key_env"), _line(error)
    if params.type != "vllm" or not params.args:
        return
    known = known_names.vllm_arguments()
    for name in params.args:
        if name in NOT_SET_HERE:
            yield (*key, "args", name), NOT_SET_HERE[name]
        elif known and name not in known:
            yield (*key, "args", name), f"vLLM has no argument {name!r}; {nearest(name, known)}"


def _lengths(recipe: Recipe) -> Problems:
    """A reply must fit into the model's context, beside its prompt."""
    used = {
        "generate": recipe.generate.model if recipe.generate else None,
        "sample": recipe.sample_model,
        "evaluate": recipe.base_model,
    }
    for name, model in used.items():
        section, room = getattr(recipe, name), getattr(recipe.engine, "args", {}).get("max_model_len")
        if section and model and room is None and not recipe.served and (size := sizes.of(model)):
            room = size.context
        if section and isinstance(room, int) and section.sampling.max_tokens >= room:
            problem = f"{section.sampling.max_tokens} leaves no room for a prompt in a context of {room} tokens"
            yield (name, "sampling", "max_tokens"), problem


def _filters(recipe: Recipe) -> Problems:
    """A filter itself says what it cannot do without, when it judges nothing."""
    seeds = [Seed(id="", question="?")] if recipe.seeds else []
    context = Context(seeds, {"": ["?"]} if recipe.evaluate else {}, recipe.verifiable, recipe.reward is not None)
    for n, params in enumerate(recipe.filter):
        try:
            parts.load("filters", params.type).judge([], params, context)
        except RecipeError as error:
            yield ("filter", n), _line(error)


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
            yield key, f"{params.type} checks the written answers, which label: {recipe.label} replaces"
        elif module.decide(Votes(recipe.sample.k, right=0 if writes else None), params) is False:
            yield key, f"no {recipe.sample.k} votes can pass {params.type}; widen its bounds, or raise sample.k"
    if recipe.sample and recipe.sample.early_stop != "off" and not voting and recipe.label != "majority":
        yield ("sample", "early_stop"), "nothing votes, so nothing can stop early; add a voting filter or say off"


def _labels(recipe: Recipe) -> Problems:
    if recipe.label == "written" and not _writes_answers(recipe) and recipe.train:
        yield ("label",), "there are no written answers to train on; label: majority (of the sampled answers)"
    if recipe.label != "written" and recipe.sample is None:
        yield ("label",), f"{recipe.label!r} is chosen from sampled answers; add a sample section"
    if recipe.label == "reward" and recipe.reward is None:
        yield ("label",), "label: reward takes the answer that scores best; add a reward section"


def _instructions(recipe: Recipe) -> Problems:
    """What cannot be with `verifiable: false`: no answer is there to vote on, to label with, or to check."""
    for n, params in enumerate(recipe.filter):
        if hasattr(parts.load("filters", params.type), "decide"):
            problem = f"{params.type} votes over answers, and with verifiable: false there are none"
            yield ("filter", n), f"{problem}; take it out (rip filters by rewards)"
    if recipe.label != "written":
        yield ("label",), f"with verifiable: false nothing is labelled; take out label: {recipe.label}"
    if recipe.sample and recipe.sample.early_stop != "off":
        yield ("sample", "early_stop"), "with verifiable: false no vote ends early; say off"
    for n, entry in enumerate(recipe.train):
        if entry.type == "grpo":
            problem = "grpo rewards right answers, and with verifiable: false there are none to check"
            yield ("train", n), f"{problem}; learn from rewards by dpo or online_dpo"


def _rewards(recipe: Recipe) -> Problems:
    """A reward scores what was sampled, all of it; pairs are chosen by rewards, or stand in the data."""
    fields = recipe.data.fields if recipe.data else Fields()
    if recipe.reward and recipe.sample is None:
        yield ("reward",), "scores sampled responses; add a sample section"
    if recipe.reward and recipe.sample and recipe.verifiable and recipe.sample.early_stop != "off":
        yield ("sample", "early_stop"), "the reward is to see all k responses to a problem; say off"
    if (fields.chosen is None) != (fields.rejected is None):
        yield ("data", "fields"), "a pair has two columns; name both chosen and rejected, or neither"
    elif recipe.pair and recipe.reward is None and fields.chosen is None:
        places = "add a reward (and sample) section, or name data.fields.chosen and data.fields.rejected"
        yield ("pair",), f"pairs are chosen by the rewards of sampled responses; {places}"


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
            yield (*key, "launch"), _line(error)
        sampled = recipe.sample if recipe.verifiable else recipe.reward
        if entry.type == "sft" and not sampled and not (recipe.data and recipe.data.fields.solution):
            section = "sample" if recipe.verifiable else "reward (and sample)"
            yield key, f"sft learns from worked answers; add a {section} section, or name data.fields.solution"
        if parts.load("trainers", entry.type).ROWS is Pair and recipe.pair is None:
            yield key, f"{entry.type} learns from pairs; add a pair section"
        if n and recipe.train[n - 1].type == "reward_model" and not entry.model:
            yield key, f"{entry.type} would start from the reward model before it; name its model"


def _evaluation(recipe: Recipe) -> Problems:
    """Task names, and the files that stand in for their hub data."""
    if recipe.evaluate is None:
        return
    folder = Path(recipe.evaluate.include_path)
    if not folder.is_dir():
        yield ("evaluate", "include_path"), f"no such folder: {folder.absolute()}"
        return
    ours = known_names.tasks_in(folder)
    for n, task in enumerate(recipe.evaluate.tasks):
        if task not in ours:
            hint = "lm-eval's own tasks score one sample; evals/utils.py says how to write one that scores k"
            yield ("evaluate", "tasks", n), f"no task {task!r} in {folder}; {nearest(task, ours)} ({hint})"
    for task, file in recipe.evaluate.data_files.items():
        if task not in recipe.evaluate.tasks:
            yield ("evaluate", "data_files", task), f"not a task of this recipe; {nearest(task, recipe.evaluate.tasks)}"
        if problem := _no_file(file):
            yield ("evaluate", "data_files", task), problem


def _judges(recipe: Recipe) -> Problems:
    """A judge reads what the evaluation of its task leaves, beside a baseline that is there."""
    rows = order.rows(recipe)
    for n, entry in enumerate(recipe.judge):
        key: Key = ("judge", n)
        if recipe.evaluate is None or entry.task not in recipe.evaluate.tasks:
            yield (*key, "task"), f"judges the responses to {entry.task}; add that to evaluate.tasks, with repeats: 1"
        if entry.type == "reward":
            if recipe.reward is None:
                yield key, "scores with the recipe's reward; add a reward section"
            continue
        if entry.engine.type == "vllm" and (problem := _model(entry.model)):
            yield (*key, "model"), problem
        if entry.baseline in rows:
            if len(rows) == 1:
                yield (*key, "baseline"), f"{entry.baseline} is the only row of this run; name a file of outputs"
        elif not entry.baseline.startswith(HUB_FILE) and (problem := _no_file(entry.baseline)):
            yield (*key, "baseline"), f"{problem}; or a row of this run: {', '.join(rows) or 'none'}"
        difficulty = getattr(entry, "instruction_difficulty", None)
        if difficulty not in (None, "hub") and (problem := _no_file(difficulty)):
            yield (*key, "instruction_difficulty"), problem


def _no_file(path: str) -> str | None:
    if Path(path).is_file():
        return None
    beside = [str(p) for p in sorted(Path(path).parent.glob("*"))[:200] if p.is_file()]
    return f"no such file: {path}; {nearest(path, beside)} (paths start at the current folder)"


def _line(error: CsiError) -> str:
    return "; ".join(filter(None, (str(error.args[0]), error.hint)))
