"""The model that a training leaves: whole, in bfloat16, adapters merged into it and kept beside it."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csi_train.trainers import checkpoints, divergence

ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
"""What peft needs of an adapter."""


@contextlib.contextmanager
def whole(args: Any) -> Iterator[None]:
    """Load models whole while this lasts; `args` are TRL's.

    Under ZeRO-3 transformers shares every model it loads out among the processes: it takes no device_map, and where one
    process loads alone it waits for the others without end.
    """
    from transformers.integrations.deepspeed import unset_hf_deepspeed_config

    unset_hf_deepspeed_config()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if args.deepspeed_plugin:
            args.deepspeed_plugin.set_deepspeed_weakref()


def leave(trainer: Any, weights: Path, folder: Path) -> None:
    """Make folder/model out of the weights that the trainer has saved: in bfloat16 and the class they were trained as,
    which vLLM and lm-eval load as it is. Adapters are merged, and kept in folder/adapter.

    The main process does it while the others wait. Raises RunError where a weight is not finite.
    """
    if trainer.accelerator.is_main_process:
        with whole(trainer.args):
            model = _merged(trainer, weights)
        if name := checkpoints.broken(model.state_dict().items()):
            raise divergence.diverged(folder, trainer.state.global_step, f"the weight {name}")
        scratch = folder / "model.tmp"
        model.save_pretrained(scratch)
        trainer.processing_class.save_pretrained(scratch)
        _replace(scratch, folder / "model")
        if (weights / ADAPTER[0]).is_file():
            scratch = folder / "adapter.tmp"
            scratch.mkdir(exist_ok=True)
            for name in ADAPTER:
                shutil.copy(weights / name, scratch)
            _replace(scratch, folder / "adapter")
    trainer.accelerator.wait_for_everyone()


def _merged(trainer: Any, weights: Path) -> Any:
    import torch
    from peft import PeftModel

    trained = trainer.accelerator.unwrap_model(trainer.model)
    peft = isinstance(trained, PeftModel)
    base = trained.get_base_model() if peft else trained
    start = base.name_or_path if peft else weights
    model = type(base).from_pretrained(start, config=base.config, dtype=torch.bfloat16)
    return PeftModel.from_pretrained(model, weights).merge_and_unload() if peft else model


def _replace(scratch: Path, final: Path) -> None:
    shutil.rmtree(final, ignore_errors=True)
    scratch.rename(final)
