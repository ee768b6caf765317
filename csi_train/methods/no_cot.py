"""Self-Instruct for instructions (the baseline): write a new task at once, no reasoning."""

from collections.abc import Sequence

from csi_train.engines.contract import Prompt
from csi_train.methods import form, instructions
from csi_train.methods.form import Draft, Params
from csi_train.records import Seed

__all__ = ["Params", "parse", "prompt", "stop"]

TEMPLATE = form.template(__file__)
ANSWERED = VERIFIABLE = False


def prompt(seeds: Sequence[Seed], shots: Sequence[Seed], template: str | None = None) -> Prompt:
    """The chat template; with `shots`, instructions to continue."""
    if shots:
        return instructions.continued([*shots, *seeds])
    return form.chat(template or TEMPLATE, seeds, instructions.WRAPPED)


def stop(shots: bool) -> tuple[str, ...]:
    """Where a reply ends: a continuation where the next instruction would begin; a chat reply ends itself."""
    return instructions.NEXT if shots else ()


def parse(reply: str, shots: bool) -> Draft:
    """The new task: in chat what the last `<begin>…</end>` holds; raises Unparsable."""
    return instructions.draft(reply, "after Instruction:") if shots else instructions.parse_wrapped(reply)
