"""Training as the pipeline starts it, and what it leaves."""

import json
import subprocess
from pathlib import Path
from typing import Any

from csi_train.run import Run
from csi_train.trainers import checkpoints, launch


def start(run: Run, number: int = 0) -> subprocess.Popen[str]:
    """The command the pipeline starts, in a process group of its own."""
    entry = run.recipe.train[number]
    return subprocess.Popen(
        launch.command(run.folder, entry.type, entry),
        env=launch.environment(entry) | {"HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def train(run: Run, number: int = 0) -> dict[str, Any]:
    """Train one entry; returns the figures of its done.json."""
    process = start(run, number)
    output, _ = process.communicate(timeout=400)
    assert process.returncode == 0, output[-3000:]
    return run.record(f"train/{run.recipe.train[number].type}")["figures"]


def steps(run: Run, name: str) -> list[int]:
    return [json.loads(line)["step"] for line in (run.folder / name / "metrics.jsonl").read_text().splitlines()]


def generate(folder: Path) -> str:
    """The model loads as plain transformers weights and answers through its own chat template."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is 1 + 1?"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    model = AutoModelForCausalLM.from_pretrained(folder)
    return str(tokenizer.decode(model.generate(**prompt, max_new_tokens=4)[0]))


def last_step(folder: Path) -> int:
    """The step of the checkpoint that a training would go on from; 0 where there is none."""
    try:
        checkpoint = checkpoints.latest(folder)
    except (OSError, RuntimeError):  # a training that is running has just removed it
        return last_step(folder)
    return int(checkpoint.name.split("-")[1]) if checkpoint else 0
