"""What a run would do and need, before any of it is started: upper bounds, and None where something is not known."""

import math
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from csi_train import order, pipeline, sizes, sources
from csi_train.recipe import Evaluate, Recipe
from csi_train.run import Run
from csi_train.store import Store, Usage
from csi_train.trainers import launch
from csi_train.trainers.params import TrainerParams

TRL = {"per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "num_train_epochs": 3.0, "max_steps": -1}
GRPO = {"num_generations": 8, "max_completion_length": 512}
"""What the libraries do where a recipe is silent (transformers/training_args.py, trl/trainer/grpo_config.py)."""

BFLOAT16, FLOAT32 = 2, 4


@dataclass(frozen=True)
class Step:
    """A stage: requests and written tokens at most; `expected` tokens by the mean length of what is stored already."""

    name: str
    state: str
    requests: int | None = None
    tokens: int | None = None
    expected: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Need:
    """The memory or disk that one thing takes, in bytes."""

    what: str
    bytes: int | None
    note: str


@dataclass(frozen=True)
class Plan:
    """A whole run: its stages in order, memory by model and training, disk by what fills it."""

    folder: str
    steps: list[Step]
    memory: list[Need]
    disk: list[Need]
    disk_free: int

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def plan(recipe: Recipe) -> Plan:
    """Reads the run folder and the store beside it, as far as they exist, and changes neither."""
    folder = recipe.folder.absolute()
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    usage = _usage(recipe)
    steps = [_step(recipe, stage, state, usage) for stage, state in pipeline.status(Run(recipe.folder, recipe))]
    free = shutil.disk_usage(there).free
    return Plan(str(recipe.folder), steps, list(_memory(recipe)), list(_disk(recipe, steps)), free)


def _usage(recipe: Recipe) -> dict[str, Usage]:
    file = Path(recipe.runs) / "store.sqlite"
    if not file.is_file():
        return {}
    store = Store(file)
    try:
        return store.usage()
    finally:
        store.close()


def _step(recipe: Recipe, stage: order.Stage, state: str, usage: dict[str, Usage]) -> Step:
    requests, length, note = _work(recipe, stage)
    tokens = None if requests is None else requests * length
    known = usage.get(stage.kind)
    expected = round(requests * known.tokens) if requests and known else None
    return Step(stage.name, state, requests, tokens, expected, note)


def _work(recipe: Recipe, stage: order.Stage) -> tuple[int | None, int, str]:
    """Of a stage: requests at most, tokens of one at most, and what is to be said of that."""
    rows = _rows(recipe)
    match stage.kind:
        case "generate" if recipe.generate:
            section = recipe.generate
            calls = math.ceil(section.problems * section.max_calls_per_problem)
            return calls, section.sampling.max_tokens, f"at least {count(section.problems)} requests"
        case "sample" if recipe.sample:
            early = "" if recipe.sample.early_stop == "off" else "fewer by early stopping"
            return rows and rows * recipe.sample.k, recipe.sample.sampling.max_tokens, early
        case "train":
            return _training(next(t for t in recipe.train if f"train/{t.type}" == stage.name), rows)
        case "evaluate" if recipe.evaluate:
            documents = _documents(recipe.evaluate)
            note = f"{recipe.evaluate.repeats} a document" + ("" if documents else "; hub data, number unknown")
            requests = documents and documents * recipe.evaluate.repeats
            return requests, recipe.evaluate.sampling.max_tokens, note
    return 0, 0, ""


def _rows(recipe: Recipe) -> int | None:
    """How many problems there are to answer and to train on, before the filters."""
    if recipe.generate:
        return recipe.generate.problems
    if recipe.data and recipe.data.path and Path(recipe.data.path).is_file():
        return len(sources.read(recipe.data, recipe.seed))
    return recipe.data.limit if recipe.data else None


def _training(entry: TrainerParams, rows: int | None) -> tuple[int | None, int, str]:
    """GRPO samples its rollouts anew in each step; SFT asks for nothing."""
    args = TRL | GRPO | entry.args
    batch = args["per_device_train_batch_size"] * args["gradient_accumulation_steps"] * launch.processes(entry.launch)
    grpo = getattr(entry, "type", "") == "grpo"
    steps = args["max_steps"] if args["max_steps"] > 0 else None
    if steps is None and rows:
        steps = math.ceil(args["num_train_epochs"] * rows * (args["num_generations"] if grpo else 1) / batch)
    note = "steps unknown" if steps is None else f"{count(steps)} steps of {batch}"
    if not grpo:
        return 0, 0, note
    return steps and steps * batch, args["max_completion_length"], note + " rollouts"


def _documents(section: Evaluate) -> int | None:
    """The documents of all tasks; None where one of them lies on the hub."""
    found = [_task_documents(section, task) for task in section.tasks]
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


def _task_documents(section: Evaluate, task: str) -> int | None:
    path = section.data_files.get(task) or _own_file(Path(section.include_path) / f"{task}.yaml")
    if not path or not str(path).endswith(".jsonl"):
        return section.limit
    with Path(path).open("rb") as file:
        number = sum(1 for line in file if line.strip())
    return min(number, section.limit or number)


def _own_file(task: Path) -> Path | None:
    """The test file that a task's YAML names, if it names one."""
    if not task.is_file():
        return None
    tree: Any = yaml.compose(task.read_text(encoding="utf-8"), yaml.SafeLoader)
    for name in ("dataset_kwargs", "data_files", "test"):
        tree = tree and next((value for key, value in tree.value if key.value == name), None)
    return task.parent / tree.value if tree else None


def _memory(recipe: Recipe) -> Iterator[Need]:
    """Weights and KV cache of each model that answers; weights, gradients and optimizer of each that is trained."""
    written = [recipe.generate.model] if recipe.generate else []
    sampled = [recipe.sample_model] if recipe.sample and recipe.sample_model else []
    scored = [recipe.base_model] if recipe.evaluate else []
    for model in dict.fromkeys([*written, *sampled, *scored]):
        yield _serving(model, getattr(recipe.engine, "args", {}))
    for entry in recipe.train:
        yield _train_memory(entry, sizes.of(entry.model or recipe.base_model))


def _serving(model: str, args: dict[str, Any]) -> Need:
    size = sizes.of(model)
    if size is None:
        return Need(f"run {model}", None, "not on this machine yet, so its size is not known")
    length = args.get("max_model_len", size.context)
    weights, cache = BFLOAT16 * size.parameters, size.kv_bytes * length
    note = (
        f"weights {volume(weights)} in bfloat16 + KV cache {volume(cache)} for each sequence of {count(length)} tokens"
    )
    return Need(f"run {model}", weights + cache, note)


def _train_memory(entry: Any, size: sizes.Size | None) -> Need:
    each, how = _bytes_a_parameter(entry)
    note = f"per process: {how}; activations besides"
    if entry.type == "grpo" and entry.args.get("use_vllm"):
        note += "; vLLM takes its own share (vllm_gpu_memory_utilization)"
    return Need(f"train/{entry.type}", round(each * size.parameters) if size else None, note)


def _bytes_a_parameter(entry: TrainerParams) -> tuple[float, str]:
    """Bytes per parameter that one process holds while it trains with AdamW, and what they are."""
    settings = yaml.safe_load(launch.config(entry.launch).read_text(encoding="utf-8"))
    if entry.lora:
        return BFLOAT16, "frozen weights in bfloat16; adapters and their optimizer besides"
    if settings.get("distributed_type") != "DEEPSPEED":
        return 4 * FLOAT32, "weights, gradients and two AdamW moments in float32"
    stage, n = settings["deepspeed_config"]["zero_stage"], launch.processes(entry.launch)
    shared = {0: 0, 1: 3 * FLOAT32, 2: 3 * FLOAT32 + BFLOAT16, 3: 3 * FLOAT32 + 2 * BFLOAT16}[stage]
    whole = 3 * FLOAT32 + 2 * BFLOAT16
    return whole - shared + shared / n, f"ZeRO-{stage} over {n}: bfloat16 weights and gradients, float32 AdamW"


def _disk(recipe: Recipe, steps: list[Step]) -> Iterator[Need]:
    """Completions (kept in the store and in the run folder), checkpoints, models."""
    tokens = [step.tokens for step in steps if step.name.partition("/")[0] != "train"]
    texts = None if None in tokens else 2 * 4 * sum(filter(None, tokens))
    yield Need("completions", texts, "4 bytes a token, in the store and in the run folder")
    for entry in recipe.train:
        size = sizes.of(entry.model or recipe.base_model)
        kept = 0 if entry.lora or entry.args.get("save_strategy") == "no" else entry.args.get("save_total_limit", 2)
        each = BFLOAT16 + 3 * FLOAT32 * kept
        note = f"the model in bfloat16, {kept} checkpoints with their optimizer" if kept else "the model in bfloat16"
        yield Need(f"train/{entry.type}", each * size.parameters if size else None, note)


def show(found: Plan) -> None:
    """Print a plan as three tables."""
    console = Console(highlight=False)
    console.print(f"{found.folder}, at most:\n", style="bold", markup=False)
    stages = _table("stage", "state", "requests", "tokens", "expected", "")
    for step in found.steps:
        figures = ["–" if step.requests == 0 else count(number) for number in (step.requests, step.tokens)]
        stages.add_row(step.name, step.state, *figures, count(step.expected) if step.expected else "", step.note)
    console.print(stages)
    for title, needs in (("memory", found.memory), ("disk", found.disk)):
        table = _table(title, "bytes", "")
        for need in needs:
            table.add_row(need.what, volume(need.bytes), need.note)
        console.print("", table)
    console.print(f"\n{volume(found.disk_free)} of disk are free. What is unknown is not counted.")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        right = column in ("requests", "tokens", "expected", "bytes")
        table.add_column(column, justify="right" if right else "left", no_wrap=column != "")
    return table


def count(number: int | None) -> str:
    """12345678 as `12 M`; up to 9,999 in full."""
    if number is None:
        return "unknown"
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= max(size, 10**4):
            return f"{number / size:.{0 if number >= 10 * size else 1}f} {unit}"
    return f"{number:,}"


def volume(number: int | None) -> str:
    """Bytes as `269 MB` or `2.2 GB`, in powers of ten."""
    if number is None:
        return "unknown"
    return f"{number / 10**9:.1f} GB" if number >= 10**9 else f"{number / 10**6:.0f} MB"
