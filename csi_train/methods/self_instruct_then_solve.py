"""The ablation without reasoning first: write a new question at once, then solve it."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form
from csi_train.methods.form import Draft, Params
from csi_train.prompts import few_shot
from csi_train.records import Seed

__all__ = ["Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
EXAMPLE = "Question: {question}\nAnswer: \\boxed{{answer}}"
ANSWERED = True


def prompt(seeds: Sequence[Seed], shots: Sequence[Seed], template: str | None = None) -> Prompt:
    """The chat template; with `shots`, answered questions to continue."""
    if shots:
        return few_shot(EXAMPLE, [*shots, *seeds], "Question:")
    return form.chat(template or TEMPLATE, seeds)


def stop(shots: bool) -> tuple[str, ...]:
    """A continuation ends where the next question would begin; a chat reply ends itself."""
    return ("\n\n", "\nQuestion:") if shots else ()


def parse(reply: str, shots: bool) -> Draft:
    """The new question and its answer; raises Unparsable."""
    return form.parse_continuation(reply, answered=True) if shots else form.parse_chat(reply, answered=True)
