"""What every trainer's recipe entry has."""

from typing import Any, ClassVar

from pydantic import Field, PositiveInt

from csi_train.parts import Strict

BATCH_SIZE = 8
"""transformers' own `per_device_train_batch_size`."""


class Lora(Strict):
    """Train low-rank adapters instead of all weights: the keys of peft's LoraConfig. They are merged at the end."""

    r: PositiveInt = 16
    lora_alpha: PositiveInt = 32
    lora_dropout: float = Field(0.0, ge=0, lt=1)
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

    all_logits: ClassVar[bool] = False
    """Whether TRL holds the logits of a whole batch at once."""

    @staticmethod
    def defaults(args: dict[str, Any]) -> dict[str, Any]:
        """The TRL arguments that the trainer sets where the recipe's `args` are silent."""
        return {}

    @staticmethod
    def completions(args: dict[str, Any]) -> int:
        """How many rows of TRL's batch one prompt, pair or example makes."""
        return 1

    @staticmethod
    def tokens(values: dict[str, Any]) -> int | None:
        """Of all TRL arguments: the tokens in one process's batch at most; None where they do not say."""
        length = values.get("max_length")
        return length and int(values["per_device_train_batch_size"] * length)

    @staticmethod
    def at_once(values: dict[str, Any]) -> tuple[int, int | None]:
        """Of all TRL arguments: how many sequences a process asks vLLM for at once, and the tokens of each at most."""
        return 0, None

    @staticmethod
    def compares(values: dict[str, Any]) -> bool:
        """Of all TRL arguments: whether a reference model is held, without LoRA."""
        return False
