"""Online DPO with TRL: two responses of the model as it is now, the better scored one chosen, a step of DPO
(arXiv 2402.04792; settings of arXiv 2506.21495).

TRL's trainer is experimental, and it holds up: it was run here on a CPU, in full and with LoRA, and taken up again. So
there are no rounds of sampling and DPO of our own, which would also be less online: a round is many steps old. What to
mind: it draws with transformers unless `use_vllm` is set (`colocate` and `server` are for GPUs and were not run here),
and vLLM then answers as many prompts at once as `per_device_train_batch_size` says; it holds a reference model unless
LoRA is used; every process holds the reward model; of two equal scores it takes the first response as chosen, which
teaches noise, and metrics.jsonl has an alarm for it.
"""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from csi_train import parts
from csi_train.prompts import ask
from csi_train.records import Example
from csi_train.rewards import Scorer, in_order
from csi_train.store import Store
from csi_train.trainers import fit, saving
from csi_train.trainers.params import TrainerParams

ROWS = Example
DEFAULTS: dict[str, Any] = {
    "beta": 0.01,
    "learning_rate": 1e-6,
    "max_length": 1024,
    "temperature": 1.0,
    "top_p": 1.0,
}
Turns = list[dict[str, str]]


class Params(TrainerParams):
    """`args` are the keys of TRL's OnlineDPOConfig; `reward` says how good a response is, as in the recipe."""

    type: Literal["online_dpo"] = "online_dpo"
    reward: parts.entry("rewards")  # type: ignore[valid-type]
    all_logits: ClassVar[bool] = True

    @staticmethod
    def defaults(args: dict[str, Any]) -> dict[str, Any]:
        """Without vLLM no gradient checkpointing: TRL 1.16 then generates without a KV cache where it is on."""
        return DEFAULTS | {"gradient_checkpointing": bool(args.get("use_vllm"))}

    @staticmethod
    def tokens(values: dict[str, Any]) -> int | None:
        """Two responses to each prompt."""
        return int(2 * values["per_device_train_batch_size"] * values["max_length"])

    @staticmethod
    def at_once(values: dict[str, Any]) -> tuple[int, int | None]:
        """TRL 1.16's max_num_seqs and max_model_len."""
        together = values["per_device_train_batch_size"] * values["vllm_tensor_parallel_size"]
        return int(together), values["max_length"] + values["max_new_tokens"]

    @staticmethod
    def compares(values: dict[str, Any]) -> bool:
        return True


def train(
    examples: Sequence[Example], model: Path, folder: Path, params: Params, track: list[str], seed: int
) -> dict[str, Any]:
    """Train on the questions alone; returns steps, seconds and the last metrics, and what a language model that scores
    was asked for: its replies are kept beside the checkpoints, for all processes and resumes."""
    from trl.experimental.online_dpo.online_dpo_config import OnlineDPOConfig
    from trl.experimental.online_dpo.online_dpo_trainer import OnlineDPOTrainer

    fit.prepare()
    given = fit.arguments(params, folder, track, seed, **params.defaults(params.args))
    given["model_init_kwargs"] |= {"device_map": None}  # TRL's "auto" would spread each process over all GPUs
    args = OnlineDPOConfig(**given)
    tokenizer = fit.tokenizer(str(model))
    room = args.max_length - args.max_new_tokens
    rows = fit.fitting([row(e) for e in examples], tokenizer, room, add_generation_prompt=True)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(contextlib.closing(Store(folder / "replies.sqlite")))
        with saving.whole(args):
            scorer = parts.load("rewards", params.reward.type).open(params.reward, store)
        stack.enter_context(contextlib.closing(scorer))
        trainer = OnlineDPOTrainer(
            model=str(model),
            ref_model=None if params.lora else reference(model, args),
            reward_funcs=reward(scorer),
            args=args,
            train_dataset=fit.dataset(rows, folder),
            processing_class=tokenizer,
            peft_config=fit.adapters(params),
        )
        return fit.fit(trainer, folder) | {purpose: used._asdict() for purpose, used in store.usage().items()}


def reference(model: Path, args: Any) -> Any:
    """The starting model, to hold the training against: under ZeRO-3, where TRL cannot copy its own; elsewhere None."""
    from transformers import AutoModelForCausalLM
    from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

    if not is_deepspeed_zero3_enabled():  # type: ignore[no-untyped-call]
        return None
    return AutoModelForCausalLM.from_pretrained(model, **args.model_init_kwargs)


def row(example: Example) -> dict[str, Any]:
    """An example as TRL's online DPO wants it: the prompt alone."""
    return {"prompt": [{"role": "user", "content": ask(example.question, example.boxed)}]}


def reward(scorer: Scorer) -> Callable[..., list[float | None]]:
    """A scorer as TRL calls it, for the first completion of every prompt, then for the second of every prompt.

    TRL takes a missing score for 0, which may win. Where one of the two is missing both are 0 here, which is a tie.
    """

    def scores(prompts: Sequence[Turns], completions: Sequence[Turns], **_: Any) -> list[float | None]:
        rows = [(p[-1]["content"], c[-1]["content"]) for p, c in zip(prompts, completions, strict=True)]
        found = in_order(scorer, rows)
        half = len(found) // 2
        known = [None not in pair for pair in zip(found[:half], found[half:], strict=True)]
        return [score if score is not None and known[n % half] else 0.0 for n, score in enumerate(found)]

    return scores
