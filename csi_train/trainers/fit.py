"""What all trainers share: TRL's arguments, rows of a length that fits, the run itself, the model it leaves."""

import logging
import os
import shutil
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train.adapters import models
from csi_train.errors import RunError
from csi_train.records import write_rows
from csi_train.trainers import callbacks, checkpoints, divergence, launch, saving
from csi_train.trainers.params import TrainerParams

log = logging.getLogger(__name__)

Row = dict[str, Any]

REPLIES = ("completion", "chosen", "rejected")
"""Columns that hold the turns after the prompt."""


def arguments(params: TrainerParams, folder: Path, track: list[str], seed: int, **defaults: Any) -> dict[str, Any]:
    """TRL's arguments: the trainer's defaults, the recipe's `args` over them, and what csi_train decides itself."""
    weights, flags = precision(params)
    return {
        "save_total_limit": 2,
        "disable_tqdm": True,
        **flags,
        **defaults,
        **params.args,
        "gradient_accumulation_steps": launch.accumulation(params),
        "model_init_kwargs": {"dtype": weights, **params.args.get("model_init_kwargs", {})},
        "output_dir": str(folder / "checkpoints"),
        "report_to": track,
        "logging_nan_inf_filter": False,  # it would log such a loss as 0
        "run_name": "/".join(folder.parts[-3:]),
        "seed": seed,
    }


def precision(params: TrainerParams) -> tuple[str, dict[str, bool]]:
    """How to load the weights, and TRL's flags to go with it.

    bf16 has 8 bits of precision: a weight of 0.02 does not feel an AdamW step of less than 6e-5. So weights that are
    trained themselves stay in float32 and compute in bf16, unless DeepSpeed keeps a float32 copy of them.
    """
    import torch

    bf16 = params.args.get("bf16", models.dtype() == "bfloat16" and not params.args.get("fp16"))
    small = bf16 and (params.lora or os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true")
    return "bfloat16" if small else "float32", {"bf16": bf16, "use_cpu": not torch.cuda.is_available()}


def prepare() -> None:
    """Set the libraries up for a log file: no progress bars. On a CPU, let TRL do what it does on a GPU only.

    That is to project just the positions that have a label through the LM head. The loss is the same; prompts are most
    of our tokens, and five SFT steps of SmolLM2 take 35 s instead of 54 (measured on two cores).
    """
    import datasets
    import torch
    import transformers
    import trl.trainer.utils

    os.environ.setdefault("TQDM_DISABLE", "1")
    # DeepSpeed 0.19 calls what torch 2.13 has renamed: four warnings a step
    warnings.filterwarnings("ignore", category=FutureWarning, module="torch.distributed")
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if not torch.cuda.is_available():
        trl.trainer.utils._use_triton = lambda device: True  # type: ignore[attr-defined]
        if os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
            # 0.19 compiles collectives for CPUs at its first start, for minutes; killed meanwhile, it leaves a lock
            # behind for which every later start waits without end. gloo does without them.
            import deepspeed.ops

            deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False


def adapters(params: TrainerParams, task: str = "CAUSAL_LM") -> Any:
    """The peft configuration of `lora`, None without. Of a classifier (SEQ_CLS) peft trains the new head in full."""
    if params.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(task_type=task, **params.lora.model_dump())


def tokenizer(model: str) -> Any:
    """The model's tokenizer; raises RunError where it has no chat template to put a question in."""
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(model)
    if found.chat_template is None:
        raise RunError(
            f"{model} has no chat template", "add a chat_template.jinja to a copy of the model and name that folder"
        )
    return found


def fitting(rows: Sequence[Row], tokenizer: Any, limit: int | None, **template: Any) -> list[Row]:
    """The rows of which no conversation, prompt and reply, is longer than `limit` tokens; raises RunError for none."""
    if not rows:
        raise RunError(
            "nothing to train on: sft needs examples with a response, grpo with an answer, dpo and reward_model pairs",
            "look at filter/examples.jsonl or pair/pairs.jsonl",
        )
    if limit is None:
        return list(rows)
    replies = [name for name in REPLIES if name in rows[0]] or [""]
    turns = [row["prompt"] + row.get(reply, []) for reply in replies for row in rows]
    tokens = tokenizer.apply_chat_template(turns, tokenize=True, return_dict=True, **template)["input_ids"]
    long = {number % len(rows) for number, ids in enumerate(tokens) if len(ids) > limit}
    kept = [row for number, row in enumerate(rows) if number not in long]
    if not kept:
        raise RunError(
            f"nothing to train on: of {len(rows)} examples none has at most {limit} tokens",
            "mind max_length and max_completion_length, or shorten what is sampled",
        )
    if len(kept) < len(rows):
        log.warning(
            "%d of %d examples are longer than %d tokens and are left out", len(rows) - len(kept), len(rows), limit
        )
    return kept


def dataset(rows: Sequence[Row], folder: Path) -> Any:
    """The rows as TRL takes them, written to folder/train.jsonl first: what is trained on, in TRL's own columns."""
    from accelerate import PartialState
    from datasets import Dataset

    if PartialState().is_main_process:
        write_rows(folder / "train.jsonl", rows)
    return Dataset.from_list(list(rows))


def on_disk(found: Any, folder: Path) -> Any:
    """The dataset with files: beside them TRL keeps what it works out once, for all processes and resumes."""
    from accelerate import PartialState
    from datasets import load_from_disk

    place, scratch = folder / "dataset", folder / "dataset.tmp"
    with PartialState().main_process_first():
        if not place.exists():
            found.save_to_disk(scratch)
            scratch.rename(place)
    return load_from_disk(place)


def fit(trainer: Any, folder: Path) -> dict[str, Any]:
    """Train from the last good checkpoint if there is one, and leave the model in folder/model; returns figures.

    A checkpoint of the last step is not trained any further. Raises RunError where the training diverges.
    """
    from transformers import PrinterCallback, TrainerState

    start = beginning(trainer, folder / "checkpoints")
    trainer.remove_callback(PrinterCallback)  # our own callback prints
    trainer.add_callback(callbacks.metrics(folder))
    trainer.add_callback(divergence.guard(folder))  # after the other, which writes down what went wrong
    began = time.monotonic()
    if start and checkpoints.ended(start):
        weights = start  # transformers 5.16 would do one step more
        trainer.state = TrainerState.load_from_json(str(start / "trainer_state.json"))
    else:
        weights = folder / "model.raw"
        trainer.train(resume_from_checkpoint=str(start) if start else None)
        trainer.save_model(str(weights))  # every process takes part: ZeRO-3 gathers the weights here
    saving.leave(trainer, weights, folder)
    if trainer.accelerator.is_main_process:
        shutil.rmtree(folder / "model.raw", ignore_errors=True)
    last: Row = next((h for h in reversed(trainer.state.log_history) if "loss" in h), {})
    return {
        "examples": len(trainer.train_dataset),
        "steps": trainer.state.global_step,
        "resumed_from": int(start.name.split("-")[1]) if start else None,
        "seconds": round(time.monotonic() - began, 1),
        "last": {k: v for k, v in last.items() if isinstance(v, int | float)},
    }


def beginning(trainer: Any, folder: Path) -> Path | None:
    """The checkpoint to go on from, the same for all processes; those after it, torn or diverged, are removed."""
    from accelerate.utils import broadcast_object_list

    found: list[Path | None] = [None]
    if trainer.accelerator.is_main_process:
        found = [checkpoints.latest(folder)]
        checkpoints.remove_after(found[0], folder)
    broadcast_object_list(found)
    (start,) = found
    if start:
        log.warning("going on from %s", start)
    return start
