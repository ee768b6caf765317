"""Supervised fine-tuning with TRL: the loss is on the response only."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from csi_train.prompts import ask
from csi_train.records import Example
from csi_train.trainers import fit
from csi_train.trainers.params import TrainerParams

log = logging.getLogger(__name__)

ROWS = Example


class Params(TrainerParams):
    """`args` are the keys of TRL's SFTConfig."""

    type: Literal["sft"] = "sft"


def train(
    examples: Sequence[Example], model: Path, folder: Path, params: Params, track: list[str], seed: int
) -> dict[str, Any]:
    """Train on the examples that have a response; returns steps, seconds, the last metrics and how many have none."""
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    fit.prepare()
    args = SFTConfig(**fit.arguments(params, folder, track, seed, completion_only_loss=True))
    tokenizer = fit.tokenizer(str(model))
    answered = [e for e in examples if e.response]
    if missing := len(examples) - len(answered):
        log.warning("%d of %d examples are left out: no response gives the label", missing, len(examples))
    rows = fit.fitting([row(e) for e in answered], tokenizer, args.max_length)
    trainer = SFTTrainer(
        model=str(model),
        args=args,
        train_dataset=fit.dataset(rows, folder),
        processing_class=tokenizer,
        peft_config=fit.adapters(params),
    )
    return fit.fit(trainer, folder) | {"without_response": missing}


def row(example: Example) -> dict[str, Any]:
    """An example in TRL's conversational prompt-completion form."""
    return {
        "prompt": [{"role": "user", "content": ask(example.question, example.boxed)}],
        "completion": [{"role": "assistant", "content": example.response}],
    }
