"""`renewal scenario say --model`: what the grammar does not know, in other words, and nothing unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import model_server as servers
from app.cli.main import main
from data.scenario_files import load_scenario
from model_server import ModelServer, Reply, model_server

SENTENCE = "ten years, cram nothing beyond a FAR of 2.5"
Say = Callable[..., int]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server(servers.says("")) as running:
        yield running


@pytest.fixture
def say(server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    environment = {"URL": server.url, "NAME": "small", "SECONDS": "1", "CACHE": str(tmp_path / "cache")}
    for name, value in environment.items():
        monkeypatch.setenv(f"RENEWAL_MODEL_{name}", value)
    monkeypatch.setattr("app.language_model.conversation.time.sleep", lambda _: None)
    server.requests.clear()
    return lambda *more: main(["--lang", "en", "scenario", "say", "--city", "tiny", "--model", *more])


def rewords(says: str) -> Reply:
    """Says every clause in the same way."""

    def answer(body: dict[str, Any]) -> str:
        clauses = json.loads(body["messages"][-1]["content"])["clauses"]
        return json.dumps({"clauses": [{"words": words, "says": says} for words in clauses]})

    return servers.says(answer)


def test_other_words_are_shown_and_written_only_once_confirmed(
    say: Say, server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody at a terminal: nothing is written; --yes takes what was shown, and nobody is asked a second time."""
    server.reply, out = rewords("floor area ratio at most 2.5"), tmp_path / "s.yaml"
    assert say(SENTENCE, "--out", str(out)) == 0
    shown = capsys.readouterr().out
    assert "cram nothing beyond a FAR of 2.5 → floor area ratio at most 2.5" in " ".join(shown.split())
    assert "1 of 1 clauses" in shown
    assert not out.exists()
    assert say(SENTENCE, "--out", str(out), "--yes") == 0
    assert load_scenario(out).floor_area_ratio.high == 2.5
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (rewords("floor area ratio at most 3"), "0 of 1 clauses"),
        (rewords(""), "0 of 1 clauses"),
        (servers.says('{"floor_area_ratio": {"high": 3}}'), "not of the form"),
        (servers.sends(b"", 500), "status 500"),
    ],
)
def test_what_cannot_be_taken_stays_named(
    say: Say, server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], reply: Reply, told: str
) -> None:
    server.reply = reply
    assert say(SENTENCE, "--out", str(tmp_path / "s.yaml")) == 2
    shown = capsys.readouterr()
    assert told in shown.out
    assert "1 part" in shown.err
    assert not (tmp_path / "s.yaml").exists()


def test_a_sentence_that_the_grammar_reads_is_nobody_elses(say: Say, server: ModelServer, tmp_path: Path) -> None:
    assert say("ten years, FAR at most 2.5", "--out", str(tmp_path / "s.yaml")) == 0
    assert server.requests == []
    assert load_scenario(tmp_path / "s.yaml").plan_years == 10
