"""A reward for tests, reached as `type: tests.scripted_reward`: the last number of a response. It logs what it scores.

With `kill_after: n` the process dies like by kill -9 while it scores, once n batches are through.
"""

import json
import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from csi_train.parts import Strict


class Params(Strict):
    """`log`: the file that gets a line [prompt, response] for each one scored; `missing`: scores it leaves out."""

    type: Literal["tests.scripted_reward"] = "tests.scripted_reward"
    log: str
    kill_after: int | None = None
    missing: int = 0


class Scripted:
    """Scores by the last number in the text; `nan` and `inf` are numbers too; none at all gives None."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._batches = 0

    def score(self, rows: Sequence[tuple[str, str]]) -> list[float | None]:
        if self._batches == self._params.kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        self._batches += 1
        with Path(self._params.log).open("a", encoding="utf-8") as log:
            log.writelines(json.dumps(row) + "\n" for row in rows)
        return [_number(response) for _, response in rows][self._params.missing :]

    def close(self) -> None:
        with Path(self._params.log).open("a", encoding="utf-8") as log:
            log.write('"closed"\n')


def _number(text: str) -> float | None:
    found = re.findall(r"-?\d+(?:\.\d+)?|nan|inf", text)
    return float(found[-1]) if found else None


def fingerprint(params: Params) -> str:
    """Its log is whose scores these are."""
    return f"scripted {params.log}"


def open(params: Params) -> Scripted:
    """A new one."""
    return Scripted(params)
