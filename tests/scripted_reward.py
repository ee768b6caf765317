"""A reward for tests, reached as `type: tests.scripted_reward`: the last number of a response. It logs what it scores.

With `kill_after: n` the process dies like by kill -9 while it scores, once n responses are through.
"""

import json
import os
import re
import signal
from pathlib import Path
from typing import Literal

from csi_train.parts import Strict
from csi_train.rewards import Rows, Scores
from csi_train.store import Store


class Params(Strict):
    """`log`: the file that gets a line [prompt, response] for each one scored; `missing`: the one it leaves out."""

    type: Literal["tests.scripted_reward"] = "tests.scripted_reward"
    log: str
    kill_after: int | None = None
    missing: int | None = None


class Scripted:
    """Scores by the last number in the text; `nan` and `inf` are numbers too; none gives None. Last first."""

    def __init__(self, params: Params) -> None:
        self.cost: dict[str, int] = {}
        self._params = params

    def score(self, rows: Rows) -> Scores:
        for done, (number, row) in enumerate(reversed(list(enumerate(rows)))):
            if done == self._params.kill_after:
                os.kill(os.getpid(), signal.SIGKILL)
            with Path(self._params.log).open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            if number != self._params.missing:
                yield number, _number(row[1])

    def close(self) -> None:
        with Path(self._params.log).open("a", encoding="utf-8") as log:
            log.write('"closed"\n')


def _number(text: str) -> float | None:
    found = re.findall(r"-?\d+(?:\.\d+)?|nan|inf", text)
    return float(found[-1]) if found else None


def fingerprint(params: Params) -> str:
    """Its log is whose scores these are."""
    return f"scripted {params.log}"


def open(params: Params, store: Store) -> Scripted:
    """A new one."""
    return Scripted(params)
