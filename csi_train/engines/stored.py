"""The engine every stage talks to: it answers from the store what the store has, and keeps what it had to ask for."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from csi_train import parts
from csi_train.engines.contract import Completion, Engine, Request
from csi_train.store import Address, Store, Stored, digest


@contextlib.contextmanager
def opened(store: Store, params: Any, model: str, seed: int) -> Iterator["StoredEngine"]:
    """The engine of a recipe's `engine` section in front of the store; both are closed at the end."""
    with contextlib.closing(store), contextlib.closing(engine(store, params, model, seed)) as found:
        yield found


def engine(store: Store, params: Any, model: str, seed: int) -> "StoredEngine":
    """The same, for who closes both.

    The engine's seed moves on with what is stored: a resumed run must not draw the same samples once more.
    """
    module = parts.load("engines", params.type)
    return StoredEngine(store, fingerprint(params, model), lambda: module.open(model, params, seed + store.size()))


def fingerprint(params: Any, model: str) -> str:
    """Whose completions those of a model are, run by an `engine` section."""
    return str(parts.load("engines", params.type).fingerprint(model, params))


@dataclass
class _Flight:
    """A completion under way: the id the model knows it by, and everybody who waits for it."""

    sent: str
    askers: dict[str, Request]


class StoredEngine:
    """An engine in front of a store. The model behind it is loaded at the first request that the store cannot answer.

    Two requests for one address are one request: problems with the same words share their samples.
    `asked` and `tokens` count what the model, not the store, gave.
    """

    def __init__(self, store: Store, fingerprint: str, load: Callable[[], Engine]) -> None:
        self.asked = 0
        self.tokens = 0
        self._store = store
        self._fingerprint = fingerprint
        self._load = load
        self._engine: Engine | None = None
        self._ready: dict[str, Completion] = {}
        self._flights: dict[Address, _Flight] = {}
        self._places: dict[str, Address] = {}

    def submit(self, request: Request) -> None:
        """Answer from the store, join a request already in flight, or ask the model."""
        address = self._address(request)
        if found := self._store.get(address):
            self._ready[request.id] = Completion(request, key=str(address), stored=True, **found._asdict())
            return
        if address not in self._flights:
            self._engine = self._engine or self._load()
            self._engine.submit(request)
            self._flights[address] = _Flight(request.id, {})
        self._flights[address].askers[request.id] = request
        self._places[request.id] = address

    def wait(self) -> list[Completion]:
        """What the store knew, else what the model finishes next, written down before it is handed over."""
        if not self._ready and self._engine is not None:
            finished = [(self._address(c.request), c) for c in self._engine.wait()]
            self._keep(finished)
            for address, c in finished:
                for asker in self._flights.pop(address).askers.values():
                    del self._places[asker.id]
                    self._ready[asker.id] = replace(c, request=asker, key=str(address))
        completions = list(self._ready.values())
        self._ready.clear()
        return completions

    def cancel(self, request_id: str) -> None:
        """Drop one request; the model goes on while somebody else waits for the same completion."""
        self._ready.pop(request_id, None)
        if address := self._places.pop(request_id, None):
            flight = self._flights[address]
            del flight.askers[request_id]
            if not flight.askers and self._engine is not None:
                self._engine.cancel(flight.sent)
                del self._flights[address]

    def drive(self, receivers: Mapping[str, Callable[[Completion], None]]) -> None:
        """Hand each completion to the receiver of its purpose, who may submit more, until nothing is left."""
        while completions := self.wait():
            for completion in completions:
                receivers[completion.request.purpose](completion)

    def close(self) -> None:
        """Close the model, if it was loaded."""
        if self._engine is not None:
            self._engine.close()

    def _address(self, request: Request) -> Address:
        drawn = request.sampling.model_dump(exclude={"max_tokens"}) | {"stop": request.stop}
        if request.logprobs:
            drawn["logprobs"] = request.logprobs
        if request.choices:
            drawn["choices"] = request.choices
        if request.chat_template and not isinstance(request.prompt, str):
            drawn["chat_template"] = request.chat_template
        asked = digest(self._fingerprint, json.dumps(request.prompt), json.dumps(drawn))
        return Address(asked, request.index, request.sampling.max_tokens)

    def _keep(self, finished: list[tuple[Address, Completion]]) -> None:
        self.asked += len(finished)
        self.tokens += sum(c.tokens for _, c in finished)
        self._store.put(
            [(address, c.request.purpose, Stored(c.text, c.tokens, c.finish, c.first)) for address, c in finished],
            [(address.hash, self._fingerprint, json.dumps(c.request.prompt)) for address, c in finished],
        )
