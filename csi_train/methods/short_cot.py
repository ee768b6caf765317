"""Short CoT for instructions (the ablation): reason first, as long as it takes, then write a new task."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form, instructions
from csi_train.methods.form import Draft, Params, stop
from csi_train.records import Seed

__all__ = ["Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
ANSWERED = VERIFIABLE = False


def prompt(seeds: Sequence[Seed], shots: Sequence[Seed], template: str | None = None) -> Prompt:
    """The chat template. Raises RecipeError with `shots`: seeds hold no reasoning that comes before the task."""
    instructions.no_shots("short_cot", shots)
    return form.chat(template or TEMPLATE, seeds, instructions.WRAPPED)


def parse(reply: str, shots: bool) -> Draft:
    """The new task, which the last `<begin>…</end>` holds; raises Unparsable."""
    return instructions.parse_wrapped(reply)
