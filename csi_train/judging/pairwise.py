"""Asks a judge which of two responses is better: through the store, in one order or both, again where it does not say.

A judge that ended without a verdict is told to go on, where its module says how; else the same is asked once more.
After `attempts` replies the judgement counts as unparsed, never as a tie, and its document has no preference: one order
alone would carry what the judge makes of a position. Two equal texts are a tie, and an empty response loses against one
that is not: no judge is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

from csi_train.engines.contract import Completion, Request, Turns
from csi_train.engines.stored import StoredEngine
from csi_train.judge_prompts import prompt, said
from csi_train.progress import Progress
from csi_train.recipe import Sampling
from csi_train.records import Judged, Judgement

EMPTY = "empty response"
"""The verdict on a response without text."""
TURN = 64
"""Tokens that a further turn may cost besides the judge's own words."""


class Case(NamedTuple):
    """One response to judge, and the baseline's to the same question."""

    doc: str
    question: str
    response: str
    baseline: str


class Reading(NamedTuple):
    """What a reply says: the verdict as written, how likely the second is better (0 to 1), battles it counts for."""

    verdict: str
    second: float
    weight: int = 1


@dataclass
class _Game:
    """One order of one case: what came of it so far."""

    case: Case
    first: str
    tokens: int = 0
    asked: int = 0
    done: Judgement | None = None


@dataclass
class Pairwise:
    """Has every case of the rows judged, each in the orders that `judge` wants.

    `requests` and `prompt_chars` count what was asked for, whether the store had it or not.
    """

    judge: ModuleType
    params: Any
    engine: StoredEngine
    progress: Progress
    requests: int = 0
    prompt_chars: int = 0
    _games: dict[str, _Game] = field(default_factory=dict)

    def add(self, row: str, cases: Sequence[Case]) -> None:
        """Ask for the judgements of one row."""
        for number, case in enumerate(cases):
            for first in self.judge.first(case.question):
                name = f"{row}/{number}/{first}"
                self._games[name] = _Game(case, first, done=_without_asking(case, first))
                if self._games[name].done is None:
                    texts = (case.baseline, case.response) if first == "baseline" else (case.response, case.baseline)
                    shown = {"question": case.question, "first": texts[0], "second": texts[1]}
                    self._ask(name, prompt(self.judge.TEMPLATE, **shown), self.params.sampling)
                else:
                    self.progress.advance(before=True)

    def receive(self, completion: Completion) -> None:
        """Read a reply; one that does not parse is asked for again."""
        game, c = self._games[completion.request.row], completion
        game.tokens += c.tokens
        reading = self.judge.read(c)
        if reading is None and game.asked < self.params.attempts:
            self.progress.advance(0, c.tokens, c.stored)
            self._ask_again(c)
            return
        self.progress.advance(1, c.tokens, c.stored)
        verdict, preference, weight = None, None, 1
        if reading:
            preference = reading.second if game.first == "baseline" else 1 - reading.second
            verdict, weight = reading.verdict, reading.weight
        game.done = Judgement(
            first=game.first,
            verdict=verdict,
            preference=preference,
            weight=weight,
            reply=c.text,
            tokens=game.tokens,
            asked=game.asked,
            completion=c.key,
        )

    def judged(self, row: str, cases: Sequence[Case]) -> list[Judged]:
        """The judgements of a row, once all are in."""
        return [self._judged(row, number, case) for number, case in enumerate(cases)]

    def _ask_again(self, c: Completion) -> None:
        """Have the judge go on, within the tokens that its first reply might have had; or ask the same once more."""
        asked, sampling, spoken = c.request.prompt, c.request.sampling, said(c.text)
        assert not isinstance(asked, str)
        left = sampling.max_tokens - c.tokens - TURN
        if spoken and left > 0 and (further := getattr(self.judge, "AGAIN", None)):
            asked = (*asked, ("assistant", spoken), ("user", further))
            sampling = sampling.model_copy(update={"max_tokens": left})
        self._ask(c.request.row, asked, sampling)

    def _ask(self, name: str, asked: Turns, sampling: Sampling) -> None:
        game = self._games[name]
        index, game.asked = game.asked, game.asked + 1
        self.requests += 1
        self.prompt_chars += sum(len(text) for _, text in asked)
        logprobs = getattr(self.judge, "LOGPROBS", 0)
        template = self.params.chat_template
        self.engine.submit(Request("judge", name, index, asked, sampling, logprobs=logprobs, chat_template=template))

    def _judged(self, row: str, number: int, case: Case) -> Judged:
        games = [self._games[f"{row}/{number}/{first}"].done for first in self.judge.first(case.question)]
        judgements = tuple(game for game in games if game is not None)
        return Judged(
            doc=case.doc,
            question=case.question,
            preference=mean(judgements),
            chars=len(case.response),
            baseline_chars=len(case.baseline),
            style=style(case.response),
            baseline_style=style(case.baseline),
            judgements=judgements,
        )


def mean(judgements: Sequence[Judgement]) -> float | None:
    """The preference over all battles of a document; None where one of its judgements did not parse."""
    told = [j.preference * j.weight for j in judgements if j.preference is not None]
    return sum(told) / sum(j.weight for j in judgements) if len(told) == len(judgements) else None


STYLE = {
    "headers": re.compile(r"^#{1,6}\s", re.MULTILINE),
    "lists": re.compile(r"^\s*(?:\d+\.|[-*+])\s", re.MULTILINE),
    "bold": re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__"),
}
CODE = re.compile(r"```[^`]*```")


def style(text: str) -> tuple[int, ...]:
    """How many headers, list items and bold passages a text has outside its code blocks."""
    outside = CODE.sub("", text)
    return tuple(len(pattern.findall(outside)) for pattern in STYLE.values())


def _without_asking(case: Case, first: str) -> Judgement | None:
    """The judgement that needs no judge; None where one is needed."""
    response, baseline = case.response.strip(), case.baseline.strip()
    if response and baseline and response != baseline:
        return None
    verdict = "equal texts" if response == baseline else EMPTY if not response else "empty baseline"
    preference = 0.5 if response == baseline else float(bool(response))
    return Judgement(first=first, verdict=verdict, preference=preference)
