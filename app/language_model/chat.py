"""One request to a language model: one host, no redirects, no proxies, within a time and a size."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any

from app.language_model.endpoint import Address, Endpoint, Limits
from data.catalogue import Message, message

BYTES_PER_TOKEN = 3
"""Text in fewer bytes a token is rare; so many are reckoned where a server does not say what it used."""
_CHUNK = 65_536
_BUSY = (408, 409, 425, 429)
_SECRET = 8
"""From so many letters on a key is taken out of whatever a server says; shorter ones are words such as `none`."""
Turn = dict[str, str]
"""`role` and `content`, as the field writes it."""


class ModelFailure(Exception):  # noqa: N818 - no mistake of a program: a model that does not answer
    """No answer.

    Attributes:
        message: why.
        may_pass: whether the same request may do better a little later.
    """

    def __init__(self, why: Message, *, may_pass: bool = False) -> None:
        """See the class."""
        super().__init__(str(why))
        self.message, self.may_pass = why, may_pass


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Attributes:
        content: as it said it, without the key and without fences around it.
        tokens: that question and answer used.
    """

    content: str
    tokens: int


def body_of(model: str, turns: Sequence[Turn], answer_tokens: int) -> dict[str, Any]:
    """What is sent: model, turns, the most tokens of an answer, and no randomness."""
    return {"model": model, "messages": list(turns), "max_tokens": answer_tokens, "temperature": 0}


def most_tokens(body: dict[str, Any]) -> int:
    """What a request may use at most, question and answer."""
    return _tokens(json.dumps(body, ensure_ascii=False)) + int(body["max_tokens"])


def ask_once(endpoint: Endpoint, address: Address, body: dict[str, Any], limits: Limits) -> Answer:
    """Ask once.

    Raises:
        ModelFailure: no answer within the limits, or none of the form that is agreed on.
    """
    try:
        status, raw = _sent(address, endpoint.key, json.dumps(body).encode(), limits)
    except (TimeoutError, _LateError):
        raise ModelFailure(message("model_late", seconds=limits.seconds), may_pass=True) from None
    except ssl.SSLCertVerificationError:
        raise ModelFailure(message("model_certificate")) from None
    except (OSError, HTTPException):
        raise ModelFailure(message("model_unreachable", host=address.host), may_pass=True) from None
    if 300 <= status < 400:
        raise ModelFailure(message("model_redirects", status=status))
    if status != 200:
        raise ModelFailure(message("model_status", status=status), may_pass=status >= 500 or status in _BUSY)
    return _read(raw, body, endpoint.key)


class _LateError(Exception):
    """The time is over."""


def _sent(address: Address, key: str, body: bytes, limits: Limits) -> tuple[int, bytes]:
    """Status and content of the response."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    connection = (HTTPSConnection if address.is_encrypted else HTTPConnection)(address.host, address.port)
    try:
        with _deadline(limits.seconds) as deadline:
            connection.sock = _line(address, limits.seconds, deadline)
            connection.request("POST", address.path, body, headers)
            with connection.getresponse() as response:
                return response.status, _content(response, limits.answer_bytes) if response.status == 200 else b""
    finally:
        connection.close()


def _line(address: Address, seconds: float, deadline: _Deadline) -> socket.socket:
    """A connection to an address, encrypted where it says so, that ends with the time."""
    line = deadline.line = socket.create_connection((address.host, address.port), timeout=seconds)
    if not address.is_encrypted:
        return line
    safe = deadline.line = ssl.create_default_context().wrap_socket(
        line, server_hostname=address.host, do_handshake_on_connect=False
    )
    try:
        safe.do_handshake()
    except BaseException:
        safe.close()
        raise
    return safe


class _Deadline:
    """Cuts a connection when a time is over, however slowly it goes on; else every letter would begin a new wait."""

    def __init__(self) -> None:
        self.line: socket.socket | None = None
        self.is_over = False

    def cut(self) -> None:
        self.is_over = True
        if self.line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.line, socket.SHUT_RDWR)


@contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    """So many seconds for what is done in the block.

    Raises:
        _LateError: they were not enough.
    """
    deadline = _Deadline()
    timer = threading.Timer(seconds, deadline.cut)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    except (OSError, HTTPException, ValueError):
        if not deadline.is_over:
            raise
    finally:
        timer.cancel()
    if deadline.is_over:
        raise _LateError


def _content(response: HTTPResponse, most: int) -> bytes:
    """The response, if it is not larger than allowed.

    Raises:
        ModelFailure: it is.
    """
    read = bytearray()
    while chunk := response.read1(_CHUNK):
        read += chunk
        if len(read) > most:
            raise ModelFailure(message("model_answer_large", most_mb=most / 1e6))
    return bytes(read)


def _read(raw: bytes, body: dict[str, Any], key: str) -> Answer:
    """The first choice's content.

    Raises:
        ModelFailure: the response is not of the form that is agreed on.
    """
    try:
        said = json.loads(raw)
        content = said["choices"][0]["message"]["content"]
        used = (said.get("usage") or {}).get("total_tokens")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ModelFailure(message("model_form"), may_pass=True) from None
    if not isinstance(content, str):
        raise ModelFailure(message("model_form"), may_pass=True)
    reckoned = _tokens(json.dumps(body, ensure_ascii=False)) + _tokens(content)
    tokens = used if isinstance(used, int) and not isinstance(used, bool) and used > 0 else reckoned
    return Answer(_unfenced(content.replace(key, "***") if len(key) >= _SECRET else content), tokens)


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def _unfenced(answer: str) -> str:
    """What stands between the fences that language models like to put around JSON."""
    words = answer.strip()
    if words.startswith("```") and words.endswith("```") and "\n" in words:
        return words[words.index("\n") : -3].strip()
    return words
