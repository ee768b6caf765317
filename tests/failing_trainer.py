"""A trainer for tests, reached as `type: tests.failing_trainer`: the second process fails, the first waits for it."""

import os
import signal
from typing import Any, Literal

from csi_train.records import Example
from csi_train.trainers.params import TrainerParams

ROWS = Example


class Params(TrainerParams):
    """`killed`: it dies of a signal, rather than of an exception."""

    type: Literal["tests.failing_trainer"] = "tests.failing_trainer"
    killed: bool = False


def train(rows: Any, model: Any, folder: Any, params: Params, track: Any, seed: int) -> dict[str, Any]:
    from accelerate import PartialState

    state = PartialState()
    if not state.is_main_process:
        if params.killed:
            os.kill(os.getpid(), signal.SIGKILL)
        raise ZeroDivisionError("one of the weights\nis zero")
    state.wait_for_everyone()
    return {}
