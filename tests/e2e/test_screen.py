"""What a person sees of the real vLLM, TRL and lm-eval: the whole loop in a terminal."""

import json
import re
from pathlib import Path

import pytest

from benchmarks import kills
from tests.terminal import ROOT, terminal

STAGES = ("generate", "sample", "filter", "train/sft", "evaluate/base", "evaluate/base_fewshot", "evaluate/sft")


@pytest.mark.e2e
def test_the_whole_loop_is_drawn_and_ends_with_its_table(tmp_path: Path) -> None:
    recipe = kills.RECIPE | {
        "runs": str(tmp_path / "runs"),
        "generate": kills.RECIPE["generate"] | {"problems": 12, "max_calls_per_problem": 9},
        "train": [kills.RECIPE["train"][0] | {"args": kills.RECIPE["train"][0]["args"] | {"max_steps": 3}}],
        "evaluate": kills.RECIPE["evaluate"] | {"limit": 4},
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    with terminal("run", tmp_path / "recipe.yaml", columns=80, rows=50, cwd=ROOT, limit=800) as window:
        assert window.ends() == 0, window.text
    seen = [line for picture in window.seen for line in picture.splitlines()]
    drawn = [line for line in seen if re.search(r"\d+/\d+ \w+|working|waiting", line)]
    assert all(line.startswith(STAGES) for line in drawn), "no line is wrapped"
    for name, figures in (
        ("generate", r"12 problems"),
        ("sample", r"48 responses"),
        ("train/sft", r"3/3 steps"),
        ("evaluate/base_fewshot", r"8/8 samples"),
    ):
        assert [line for line in drawn if re.match(rf"{name} .*{figures}", line)], name
    assert "tokens/s" in " ".join(drawn)
    for together in (
        "generate + sample",
        "filter",
        "train/sft",
        "evaluate/base + evaluate/base_fewshot",
        "evaluate/sft",
    ):
        assert window.text.count(f"{together}: done in ") == 1, window.text
    assert "csi_word_problems" in window.text
    assert not window.cursor_hidden
