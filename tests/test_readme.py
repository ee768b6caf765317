"""What the README prints works as printed."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(heading: str) -> list[str]:
    """The code blocks of a section of the README."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"(?:^ {4}.*\n|^\n(?=\n* {4}))+", section, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") for block in found]


def test_a_filter_in_a_file_beside_the_recipe(tmp_path: Path) -> None:
    part, entry = blocks("Add a filter")
    (tmp_path / "short.py").write_text(part)
    (tmp_path / "recipe.yaml").write_text(
        f"name: mine\nruns: {tmp_path}/runs\n"
        f"data: {{path: {ROOT}/seeds/word_problems.jsonl, fields: {{solution: solution}}}}\n{entry}\n"
    )
    command = [sys.executable, "-m", "csi_train", "run", str(tmp_path / "recipe.yaml"), "--quiet"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    step, _ = json.loads((tmp_path / "runs/mine/filter/funnel.json").read_text())
    assert step["filter"] == "short"
    assert 0 < step["kept"] < step["in"]
    resumed = subprocess.run([*command, "--resume"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert resumed.returncode == 0, resumed.stderr
    kept = (tmp_path / "runs/mine/filter/kept.jsonl").read_text().splitlines()
    assert all(len(json.loads(row)["question"].split()) <= 20 for row in kept)
