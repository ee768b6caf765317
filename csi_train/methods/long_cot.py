"""CoT-Self-Instruct for instructions (arXiv 2507.23751): list the elements of the seeds, plan, write a new prompt."""

import re
from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form, instructions
from csi_train.methods.form import Draft, Params, Unparsable
from csi_train.methods.instructions import DEMONSTRATIONS, Demonstration, stop
from csi_train.records import Seed

__all__ = ["DEMONSTRATIONS", "Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
ANSWERED = VERIFIABLE = False
NUMBERED = "#Prompt {number}#:\n{question}"
HEADING = re.compile(r"#Synthetic Prompt#[*_]*(?:[ \t]*:[*_]*|[ \t]*$)", re.IGNORECASE | re.MULTILINE)
"""The third heading, in bold or not. Without a colon it counts at the end of a line only, so that no mention of it
within a sentence does."""


def prompt(seeds: Sequence[Seed], shots: Sequence[Demonstration], template: str | None = None) -> Prompt:
    """The chat template; with `shots`, those as turns before the seeds."""
    return instructions.demonstrated(template or TEMPLATE, NUMBERED, seeds, shots, _steps)


def parse(reply: str, shots: bool) -> Draft:
    """The new prompt: what follows the last `#Synthetic Prompt#:`; raises Unparsable."""
    *before, text = HEADING.split(form.spoken(reply))
    if not before:
        raise Unparsable("no #Synthetic Prompt#:")
    return instructions.draft(text, "after #Synthetic Prompt#:")


def _steps(shot: Demonstration) -> str:
    listed = "\n".join(f"- {element}" for element in shot.elements)
    return f"""\
Step 1 #Common Elements List#:
{listed}

Step 2 #Plan#:
{shot.plan}

Step 3 #Synthetic Prompt#:
{shot.prompt}"""
