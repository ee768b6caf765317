"""Is anything lost? A whole run on the real vLLM, TRL and lm-eval, killed with -9 at random moments of every stage and
resumed each time.

    python -m benchmarks.kills [--generate 6] [--sample 5] [--train 5] [--evaluate 5] [--seed 0]

Checked after each kill: every finished completion is still there, word for word (one asked for a second time would
read differently: nothing is sampled alike twice), and while a run is alive a second one on its folder is refused.
Checked at the end: every problem has its samples, every training step was logged once, every row has its score.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from csi_train.trainers import checkpoints

ROOT = Path(__file__).parents[1]
ROWS = ("base", "base_fewshot", "sft")
STEPS, PROBLEMS, K, DOCUMENTS = 12, 40, 4, 16
RECIPE: dict[str, Any] = {
    "name": "killed",
    "engine": {"args": {"enforce_eager": True, "max_model_len": 1024}},
    "seeds": {"path": "seeds/word_problems.jsonl", "fields": {"solution": "solution"}},
    "generate": {
        "model": "embedded/smollm2-135m-instruct",
        "shots": 5,
        "problems": PROBLEMS,
        "sampling": {"temperature": 0.7, "max_tokens": 96},
    },
    "sample": {"k": K, "shots": 5, "sampling": {"max_tokens": 64}},
    "filter": [{"type": "well_formed"}, {"type": "decontaminate"}],
    "label": "majority",
    "train": [
        {
            "type": "sft",
            "lora": {"r": 8},
            "args": {"max_steps": STEPS, "per_device_train_batch_size": 2, "logging_steps": 1, "save_steps": 1},
        }
    ],
    "evaluate": {
        "tasks": ["csi_word_problems"],
        "repeats": 2,
        "shots": 5,
        "limit": DOCUMENTS,
        "sampling": {"max_tokens": 48},
    },
}

Key = tuple[str, int, int]


class Finished(NamedTuple):
    """A stored completion: what it was for, and its text."""

    purpose: str
    text: str


class Killed(NamedTuple):
    """One run that was killed: in which stage, after how many seconds, and what was stored by then."""

    stage: str
    seconds: float
    stored: int


def survive(folder: Path, stages: Sequence[str], seed: int = 0) -> Iterator[Killed]:
    """Run the recipe in a folder, kill it once in each of these stages in turn, then let it end; yields each kill.

    Raises AssertionError where anything was lost, asked for again, or is missing at the end.
    """
    recipe = folder / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE | {"runs": str(folder / "runs")}))
    run, drawn = folder / "runs" / RECIPE["name"], random.Random(seed)
    seen: dict[Key, Finished] = {}
    for stage in stages:
        began, process = time.monotonic(), _start(recipe)
        _wait(process, run, stage, drawn)
        assert process.poll() is None, f"ended before it could be killed in {stage}: {process.communicate()[0]}"
        _refused(recipe)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(1)  # its stage dies with it, and gives the folder back
        now = _finished(run)
        assert seen.items() <= now.items(), "a finished completion was lost or asked for again"
        seen = now
        yield Killed(stage, round(time.monotonic() - began, 1), len(now))
    _ends(_start(recipe))
    assert seen.items() <= _finished(run).items(), "a finished completion was lost or asked for again"
    _complete(run)
    assert _ends(_start(recipe)).count("done already") == 4 + len(ROWS), "a finished run does something again"


def _start(recipe: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "csi_train", "run", str(recipe), "--resume"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _wait(process: subprocess.Popen[str], run: Path, stage: str, drawn: random.Random) -> None:
    """Return at a random moment of the stage, after it has got further than it was."""
    before, wanted = _progress(run, stage), drawn.randint(1, 3)
    while process.poll() is None and _progress(run, stage) < before + (1 if stage == "train" else wanted):
        time.sleep(0.02)
    time.sleep(drawn.uniform(0, 0.5))


def _progress(run: Path, stage: str) -> int:
    """How far a stage is: finished completions, or the step of the last whole checkpoint."""
    if stage == "train":
        latest = checkpoints.latest(run / "train/sft/checkpoints")
        return int(latest.name.split("-")[1]) if latest else 0
    return sum(finished.purpose == stage for finished in _finished(run).values())


def _refused(recipe: Path) -> None:
    second = _start(recipe)
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 1, output
    assert "in use by process" in output, output


def _finished(run: Path) -> dict[Key, Finished]:
    store = run.parent / "store.sqlite"
    if not store.exists():
        return {}
    try:
        rows = sqlite3.connect(store).execute("SELECT hash, number, max_tokens, purpose, text FROM completions")
        return {(h, number, limit): Finished(purpose, text) for h, number, limit, purpose, text in rows}
    except sqlite3.OperationalError:  # the file is there, its tables are not yet
        return {}


def _ends(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, output
    return output


def _complete(run: Path) -> None:
    samples = [json.loads(line) for line in _lines(run / "sample/samples.jsonl")]
    assert [len(row["responses"]) for row in samples] == [K] * PROBLEMS
    assert [json.loads(line)["step"] for line in _lines(run / "train/sft/metrics.jsonl")] == [*range(1, STEPS + 1)]
    for row in ROWS:
        task = json.loads((run / "evaluate" / row / "results.json").read_text())["tasks"]["csi_word_problems"]
        assert (task["k"], task["documents"]) == (2, DOCUMENTS)
        assert 0 <= task["metrics"]["avg_at_k"]["mean"] <= 1
    assert (run / "report.html").is_file()


def _lines(path: Path) -> Iterator[str]:
    yield from path.read_text(encoding="utf-8").splitlines()


def main() -> None:
    """Print each kill, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for stage, kills in (("generate", 6), ("sample", 5), ("train", 5), ("evaluate", 5)):
        parser.add_argument(f"--{stage}", type=int, default=kills, metavar="KILLS")
    parser.add_argument("--seed", type=int, default=0)
    options = vars(parser.parse_args())
    stages = [stage for stage in ("generate", "sample", "train", "evaluate") for _ in range(options[stage])]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for stage, seconds, stored in survive(Path(folder), stages, options["seed"]):
            print(f"killed in {stage:<9} after {seconds:5.1f} s  {stored:4d} completions stored, none lost", flush=True)
    counts = ", ".join(f"{number} in {stage}" for stage, number in Counter(stages).items())
    print(f"{len(stages)} kills ({counts}); the run is whole, nothing was lost or asked for twice")
    print(f"{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
