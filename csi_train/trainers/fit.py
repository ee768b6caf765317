"""What all trainers share: TRL's arguments, rows of a length that fits, the run itself, the model it leaves."""

import logging
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi_train.adapters import models
from csi_train.errors import RunError
from csi_train.trainers import checkpoints, launch
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
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if not torch.cuda.is_available():
        trl.trainer.utils._use_triton = lambda device: True  # type: ignore[attr-defined]


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


def on_disk(rows: Sequence[Row], folder: Path) -> Any:
    """The rows as a dataset with files: beside them TRL keeps what it works out once, for all processes and resumes."""
    from accelerate import PartialState
    from datasets import Dataset, load_from_disk

    place, scratch = folder / "dataset", folder / "dataset.tmp"
    with PartialState().main_process_first():
        if not place.exists():
            Dataset.from_list(list(rows)).save_to_disk(scratch)
            scratch.rename(place)
    return load_from_disk(place)


def fit(trainer: Any, folder: Path) -> dict[str, Any]:
    """Train, from the last whole checkpoint if there is one, and leave the model in folder/model; returns figures."""
    from transformers import PrinterCallback

    start = checkpoints.latest(folder / "checkpoints")
    if start:
        log.warning("going on from %s", start)
    trainer.remove_callback(PrinterCallback)  # our own callback prints
    began = time.monotonic()
    result = trainer.train(resume_from_checkpoint=str(start) if start else None)
    _save(trainer, folder)
    last: Row = next((h for h in reversed(trainer.state.log_history) if "loss" in h), {})
    return {
        "examples": len(trainer.train_dataset),
        "steps": result.global_step,
        "resumed_from": int(start.name.split("-")[1]) if start else None,
        "seconds": round(time.monotonic() - began, 1),
        "last": {k: v for k, v in last.items() if isinstance(v, int | float)},
    }


def _save(trainer: Any, folder: Path) -> None:
    """Weights in bfloat16, adapters merged, in the class they were trained as: what vLLM and lm-eval load as it is."""
    import torch
    from peft import PeftModel

    raw, scratch, final = folder / "model.raw", folder / "model.tmp", folder / "model"
    trainer.save_model(str(raw))  # every process takes part: ZeRO-3 gathers the weights here
    if trainer.accelerator.is_main_process:
        trained = trainer.accelerator.unwrap_model(trainer.model)
        peft = isinstance(trained, PeftModel)
        base = trained.get_base_model() if peft else trained
        start = base.name_or_path if peft else raw
        model = type(base).from_pretrained(start, config=base.config, dtype=torch.bfloat16)
        if peft:
            model = PeftModel.from_pretrained(model, raw).merge_and_unload()
        model.save_pretrained(scratch)
        trainer.processing_class.save_pretrained(scratch)
        shutil.rmtree(raw)
        shutil.rmtree(final, ignore_errors=True)
        scratch.rename(final)
    trainer.accelerator.wait_for_everyone()
