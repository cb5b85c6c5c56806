"""Which language model is asked, and where: named by environment variables alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from data.errors import refuse

URL_VARIABLE, NAME_VARIABLE, KEY_VARIABLE = "RENEWAL_MODEL_URL", "RENEWAL_MODEL_NAME", "RENEWAL_MODEL_KEY"
TOKENS_VARIABLE, SECONDS_VARIABLE = "RENEWAL_MODEL_TOKENS", "RENEWAL_MODEL_SECONDS"
COMPLETIONS = "/chat/completions"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_KEY = re.compile(r"[!-~]{1,4096}")
_NAME = re.compile(r"[!-~]{1,200}")
_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class Address:
    """Where a model answers.

    Attributes:
        is_encrypted: whether by https.
        host: name or number; no other is ever asked.
        port: of it.
        path: of the completions.
    """

    is_encrypted: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Endpoint:
    """A language model.

    Attributes:
        model: its name there.
        address: where it answers; None = nothing is asked, and only what is remembered is said again.
        key: sent to that address and shown nowhere; empty = none.
    """

    model: str
    address: Address | None
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Limits:
    """How much a command may ask.

    Attributes:
        seconds: for one request, from connecting to the last letter [s].
        tokens: of all requests together, questions and answers.
        tries: of one request, the first one among them.
        pause_s: before the second try; it doubles from try to try [s].
        answer_bytes: of one response.
    """

    seconds: float = 60.0
    tokens: int = 200_000
    tries: int = 3
    pause_s: float = 1.0
    answer_bytes: int = 1_000_000


def is_named(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a model."""
    return bool(environment.get(NAME_VARIABLE, "").strip())


def endpoint_of_environment(environment: Mapping[str, str] = os.environ) -> Endpoint:
    """The model that the environment names.

    Raises:
        InputError: no name, or an address or key that cannot be used.
    """
    name, key = (environment.get(variable, "").strip() for variable in (NAME_VARIABLE, KEY_VARIABLE))
    if not name:
        raise refuse("model_not_named", layer=NAME_VARIABLE, url=URL_VARIABLE, key=KEY_VARIABLE)
    if not _NAME.fullmatch(name):
        raise refuse("model_name_wrong", layer=NAME_VARIABLE)
    if key and not _KEY.fullmatch(key):
        raise refuse("model_key_wrong", layer=KEY_VARIABLE)
    url = environment.get(URL_VARIABLE, "").strip()
    address = _address(url) if url else None
    if key and address is not None and not address.is_encrypted and address.host not in _THIS_MACHINE:
        raise refuse("model_key_in_clear", layer=URL_VARIABLE)
    return Endpoint(name, address, key)


def limits_of_environment(environment: Mapping[str, str] = os.environ) -> Limits:
    """The limits that the environment sets, else the usual ones.

    Raises:
        InputError: a limit that is no whole number above 0.
    """
    usual = Limits()
    return Limits(
        seconds=_whole(environment, SECONDS_VARIABLE, int(usual.seconds)),
        tokens=_whole(environment, TOKENS_VARIABLE, usual.tokens),
    )


def _whole(environment: Mapping[str, str], variable: str, usual: int) -> int:
    given = environment.get(variable, "").strip()
    if not given:
        return usual
    if not re.fullmatch(r"[1-9][0-9]{0,8}", given):
        raise refuse("model_limit_wrong", layer=variable)
    return int(given)


def _address(url: str) -> Address:
    """Of the completions below a base address.

    Raises:
        InputError: it is no such address; it is not repeated, since a key may stand in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (ValueError, KeyError):
        raise refuse("model_url_wrong", layer=URL_VARIABLE) from None
    if not _is_plain(parts, url):
        raise refuse("model_url_wrong", layer=URL_VARIABLE)
    path = parts.path.rstrip("/")
    path = path if path.endswith(COMPLETIONS) else path + COMPLETIONS
    return Address(parts.scheme == "https", str(parts.hostname), port, path)


def _is_plain(parts: SplitResult, url: str) -> bool:
    """Whether it holds a host and nothing but a host, port and path."""
    return (
        bool(parts.hostname)
        and "@" not in parts.netloc
        and not parts.query
        and not parts.fragment
        and (_PATH.fullmatch(url) is not None)
    )
