"""A language model as the reward: it goes through a rubric and ends with a score from 1 to 10 (as in arXiv 2306.05685).

A reply that does not end with a score is asked for again, as another sample of the same prompt; a response that gets
none at all has no score, rather than a middling one. An empty response gets the lowest, and no judge is asked. Ten
scores tie often: `samples: 4` is the mean of four, and finer. (The expected score over log-probabilities would be finer
still, but an engine gives those of the first token only, and this judge reasons first.)
"""

import json
import statistics
from dataclasses import dataclass, field
from typing import Literal

from pydantic import PositiveInt

from csi_train.engines import stored
from csi_train.engines.contract import Completion, Request, Turns
from csi_train.engines.stored import StoredEngine
from csi_train.judge_prompts import SCORE, prompt, said, template, version
from csi_train.recipe import Judge
from csi_train.rewards import Rows, Scorer, Scores
from csi_train.store import Store

TEMPLATE = template(__file__)
LOWEST, HIGHEST = 1, 10
AHEAD = 1024
"""Responses that are with the judge at once: enough to keep any engine busy, few enough to be held in memory."""


class Params(Judge):
    """`samples`: how many replies a score is the mean of."""

    type: Literal["llm_judge"] = "llm_judge"
    samples: PositiveInt = 1


def fingerprint(params: Params) -> str:
    """The judge, its prompt, and how often it is asked."""
    judge = stored.fingerprint(params.engine, params.model)
    asked = [params.sampling.model_dump(), params.samples, params.attempts, params.chat_template]
    return f"{params.type}:{judge}:{version(TEMPLATE)}:{json.dumps(asked)}"


def open(params: Params, store: Store) -> Scorer:
    """The judge in front of the store; it is loaded at the first reply that is not there."""
    return JudgeScorer(params, stored.engine(store, params.engine, params.model, seed=0))


def read(completion: Completion) -> int | None:
    """The score on the last line of a finished reply; None where there is none, or it is off the scale."""
    lines = said(completion.text).split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    found = SCORE.fullmatch(last.strip()) if completion.finish == "stop" else None
    return int(found["points"]) if found and LOWEST <= int(found["points"]) <= HIGHEST else None


@dataclass
class _Case:
    """One response with the judge: how many replies were asked for, how many are due, the scores that came."""

    prompt: Turns
    asked: int = 0
    due: int = 0
    scores: list[int] = field(default_factory=list)


class JudgeScorer:
    """Asks for the replies to many rows at once. `cost` counts each of them, whether the store had it or not."""

    def __init__(self, params: Params, engine: StoredEngine) -> None:
        self.cost = {"requests": 0, "prompt_chars": 0, "reply_tokens": 0}
        self._params, self._engine = params, engine
        self._cases: dict[str, _Case] = {}

    def score(self, rows: Rows) -> Scores:
        """The mean score of each row, in the order in which the judge is done with them."""
        for number, (instruction, response) in enumerate(rows):
            if not response.strip():
                yield number, LOWEST
                continue
            name = str(number)
            self._cases[name] = _Case(prompt(TEMPLATE, instruction=instruction, response=response))
            for _ in range(self._params.samples):
                self._ask(name)
            while len(self._cases) >= AHEAD:
                yield from self._settled()
        while self._cases:
            yield from self._settled()

    def close(self) -> None:
        """Free the judge's memory, where it is loaded here."""
        self._engine.close()

    def _ask(self, name: str) -> None:
        case = self._cases[name]
        sampling, template = self._params.sampling, self._params.chat_template
        request = Request("score", name, case.asked, case.prompt, sampling, chat_template=template)
        case.asked, case.due = case.asked + 1, case.due + 1
        self.cost["requests"] += 1
        self.cost["prompt_chars"] += sum(len(text) for _, text in case.prompt)
        self._engine.submit(request)

    def _settled(self) -> Scores:
        """The rows that are done once the next replies are in."""
        for completion in self._engine.wait():
            name, found = completion.request.row, read(completion)
            case = self._cases[name]
            case.due -= 1
            self.cost["reply_tokens"] += completion.tokens
            if found is not None:
                case.scores.append(found)
            elif case.asked < self._params.samples * self._params.attempts:
                self._ask(name)
            if not case.due:
                del self._cases[name]
                yield int(name), statistics.fmean(case.scores) if case.scores else None
