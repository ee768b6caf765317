"""An engine and a reward for tests of the stage `judge`, reached as `type: tests.scripted_judge`.

As a judge it prefers the longer response, and says so in the form that the prompt asks for; of one alone it says how
long it is, up to 10. As a reward it scores a response by its length; `nan` in it is no number.
"""

import math
import re
from typing import ClassVar, Literal

from csi_train.engines.contract import Completion, Request
from csi_train.parts import Strict
from csi_train.rewards import Rows, Scores

SERVED = True


class Params(Strict):
    """`taste` is the judge's own: another one is another judge. `says`: a reply in place of its verdict."""

    type: Literal["tests.scripted_judge"] = "tests.scripted_judge"
    taste: str = "long"
    says: str | None = None


def verdict(asked: str, one_token: bool = False) -> str:
    """What the judge says of the texts in its prompt."""
    first, *others = (len(found) for found in re.findall(r"<(?:output|answer)>\n(.*?)\n</", asked, re.DOTALL)[-2:])
    if not others:
        return f"Score: {min(first, 10)}"
    (second,) = others
    if one_token:
        return "M" if second > first else "m"
    return "[[B>A]]" if second > first else "[[A>>B]]"


class Engine:
    """Answers what it is asked in order."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._asked: list[Request] = []

    def submit(self, request: Request) -> None:
        self._asked.append(request)

    def wait(self) -> list[Completion]:
        asked, self._asked = self._asked, []
        return [Completion(r, self._params.says or verdict(r.prompt[1][1], r.logprobs > 0), 3, "stop") for r in asked]

    def cancel(self, request_id: str) -> None:
        """Nothing is in flight between two calls."""

    def close(self) -> None:
        """Nothing is held."""


class Scorer:
    """The length of a response."""

    cost: ClassVar[dict[str, int]] = {}

    def score(self, rows: Rows) -> Scores:
        for number, (_, response) in enumerate(rows):
            yield number, math.nan if "nan" in response else float(len(response))

    def close(self) -> None:
        """Nothing is held."""


def fingerprint(*given: object) -> str:
    """Of a judge (model, params), of a reward (params)."""
    return f"scripted {given}"


def open(*given: object) -> Engine | Scorer:
    """Of a judge (model, params, seed), of a reward (params, store)."""
    return Engine(given[1]) if len(given) == 3 and isinstance(given[1], Params) else Scorer()
