"""CoT-Self-Instruct (arXiv 2507.23751): reason about the seeds, write a new question, solve it, give the answer."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form
from csi_train.methods.form import Draft, Params, stop
from csi_train.prompts import WORKED
from csi_train.records import Seed

__all__ = ["Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
ANSWERED = VERIFIABLE = True


def prompt(seeds: Sequence[Seed], shots: Sequence[Seed], template: str | None = None) -> Prompt:
    """The chat template; with `shots`, worked questions to continue."""
    return form.prompt(template or TEMPLATE, WORKED, seeds, shots)


def parse(reply: str, shots: bool) -> Draft:
    """The new question and its answer; raises Unparsable."""
    return form.parse(reply, shots, ANSWERED)
