"""What a person sees of the real vLLM and TRL: a run in a terminal."""

import json
import re
from pathlib import Path

import pytest

from benchmarks import kills
from tests.terminal import terminal

STAGES = ("generate", "sample", "filter", "train/sft")


@pytest.mark.e2e
def test_generation_and_training_are_drawn(tmp_path: Path, tiny: Path) -> None:
    (trainer,) = kills.RECIPE["train"]
    recipe = {key: kills.RECIPE[key] for key in ("name", "engine", "seeds", "sample", "label")} | {
        "runs": str(tmp_path / "runs"),
        "generate": kills.RECIPE["generate"] | {"problems": 8, "max_calls_per_problem": 9},
        "train": [trainer | {"model": str(tiny), "args": trainer["args"] | {"max_steps": 8}}],
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    with terminal("run", tmp_path / "recipe.yaml", columns=80, limit=800) as window:
        assert window.ends() == 0, window.text
    lines = [line for picture in window.seen for line in picture.splitlines()]
    drawn = [line for line in lines if re.search(r"\d+/\d+ \w+|working|waiting", line)]
    assert all(line.startswith(STAGES) for line in drawn), "no line is wrapped"
    for name, figures in (
        ("generate", r"\d/8 problems"),
        ("sample", r"\d+/32 responses"),
        ("train/sft", r"\d/8 steps"),
    ):
        assert [line for line in drawn if re.match(rf"{name} .*{figures}", line)], name
    assert "train/sft  working" in "\n".join(drawn), "while TRL loads"
    said = [f"{together}: done in " for together in ("generate + sample", "filter", "train/sft")]
    assert [window.text.count(words) for words in said] == [1, 1, 1], window.text
    assert not window.cursor_hidden
