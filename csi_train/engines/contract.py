"""What every engine does: take requests, give each completion back as it finishes, cancel what is no longer needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from csi_train.recipe import Sampling

Prompt = str | tuple[tuple[str, str], ...]
"""Text to continue, or a chat: (role, content) turns that the model's own template renders."""


@dataclass(frozen=True, slots=True)
class Request:
    """One completion asked for. `purpose` and `row` are the asker's own; `index` tells the K samples of a prompt apart."""

    purpose: str
    row: str
    index: int
    prompt: Prompt
    sampling: Sampling
    stop: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Unique among the requests of one process."""
        return f"{self.purpose}/{self.row}/{self.index}"


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished reply. `finish` is "stop" or "length"; `key` addresses it in the store."""

    request: Request
    text: str
    tokens: int
    finish: str
    key: str = ""


class Engine(Protocol):
    """The contract. `completions` yields until nothing is in flight; requests may be submitted while it runs."""

    slots: int
    fingerprint: str

    def render(self, prompt: Prompt) -> str: ...
    def submit(self, request: Request) -> None: ...
    def completions(self) -> Iterator[Completion]: ...
    def cancel(self, request_id: str) -> None: ...
    def close(self) -> None: ...


class Params(Protocol):
    """What an engine module's Params must at least be."""

    type: Any
