"""What the methods that write instructions share: tasks between markers, a plain list to continue."""

import re
from collections.abc import Sequence
from dataclasses import replace

from csi_train.engines.contract import Prompt
from csi_train.errors import RecipeError
from csi_train.methods import form
from csi_train.methods.form import Draft, Unparsable
from csi_train.prompts import few_shot
from csi_train.records import Seed

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


def no_shots(method: str, shots: Sequence[Seed]) -> None:
    """Raises RecipeError where there are shots: a seed holds no reasoning to show before it."""
    if shots:
        raise RecipeError(f"{method} has no few-shot form", "leave out generate.shots, or use no_cot")


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
