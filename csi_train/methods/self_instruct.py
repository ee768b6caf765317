"""Self-Instruct (the baseline): write a new question at once; no reasoning, no answer."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form
from csi_train.methods.form import Draft, Params, stop
from csi_train.records import Seed

__all__ = ["Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
EXAMPLE = "Question: {question}"
ANSWERED = False
VERIFIABLE = True


def prompt(seeds: Sequence[Seed], shots: Sequence[Seed], template: str | None = None) -> Prompt:
    """The chat template; with `shots`, questions to continue."""
    return form.prompt(template or TEMPLATE, EXAMPLE, seeds, shots)


def parse(reply: str, shots: bool) -> Draft:
    """The new question; raises Unparsable."""
    return form.parse(reply, shots, ANSWERED)
