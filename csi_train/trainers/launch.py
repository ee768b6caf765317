"""The `accelerate launch` command line of a training stage; a user can type the same."""

import math
import os
import sys
from pathlib import Path
from typing import Any

import yaml

from csi_train.errors import RecipeError, RunError
from csi_train.trainers.params import BATCH_SIZE, TrainerParams

KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_TOP_PAD_": str(1 << 28)}
"""glibc maps and unmaps every large tensor otherwise: a fifth of a training step is page faults (measured)."""

REPOSITORY = Path(__file__).resolve().parents[2]


def config(launch: str) -> Path:
    """The accelerate configuration file, looked for here and in the repository; raises RecipeError where it is not."""
    for place in (Path(launch), REPOSITORY / launch):
        if place.is_file():
            return place
    raise RecipeError(f"no launch file {launch}", "an accelerate configuration such as launch/cpu.yaml")


def settings(launch: str) -> dict[str, Any]:
    """What the accelerate configuration file says."""
    return yaml.safe_load(config(launch).read_text(encoding="utf-8")) or {}


def processes(params: TrainerParams) -> int:
    """How many processes to start, over all machines: the recipe's `processes`, else what the launch file says.

    Raises RecipeError where neither says, or where the file starts one process whatever it is told.
    """
    file = settings(params.launch)
    number = params.processes or file.get("num_processes")
    if number is None:
        raise RecipeError(
            f"{params.launch} leaves the number of processes to the recipe", "say `processes: 8`, one for each GPU"
        )
    # accelerate 1.15 starts a single process under distributed_type NO, and does not say so
    if number > 1 and file.get("distributed_type") == "NO":
        raise RecipeError(
            f"{params.launch} starts 1 process, and processes is {number}",
            "say `processes: 1`, or name a launch file of several, such as launch/gpu_zero2.yaml",
        )
    return int(number)


def accumulation(params: TrainerParams) -> int:
    """The gradient accumulation steps that make the recipe's `batch`; without one, those of its `args`.

    Raises RecipeError where the batch cannot be split over the processes, or is stated twice.
    """
    name = "gradient_accumulation_steps"
    if params.batch is None:
        return int(params.args.get(name, 1))
    if name in params.args:
        raise RecipeError(f"batch {params.batch} decides {name}", f"take {name} out of args, or batch out of the entry")
    each = params.completions(params.args)
    rows, at_once = params.batch * each, params.args.get("per_device_train_batch_size", BATCH_SIZE)
    together = at_once * processes(params)
    if rows % together:
        told = f"batch {params.batch}" + (f" × {each} completions = {rows}" if each > 1 else "")
        fitting = together // math.gcd(together, each)
        raise RecipeError(
            f"{told} is not a multiple of per_device_train_batch_size {at_once} × {processes(params)} processes",
            f"a batch must be a multiple of {fitting}; or change processes or per_device_train_batch_size",
        )
    return int(rows // together)


def batch(params: TrainerParams) -> float:
    """The prompts, pairs or examples that one optimizer step learns from."""
    at_once = params.args.get("per_device_train_batch_size", BATCH_SIZE) * processes(params)
    return float(at_once * accumulation(params) / params.completions(params.args))


def started(params: TrainerParams, number: int) -> None:
    """Raises RunError where a training was started with another number of processes than its recipe says."""
    if number != processes(params):
        raise RunError(
            f"this training has {number} processes, and its recipe says {processes(params)}",
            f"`accelerate launch --num_processes {processes(params)}`, or change `processes` of the train entry",
        )


def command(run_folder: Path, stage: str, params: TrainerParams) -> list[str]:
    """The command that runs one training entry (`stage`: sft, grpo) of a run."""
    accelerate = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config(params.launch))]
    number = ["--num_processes", str(processes(params))]
    return [*accelerate, *number, "-m", "csi_train.stages.train", str(run_folder), "--stage", stage]


def environment(params: TrainerParams) -> dict[str, str]:
    """The environment to start it in: on a CPU all cores shared by the processes, and memory kept for reuse."""
    env = {"TOKENIZERS_PARALLELISM": "false", **os.environ}
    if settings(params.launch).get("use_cpu"):
        cores = len(os.sched_getaffinity(0))
        env = {"OMP_NUM_THREADS": str(max(1, cores // processes(params))), **KEEP_MEMORY, **env}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    return env
