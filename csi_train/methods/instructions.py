"""What the methods that write instructions share: tasks between markers, a plain list to continue, demonstrations."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from csi_train.engines.contract import Prompt
from csi_train.methods import form
from csi_train.methods.form import Draft, Unparsable
from csi_train.prompts import few_shot
from csi_train.records import Seed, read_rows

WRAPPED = "<begin>\n{question}\n</end>"
MARKERS = ("<begin>", "</end>")
LISTED = "Instruction: {question}"
NEXT = ("\n\n", "\nInstruction:")
"""Where a model that continues a list of instructions begins the next one: the stop strings."""

QUOTES = {'"': '"', "“": "”", "'": "'"}


def continued(seeds: Sequence[Seed]) -> Prompt:
    """Instructions listed, one more begun: all that a model needs which follows no template.

    Each is shown without blank lines, which end one. Of SmolLM2-135M's replies to this form 24 in 24 end by
    themselves; to `Task 1:`, `Task 2:` … 22 in 24.
    """
    shown = [replace(seed, question=re.sub(r"\n\s*\n", "\n", seed.question)) for seed in seeds]
    return few_shot(LISTED, shown, "Instruction:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """A worked example of ours: two prompts of a category, what they have in common, a plan, the prompt made by it."""

    category: str
    prompts: tuple[str, ...]
    elements: tuple[str, ...]
    plan: str
    prompt: str


DEMONSTRATIONS = read_rows(Path(__file__).with_name("demonstrations.jsonl"), Demonstration)


def demonstrated(
    template: str,
    shape: str,
    seeds: Sequence[Seed],
    shots: Sequence[Demonstration],
    reply: Callable[[Demonstration], str],
) -> Prompt:
    """A chat: the template with the prompts of the first demonstration, its reply, the prompts of the next, and so on.

    The seeds come last, each in this shape; without demonstrations they are in the template.
    """
    turns: list[tuple[str, str]] = []
    for shot in shots:
        shown = [Seed(id="", question=text) for text in shot.prompts]
        turns += [*form.chat("{seeds}" if turns else template, shown, shape), ("assistant", reply(shot))]
    return (*turns, *form.chat("{seeds}" if turns else template, seeds, shape))


def stop(shots: bool) -> tuple[str, ...]:
    """Where a reply to `demonstrated` ends: nowhere, a chat reply ends itself."""
    return ()


def parse_wrapped(reply: str) -> Draft:
    """What the last `<begin>…</end>` holds. What a thinking model thinks does not count; raises Unparsable."""
    return draft(form.marked(form.spoken(reply), MARKERS)[0], "between <begin> and </end>")


def draft(text: str, where: str) -> Draft:
    """A prompt without the space and the quotation marks around the whole of it; raises Unparsable for an empty one."""
    text = text.strip()
    inner, closing = text[1:-1], QUOTES.get(text[:1])
    if closing and text.endswith(closing) and not {text[0], closing} & set(inner):
        text = inner.strip()
    if not text.strip(" .…\n"):
        raise Unparsable(f"nothing {where}")
    return Draft(text, None)
