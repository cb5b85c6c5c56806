"""`renewal bargain --speak`: statements in a model's words, however the model behaves; outcomes stay what they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import model_server as servers
from app.cli.main import main
from app.runs.run_folder import Run
from data.dictionary import table_columns
from envs.people.bargaining.parties import PARTIES
from model_server import ModelServer, model_server

KEY = "sk-secret-0123456789"
SAME = ("projects.csv", "offers.csv", "terms.csv", "rounds.csv", "bargained.csv")
Bargain = Callable[..., int]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server(servers.says("")) as running:
        yield running


@pytest.fixture
def bargain(run: Run, server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bargain:
    """The command with a model; its first argument is the folder to write."""
    plan_id = str(run.front.loc[run.front["net_present_value_cny"].idxmax(), "plan_id"])
    environment = {"URL": server.url, "NAME": "small", "KEY": KEY, "SECONDS": "1", "CACHE": str(tmp_path / "cache")}
    for name, value in environment.items():
        monkeypatch.setenv(f"RENEWAL_MODEL_{name}", value)
    monkeypatch.setattr("app.language_model.conversation.time.sleep", lambda _: None)
    server.requests.clear()
    given = ["bargain", "--speak", "--run", str(run.folder), "--plan", plan_id, "--seed", "2", "--draws", "2"]
    return lambda out, *more: main([*more, *given, "--out", str(tmp_path / out)])


def repeating(body: dict[str, Any]) -> str:
    """Each party says the last thing that it was told, and the villagers a number besides."""
    told = json.loads(body["messages"][-1]["content"])
    said = {party: {"satisfied": one["satisfied"], "says": one["told"][-1]} for party, one in told.items()}
    said["villagers"]["says"] += ". All 9999 of us are sure."
    return json.dumps(said, ensure_ascii=False)


def test_statements_repeat_what_was_told_and_nothing_else(
    bargain: Bargain, server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every other file is as without a model; said again from memory when nobody listens; the key stands nowhere."""
    server.reply = servers.says(repeating, usage={"total_tokens": 100})
    assert bargain("spoken") == 0
    asked = len(server.requests)
    assert bargain("again", "--lang", "en") == 0
    printed = capsys.readouterr()
    assert len(server.requests) == asked
    statements = pd.read_csv(tmp_path / "spoken" / "statements.csv", keep_default_na=False)
    assert list(statements.columns) == list(table_columns("bargain", "statements"))
    assert statements.equals(pd.read_csv(tmp_path / "again" / "statements.csv", keep_default_na=False))
    projects = pd.read_csv(tmp_path / "spoken" / "projects.csv")
    assert statements["village_id"].tolist() == projects["village_id"].repeat(len(PARTIES)).tolist()
    assert asked == len(projects)
    assert statements["by_model"].all()
    of_villagers = statements[statements["party"] == "villagers"]
    assert set(of_villagers["struck_out"]) == {"All 9999 of us are sure."}
    assert set(of_villagers["numbers_not_told"]) == {"9999"}
    assert not statements["statement"].str.contains("9999").any()
    ends = pd.read_csv(tmp_path / "spoken" / "offers.csv").groupby("village_id", sort=False).last()
    assert of_villagers["satisfied"].tolist() == ends["villagers_satisfied"].tolist()
    about = json.loads((tmp_path / "spoken" / "about.json").read_text(encoding="utf-8"))
    assert about["language_model"] == "small"
    lines = (tmp_path / "spoken" / "transcript.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["tokens"] for line in lines] == [100] * asked
    assert f"{asked} sentences were struck out" in printed.out
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in printed.out + printed.err


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (servers.sends(b"", 500), "status 500"),
        (servers.sends(b"", 302, Location="http://example.org/"), "redirects"),
        (servers.sends(b"<html>"), "form"),
    ],
)
def test_a_model_that_does_not_answer_spoils_nothing(
    bargain: Bargain, server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], reply: Any, why: str
) -> None:
    """It is asked for one village alone; the parties speak for themselves, the rest is written, and it is told why."""
    server.reply = reply
    assert bargain("silent", "--lang", "en") == 0
    assert len(server.requests) <= 3
    statements = pd.read_csv(tmp_path / "silent" / "statements.csv", keep_default_na=False)
    assert not statements["by_model"].any()
    assert statements["statement"].str.len().min() > 0
    assert why in capsys.readouterr().out
    assert not (tmp_path / "cache").exists()


def test_no_outcome_depends_on_what_is_said(bargain: Bargain, server: ModelServer, run: Run, tmp_path: Path) -> None:
    server.reply = servers.says('{"reward": 1000}')
    assert bargain("spoken", "--lang", "zh") == 0
    plan_id = str(run.front.loc[run.front["net_present_value_cny"].idxmax(), "plan_id"])
    given = [
        "--run",
        str(run.folder),
        "--plan",
        plan_id,
        "--seed",
        "2",
        "--draws",
        "2",
        "--out",
        str(tmp_path / "plain"),
    ]
    assert main(["bargain", *given]) == 0
    assert [(tmp_path / "spoken" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes() for name in SAME] == [
        True
    ] * len(SAME)
    assert not (tmp_path / "plain" / "statements.csv").exists()


def test_without_a_name_nothing_begins(
    bargain: Bargain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RENEWAL_MODEL_NAME")
    assert bargain("spoken", "--lang", "en") == 2
    told = capsys.readouterr().err
    assert all(name in told for name in ("RENEWAL_MODEL_NAME", "RENEWAL_MODEL_URL", "RENEWAL_MODEL_KEY"))
    assert not (tmp_path / "spoken").exists()
