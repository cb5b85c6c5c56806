"""A language model that misbehaves: slow, endless, oversized, broken, elsewhere; it costs a message and no more."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import model_server as servers
from app.language_model.chat import ModelFailure
from app.language_model.conversation import Conversation, write_transcript
from app.language_model.endpoint import Endpoint, Limits, endpoint_of_environment, limits_of_environment
from data.errors import InputError
from model_server import ModelServer, Reply, model_server

KEY = "sk-secret-0123456789"
TURNS = [{"role": "user", "content": "How many?"}]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server(servers.says("Enough.")) as running:
        yield running


def conversation_with(server: ModelServer, reply: Reply, folder: Path, **limits: float) -> Conversation:
    server.reply = reply
    server.requests.clear()
    named = endpoint_of_environment(
        {"RENEWAL_MODEL_URL": server.url, "RENEWAL_MODEL_NAME": "small", "RENEWAL_MODEL_KEY": KEY}
    )
    usual = {"seconds": 0.2, "tries": 2, "pause_s": 0.01, "answer_bytes": 20_000}
    return Conversation(named, Limits(**(usual | limits)), folder / "answers")  # type: ignore[arg-type]


def ask(conversation: Conversation, words: str = "How many?") -> str:
    turns = [{"role": "user", "content": words}]
    return conversation.ask(turns, answer_tokens=50, is_answer=lambda answer: answer.startswith("Enough"))


def test_it_is_asked_as_openai_compatible_servers_want(server: ModelServer, tmp_path: Path) -> None:
    conversation = conversation_with(server, servers.says("Enough.", usage={"total_tokens": 17}), tmp_path)
    assert ask(conversation) == "Enough."
    ((body, path, headers),) = server.requests
    assert path == "/v1/chat/completions"
    assert body == {"model": "small", "messages": TURNS, "max_tokens": 50, "temperature": 0}
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert conversation.tokens == 17


def test_what_was_answered_is_not_asked_again(server: ModelServer, tmp_path: Path) -> None:
    """Nor by another process, without an address, and without the key."""
    ask(conversation_with(server, servers.says("Enough."), tmp_path))
    again = Conversation(Endpoint("small", None), Limits(), tmp_path / "answers")
    assert ask(again) == "Enough."
    assert (len(server.requests), again.tokens, again.exchanges[0].is_remembered) == (1, 0, True)
    with pytest.raises(ModelFailure) as refused:
        ask(again, "How many more?")
    assert refused.value.message.key == "model_not_remembered"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: "[]",
        lambda kept: kept[:-5],
        lambda kept: kept.replace("How many", "How few"),
        lambda kept: "[" * 9999,
    ],
)
def test_a_spoiled_memory_is_no_memory(server: ModelServer, tmp_path: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    conversation = conversation_with(server, servers.says("Enough."), tmp_path)
    ask(conversation)
    (kept,) = (tmp_path / "answers").iterdir()
    kept.write_text(spoil(kept.read_text(encoding="utf-8")), encoding="utf-8")
    assert ask(conversation) == "Enough."
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "key", "tries"),
    [
        (servers.silent, "model_late", 2),
        (servers.dripping, "model_late", 2),
        (servers.dripping_headers, "model_late", 2),
        (servers.flooding, "model_answer_large", 1),
        (servers.breaking_off, "model_form", 2),
        (servers.sends(b"no", 500), "model_status", 2),
        (servers.sends(b"slow down", 429), "model_status", 2),
        (servers.sends(b"who?", 401), "model_status", 1),
        (servers.sends(b"", 302, Location="http://127.0.0.1:9/"), "model_redirects", 1),
        (servers.sends(b"", 308, Location="/elsewhere"), "model_redirects", 1),
        (servers.sends(b"<html>"), "model_form", 2),
        (servers.sends(b'{"choices": []}'), "model_form", 2),
        (servers.sends(b"[" * 10_000), "model_form", 2),
        (servers.sends(b'{"choices": [{"message": {"content": 7}}]}'), "model_form", 2),
        (servers.sends(b"\xff\xfe\x00"), "model_form", 2),
        (servers.says("Too few."), "model_answer_form", 2),
    ],
)
def test_a_model_that_misbehaves_costs_a_message(
    server: ModelServer, tmp_path: Path, reply: Reply, key: str, tries: int
) -> None:
    """So many tries, never longer than they may take, and nothing is remembered."""
    conversation = conversation_with(server, reply, tmp_path)
    began = time.monotonic()
    with pytest.raises(ModelFailure) as failed:
        ask(conversation)
    assert time.monotonic() - began < 2.0
    assert (failed.value.message.key, len(server.requests)) == (key, tries)
    assert [bool(one.failure) for one in conversation.exchanges] == [True] * tries
    assert not (tmp_path / "answers").exists()


def test_fences_around_an_answer_are_taken_off(server: ModelServer, tmp_path: Path) -> None:
    assert ask(conversation_with(server, servers.says("```json\nEnough.\n```"), tmp_path)) == "Enough."


def test_it_may_do_better_the_second_time(server: ModelServer, tmp_path: Path) -> None:
    replies = [servers.sends(b"", 503), servers.says("Enough.")]

    def first_bad(handler: servers.Handler, body: dict[str, Any]) -> None:
        replies.pop(0)(handler, body)

    conversation = conversation_with(server, first_bad, tmp_path)
    assert ask(conversation) == "Enough."


def test_nobody_is_reached_where_nobody_listens(tmp_path: Path) -> None:
    named = endpoint_of_environment({"RENEWAL_MODEL_URL": "http://127.0.0.1:1/v1", "RENEWAL_MODEL_NAME": "small"})
    with pytest.raises(ModelFailure, match=r"127\.0\.0\.1"):
        ask(Conversation(named, Limits(seconds=1.0, tries=1), tmp_path))


def test_an_encrypted_connection_that_never_comes_about_ends_with_the_time(tmp_path: Path) -> None:
    """The first record of a handshake, letter by letter."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line, suppress(OSError):
                line.sendall(b"\x16\x03\x03\x40\x00")
                while True:
                    line.sendall(b"x")
                    time.sleep(0.02)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/v1"
        named = endpoint_of_environment({"RENEWAL_MODEL_URL": url, "RENEWAL_MODEL_NAME": "small"})
        with pytest.raises(ModelFailure, match=r"0\.3 s"):
            ask(Conversation(named, Limits(seconds=0.3, tries=1), tmp_path))
        thread.join()


