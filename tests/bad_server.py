"""A real HTTP server on this machine that speaks OpenAI's API and answers as badly as servers do."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RESET = "reset"

Answer = bytes | tuple[int, dict[str, str], bytes] | float | str
"""A good reply, a status with headers and body, seconds to keep silent before a good reply, or RESET."""


def reply(text: str = "ok", finish: str = "stop", tokens: int = 2, **choice: Any) -> bytes:
    """A reply fit for both endpoints."""
    choice = {"text": text, "message": {"content": text}, "finish_reason": finish, **choice}
    return json.dumps({"choices": [choice], "usage": {"completion_tokens": tokens}}).encode()


class BadServer(ThreadingHTTPServer):
    """`answer` says what each request gets: a function of its body and of how often that prompt came before."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Callable[[dict[str, Any], int], Answer] = lambda body, before: reply()
        self.seen: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.most = self.open = self.hung_up = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """What a recipe's engine.url says."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def script(self, *answers: Answer) -> None:
        """These, one after the other; the last one ever after."""
        self.answer = lambda body, before: answers[min(before, len(answers) - 1)]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that are closed under us."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BadServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            before = sum(other == body for _, other, _ in self.server.seen)
            self.server.seen.append((self.path, body, dict(self.headers)))
            self.server.open += 1
            self.server.most = max(self.server.most, self.server.open)
        try:
            self.give(self.server.answer(body, before))
        finally:
            with self.server.lock:
                self.server.open -= 1

    def give(self, answer: Answer) -> None:
        if answer == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            for file in (self.rfile, self.wfile, self.connection):
                file.close()
            self.close_connection = True
            return
        if isinstance(answer, float):
            self.keep_silent(answer)
            answer = reply()
        assert not isinstance(answer, str)
        status, headers, content = (200, {}, answer) if isinstance(answer, bytes) else answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def keep_silent(self, seconds: float) -> None:
        self.connection.settimeout(seconds)
        try:
            if self.connection.recv(1, socket.MSG_PEEK) == b"":
                self.server.hung_up += 1
        except TimeoutError:
            self.connection.settimeout(None)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[BadServer]:
    """One that is up until the end of the block."""
    with BadServer() as served:
        threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
        yield served
        served.shutdown()
