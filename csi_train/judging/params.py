"""What the recipe entry of every judge that reads two responses has."""

from typing import Annotated

from pydantic import Field

from csi_train.recipe import Judge

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class JudgeParams(Judge):
    """`baseline`: a file of outputs, here or on the hub (hf://datasets/org/name/file), or a row of this run, such as
    base. `name`: the folder of the results under judge/, where two judges are of one type."""

    name: Name | None = None
    baseline: str
