"""Seeds sorted for real: the embedded model held to a closed list by vLLM, here and behind its server, and k-means."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from csi_train import pipeline, recipe_file
from csi_train.adapters import models
from csi_train.classifiers import llm
from csi_train.engines import server
from csi_train.engines.contract import Completion, Request
from csi_train.recipe import Sampling
from csi_train.records import Classified, Problem, read_rows
from csi_train.run import Run

pytestmark = pytest.mark.e2e

SEEDS = Path(__file__).parents[2] / "seeds/instructions.jsonl"
ROWS = [json.loads(line) for line in SEEDS.read_text().splitlines()]


def run(folder: Path, until: str, seeds: int, **classify: Any) -> Run:
    """A run up to a stage, on so many seeds."""
    fields = {"question": "instruction", "answer": None}
    body = {
        "name": "r",
        "runs": str(folder),
        "verifiable": False,
        "engine": {"args": {"enforce_eager": True, "max_model_len": 1024}},
        "seeds": {"path": str(SEEDS), "fields": fields, "verifiable_only": False, "limit": seeds},
        "classify": classify,
        "generate": {
            "model": models.EMBEDDED, "method": "no_cot", "problems": 2, "shots": 1, "sampling": {"max_tokens": 24},
            "max_calls_per_problem": 20,
        },
    }  # fmt: skip
    (folder / "recipe.yaml").write_text(json.dumps(body))
    recipe = recipe_file.load(folder / "recipe.yaml")
    pipeline.run(recipe, until=until, quiet=True)
    return Run.at(recipe.folder)


def test_a_weak_model_says_nothing_but_members_of_the_list_and_generation_draws_by_them(tmp_path: Path) -> None:
    """At temperature 1, and with one attempt for each seed."""
    found = run(tmp_path, "generate", 16, type="llm", attempts=1, sampling={"temperature": 1.0, "max_tokens": 24})
    rows = read_rows(found.folder / "classify/categories.jsonl", Classified)
    assert [row.question for row in rows] == [row["instruction"] for row in ROWS[:16]]
    assert {row.category for row in rows} <= set(llm.CATEGORIES)
    assert len({row.category for row in rows}) > 1
    kinds = {row.seed: row.category for row in rows}
    problems = read_rows(found.folder / "generate/problems.jsonl", Problem)
    assert all({kinds[seed] for seed in problem.seeds} == {problem.category} for problem in problems)


def test_k_means_on_its_hidden_states_beats_chance(tmp_path: Path) -> None:
    from sklearn.metrics import adjusted_rand_score

    found = run(tmp_path, "classify", 32, type="kmeans", model=models.EMBEDDED)
    rows = read_rows(found.folder / "classify/categories.jsonl", Classified)
    assert {row.category for row in rows} == {f"cluster {n}" for n in range(1, 9)}
    assert adjusted_rand_score([row["category"] for row in ROWS[:32]], [str(row.category) for row in rows]) > 0.03


def test_a_served_model_is_held_to_the_list_too(url: str) -> None:
    choices = ('a "b" c', "Größe & Maß", "yes", "yes, but")
    drawn = Sampling(temperature=1.0, top_p=1.0, max_tokens=100)
    found: list[Completion] = []
    with closing(server.open("smol", server.Params(url=url), 0)) as engine:
        for number in range(8):
            engine.submit(Request("classify", "", number, (("user", f"Tell me of {number}."),), drawn, choices=choices))
        while finished := engine.wait():
            found += finished
    ended = [c.text for c in found if c.finish == "stop"]
    assert len(ended) >= 4, "white space without end is within a JSON schema"
    assert set(ended) <= set(choices)
