"""A language model picks each seed's category from a closed list: structured output leaves it no other word to say.

The categories are the paper's (arXiv 2507.23751), who sorted them in it is not said. Where a server does not hold the
model to the list and the reply is none of it, it is asked for again; after `attempts` the seed has no category.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator

from csi_train.engines import stored
from csi_train.engines.contract import Completion, Prompt, Request
from csi_train.engines.stored import StoredEngine
from csi_train.progress import Progress
from csi_train.prompts import filled
from csi_train.recipe import Asks, Sampling
from csi_train.records import Classified, Seed
from csi_train.run import Run

TEMPLATE = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
CATEGORIES = (
    "Writing & Storytelling", "Technical & Programming", "Creative & Design", "Data & Analysis", "Education & Research",
    "Communication & Support", "Business & Marketing", "Miscellaneous",
)  # fmt: skip
SHOWN, KEPT = 4000, 200
"""Characters of a seed that the model sees, its beginning, and of a reply that named no category."""

TAGS = re.compile(r"<(?=\s*/?\s*request\b)", re.IGNORECASE)


class Params(Asks):
    """`categories`: the closed list. `attempts`: how often a reply is asked for until it is one of them.

    `model`: where it is not given, the recipe's generator. A served model that thinks first needs more `max_tokens`.
    """

    type: Literal["llm"] = "llm"
    model: str | None = None
    categories: Annotated[tuple[Annotated[str, Field(pattern=r"^\S(.*\S)?$")], ...], Field(min_length=2)] = CATEGORIES
    attempts: PositiveInt = 3
    sampling: Sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=64)

    @field_validator("categories")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        seen = [name.casefold() for name in names]
        if twice := [name for name in names if seen.count(name.casefold()) > 1]:
            raise ValueError(f"{twice[0]!r} is there twice (capitals tell no two apart); name each category once")
        return names


def classify(seeds: Sequence[Seed], params: Params, run: Run) -> list[Classified]:
    """The category of each seed and the completion that names it; of a seed without one, the end of the asking."""
    recipe, progress = run.recipe, Progress(run.folder / "classify", len(seeds), "seeds")
    with stored.opened(run.store(), params.engine, recipe.classify_model, recipe.seed) as engine:
        asking = Asking(seeds, params, engine, progress)
        asking.start()
        engine.drive({"classify": asking.receive})
    return [asking.found[number] for number in range(len(seeds))]


def prompt(question: str, categories: Sequence[str]) -> Prompt:
    """The template filled in one pass, the seed's beginning defused: a text cannot end itself or fill a place."""
    shown = question if len(question) <= SHOWN else f"{question[:SHOWN]} …"
    texts = {"request": TAGS.sub("‹", shown), "categories": "\n".join(f"- {name}" for name in categories)}
    return (("user", filled(TEMPLATE, texts).strip()),)


class Asking:
    """Asks for each seed until its reply is a category; `found` holds what came of it, by the seed's number."""

    def __init__(self, seeds: Sequence[Seed], params: Params, engine: StoredEngine, progress: Progress) -> None:
        self.found: dict[int, Classified] = {}
        self._seeds, self._params, self._engine, self._progress = seeds, params, engine, progress

    def start(self) -> None:
        """Ask once for every seed."""
        for number in range(len(self._seeds)):
            self._ask(number, 0)

    def receive(self, completion: Completion) -> None:
        """Take a reply in; one that is no category, or was cut off, is asked for again."""
        c, params = completion, self._params
        number, asked = int(c.request.row), c.request.index + 1
        known = c.finish == "stop" and c.text in params.categories
        if not known and asked < params.attempts:
            self._progress.advance(0, c.tokens, c.stored)
            self._ask(number, asked)
            return
        self._progress.advance(1, c.tokens, c.stored)
        self.found[number] = Classified(
            seed=self._seeds[number].id,
            question=self._seeds[number].question,
            category=c.text if known else None,
            how={"completion": c.key, "asked": asked} | ({} if known else {"reply": c.text[:KEPT]}),
        )

    def _ask(self, number: int, attempt: int) -> None:
        """Later attempts are drawn at a temperature of at least 1: a greedy reply would come again."""
        asked, sampling = prompt(self._seeds[number].question, self._params.categories), self._params.sampling
        if attempt:
            sampling = sampling.model_copy(update={"temperature": max(1.0, sampling.temperature)})
        choices, template = self._params.categories, self._params.chat_template
        request = Request("classify", str(number), attempt, asked, sampling, choices=choices, chat_template=template)
        self._engine.submit(request)
