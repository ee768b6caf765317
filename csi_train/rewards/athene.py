"""Athene-RM (Nexusflow/Athene-RM-8B), the paper's reward model for instructions: a value read at a token of its own.

Written after the published architecture, since the model's own code is not run here (trust_remote_code), and tested
against a computation by hand on random weights. It has not been run on the real weights here.
"""

from typing import Any, Literal

from csi_train.adapters import models
from csi_train.rewards import Rows, Scorer
from csi_train.rewards.batches import BatchScorer, ModelParams, Tokens, chats, fingerprint, heads, pretrained, tokenizer
from csi_train.store import Store

__all__ = ["Params", "fingerprint", "open"]

CLS = 128003
"""The token it is read at, `<|reserved_special_token_1|>` of Llama 3."""
LIMIT = 4096
"""Tokens of a conversation at most, as published."""


class Params(ModelParams):
    """The keys of every reward model."""

    type: Literal["athene"] = "athene"
    model: str = "Nexusflow/Athene-RM-8B"


def open(params: Params, store: Store | None = None) -> Scorer:
    """Load the model and its head; raises EngineError where it lacks that."""
    import torch
    from transformers import AutoModel

    folder = models.resolve(params.model)
    model, words = pretrained(AutoModel, folder), tokenizer(folder)
    head = heads(folder, model, "v_head.weight")["v_head.weight"][0]

    def tokenize(rows: Rows) -> Tokens:
        """As published: the rendered text is tokenized with special tokens, so that it begins with two."""
        texts = words.apply_chat_template(chats(rows), tokenize=False)
        return [[*ids, CLS] for ids in words(texts)["input_ids"]]

    def read(ids: Any, mask: Any) -> Any:
        hidden = model(ids, mask).last_hidden_state
        return hidden[torch.arange(len(ids)), mask.sum(1) - 1].float() @ head

    return BatchScorer(model, tokenize, read, params.batch, LIMIT)
