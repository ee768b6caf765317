"""A sequence classifier of one label: its raw logit is the reward."""

from typing import Any, Literal

from csi_train.adapters import models
from csi_train.errors import EngineError
from csi_train.rewards import Scorer
from csi_train.rewards.batches import BatchScorer, ModelParams, fingerprint, pretrained, rendered, tokenizer
from csi_train.store import Store

__all__ = ["Params", "fingerprint", "open"]

MAKE_ONE = "name a reward model of one label; `train: [{type: reward_model}]` makes one from preference pairs"


class Params(ModelParams):
    """The keys of every reward model."""

    type: Literal["classifier"] = "classifier"


def open(params: Params, store: Store | None = None) -> Scorer:
    """Load the model, its head in float32; raises EngineError where that has not one label.

    In bfloat16 a score near 5 moves in steps of 0.03, and good responses tie.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification

    folder = models.resolve(params.model)
    one_label(AutoConfig.from_pretrained(folder, trust_remote_code=False), params.model)
    words, model = tokenizer(folder), pretrained(AutoModelForSequenceClassification, folder)
    if model.config.pad_token_id is None:
        model.config.pad_token_id = words.bos_token_id or 0  # any token that ends no conversation
    if hasattr(model, "score"):
        model.score.float().register_forward_pre_hook(lambda module, hidden: (hidden[0].float(),))
    return BatchScorer(model, rendered(words), lambda ids, mask: model(ids, mask).logits[:, 0], params.batch)


def one_label(config: Any, name: str) -> None:
    """Raises EngineError for a model that does not classify, or not with one label; transformers would load both."""
    architecture = (config.architectures or ["model of unknown architecture"])[0]
    if not architecture.endswith("ForSequenceClassification"):
        raise EngineError(f"{name} is a {architecture}: it has no label to score with", MAKE_ONE)
    if config.num_labels != 1:
        raise EngineError(f"{name} has {config.num_labels} labels, and a reward is one number", MAKE_ONE)
