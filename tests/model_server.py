"""A server on this machine that stands for a language model: it answers as a test wants, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler", dict[str, Any]], None]


@dataclass
class ModelServer:
    """A server that runs.

    Attributes:
        url: base address.
        reply: what it does with a request, given its body.
        requests: body, path and headers of all so far.
    """

    url: str
    reply: Reply
    requests: list[tuple[dict[str, Any], str, dict[str, str]]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's reply."""

    def do_POST(self) -> None:
        model: ModelServer = self.server.model  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model.requests.append((body, self.path, dict(self.headers)))
        try:
            model.reply(self, body)
        except OSError:
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Nothing is printed."""

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        """A whole response."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def completion(content: str, **more: Any) -> bytes:
    """A response as OpenAI-compatible servers give it."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}], **more}).encode()


def says(content: str | Callable[[dict[str, Any]], str], **more: Any) -> Reply:
    """Answers with a text, or with what a function makes of the request."""
    return lambda handler, body: handler.send(
        completion(content if isinstance(content, str) else content(body), **more)
    )


def sends(content: bytes, status: int = 200, **headers: str) -> Reply:
    """Sends these bytes."""
    return lambda handler, _: handler.send(content, status, **headers)


def dripping(handler: Handler, _: dict[str, Any]) -> None:
    """A response that never ends, letter by letter."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)


def dripping_headers(handler: Handler, _: dict[str, Any]) -> None:
    """Headers that never end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.02)


def silent(handler: Handler, _: dict[str, Any]) -> None:
    """Says nothing for longer than anybody waits."""
    handler.connection.settimeout(5.0)
    handler.rfile.read(1)


def flooding(handler: Handler, _: dict[str, Any]) -> None:
    """As much as is taken, as fast as it can."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65_536)


def breaking_off(handler: Handler, _: dict[str, Any]) -> None:
    """Half a response."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


@contextmanager
def model_server(reply: Reply) -> Iterator[ModelServer]:
    """A server while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    model = ModelServer(f"http://127.0.0.1:{server.server_port}/v1", reply)
    server.model = model  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
