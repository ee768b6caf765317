"""A training that diverges ends with an error: no loss, gradient norm or weight may be other than a finite number."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csi_train.errors import RunError
from csi_train.trainers import checkpoints

if TYPE_CHECKING:
    from transformers import TrainerCallback

TRY = "lower learning_rate, give it warmup_steps, or lower max_grad_norm"


def guard(folder: Path) -> "TrainerCallback":
    """The callback that stops a training that diverges: at the next logged step, and before such weights are saved.

    Its methods raise RunError with the step and the last good checkpoint.
    """
    from transformers import TrainerCallback

    class Guard(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            if not control.should_save:
                return
            trained = ((name, shard(weight)) for name, weight in model.named_parameters() if weight.requires_grad)
            if name := checkpoints.broken(trained):
                raise diverged(folder, state.global_step, f"the weight {name}")

        on_epoch_end = on_step_end

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
            # float16 scales the loss until a gradient overflows, and skips that step
            names, figures = ("loss",) if args.fp16 else ("loss", "grad_norm"), logs or {}
            for name in names:
                if figures.get(name) is not None and not math.isfinite(figures[name]):
                    raise diverged(folder, state.global_step, name)

    return Guard()


def shard(weight: Any) -> Any:
    """What this process holds of a weight: ZeRO-3 leaves an empty tensor there, and keeps the shard beside it."""
    return getattr(weight, "ds_tensor", weight)


def diverged(folder: Path, step: int, what: str) -> RunError:
    """The error of a training that has diverged at a step."""
    good = checkpoints.latest(folder / "checkpoints")
    left = f"the last good checkpoint is {good}" if good else "there is no checkpoint from before"
    return RunError(f"the training diverged: at step {step} {what} is not a finite number; {left}", TRY)
