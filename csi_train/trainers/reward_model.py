"""A reward model from preference pairs with TRL: a classifier of one label that scores the chosen response higher.

A share of the questions is held out, and the model that training leaves is scored on their pairs before anyone uses it.
"""

import contextlib
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from random import Random
from statistics import mean, pstdev
from typing import Any, Literal

from pydantic import Field

from csi_train.errors import RunError
from csi_train.prompts import ask
from csi_train.records import Pair
from csi_train.rewards import classifier, in_order
from csi_train.trainers import fit, saving
from csi_train.trainers.dpo import row
from csi_train.trainers.params import TrainerParams

ROWS = Pair


class Params(TrainerParams):
    """`args` are the keys of TRL's RewardConfig; `holdout` is the share of questions kept for the accuracy."""

    type: Literal["reward_model"] = "reward_model"
    holdout: float = Field(0.1, gt=0, lt=1)

    @staticmethod
    def tokens(values: dict[str, Any]) -> int | None:
        """A chosen and a rejected response to each prompt."""
        single = TrainerParams.tokens(values)
        return single and 2 * single


def train(
    pairs: Sequence[Pair], model: Path, folder: Path, params: Params, track: list[str], seed: int
) -> dict[str, Any]:
    """Train on the pairs that are not held out; returns steps, seconds, the last metrics and the held-out accuracy."""
    from trl.trainer.reward_config import RewardConfig
    from trl.trainer.reward_trainer import RewardTrainer

    fit.prepare()
    args = RewardConfig(**fit.arguments(params, folder, track, seed))
    tokenizer = padded(fit.tokenizer(str(model)))
    learnt, held_out = split(pairs, params.holdout, seed)
    rows = fit.fitting([row(p) for p in learnt], tokenizer, args.max_length)
    trainer = RewardTrainer(
        model=str(model),
        args=args,
        train_dataset=fit.dataset(rows, folder),
        processing_class=tokenizer,
        peft_config=fit.adapters(params, "SEQ_CLS"),
    )
    figures = fit.fit(trainer, folder)
    if trainer.accelerator.is_main_process:
        with saving.whole(args):
            figures["holdout"] = accuracy(held_out, folder / "model")
        trainer.log({f"holdout_{name}": value for name, value in figures["holdout"].items()})
    return figures


def padded(tokenizer: Any) -> Any:
    """The tokenizer with a padding token that ends no conversation; raises RunError where it has none.

    transformers scores a text at its last token that is not padding, vLLM at its last token: Llama 3 ends a
    conversation with the very token that TRL would pad with.
    """
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]
    end = tokenizer.apply_chat_template(turns, tokenize=True, return_dict=True)["input_ids"][-1]
    tokens = (tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.bos_token_id)
    usable = [token for token in tokens if token is not None and token != end]
    if not usable:
        raise RunError(
            f"{tokenizer.name_or_path} has no token to pad with but the one that ends a conversation",
            "set pad_token in its tokenizer_config.json to another token of its vocabulary",
        )
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(usable[0])
    return tokenizer


def split(pairs: Sequence[Pair], share: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs held out. A question is on one side with all its pairs, whatever their order.

    Raises RunError where there are not two questions.
    """
    questions = sorted({pair.question for pair in pairs})
    if len(questions) < 2:
        raise RunError(f"{len(pairs)} pairs of {len(questions)} questions: none can be held out", "give more pairs")
    Random(seed).shuffle(questions)
    held_out = set(questions[: min(max(1, round(share * len(questions))), len(questions) - 1)])
    return [p for p in pairs if p.question not in held_out], [p for p in pairs if p.question in held_out]


def accuracy(pairs: Sequence[Pair], model: Path) -> dict[str, Any]:
    """How often the model in a folder scores the chosen response higher, a tie as half, and its standard error.

    Scored through `rewards.classifier`, as whoever uses the model will.
    """
    with contextlib.closing(classifier.open(classifier.Params(model=str(model)))) as scorer:
        chosen = in_order(scorer, [(ask(pair.question, pair.boxed), pair.chosen) for pair in pairs])
        rejected = in_order(scorer, [(ask(pair.question, pair.boxed), pair.rejected) for pair in pairs])
    both = [(a, b) for a, b in zip(chosen, rejected, strict=True) if a is not None and b is not None]
    won = [0.5 if a == b else float(a > b) for a, b in both]
    if not won:
        raise RunError(f"{model} gives no finite score", "lower learning_rate: the training went wrong")
    return {"pairs": len(won), "accuracy": mean(won), "stderr": pstdev(won) / sqrt(len(won))}
