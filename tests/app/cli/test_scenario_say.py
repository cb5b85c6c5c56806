"""`renewal scenario say`: shown, confirmed, written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.cli.main import main
from data.scenario_files import load_scenario

SENTENCE = "十年，每年五十个村，容积率不超过2.5，通勤优先"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ("规划年限", "10 年", "容积率上限")), ("en", ("10 years", "2.5"))]
)
def test_it_shows_what_was_understood(
    language: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", language, "scenario", "say", SENTENCE]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in words)


def test_what_was_understood_is_written_as_a_scenario(tmp_path: Path) -> None:
    assert main(["scenario", "say", SENTENCE, "--base", "by_the_rules", "--out", str(tmp_path / "s.yaml")]) == 0
    said, base = load_scenario(tmp_path / "s.yaml"), load_scenario("by_the_rules")
    assert (said.plan_years, said.villages_per_year, said.floor_area_ratio.high) == (10, 50, 2.5)
    assert said.preferences == load_scenario("commute_first").preferences
    assert said.rules == base.rules


def test_nothing_is_written_where_something_is_unclear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "s.yaml"
    assert main(["--lang", "zh", "scenario", "say", "十年，郊区慢慢来", "--out", str(out)]) == 2
    told = capsys.readouterr()
    assert "郊区" in told.out
    assert "1 处未采用" in told.err
    assert list(tmp_path.iterdir()) == []


def test_yes_takes_the_rest_and_names_what_it_leaves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "s.yaml"
    assert main(["scenario", "say", "十年，郊区慢慢来", "--out", str(out), "--yes"]) == 0
    assert "郊区" in capsys.readouterr().out
    assert load_scenario(out).plan_years == 10


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("是\n", True), ("n\n", False), ("\n", False)])
def test_a_terminal_is_asked(answer: str, written: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["scenario", "say", SENTENCE, "--out", str(tmp_path / "s.yaml")]) == 0
    assert (tmp_path / "s.yaml").exists() is written


def test_villages_and_districts_are_those_of_the_city(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "say", "V3 must be renewed, village 5 stays as it is", "--city", "tiny"]) == 0
    shown = capsys.readouterr().out
    assert "V3" in shown
    assert "V5" in shown
    assert main(["scenario", "say", "V9 must be renewed", "--city", "tiny"]) == 2


def test_what_is_no_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "say", "容积率不超过0.2"]) == 2
    assert "0.5" in capsys.readouterr().err
