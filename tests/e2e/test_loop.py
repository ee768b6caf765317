"""The whole loop on the real vLLM, TRL and lm-eval, killed with -9 again and again, and resumed."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RECIPE = {
    "name": "loop",
    "engine": {"args": {"enforce_eager": True, "max_model_len": 1024}},
    "seeds": {"path": "seeds/word_problems.jsonl", "fields": {"solution": "solution"}},
    "generate": {
        "model": "embedded/smollm2-135m-instruct",
        "shots": 5,
        "problems": 10,
        "sampling": {"temperature": 0.7, "max_tokens": 96},
    },
    "sample": {"k": 3, "shots": 5, "sampling": {"max_tokens": 64}},
    "filter": [{"type": "well_formed"}, {"type": "decontaminate"}],
    "label": "majority",
    "train": [{"type": "sft", "args": {"max_steps": 2, "per_device_train_batch_size": 2, "logging_steps": 1}}],
    "evaluate": {
        "tasks": ["csi_word_problems"],
        "repeats": 2,
        "shots": 5,
        "limit": 4,
        "sampling": {"max_tokens": 48},
    },
}
KILLS = 4


def start(recipe: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "csi_train", "run", str(recipe), "--resume"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def completions(store: Path) -> dict[tuple[str, int, int], str]:
    if not store.exists():
        return {}
    try:
        rows = sqlite3.connect(store).execute("SELECT hash, number, max_tokens, text FROM completions").fetchall()
    except sqlite3.OperationalError:  # the file is there, its tables are not yet
        return {}
    return {(h, number, limit): text for h, number, limit, text in rows}


@pytest.mark.e2e
def test_killed_again_and_again_the_loop_ends_with_a_score_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    recipe, store = tmp_path / "loop.yaml", tmp_path / "runs" / "store.sqlite"
    recipe.write_text(yaml.safe_dump(RECIPE | {"runs": str(tmp_path / "runs")}))
    drawn = random.Random(0)
    seen: dict[tuple[str, int, int], str] = {}
    for _ in range(KILLS):
        process = start(recipe)
        before, wanted = len(completions(store)), drawn.randint(1, 12)
        while process.poll() is None and len(completions(store)) < before + wanted:
            time.sleep(0.1)
        second = subprocess.run(process.args, cwd=ROOT, capture_output=True, text=True)
        if process.poll() is None:
            assert second.returncode == 1
            assert "in use by process" in second.stderr
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(1)  # the stage dies with its parent, and gives the folder back
        now = completions(store)
        assert seen.items() <= now.items(), "a finished completion was lost or asked for again"
        seen = now
    last = start(recipe)
    output, _ = last.communicate()
    assert last.returncode == 0, output
    assert seen.items() <= completions(store).items()
    run = tmp_path / "runs" / "loop"
    assert (run / "report.html").is_file()
    assert len((run / "sample/samples.jsonl").read_text().splitlines()) == 10
    for row in ("base", "base_fewshot", "sft"):
        task = json.loads((run / "evaluate" / row / "results.json").read_text())["tasks"]["csi_word_problems"]
        assert (task["k"], task["documents"]) == (2, 4)
        assert 0 <= task["metrics"]["avg_at_k"]["mean"] <= 1
    again = start(recipe)
    output, _ = again.communicate()
    assert again.returncode == 0
    assert output.count("done already") == 7, output
