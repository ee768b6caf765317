"""What the recipe entry of every judge that reads two responses has."""

from typing import Annotated

from pydantic import Field, PositiveInt

from csi_train import parts
from csi_train.parts import Strict

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class JudgeParams(Strict):
    """`model` judges, run by `engine`. `baseline`: a file of outputs, here or on the hub (hf://datasets/org/name/file),
    or a row of this run, such as base. `attempts`: how often a reply is asked for until one parses. `name`: the folder
    of the results under judge/, where two judges are of one type.
    """

    name: Name | None = None
    model: str
    engine: parts.entry("engines", "vllm") = Field(default_factory=lambda: parts.load("engines", "vllm").Params())  # type: ignore[valid-type]
    baseline: str
    attempts: PositiveInt = 3
