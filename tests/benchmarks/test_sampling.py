"""The sampling benchmark on scripted votes: exact stopping asks for less than all, no rule for less than the oracle."""

import json
import random
from pathlib import Path

import pytest

from benchmarks import sampling
from csi_train import recipe_file
from csi_train.engines.contract import Request
from csi_train.recipe import Recipe
from csi_train.records import Problem
from tests.scripted import ScriptedEngine

K = 8


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    body = {"name": "r", "generate": {"model": "m"}, "seeds": {"path": "seeds.jsonl"}, "sample": {"k": K}}
    body["filter"] = [{"type": "answer_consistency"}]
    (tmp_path / "recipe.yaml").write_text(json.dumps(body))
    return recipe_file.load(tmp_path / "recipe.yaml")


def problem(number: int) -> Problem:
    return Problem(id=f"p{number}", question=f"q{number}", answer="1", method="m", seeds=(), call=number, completion="")


def reply(request: Request) -> str:
    """Answers 1 to 4, more often 1, in texts of different length."""
    drawn = random.Random(f"{request.row} {request.index}")
    return f"{'so ' * drawn.randint(0, 9)}\\boxed{{{drawn.choice([1, 1, 1, 2, 3, 4])}}}"


def ruled(recipe: Recipe, name: str) -> Recipe:
    assert recipe.sample is not None
    sample = recipe.sample.model_copy(update={"early_stop": sampling.RULES[name]})
    return recipe.model_copy(update={"sample": sample})


def test_rules_are_played_over_the_very_answers_that_all_k_gave(tmp_path: Path, recipe: Recipe) -> None:
    problems = [problem(number) for number in range(40)]
    full = sampling.answer(ruled(recipe, "all K"), problems, tmp_path, ScriptedEngine(reply))
    exact = sampling.answer(ruled(recipe, "exact"), problems, tmp_path, None)
    confident = sampling.answer(ruled(recipe, "confidence 0.95"), problems, tmp_path, None)
    assert full.samples == 40 * K
    assert sampling.verdicts(problems, exact.rows) == sampling.verdicts(problems, full.rows)
    assert sampling.oracle(problems, full.rows) < exact.tokens < full.tokens
    assert exact.tokens == sampling.in_order(problems, full.rows), "not one vote more than certainty takes"
    assert confident.samples <= exact.samples
    assert len(set(sampling.verdicts(problems, full.rows))) == 2, "some are kept and some are not"
    assert "no answer: 0.00" in sampling.spread(problems, full.rows)
