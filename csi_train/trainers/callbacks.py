"""What is written down while a trainer runs: one JSON line a logged step, and alarms where the figures look wrong."""

import json
import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csi_train.progress import Progress
from csi_train.records import readable

if TYPE_CHECKING:
    from transformers import TrainerCallback

log = logging.getLogger(__name__)

Figures = dict[str, Any]

ZERO_STD = 0.8
"""Share of groups whose rewards are all equal, above which a step teaches next to nothing."""
CLIPPED = 0.5
"""Share of completions cut at max_completion_length, above which reward goes to being short."""
RATIO = (0.8, 1.25)
"""Where the mean importance ratio between the sampler and the trainer should lie; 1 is no mismatch."""

SHOWN = (
    *("loss", "reward", "accuracy", "mean_token_accuracy", "kl", "rewards/margins", "rewards/accuracies"),
    *("objective/scores", "objective/scores_margin", "objective/kl"),
    *("holdout_pairs", "holdout_accuracy", "holdout_stderr"),
)
"""What of a logged step is printed; the rest is in metrics.jsonl."""


def alarms(figures: Figures) -> list[str]:
    """One short sentence for each figure of a logged step that looks wrong."""
    found = []
    if _value(figures, "frac_reward_zero_std", 0.0) >= ZERO_STD:
        share = figures["frac_reward_zero_std"]
        found.append(f"{share:.0%} of the groups have equal rewards and teach nothing: problems too easy or too hard")
    if _value(figures, "completions/clipped_ratio", 0.0) >= CLIPPED:
        share = figures["completions/clipped_ratio"]
        found.append(f"{share:.0%} of the completions are cut off: raise max_completion_length")
    if _value(figures, "val/contain_eos_token", 1.0) <= 1 - CLIPPED:
        share = 1 - figures["val/contain_eos_token"]
        found.append(f"{share:.0%} of the completions are cut off: raise max_new_tokens")
    if _value(figures, "objective/scores_margin", 1.0) == 0.0:
        found.append("the two completions of each prompt have equal rewards: this step teaches nothing")
    if _value(figures, "holdout_accuracy", 1.0) - 2 * _value(figures, "holdout_stderr", 0.0) <= 0.5:
        found.append("no better than chance on held-out pairs: train longer, on more pairs, or from a larger model")
    ratio = _value(figures, "sampling/importance_sampling_ratio/mean", 1.0)
    if not RATIO[0] <= ratio <= RATIO[1]:
        found.append(f"importance ratio {ratio:.2f}, not near 1: the sampler and the trainer are not the same model")
    return found


def _value(figures: Figures, name: str, default: float) -> float:
    """A figure as a number; TRL logs None where a whole batch had no value."""
    value = figures.get(name)
    return default if value is None else float(value)


def truncate(path: Path, step: int) -> None:
    """Drop the lines of `path` after `step`, and a torn last line: training goes on from there."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    path.write_text("".join(kept), encoding="utf-8")


def metrics(folder: Path) -> "TrainerCallback":
    """The callback that writes metrics.jsonl, alarms included, and progress.json, and prints each logged step."""
    from transformers import TrainerCallback

    path = folder / "metrics.jsonl"

    class Metrics(TrainerCallback):
        progress: Progress | None = None

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                truncate(path, state.global_step)
                self.progress = Progress(folder, of=state.max_steps, unit="steps")
                self.progress.advance(state.global_step, before=True)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if self.progress:
                self.progress.advance()

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                readable(folder / "checkpoints")

        def on_log(self, args: Any, state: Any, control: Any, logs: Figures | None = None, **_: Any) -> None:
            if not state.is_world_process_zero or not logs or "train_runtime" in logs:
                return
            found = alarms(logs)
            line = {"step": state.global_step, **logs, **({"alarm": found} if found else {})}
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(_finite(line)) + "\n")
            print(_plain(line, state.max_steps), flush=True)
            for sentence in found:
                log.warning("step %d: %s", state.global_step, sentence)

    return Metrics()


def _finite(line: Figures) -> Figures:
    """NaN and infinity are not JSON: written as null."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in line.items()}


def _plain(line: Figures, steps: int) -> str:
    shown = [f"{name} {line[name]:.4g}" for name in SHOWN if line.get(name) is not None]
    return f"step {line['step']} of {steps}  " + "  ".join(shown)
