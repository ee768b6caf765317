"""ArmoRM's and Athene's heads on tiny random models, against the same sums in numpy."""

import itertools
import json

import numpy as np
import pytest
import torch

from csi_train.errors import EngineError
from csi_train.rewards import armorm, athene, in_order

ROWS = [("a b c", "d"), ("a", "b c d e f g h a b"), ("b", ""), ("c d", "e f")]
ATTRIBUTES, HIDDEN = 19, 8


def hidden(folder, ids):
    """The last hidden states of one unpadded text."""
    from transformers import LlamaModel

    with torch.no_grad():
        return LlamaModel.from_pretrained(folder)(torch.tensor([ids])).last_hidden_state[0].double().numpy()


def turns(row):
    return [{"role": "user", "content": row[0]}, {"role": "assistant", "content": row[1]}]


@pytest.fixture(scope="module")
def gating():
    """Weights in the shapes and under the names of the published ones."""
    torch.manual_seed(1)
    sizes = [16, HIDDEN, HIDDEN, HIDDEN, ATTRIBUTES]
    layers = {}
    for n, (wide, out) in enumerate(itertools.pairwise(sizes)):
        layers |= {f"gating.layers.{n}.weight": torch.randn(out, wide), f"gating.layers.{n}.bias": torch.randn(out)}
    return {
        "regression_layer.weight": torch.randn(ATTRIBUTES, 16),
        "reward_transform_matrix": torch.randn(ATTRIBUTES, ATTRIBUTES),
        "gating.logit_scale": torch.tensor([1.7]),
        **layers,
    }


def armorm_by_hand(states, turn, weights, temperature):
    w = {name: tensor.double().numpy() for name, tensor in weights.items()}
    attributes = w["regression_layer.weight"] @ states[-1]
    x = states[turn]
    for n in range(4):
        x = w[f"gating.layers.{n}.weight"] @ x + w[f"gating.layers.{n}.bias"]
        x = np.maximum(x, 0) if n < 3 else x
    e = np.exp(x / temperature)
    return float((e / e.sum() * w["gating.logit_scale"][0]) @ (attributes @ w["reward_transform_matrix"]))


@pytest.mark.parametrize("temperature", [None, 2.0])
def test_armorm(save, words, gating, temperature):
    folder = save("LlamaForCausalLM", gating)
    if temperature:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"gating_temperature": temperature}))
    expected = []
    for row in ROWS:
        ids = words.apply_chat_template(turns(row), return_dict=True)["input_ids"]
        assistant = ids.index(78191) - 2  # the end of the user's turn
        assert ids[assistant] == 128009
        expected.append(armorm_by_hand(hidden(folder, ids), assistant, gating, temperature or 10))
    assert len(set(expected)) == len(ROWS)
    for batch in (1, 16384):
        scorer = armorm.open(armorm.Params(model=str(folder), batch=batch))
        assert in_order(scorer, ROWS) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_armorm_has_no_score_where_the_turn_is_cut_off(save, gating):
    scorer = armorm.open(armorm.Params(model=str(save("LlamaForCausalLM", gating))))
    first, second = in_order(scorer, [("a", "b"), ("a", "b " * 80)])
    assert first is not None
    assert second is None


def test_athene(save, words):
    torch.manual_seed(2)
    head = torch.randn(1, 16)
    folder = save("LlamaForCausalLM", {"v_head.weight": head}, pad_token_id=None)
    expected = []
    for row in ROWS:
        ids = [128000, *words.apply_chat_template(turns(row), return_dict=True)["input_ids"], 128003]
        expected.append(float(hidden(folder, ids)[-1] @ head[0].double().numpy()))
    assert len(set(expected)) == len(ROWS)
    for batch in (1, 16384):
        scorer = athene.open(athene.Params(model=str(folder), batch=batch))
        assert in_order(scorer, ROWS) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("reward", "weights"), [(armorm, "regression_layer"), (athene, "v_head")])
def test_another_model_is_refused(save, reward, weights):
    with pytest.raises(EngineError, match=f"lacks the weights {weights}"):
        reward.open(reward.Params(model=str(save("LlamaForCausalLM"))))
