"""Any server that speaks OpenAI's API: vLLM, SGLang, llama.cpp, a hosted model. Nothing of a model is loaded here.

What a recipe does not say, the server decides: `vllm serve` takes sampling defaults such as top_k from the model's
generation_config.json unless it is started with `--generation-config vllm`. The recipe's seed does not reach it.
"""

import asyncio
import ipaddress
import json
import logging
import os
import random
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from csi_train.engines import openai_api
from csi_train.engines.contract import Completion, Engine, Request
from csi_train.engines.openai_api import NoReplyError
from csi_train.errors import EngineError
from csi_train.parts import Strict

SERVED = True

CONNECT = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds: until a connection stands, and before a request is sent again, twice as long each time."""

log = logging.getLogger(__name__)


class Params(Strict):
    """`model`: the served name, where it is not the recipe's without its @revision. `timeout_s`: for a whole reply.

    `api_key_env`: the environment variable that holds the key, null for a server that asks for none. `extra`: further
    fields of each request; null leaves one of ours out: `{max_tokens: null, max_completion_tokens: 4096}`. A section's
    `chat_template` is sent as `chat_template_kwargs`, which vLLM and SGLang know.
    """

    type: Literal["server"] = "server"
    url: str
    model: str | None = None
    api_key_env: str | None = "OPENAI_API_KEY"
    concurrency: PositiveInt = 64
    timeout_s: PositiveFloat = 1800
    retries: Annotated[int, Field(ge=0)] = 8
    extra: dict[str, Any] = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        place = urlsplit(url)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise ValueError("give the whole address, such as http://127.0.0.1:8000/v1")
        if place.username or place.password or place.query:
            raise ValueError("leave user, password and query out of it; the key comes from the environment")
        return url

    @field_validator("extra")
    @classmethod
    def _further(cls, extra: dict[str, Any]) -> dict[str, Any]:
        if taken := [name for name in openai_api.OURS if extra.get(name) is not None]:
            raise ValueError(f"{', '.join(taken)} comes from the recipe's other keys")
        return extra


class ServerEngine:
    """Requests get on while somebody waits; there is no thread.

    When a request fails, no further one is sent, those in flight are handed over, and only then EngineError is raised.
    """

    def __init__(self, model: str, params: Params) -> None:
        import httpx

        self._params = params
        self._model = served_name(model, params)
        self._key = key(params)
        self._no_answer = httpx.RequestError
        self._client = httpx.AsyncClient(
            base_url=params.url,
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx.Timeout(None, connect=CONNECT),  # the whole request has a limit of its own
            limits=httpx.Limits(max_connections=params.concurrency),
            trust_env=not _local(params.url),  # a proxy would not find this machine
        )
        self._runner = asyncio.Runner()
        self._queued: dict[str, Request] = {}
        self._flights: dict[str, asyncio.Task[Completion]] = {}
        self._failure: BaseException | None = None

    def submit(self, request: Request) -> None:
        """Queue one request."""
        self._queued[request.id] = request

    def wait(self) -> list[Completion]:
        """What finishes next; raises EngineError where the server refuses a request, or retries do not help."""
        return self._runner.run(self._next())

    def cancel(self, request_id: str) -> None:
        """Drop one request; where it is in flight its connection is closed, at which servers stop writing."""
        self._queued.pop(request_id, None)
        if flight := self._flights.pop(request_id, None):
            flight.cancel()
            self._runner.run(asyncio.wait([flight]))

    def close(self) -> None:
        """Close every connection."""
        for request_id in [*self._queued, *self._flights]:
            self.cancel(request_id)
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _next(self) -> list[Completion]:
        while self._send():
            done, _ = await asyncio.wait(self._flights.values(), return_when=asyncio.FIRST_COMPLETED)
            self._flights = {name: flight for name, flight in self._flights.items() if flight not in done}
            self._failure = self._failure or next(filter(None, (flight.exception() for flight in done)), None)
            if finished := [flight.result() for flight in done if not flight.exception()]:
                return finished
        if self._failure:
            raise self._failure
        return []

    def _send(self) -> bool:
        """Send what there is room for; whether anything is in flight."""
        while self._queued and len(self._flights) < self._params.concurrency and not self._failure:
            name = next(iter(self._queued))
            self._flights[name] = asyncio.create_task(self._complete(self._queued.pop(name)))
        return bool(self._flights)

    async def _complete(self, request: Request) -> Completion:
        """One request, sent again as often as `retries` says."""
        path, body = openai_api.body(request, self._model, self._params.extra)
        for attempt in range(self._params.retries + 1):
            told = 0.0
            try:
                async with asyncio.timeout(self._params.timeout_s):
                    answer = await self._client.post(path, json=body)
                if answer.is_success:
                    return openai_api.completion(request, answer.content)
                reason = self._refusal(request, answer.status_code, answer.text)
                told = min(openai_api.pause(answer.headers.get("Retry-After")), self._params.timeout_s)
            except TimeoutError:
                reason = f"no reply in {self._params.timeout_s:g} s (engine.timeout_s)"
            except self._no_answer as error:
                reason = f"{type(error).__name__}: {error}"
            except NoReplyError as error:
                reason = str(error)
            if attempt < self._params.retries:
                pause = (told or min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)) * random.uniform(1, 1.5)
                log.warning("%s: %s; again in %.1f s", request.id, reason, pause)
                await asyncio.sleep(pause)
        raise EngineError(
            f"{request.id}: {self._params.url} failed {self._params.retries + 1} times, at last: {reason}",
            "is the server up and well? finished work is in the store: run again with --resume",
        )

    def _refusal(self, request: Request, status: int, text: str) -> str:
        """What the server says of a request it does not answer; raises EngineError where asking again is no use.

        The key is taken out: a server may repeat it, and this goes to logs.
        """
        said = openai_api.message(text)
        reason = f"HTTP {status}: {said.replace(self._key, '***') if self._key else said}"[:600]
        if status in (408, 429) or status >= 500:
            return reason
        hints = {
            400: "shorten the prompt or max_tokens; does the server know top_k, chat_template, extra, if they are set, "
            "and the json_schema of classify (engine.extra: {response_format: null} leaves it out)?",
            401: f"set {self._params.api_key_env or 'api_key_env, and the variable it names,'} to a key of this server",
            404: f"does engine.url end as the server wants (/v1), and does it serve {self._model!r}? /models lists",
        }
        hint = hints.get(status, "finished work is in the store: mend this and run again with --resume")
        raise EngineError(f"{self._params.url} refused {request.id}: {reason}", hint)


def fingerprint(model: str, params: Params) -> str:
    """What is known of a served model: the recipe's name for it, the name it is served by, what each request adds.

    A model behind another URL is another model, unless the recipe names a revision (`org/name@v2`; any word will do).
    That is taken at its word, and the URL does not count: a server may move, or two share the work.
    """
    where = None if "@" in model else params.url.rstrip("/")
    return "server " + json.dumps([model, served_name(model, params), where, params.extra])


def open(model: str, params: Params, seed: int) -> Engine:
    """The engine; nothing is sent yet. Raises EngineError where there is no key."""
    return ServerEngine(model, params)


def served_name(model: str, params: Params) -> str:
    """What the server calls a model of the recipe."""
    return params.model or model.partition("@")[0]


def key(params: Params) -> str | None:
    """The key from the environment; a server on this machine may do without. Raises EngineError where it is missing."""
    name = params.api_key_env
    found = os.environ.get(name, "").strip() if name else ""
    if name and not found and not _local(params.url):
        raise EngineError(
            f"{name} is not set, and {params.url} is another machine",
            f"export {name}, name another variable, or say `api_key_env: null` if the server asks for no key",
        )
    if not (found.isascii() and found.isprintable()):
        raise EngineError(f"{name} holds characters that no key has", "copy the key once more")
    return found or None


def _local(url: str) -> bool:
    host = str(urlsplit(url).hostname)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified
