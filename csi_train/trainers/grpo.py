"""Group relative policy optimisation with TRL: the reward is 1 for a right final answer, else 0."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from csi_train import answers
from csi_train.errors import RunError
from csi_train.prompts import ask
from csi_train.records import Example
from csi_train.trainers import fit
from csi_train.trainers.params import TrainerParams

ROWS = Example
DEFAULTS: dict[str, Any] = {
    "loss_type": "grpo",  # as published (arXiv 2402.03300); TRL's own default is "dapo"
    "beta": 0.0,  # no KL term, so no reference model; the paper states none
    "temperature": 1.0,
    "top_p": 1.0,  # a truncated distribution biases the importance ratio
    "top_k": 0,
    "vllm_importance_sampling_correction": True,
    # TRL's default, sequence_mask, drops a completion whose ratio to the sampler exceeds 3; over 4,096 tokens the ratio
    # is a product of 4,096, and most completions would go
    "vllm_importance_sampling_mode": "token_truncate",
}


class Params(TrainerParams):
    """`args` are the keys of TRL's GRPOConfig."""

    type: Literal["grpo"] = "grpo"

    @staticmethod
    def defaults(args: dict[str, Any]) -> dict[str, Any]:
        return DEFAULTS

    @staticmethod
    def completions(args: dict[str, Any]) -> int:
        """Each prompt is answered `num_generations` times."""
        return int(args.get("num_generations", 8))  # TRL's default

    @staticmethod
    def tokens(values: dict[str, Any]) -> int | None:
        """Prompts are taken to have 1,024 tokens where no vllm_max_model_length limits them."""
        length = values["vllm_max_model_length"] or values["max_completion_length"] + 1024
        return int(values["per_device_train_batch_size"] * length)

    @staticmethod
    def at_once(values: dict[str, Any]) -> tuple[int, int | None]:
        """All that is generated together: TRL 1.16's max_num_seqs."""
        steps = values["steps_per_generation"] or values["gradient_accumulation_steps"]
        together = values["per_device_train_batch_size"] * values["vllm_tensor_parallel_size"] * steps
        return int(together), values["vllm_max_model_length"]

    @staticmethod
    def compares(values: dict[str, Any]) -> bool:
        return bool(values["beta"] != 0)


def train(
    examples: Sequence[Example], model: Path, folder: Path, params: Params, track: list[str], seed: int
) -> dict[str, Any]:
    """Train on the examples that have an answer; returns steps, seconds and the last metrics."""
    from transformers import AutoConfig
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    fit.prepare()
    args: Any = GRPOConfig(**fit.arguments(params, folder, track, seed, **DEFAULTS))
    tokenizer = fit.tokenizer(str(model))
    context = args.vllm_max_model_length or AutoConfig.from_pretrained(model).get_text_config().max_position_embeddings
    room = context - (args.max_completion_length or 0)
    template = args.chat_template_kwargs or {}
    rows = fit.fitting([row(e) for e in examples if e.answer], tokenizer, room, add_generation_prompt=True, **template)
    enough(len(rows), args.generation_batch_size // args.num_generations)
    trainer = GRPOTrainer(
        model=str(model),
        reward_funcs=correct,
        args=args,
        train_dataset=fit.dataset(rows, folder),
        processing_class=tokenizer,
        peft_config=fit.adapters(params),
    )
    return fit.fit(trainer, folder)


def row(example: Example) -> dict[str, Any]:
    """An example as TRL's GRPO wants it: the prompt, and the label as a column for the reward."""
    return {"prompt": [{"role": "user", "content": ask(example.question, example.boxed)}], "answer": example.answer}


def correct(completions: Sequence[Sequence[dict[str, str]]], answer: Sequence[str], **_: Any) -> list[float | None]:
    """The reward: 1.0 where the completion's final answer equals the label."""
    return [float(_grade(gold, turns[-1]["content"])) for gold, turns in zip(answer, completions, strict=True)]


@functools.lru_cache(maxsize=65536)
def _grade(gold: str, completion: str) -> bool:
    return answers.grade(gold, completion)


def enough(prompts: int, batch: int) -> None:
    """TRL drops a generation batch that is not full; raises RunError where there is not even one."""
    if prompts < batch:
        raise RunError(
            f"{prompts} prompts are fewer than the {batch} of one generation batch",
            "lower per_device_train_batch_size or gradient_accumulation_steps, or raise num_generations",
        )
