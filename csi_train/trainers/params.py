"""What every trainer's recipe entry has."""

from typing import Any

from pydantic import Field, PositiveInt

from csi_train.parts import Strict


class Lora(Strict):
    """Train low-rank adapters instead of all weights: the keys of peft's LoraConfig. They are merged at the end."""

    r: PositiveInt = 16
    lora_alpha: PositiveInt = 32
    lora_dropout: float = Field(0.0, ge=0, lt=1)
    target_modules: str | list[str] = "all-linear"
    use_rslora: bool = False


class TrainerParams(Strict):
    """`model` to start from (default: what the train entry before left, else the recipe's base model), `launch` the
    accelerate configuration file, `args` TRL's own argument names."""

    model: str | None = None
    launch: str = "launch/cpu.yaml"
    lora: Lora | None = None
    args: dict[str, Any] = Field(default_factory=dict)
