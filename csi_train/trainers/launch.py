"""The `accelerate launch` command line of a training stage; a user can type the same."""

import os
import sys
from pathlib import Path
from typing import Any

import yaml

from csi_train.errors import RecipeError
from csi_train.trainers.params import TrainerParams

KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_TOP_PAD_": str(1 << 28)}
"""glibc maps and unmaps every large tensor otherwise: a fifth of a training step is page faults (measured)."""

REPOSITORY = Path(__file__).resolve().parents[2]


def config(launch: str) -> Path:
    """The accelerate configuration file, looked for here and in the repository; raises RecipeError where it is not."""
    for place in (Path(launch), REPOSITORY / launch):
        if place.is_file():
            return place
    raise RecipeError(f"no launch file {launch}", "an accelerate configuration such as launch/cpu.yaml")


def processes(launch: str) -> int:
    """How many processes it starts, over all machines."""
    return int(settings(launch).get("num_processes", 1))


def command(run_folder: Path, stage: str, params: TrainerParams) -> list[str]:
    """The command that runs one training entry (`stage`: sft, grpo) of a run."""
    accelerate = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config(params.launch))]
    return [*accelerate, "-m", "csi_train.stages.train", str(run_folder), "--stage", stage]


def environment(params: TrainerParams) -> dict[str, str]:
    """The environment to start it in: on a CPU all cores shared by the processes, and memory kept for reuse."""
    env = {"TOKENIZERS_PARALLELISM": "false", **os.environ}
    if settings(params.launch).get("use_cpu"):
        cores = len(os.sched_getaffinity(0))
        env = {"OMP_NUM_THREADS": str(max(1, cores // processes(params.launch))), **KEEP_MEMORY, **env}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    return env


def settings(launch: str) -> dict[str, Any]:
    """What the accelerate configuration file says."""
    return yaml.safe_load(config(launch).read_text(encoding="utf-8")) or {}