def test_nobody_is_asked_unencrypted_where_encryption_is_named(server: ModelServer, tmp_path: Path) -> None:
    server.requests.clear()
    url = server.url.replace("http:", "https:")
    named = endpoint_of_environment({"RENEWAL_MODEL_URL": url, "RENEWAL_MODEL_NAME": "small"})
    with pytest.raises(ModelFailure):
        ask(Conversation(named, Limits(seconds=0.3, tries=1), tmp_path))
    assert server.requests == []


def test_proxies_of_the_environment_are_not_used(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(conversation_with(server, servers.says("Enough."), tmp_path)) == "Enough."


def test_tokens_are_capped_before_they_are_used(server: ModelServer, tmp_path: Path) -> None:
    """A request that could go beyond is not sent; where a server says nothing of it, size is what counts."""
    for usage in ({}, {"usage": {"total_tokens": -5}}, {"usage": None}, {"usage": {"total_tokens": True}}):
        conversation = conversation_with(
            server, servers.says("Enough." * 100, **usage), tmp_path / str(usage), tokens=400
        )
        ask(conversation)
        assert 230 < conversation.tokens < 400
        with pytest.raises(ModelFailure, match="400 tokens"):
            ask(conversation, "How many more? " * 30)
        assert len(server.requests) == 1


def test_the_key_is_written_nowhere(server: ModelServer, tmp_path: Path) -> None:
    """Not in messages, not by repr, not in memory or transcript, not even where a server says it back."""
    conversation = conversation_with(server, servers.says(f"Enough, {KEY}"), tmp_path)
    assert ask(conversation) == "Enough, ***"
    server.reply = servers.sends(json.dumps({"error": KEY}).encode(), 401)
    with pytest.raises(ModelFailure) as refused:
        ask(conversation, "And now?")
    write_transcript(tmp_path / "transcript.jsonl", conversation)
    said = [repr(conversation), str(refused.value), repr(refused.value.message)]
    files = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not [one for one in [*said, *files] if KEY in one]
    lines = [json.loads(line) for line in files[0].splitlines() if files[0].count("\n") == 2] or [
        json.loads(line) for line in files[1].splitlines()
    ]
    assert [(line["remembered"], bool(line["failure"])) for line in lines] == [(False, False), (False, True)]


GOOD = {"RENEWAL_MODEL_NAME": "small", "RENEWAL_MODEL_URL": "https://models.example.org/v1/"}


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"RENEWAL_MODEL_NAME": ""}, "model_not_named"),
        ({"RENEWAL_MODEL_NAME": "a b"}, "model_name_wrong"),
        ({"RENEWAL_MODEL_URL": "models.example.org"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "ftp://models.example.org"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "file:///etc/passwd"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "https:///v1"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "https://u:secret@models.example.org/v1"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "https://models.example.org/v1?key=secret"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "https://models.example.org:x/v1"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "https://models.example.org/v1\r\nX: y"}, "model_url_wrong"),
        ({"RENEWAL_MODEL_URL": "http://models.example.org/v1", "RENEWAL_MODEL_KEY": KEY}, "model_key_in_clear"),
        ({"RENEWAL_MODEL_KEY": "secret key"}, "model_key_wrong"),
        ({"RENEWAL_MODEL_KEY": "secret\r\nX: y"}, "model_key_wrong"),
    ],
)
def test_what_cannot_be_asked_is_refused(changed: dict[str, str], key: str) -> None:
    with pytest.raises(InputError) as refused:
        endpoint_of_environment(GOOD | changed)
    assert refused.value.refusals[0].message.key == key
    assert "secret" not in refused.value.text("en") + refused.value.text("zh")


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "many", "1e9", "9999999999"])
def test_limits_are_whole_numbers(given: str) -> None:
    with pytest.raises(InputError, match="RENEWAL_MODEL_TOKENS"):
        limits_of_environment({"RENEWAL_MODEL_TOKENS": given})


def test_addresses_and_limits_by_hand() -> None:
    address = endpoint_of_environment(GOOD).address
    assert address is not None
    assert (address.is_encrypted, address.host, address.port, address.path) == (
        True,
        "models.example.org",
        443,
        "/v1/chat/completions",
    )
    local = endpoint_of_environment(GOOD | {"RENEWAL_MODEL_URL": "http://[::1]:8000", "RENEWAL_MODEL_KEY": KEY}).address
    assert local is not None
    assert (local.host, local.port, local.path) == ("::1", 8000, "/chat/completions")
    limits = limits_of_environment({"RENEWAL_MODEL_SECONDS": "5"})
    assert (limits.seconds, limits.tokens) == (5, Limits().tokens)
