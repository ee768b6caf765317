"""What every engine does: take requests, give each completion back as it finishes, cancel what is no longer needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from csi_train.recipe import Sampling

Turns = tuple[tuple[str, str], ...]
"""A chat: (role, content) turns that the model's own template renders."""
Prompt = str | Turns
"""Text to continue, or a chat."""


@dataclass(frozen=True, slots=True)
class Request:
    """One completion asked for. `purpose` and `row` are the asker's own; `index` tells samples of a prompt apart.

    `logprobs`: how many alternatives of the first token are wanted with their log-probabilities. `choices`: the reply
    is to be one of these texts. vLLM sees to that; a server may not heed it, so whoever asks looks at the reply.
    `chat_template`: arguments for the template that renders a chat.
    """

    purpose: str
    row: str
    index: int
    prompt: Prompt
    sampling: Sampling
    stop: tuple[str, ...] = ()
    logprobs: int = 0
    choices: tuple[str, ...] = ()
    chat_template: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Unique among the requests in flight."""
        return f"{self.purpose}/{self.row}/{self.index}"


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished reply. `finish` is "stop" or "length"; `key` addresses it in the store; `stored`: it was there.

    `first`, where logprobs were asked for: token text → natural log-probability of the likeliest first tokens and of
    the one drawn; vLLM gives them before temperature, top_k and top_p. Of tokens with one text the likeliest counts.
    """

    request: Request
    text: str
    tokens: int
    finish: str
    key: str = ""
    first: dict[str, float] | None = None
    stored: bool = field(default=False, compare=False)


class Engine(Protocol):
    """One loaded model. Requests may be submitted and cancelled between any two calls of `wait`."""

    def submit(self, request: Request) -> None:
        """Queue one request; raises EngineError where the engine refuses it."""

    def wait(self) -> list[Completion]:
        """Block until something finishes; an empty list when nothing is in flight."""

    def cancel(self, request_id: str) -> None:
        """Drop one request, if it is still in flight; its slot is free at once."""

    def close(self) -> None:
        """Free the model's memory."""
