"""What counts as a training that has diverged."""

import math
from types import SimpleNamespace

import pytest
import torch

from csi_train.errors import RunError
from csi_train.trainers import divergence


def log(folder, figures, fp16=False):
    divergence.guard(folder).on_log(SimpleNamespace(fp16=fp16), SimpleNamespace(global_step=7), None, logs=figures)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["loss", "grad_norm"])
def test_a_loss_or_gradient_norm_that_is_not_finite(tmp_path, name, value):
    with pytest.raises(RunError, match=f"at step 7 {name} is not a finite number; there is no checkpoint from before"):
        log(tmp_path, {"loss": 0.5, "grad_norm": 1.0, name: value})


def test_other_figures_and_the_first_gradients_of_float16_may_be_what_they_are(tmp_path):
    log(tmp_path, {"loss": 0.5, "grad_norm": 1.0, "kl": math.nan})
    log(tmp_path, {"loss": None})
    log(tmp_path, {"reward": 1.0})
    log(tmp_path, {"loss": 0.5, "grad_norm": math.inf}, fp16=True)


def model(weight, trained=True, sharded=False):
    """A model of one weight; ZeRO-3 keeps what this process has of it beside an empty tensor."""
    parameter = torch.nn.Parameter(torch.empty(0) if sharded else weight, requires_grad=trained)
    if sharded:
        parameter.ds_tensor = weight
    return SimpleNamespace(named_parameters=lambda: [("head", parameter)])


def step(folder, model, saves=True):
    control = SimpleNamespace(should_save=saves)
    divergence.guard(folder).on_step_end(None, SimpleNamespace(global_step=3), control, model=model)


@pytest.mark.parametrize("sharded", [False, True])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_weight_that_is_not_finite_is_not_saved(tmp_path, value, dtype, sharded):
    step(tmp_path, model(torch.tensor([1.0, -1e38], dtype=dtype), sharded=sharded))
    with pytest.raises(RunError, match="at step 3 the weight head is not a finite number"):
        step(tmp_path, model(torch.tensor([1.0, value], dtype=dtype), sharded=sharded))


def test_weights_are_looked_at_where_they_are_saved_and_trained(tmp_path):
    bad = torch.tensor([math.nan])
    step(tmp_path, model(bad, trained=False))
    step(tmp_path, model(bad), saves=False)
