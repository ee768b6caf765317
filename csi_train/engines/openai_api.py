"""What goes over the wire to an OpenAI-compatible server, and what comes back (platform.openai.com/docs/api-reference).

Chats go to /chat/completions, texts to /completions. No reply is trusted: it is checked before anything is read of it.
"""

import contextlib
import email.utils
import json
import math
import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from csi_train.engines.contract import Completion, Request

OURS = (
    "model", "messages", "prompt", "stream", "n", "temperature", "top_p", "top_k", "max_tokens", "stop", "logprobs",
    "top_logprobs", "response_format", "chat_template_kwargs",
)  # fmt: skip
"""The fields that `body` decides."""


class NoReplyError(Exception):
    """An answer that is no usable reply. It may be one the next time."""


class _Token(BaseModel):
    token: str
    logprob: float
    top_logprobs: list["_Token"] = []


class _Logprobs(BaseModel):
    """A chat has `content`, a text `top_logprobs`, where the token drawn is among the alternatives."""

    content: list[_Token] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class _Message(BaseModel):
    content: str | None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Choice(BaseModel):
    finish_reason: Literal["stop", "length"]
    text: str | None = None
    message: _Message | None = None
    logprobs: _Logprobs | None = None


class _Chosen(BaseModel):
    choice: str


class _Usage(BaseModel):
    completion_tokens: Annotated[int, Field(ge=0)]


class _Reply(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Usage


def body(request: Request, model: str, extra: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path and the fields of a request. Plain OpenAI refuses top_k, so it is sent only where it does something."""
    found: dict[str, Any] = {"model": model, **request.sampling.model_dump(exclude={"top_k"})}
    if request.sampling.top_k:
        found["top_k"] = request.sampling.top_k
    if request.stop:
        found["stop"] = list(request.stop)
    if request.choices:
        found["response_format"] = _one_of(request.choices)
    if isinstance(request.prompt, str):
        path = "completions"
        found |= {"prompt": request.prompt, "logprobs": request.logprobs or None}
    else:
        path = "chat/completions"
        found["messages"] = [{"role": role, "content": content} for role, content in request.prompt]
        found |= {"logprobs": True, "top_logprobs": request.logprobs} if request.logprobs else {}
        found |= {"chat_template_kwargs": dict(request.chat_template)} if request.chat_template else {}
    return path, {name: value for name, value in (found | extra).items() if value is not None}


def completion(request: Request, content: bytes) -> Completion:
    """The reply in an answer; raises NoReplyError where there is none, or it lacks what was asked for."""
    try:
        reply = _Reply.model_validate_json(content)
    except ValidationError as error:
        raise NoReplyError(f"not a reply: {_first_problem(error)}") from error
    choice, tokens = reply.choices[0], reply.usage.completion_tokens
    said = _text(choice.message) if choice.message else None
    text = choice.text if isinstance(request.prompt, str) else said
    if text is None:
        raise NoReplyError("a reply without text")
    if not text and not tokens:  # with a token, the model chose to say nothing
        raise NoReplyError("an empty reply")
    if request.choices:
        text = _chosen(text)
    first = _first(choice.logprobs) if request.logprobs and choice.logprobs else None
    if request.logprobs and not first:
        raise NoReplyError("a reply without logprobs; perhaps this server gives none")
    return Completion(request, text, tokens, choice.finish_reason, first=first)


def message(text: str) -> str:
    """What a server says of an error, in whatever dress it comes."""
    with contextlib.suppress(ValueError):
        data = json.loads(text)
        while isinstance(data, dict):
            data = data.get("error") or data.get("message") or data.get("detail")
        text = data if isinstance(data, str) else text
    return " ".join(text.split()) or "no message"


def pause(header: str | None) -> float:
    """Seconds to wait by a Retry-After header, a number or a date (RFC 9110, section 10.2.3); 0 where it says none."""
    try:
        seconds = float(header or 0)
    except ValueError:
        seconds = 0.0
        with contextlib.suppress(ValueError):
            seconds = email.utils.parsedate_to_datetime(header or "").timestamp() - time.time()
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def _one_of(choices: Sequence[str]) -> dict[str, Any]:
    """The field that holds a reply to a closed list. vLLM's server knows it as hosted endpoints do, who do not know its
    `structured_outputs`, and want an object (platform.openai.com/docs/guides/structured-outputs)."""
    choice = {"type": "object", "properties": {"choice": {"type": "string", "enum": list(choices)}}}
    schema = choice | {"required": ["choice"], "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "choice", "strict": True, "schema": schema}}


def _chosen(text: str) -> str:
    """The choice in the object asked for; what else was said by a server that does not know schemas."""
    said = text.rpartition("</think>")[2].strip()
    try:
        return _Chosen.model_validate_json(said).choice
    except ValidationError:
        return said


def _text(turn: _Message) -> str:
    """All that the model wrote: a server with a reasoning parser takes the thinking out of the content."""
    thought, said = turn.reasoning or turn.reasoning_content, turn.content or ""
    if not thought:
        return said
    return f"<think>\n{thought.strip()}\n" + (f"</think>\n\n{said}" if said else "")


def _first(logprobs: _Logprobs) -> dict[str, float]:
    """The alternatives of the first token and the one drawn, by text, the likeliest first."""
    pairs: list[tuple[str, float]] = []
    for drawn in (logprobs.content or [])[:1]:
        pairs += [(token.token, token.logprob) for token in (drawn, *drawn.top_logprobs)]
    for alternatives in (logprobs.top_logprobs or [])[:1]:
        pairs += (alternatives or {}).items()
    first: dict[str, float] = {}
    for token, logprob in sorted(pairs, key=lambda pair: -pair[1]):
        first.setdefault(token, logprob)
    return first


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}, not {str(problem['input'])[:200]!r}" if place else problem["msg"][:200]
