"""How a question is put to a model: one form for sampling, training and evaluation (`evals/` says the same)."""

import re
from collections.abc import Mapping, Sequence

from csi_train.errors import RecipeError
from csi_train.records import Seed

BOXED = r"Put your final answer within \boxed{}."
WORKED = "Question: {question}\nAnswer: {solution}"

NEXT = ("\n\n", "\nQuestion:")
"""Where a model that continues worked questions begins the next one: the stop strings."""


def ask(question: str, boxed: bool = True) -> str:
    """The user turn that asks a question in chat: for an answer in a box, or as it is."""
    return f"{question}\n\n{BOXED}" if boxed else question


def filled(template: str, texts: Mapping[str, str]) -> str:
    """A template with a text in each of its `{places}`, in one pass: a text cannot fill a place itself."""
    return re.sub(r"\{(\w+)\}", lambda place: texts[place[1]], template)


def few_shot(example: str, shots: Sequence[Seed], opening: str) -> str:
    """Seeds in the form of `example`, then the opening of one more, for a model that continues text.

    Raises RecipeError for a seed without the part that the form shows.
    """
    return "\n\n".join([*(_shown(example, seed) for seed in shots), opening])


def _shown(example: str, seed: Seed) -> str:
    def part(place: re.Match[str]) -> str:
        if text := getattr(seed, place[1]):
            return str(text)
        raise RecipeError(
            f"seed {seed.id} has no {place[1]} to show",
            f"name its column in seeds.fields.{place[1]}, or leave out shots",
        )

    return re.sub(r"\{(question|solution|answer)\}", part, example)
