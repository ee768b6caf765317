"""GPU-hours by hand: operations over what the stated shares of an H100 do in an hour."""

import pytest

from csi_train import plan
from csi_train.recipe import Recipe
from tests.plan.test_plan import ROOT, SMOLLM2, changed, recipe

__all__ = ["recipe"]

WRITING, READING = 0.05 * 989e12 * 3600, 0.3 * 989e12 * 3600


def hours(found: Recipe) -> dict[str, float | None]:
    return {step.name: step.gpu_hours for step in plan.plan(found).steps}


def test_writing_is_two_operations_a_parameter_and_token(recipe: Recipe) -> None:
    assert hours(recipe)["generate"] == pytest.approx(2 * SMOLLM2 * 90 * 200 / WRITING)
    assert hours(recipe)["filter"] == 0


def test_a_server_takes_none_of_our_hours(recipe: Recipe) -> None:
    served = ("engine={type: server, url: 'http://localhost:8000/v1'}", "generate.model=gpt 4", "model=org/base")
    assert hours(changed(recipe, *served))["generate"] == 0


@pytest.mark.parametrize(
    ("changes", "operations"),
    [
        ([], 8),  # forward 2, backward 4, forward again for the checkpoints 2
        (["train.sft.args.gradient_checkpointing=false"], 6),
        (["train.sft.lora={r: 4}"], 6),  # of frozen weights no gradient
    ],
)
def test_learning_from_what_is_given(recipe: Recipe, changes: list[str], operations: int) -> None:
    """15 steps of 8 examples of at most TRL's 1,024 tokens."""
    found = hours(changed(recipe, *changes))["train/sft"]
    assert found == pytest.approx(operations * SMOLLM2 * 15 * 8 * 1024 / READING)


def test_rollouts_are_written_and_learnt_from(recipe: Recipe) -> None:
    """240 rollouts of 50 tokens and a prompt of 1,024; with vLLM each is scored once more for the correction."""
    plain = hours(recipe)["train/grpo"]
    assert plain == pytest.approx(2 * SMOLLM2 * 240 * 50 / WRITING + 8 * SMOLLM2 * 240 * 1074 / READING)
    vllm = hours(changed(recipe, f"train.grpo.launch={ROOT}/launch/gpu.yaml", "train.grpo.args.use_vllm=true"))
    assert vllm["train/grpo"] == pytest.approx(2 * SMOLLM2 * 240 * 50 / WRITING + 10 * SMOLLM2 * 240 * 1074 / READING)


def test_an_unknown_model_has_unknown_hours(recipe: Recipe) -> None:
    found = plan.plan(changed(recipe, "generate.model=org/never-downloaded"))
    assert found.gpu_hours is None
    assert found.steps[0].gpu_hours is None
