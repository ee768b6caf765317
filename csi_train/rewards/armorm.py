"""ArmoRM (arXiv 2406.12845, RLHFlow/ArmoRM-Llama3-8B-v0.1): 19 attributes, weighted by what the prompt calls for.

A linear layer reads the attributes at the last token, a small network reads their weights where the assistant's turn
begins. Written after the published architecture, since the model's own code is not run here (trust_remote_code), and
tested against a computation by hand on random weights. It has not been run on the real weights here.
"""

from typing import Any, Literal

from csi_train.adapters import models
from csi_train.rewards import Scorer
from csi_train.rewards.batches import BatchScorer, ModelParams, fingerprint, heads, pretrained, rendered, tokenizer
from csi_train.store import Store

__all__ = ["Params", "fingerprint", "open"]

TURN = [128009, 128006, 78191, 128007, 271]
"""`<|eot_id|><|start_header_id|>assistant<|end_header_id|>` and two line ends, in Llama 3's tokens."""


class Params(ModelParams):
    """The keys of every reward model."""

    type: Literal["armorm"] = "armorm"
    model: str = "RLHFlow/ArmoRM-Llama3-8B-v0.1"


def open(params: Params, store: Store | None = None) -> Scorer:
    """Load the model and its heads; raises EngineError where it lacks them."""
    import torch
    from transformers import AutoModel

    folder = models.resolve(params.model)
    model, words = pretrained(AutoModel, folder), tokenizer(folder)
    head = heads(folder, model, "regression_layer.weight", "reward_transform_matrix", "gating.")
    temperature = getattr(model.config, "gating_temperature", 10)

    def read(ids: Any, mask: Any) -> Any:
        hidden, rows = model(ids, mask).last_hidden_state.float(), torch.arange(len(ids))
        turns = [begin(row) for row in ids.tolist()]
        attributes = hidden[rows, mask.sum(1) - 1] @ head["regression_layer.weight"].T @ head["reward_transform_matrix"]
        weights = gate(hidden[rows, [turn or 0 for turn in turns]], head, temperature)
        missing = torch.tensor([turn is None for turn in turns], device=hidden.device)
        return (weights * attributes).sum(1).masked_fill(missing, torch.nan)

    return BatchScorer(model, rendered(words), read, params.batch)


def begin(ids: list[int]) -> int | None:
    """Where the last assistant's turn begins; None where it has been cut off."""
    places = range(len(ids) - len(TURN), -1, -1)
    return next((place for place in places if ids[place : place + len(TURN)] == TURN), None)


def gate(prompts: Any, head: dict[str, Any], temperature: float) -> Any:
    """The weights of the attributes: a perceptron, its softmax at a temperature, times a learnt scale."""
    layers = sum(name.startswith("gating.layers.") and name.endswith(".weight") for name in head)
    for number in range(layers):
        prompts = prompts.relu() if number else prompts
        prompts = prompts @ head[f"gating.layers.{number}.weight"].T + head[f"gating.layers.{number}.bias"]
    return (prompts / temperature).softmax(1) * head["gating.logit_scale"]
