"""Worker processes of this machine: one that is killed harms no other, and nothing is done twice."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import sweep_fixtures
from app.sweeps.local_workers import Lost, by_local_workers


def logs(folder: Path) -> dict[str, list[str]]:
    return {path.stem: [line.split()[0] for line in path.read_text().splitlines()] for path in folder.glob("*.log")}


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    tasks = {name: (str(tmp_path), name, 0.01) for name in ("a", "b", "c")}
    ends = list(by_local_workers(sweep_fixtures.killed_once, {"a": tasks["a"]}, 1))
    ends += list(by_local_workers(sweep_fixtures.marked, {name: tasks[name] for name in "bc"}, 2))
    assert sorted(map(str, ends)) == ["a", "b", "c"]
    assert logs(tmp_path) == {name: ["begun", "done"] for name in "abc"}


def test_what_kills_every_worker_is_given_up_and_the_rest_is_done(tmp_path: Path) -> None:
    ends = list(by_local_workers(sweep_fixtures.always_killed, {"a": (str(tmp_path), "a", 0.0)}, 2))
    assert ends == [Lost("a", 3)]


def test_whoever_stops_a_sweep_gets_no_further_task(tmp_path: Path) -> None:
    assert list(by_local_workers(sweep_fixtures.marked, {"a": (str(tmp_path), "a", 0.0)}, 1, lambda: True)) == []
    assert logs(tmp_path) == {}


def test_workers_do_not_run_the_program_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the room leaves itself as the main program, and a worker that ran it would die each time."""
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit(3)\n", encoding="utf-8")
    page = ModuleType("__main__")
    page.__file__ = str(program)
    monkeypatch.setitem(sys.modules, "__main__", page)
    assert list(by_local_workers(sweep_fixtures.marked, {"a": (str(tmp_path), "a", 0.0)}, 1)) == ["a"]
    assert sys.modules["__main__"] is page
