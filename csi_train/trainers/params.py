"""What every trainer's recipe entry has."""

from typing import Any

from pydantic import Field, PositiveInt

from csi_train.parts import Strict

BATCH_SIZE = 8
"""transformers' own `per_device_train_batch_size`."""


class Lora(Strict):
    """Train low-rank adapters instead of all weights: the keys of peft's LoraConfig. They are merged at the end."""

    r: PositiveInt = 16
    lora_alpha: PositiveInt = 32
    lora_dropout: float = 0.0
    target_modules: str | list[str] = "all-linear"
    use_rslora: bool = False


class TrainerParams(Strict):
    """What to train, on what, and how."""

    model: str | None = None
    """The model to start from: what the train entry before left, else the recipe's base model."""
    launch: str = "launch/cpu.yaml"
    """The accelerate configuration file."""
    processes: PositiveInt | None = None
    """How many processes to start, one for each GPU; where it is not given, as many as the launch file says."""
    batch: PositiveInt | None = None
    """Prompts, pairs or examples that one optimizer step learns from, whatever the number of processes:
    `gradient_accumulation_steps` follows from it."""
    lora: Lora | None = None
    args: dict[str, Any] = Field(default_factory=dict)
    """TRL's own argument names."""

    @staticmethod
    def defaults(args: dict[str, Any]) -> dict[str, Any]:
        """The TRL arguments that the trainer sets where the recipe's `args` are silent."""
        return {}

    @staticmethod
    def completions(args: dict[str, Any]) -> int:
        """How many rows of TRL's batch one prompt, pair or example makes."""
        return 1
