"""Direct preference optimisation (arXiv 2305.18290) with TRL: of two responses, towards the chosen one.

What the starting model thinks of every response is worked out once, before the first step, and kept in the run
(`precompute_ref_log_probs`): no reference model is held while training, and a resumed run does not work it out again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from csi_train.prompts import ask
from csi_train.records import Pair
from csi_train.trainers import fit
from csi_train.trainers.params import TrainerParams

ROWS = Pair
DEFAULTS: dict[str, Any] = {"beta": 0.1, "loss_type": ["sigmoid"], "precompute_ref_log_probs": True}
"""The paper's beta and loss (arXiv 2507.23751); its learning rate, 1e-6, is TRL's default. Batch: 64."""


class Params(TrainerParams):
    """`args` are the keys of TRL's DPOConfig."""

    type: Literal["dpo"] = "dpo"

    @staticmethod
    def defaults(args: dict[str, Any]) -> dict[str, Any]:
        return DEFAULTS

    @staticmethod
    def tokens(values: dict[str, Any]) -> int | None:
        """A chosen and a rejected response to each prompt."""
        single = TrainerParams.tokens(values)
        return single and 2 * single

    @staticmethod
    def compares(values: dict[str, Any]) -> bool:
        return not values["precompute_ref_log_probs"]


def train(
    pairs: Sequence[Pair], model: Path, folder: Path, params: Params, track: list[str], seed: int
) -> dict[str, Any]:
    """Train on the pairs; returns steps, seconds and the last metrics."""
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer

    fit.prepare()
    args = DPOConfig(**fit.arguments(params, folder, track, seed, **DEFAULTS))
    tokenizer = fit.tokenizer(str(model))
    rows = fit.fitting([row(p) for p in pairs], tokenizer, args.max_length)
    trainer = DPOTrainer(
        model=str(model),
        args=args,
        train_dataset=fit.on_disk(fit.dataset(rows, folder), folder),
        processing_class=tokenizer,
        peft_config=fit.adapters(params),
    )
    return fit.fit(trainer, folder)


def row(pair: Pair) -> dict[str, Any]:
    """A pair in TRL's conversational preference form."""
    return {
        "prompt": [{"role": "user", "content": ask(pair.question, pair.boxed)}],
        "chosen": [{"role": "assistant", "content": pair.chosen}],
        "rejected": [{"role": "assistant", "content": pair.rejected}],
    }
