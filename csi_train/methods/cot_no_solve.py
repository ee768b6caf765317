"""The ablation without an answer: reason about the seeds, then write a new question; the label comes from a vote."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.errors import RecipeError
from csi_train.methods import form
from csi_train.methods.form import Draft, Params, stop
from csi_train.records import Seed

__all__ = ["Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
ANSWERED = False
VERIFIABLE = True


def prompt(seeds: Sequence[Seed], shots: Sequence[Seed], template: str | None = None) -> Prompt:
    """The chat template. Raises RecipeError with `shots`: seeds hold no reasoning that comes before the question."""
    if shots:
        raise RecipeError("cot_no_solve has no few-shot form", "leave out generate.shots, or use self_instruct")
    return form.chat(template or TEMPLATE, seeds)


def parse(reply: str, shots: bool) -> Draft:
    """The new question; raises Unparsable."""
    return form.parse(reply, shots, ANSWERED)
