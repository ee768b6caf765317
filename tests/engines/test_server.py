"""The server engine against a real HTTP server on this machine that answers as badly as servers do."""

import email.utils
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from csi_train.engines import openai_api, server, stored
from csi_train.engines.contract import Completion, Prompt, Request
from csi_train.engines.server import Params, ServerEngine
from csi_train.errors import EngineError
from csi_train.recipe import Sampling
from csi_train.store import Store
from tests.bad_server import RESET, Answer, BadServer, reply, serving

CHAT: Prompt = (("system", "Be brief."), ("user", "Wie groß ist π?"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "FIRST_PAUSE", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def bad() -> Iterator[BadServer]:
    with serving() as served:
        yield served


@pytest.fixture
def make(bad: BadServer) -> Iterator[Callable[..., ServerEngine]]:
    made: list[ServerEngine] = []

    def build(**params: Any) -> ServerEngine:
        made.append(ServerEngine("org/model@v2", Params(url=bad.url, **{"retries": 2, **params})))
        return made[-1]

    yield build
    for engine in made:
        engine.close()


def ask(index: int = 0, prompt: Prompt = CHAT, logprobs: int = 0, stop: tuple[str, ...] = (), **drawn: Any) -> Request:
    return Request("sample", "row", index, prompt, Sampling(max_tokens=8, **drawn), stop, logprobs)


def one(engine: ServerEngine, request: Request) -> Completion:
    engine.submit(request)
    (completion,) = engine.wait()
    assert engine.wait() == []
    return completion


def collect(engine: ServerEngine, found: list[Completion]) -> list[Completion]:
    while completions := engine.wait():
        found += completions
    return found


def test_a_chat_is_asked_as_the_recipe_says(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.script(reply("π ≈ 3,14 🥧", tokens=5))
    engine = make(extra={"user": "me", "max_tokens": None})
    request = replace(ask(stop=("\n\n",)), chat_template={"enable_thinking": False})
    assert one(engine, request) == Completion(request, "π ≈ 3,14 🥧", 5, "stop")
    path, body, _ = bad.seen[0]
    assert path == "/v1/chat/completions"
    assert body == {
        "model": "org/model",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Wie groß ist π?"}],
        "temperature": 0.6,
        "top_p": 0.95,
        "stop": ["\n\n"],
        "chat_template_kwargs": {"enable_thinking": False},
        "user": "me",
    }


ONE_OF = Request("classify", "row", 0, CHAT, Sampling(max_tokens=8), choices=("drei", 'vi"er'))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ('{"choice": "vi\\"er"}', 'vi"er'),
        (' {\n"choice" :"drei"} ', "drei"),
        ('<think>\nvier?\n</think>\n\n{"choice": "drei"}', "drei"),
        ("drei\n", "drei"),
        ("I say drei", "I say drei"),
        ('{"choice": 3}', '{"choice": 3}'),
        ('{"choice": ' * 10**5, ('{"choice": ' * 10**5).strip()),
    ],
)
def test_one_of_a_list_is_asked_for_by_schema(
    bad: BadServer, make: Callable[..., ServerEngine], said: str, text: str
) -> None:
    bad.script(reply(said))
    assert one(make(), ONE_OF).text == text
    schema = {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": ["drei", 'vi"er']}},
        "required": ["choice"],
        "additionalProperties": False,
    }
    asked = {"type": "json_schema", "json_schema": {"name": "choice", "strict": True, "schema": schema}}
    assert bad.seen[0][1]["response_format"] == asked


def test_a_server_that_refuses_a_schema_can_do_without(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.answer = lambda body, before: (400, {}, b"response_format?") if "response_format" in body else reply("drei")
    engine = make()
    engine.submit(ONE_OF)
    with pytest.raises(EngineError, match=r"response_format\?\n.*engine.extra: \{response_format: null\}"):
        engine.wait()
    assert one(make(extra={"response_format": None}), ONE_OF).text == "drei"
    with pytest.raises(ValidationError, match="response_format comes from the recipe's other keys"):
        Params(url="http://localhost/v1", extra={"response_format": {"type": "json_object"}})


def test_a_text_is_continued(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.script(reply("länger", finish="length", tokens=8))
    request = ask(prompt="Größe:", top_k=7)
    assert one(make(model="served"), request) == Completion(request, "länger", 8, "length")
    path, body, _ = bad.seen[0]
    assert path == "/v1/completions"
    drawn = {"temperature": 0.6, "top_p": 0.95, "top_k": 7, "max_tokens": 8}
    assert body == {"model": "served", "prompt": "Größe:", **drawn}


PASSING: dict[str, tuple[Answer, str]] = {
    "429": ((429, {}, b'{"error": {"message": "slow down"}}'), "HTTP 429: slow down"),
    "429 with Retry-After": ((429, {"Retry-After": "0.02"}, b"{}"), "HTTP 429"),
    "408": ((408, {}, b""), "HTTP 408: no message"),
    "500": ((500, {}, b"<h1>oh no</h1>"), "HTTP 500: <h1>oh no</h1>"),
    "503": ((503, {}, b'{"detail": "loading"}'), "HTTP 503: loading"),
    "reset": (RESET, "ReadError|RemoteProtocolError"),
    "hang": (60.0, r"no reply in 1 s \(engine.timeout_s\)"),
    "garbage": (b'{"choices": [{"te', "not a reply: Invalid JSON"),
    "not UTF-8": (b'{"a": "\xff"}', "not a reply: "),
    "a list": (b"[1]", "not a reply: "),
    "no choices": (b'{"usage": {"completion_tokens": 1}}', "not a reply: choices: Field required"),
    "empty choices": (b'{"choices": [], "usage": {"completion_tokens": 1}}', "not a reply: choices"),
    "no usage": (b'{"choices": [{"text": "a", "finish_reason": "stop"}]}', "not a reply: usage: Field required"),
    "content of the wrong type": (reply(message={"content": 7}), "message.content: .* valid string, not '7'"),
    "no message": (reply(message=None), "a reply without text"),
    "no content": (reply(message={}), "message.content: Field required"),
    "empty reply": (reply("", tokens=0), "an empty reply"),
    "filtered": (reply(finish="content_filter"), "finish_reason: .* not 'content_filter'"),
    "no finish": (reply(finish_reason=None), "finish_reason: "),
}


@pytest.mark.parametrize(("trouble", "reason"), PASSING.values(), ids=PASSING)
def test_trouble_that_passes_is_sat_out(
    bad: BadServer, make: Callable[..., ServerEngine], trouble: Answer, reason: str
) -> None:
    bad.script(trouble, reply("well again"))
    assert one(make(timeout_s=1 if reason.startswith("no reply") else 60), ask()).text == "well again"
    assert len(bad.seen) == 2


@pytest.mark.parametrize(("trouble", "reason"), PASSING.values(), ids=PASSING)
def test_trouble_that_stays_names_the_request(
    bad: BadServer, make: Callable[..., ServerEngine], trouble: Answer, reason: str
) -> None:
    bad.script(trouble)
    engine = make(retries=1, timeout_s=1 if reason.startswith("no reply") else 60)
    engine.submit(ask(4))
    with pytest.raises(EngineError, match=rf"sample/row/4: {bad.url} failed 2 times, at last: .*{reason}") as caught:
        engine.wait()
    assert "--resume" in caught.value.hint
    assert len(bad.seen) == 2


def test_no_server_at_all() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = ServerEngine("m", Params(url=f"http://127.0.0.1:{port}/v1", retries=1))
    engine.submit(ask())
    with pytest.raises(EngineError, match=r"ConnectError.*\n.*is the server up"):
        engine.wait()
    engine.close()


def test_a_server_that_says_how_long_is_left_alone_so_long(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.script((429, {"Retry-After": "0.4"}, b""), reply())
    began = time.monotonic()
    one(make(), ask())
    assert time.monotonic() - began >= 0.4


def test_but_not_for_ever(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.script((503, {"Retry-After": "86400"}, b""), reply())
    began = time.monotonic()
    one(make(timeout_s=1), ask())
    assert 1 <= time.monotonic() - began < 60


def test_retry_after_is_a_number_or_a_date() -> None:
    assert openai_api.pause("7") == 7
    assert 58 < openai_api.pause(email.utils.formatdate(time.time() + 60, usegmt=True)) <= 60
    nonsense = (None, "", "-3", "nan", "inf", "soon", email.utils.formatdate(0, usegmt=True))
    assert [openai_api.pause(text) for text in nonsense] == [0] * 7


@pytest.mark.parametrize(
    ("status", "hint"),
    [(400, "shorten the prompt"), (401, "set SECRET to a key"), (403, "--resume"), (404, "'org/model'"), (302, "mend")],
)
def test_a_refusal_is_final_and_never_shows_the_key(
    bad: BadServer,
    make: Callable[..., ServerEngine],
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
    status: int,
    hint: str,
) -> None:
    monkeypatch.setenv("SECRET", " sk-123456\n")
    bad.script((status, {}, b'{"error": {"message": "not with sk-123456,\\n friend", "code": 7}}'))
    engine = make(api_key_env="SECRET")
    engine.submit(ask())
    with pytest.raises(EngineError, match=rf"refused sample/row/0: HTTP {status}: not with \*\*\*, friend") as caught:
        engine.wait()
    assert hint in caught.value.hint
    assert len(bad.seen) == 1
    assert bad.seen[0][2]["Authorization"] == "Bearer sk-123456"
    assert "sk-123456" not in f"{caught.value}{caplog.text}"


def test_what_is_in_flight_beside_a_refusal_is_handed_over(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    refused = (400, {}, b"too long")
    bad.answer = lambda body, before: refused if body["prompt"] == "2" else 0.3
    engine = make(concurrency=4)
    for index in range(8):
        engine.submit(ask(index, prompt=str(index)))
    found: list[Completion] = []
    with pytest.raises(EngineError, match="sample/row/2"):
        collect(engine, found)
    assert sorted(c.request.index for c in found) == [0, 1, 3]
    assert len(bad.seen) == 4


def test_never_more_in_flight_than_allowed(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.answer = lambda body, before: (429, {}, b"") if body["prompt"].endswith("5") and not before else 0.03
    engine = make(concurrency=3)
    for index in range(20):
        engine.submit(ask(index, prompt=str(index)))
    assert sorted(c.request.index for c in collect(engine, [])) == list(range(20))
    assert bad.most == 3


def test_what_is_cancelled_never_comes_and_its_connection_closes(
    bad: BadServer, make: Callable[..., ServerEngine]
) -> None:
    bad.answer = lambda body, before: 0.1 if body["prompt"] == "0" else 60.0
    engine = make(concurrency=3)
    for index in range(5):
        engine.submit(ask(index, prompt=str(index)))
    assert [c.request.index for c in engine.wait()] == [0]
    began = time.monotonic()
    for index in (1, 2, 3, 4, 0):
        engine.cancel(ask(index).id)
    assert engine.wait() == []
    assert time.monotonic() - began < 30
    while bad.hung_up < 2 and time.monotonic() - began < 30:
        time.sleep(0.01)
    assert bad.hung_up == 2
    assert {body["prompt"] for _, body, _ in bad.seen} == {"0", "1", "2"}


def test_many_cancelled_requests_leave_room_for_others(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.answer = lambda body, before: reply() if body["prompt"].startswith("short") else 60.0
    engine = make(concurrency=4)
    for index in range(0, 100, 2):
        engine.submit(ask(index, prompt="long"))
        engine.submit(ask(index + 1, prompt=f"short {index}"))
        assert [c.request.index for c in engine.wait()] == [index + 1]
        engine.cancel(ask(index).id)
    assert engine.wait() == []


def test_ctrl_c_interrupts_and_loses_nothing(bad: BadServer, make: Callable[..., ServerEngine], ctrl_c: None) -> None:
    go_on = threading.Event()
    bad.answer = lambda body, before: reply() if go_on.wait(60) else RESET
    engine = make()
    engine.submit(ask())
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.wait()
    finally:
        go_on.set()
    assert [c.text for c in engine.wait()] == ["ok"]
    assert len(bad.seen) == 1


def test_close_waits_for_nobody_and_leaves_no_thread(bad: BadServer) -> None:
    bad.answer = lambda body, before: 0.05 if len(bad.seen) == 1 else 60.0
    before = threading.active_count()
    engine = ServerEngine("m", Params(url=bad.url.replace("127.0.0.1", "localhost"), concurrency=2))
    for index in range(4):
        engine.submit(ask(index))
    engine.wait()
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 30
    while threading.active_count() > before and time.monotonic() - began < 30:  # the server's own
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_logprobs_of_a_chat(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    alternatives = [{"token": "A", "logprob": -0.1}, {"token": " ", "logprob": -3.0}, {"token": " ", "logprob": -2.5}]
    tokens = [{"token": "B", "logprob": -4.0, "top_logprobs": alternatives}, {"token": "x", "logprob": -1.0}]
    bad.script(reply("Bx", logprobs={"content": tokens}))
    completion = one(make(), ask(logprobs=3))
    assert completion.first == {"A": -0.1, " ": -2.5, "B": -4.0}
    assert (bad.seen[0][1]["logprobs"], bad.seen[0][1]["top_logprobs"]) == (True, 3)


def test_logprobs_of_a_text(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.script(reply(logprobs={"tokens": ["a", "b"], "top_logprobs": [{"a": -1.0, "ä": -0.5}, {"b": 0.0}]}))
    assert one(make(), ask(prompt="text", logprobs=2)).first == {"ä": -0.5, "a": -1.0}
    assert (bad.seen[0][1]["logprobs"], "top_logprobs" in bad.seen[0][1]) == (2, False)


@pytest.mark.parametrize("given", [None, {}, {"content": []}, {"top_logprobs": [None]}])
def test_logprobs_that_do_not_come_are_missed(bad: BadServer, make: Callable[..., ServerEngine], given: Any) -> None:
    bad.script(reply(logprobs=given))
    engine = make(retries=0)
    engine.submit(ask(logprobs=2))
    with pytest.raises(EngineError, match="without logprobs"):
        engine.wait()


def test_nothing_said_in_a_token_is_a_reply(bad: BadServer, make: Callable[..., ServerEngine]) -> None:
    bad.script(reply(message={"content": None}, tokens=1))
    assert one(make(), ask()).text == ""


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_kept_apart_is_put_back(bad: BadServer, make: Callable[..., ServerEngine], field: str) -> None:
    engine = make()
    bad.script(reply(message={"content": "7", field: "\n3 + 4\n"}))
    assert one(engine, ask(0)).text == "<think>\n3 + 4\n</think>\n\n7"
    bad.script(reply(message={"content": None, field: "3 +"}, finish="length"))
    assert one(engine, ask(1)).text == "<think>\n3 +\n"


def test_a_proxy_is_not_asked_for_this_machine(
    bad: BadServer, make: Callable[..., ServerEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert one(make(retries=0), ask()).text == "ok"


def test_keys(bad: BadServer, make: Callable[..., ServerEngine], monkeypatch: pytest.MonkeyPatch) -> None:
    one(make(), ask())
    assert "Authorization" not in bad.seen[0][2]
    far = Params(url="https://models.example/v1")
    with pytest.raises(EngineError, match="OPENAI_API_KEY is not set"):
        server.open("m", far, 0)
    assert server.key(far.model_copy(update={"api_key_env": None})) is None
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1\nsk-2")
    with pytest.raises(EngineError, match="OPENAI_API_KEY holds characters") as caught:
        server.open("m", far, 0)
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize(
    "params",
    [
        {"url": "127.0.0.1:8000/v1"},
        {"url": "ftp://models.example"},
        {"url": "https://me:secret@models.example/v1"},
        {"url": "https://models.example/v1?key=secret"},
        {"url": "http://localhost/v1", "extra": {"temperature": 1}},
        {"url": "http://localhost/v1", "concurrency": 0},
    ],
)
def test_params_that_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Params(**params)


def test_whose_completions_they_are() -> None:
    here, there = Params(url="http://localhost:1/v1"), Params(url="http://localhost:2/v1/")
    assert server.fingerprint("m", here) != server.fingerprint("m", there)
    assert server.fingerprint("m@v2", here) == server.fingerprint("m@v2", there)
    again = here.model_copy(update={"url": "http://localhost:1/v1/", "concurrency": 1, "timeout_s": 1.0, "retries": 0})
    assert server.fingerprint("m", here) == server.fingerprint("m", again)
    others = [{"model": "n"}, {"extra": {"min_p": 0.1}}]
    found = {server.fingerprint("m@v2", here.model_copy(update=change)) for change in others}
    assert len(found | {server.fingerprint("m@v2", here), server.fingerprint("m@v3", here)}) == 4


def test_what_was_finished_before_a_failure_is_in_the_store(bad: BadServer, tmp_path: Path) -> None:
    params = Params(url=bad.url, concurrency=2, retries=0)
    for failing in (True, False):
        bad.seen.clear()
        bad.answer = lambda body, before, failing=failing: (  # type: ignore[misc]
            (500, {}, b"") if failing and body["prompt"] == "5" else reply(body["prompt"])
        )
        found: list[Completion] = []
        try:
            with stored.opened(Store(tmp_path / "store.sqlite"), params, "m", 0) as engine:
                for index in range(8):
                    engine.submit(ask(index, prompt=str(index)))
                engine.drive({"sample": found.append})
        except EngineError:
            assert failing
            finished = {c.request.index for c in found}
            assert 4 <= len(finished) < 8
    assert sorted(c.text for c in found) == list("01234567")
    assert {int(body["prompt"]) for _, body, _ in bad.seen} == set(range(8)) - finished
