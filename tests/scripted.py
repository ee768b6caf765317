"""An engine whose replies are a function of the request: it shows what the stages ask for and cancel."""

import random
from collections.abc import Callable
from pathlib import Path

from csi_train.engines.contract import Completion, Request
from csi_train.engines.stored import StoredEngine
from csi_train.store import Store

Reply = Callable[[Request], str]


class ScriptedEngine:
    """Finishes one request in flight at a time, in an order drawn by `seed`; `cut` ends a reply as if at max_tokens.

    Its only alternative for the first token is the whole reply.
    """

    def __init__(self, reply: Reply, seed: int = 0, dies_after: int | None = None) -> None:
        self.asked: list[Request] = []
        self.cancelled: list[str] = []
        self._reply = reply
        self._random = random.Random(seed)
        self._left = dies_after
        self._in_flight: list[Request] = []

    def submit(self, request: Request) -> None:
        self.asked.append(request)
        self._in_flight.append(request)

    def wait(self) -> list[Completion]:
        if not self._in_flight:
            return []
        if self._left == 0:
            raise KeyboardInterrupt
        self._left = None if self._left is None else self._left - 1
        request = self._in_flight.pop(self._random.randrange(len(self._in_flight)))
        text = self._reply(request)
        finish = "length" if text.endswith("<cut>") else "stop"
        return [Completion(request, text, len(text.split()), finish, first={text: 0.0} if request.logprobs else None)]

    def cancel(self, request_id: str) -> None:
        self.cancelled.append(request_id)
        self._in_flight = [r for r in self._in_flight if r.id != request_id]

    def close(self) -> None:
        self._in_flight.clear()


def stored(folder: Path, engine: ScriptedEngine) -> StoredEngine:
    """The scripted engine in front of a store in a folder."""
    return StoredEngine(Store(folder / "store.sqlite"), "scripted", lambda: engine)
