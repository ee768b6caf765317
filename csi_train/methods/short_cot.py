"""Short CoT for instructions (the ablation): reason first, as long as it takes, then write a new task."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form, instructions
from csi_train.methods.form import Draft, Params
from csi_train.methods.instructions import DEMONSTRATIONS, WRAPPED, Demonstration, stop
from csi_train.records import Seed

__all__ = ["DEMONSTRATIONS", "Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
ANSWERED = VERIFIABLE = False


def prompt(seeds: Sequence[Seed], shots: Sequence[Demonstration], template: str | None = None) -> Prompt:
    """The chat template; with `shots`, those as turns before the seeds."""
    return instructions.demonstrated(template or TEMPLATE, WRAPPED, seeds, shots, _thought)


def parse(reply: str, shots: bool) -> Draft:
    """The new task, which the last `<begin>…</end>` holds; raises Unparsable."""
    return instructions.parse_wrapped(reply)


def _thought(shot: Demonstration) -> str:
    task = WRAPPED.replace("{question}", shot.prompt)
    return f"The samples have in common: {'; '.join(shot.elements)}. {shot.plan}\n\n{task}"
