"""Titles of ordered searches: shown before there is a run, put beside it once there is, renamed in both places."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.runs.title import read_title
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import GoalOrder, SearchOrder
from app.web.jobs.job_record import read_job
from app.web.jobs.queue import submit_job
from app.web.jobs.run_titles import keep_title, rename_run, told_apart, workspace_run_title
from data.errors import InputError
from data.scenario_files import load_scenario

GOLDEN = Path(__file__).resolve().parents[2] / "runs" / "golden" / "search_v1.json"


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "runs")


def ordered(workspace: Workspace, title: str = "") -> str:
    return submit_job(workspace, SearchOrder("tiny", "nsga2", 3, 200, None, title=title), load_scenario("tiny"))


def appear(workspace: Workspace, run_id: str) -> None:
    workspace.run_folder(run_id).mkdir(parents=True)
    shutil.copy(GOLDEN, workspace.run_folder(run_id) / "run.json")


def kept(workspace: Workspace, run_id: str) -> str:
    job = read_job(workspace, run_id)
    assert job is not None
    keep_title(workspace, job)
    return read_title(workspace.run_folder(run_id))


def test_an_order_has_its_title_before_its_run_and_gives_it_on(empty: Workspace) -> None:
    run = ordered(empty, "少搬租户")
    assert workspace_run_title(empty, run, "en") == "少搬租户"
    assert kept(empty, run) == ""
    appear(empty, run)
    assert kept(empty, run) == "少搬租户"


def test_what_was_renamed_while_it_waited_or_ran_keeps_the_later_title(empty: Workspace) -> None:
    run = ordered(empty, "first")
    rename_run(empty, run, "second")
    appear(empty, run)
    assert kept(empty, run) == "second"
    rename_run(empty, run, "third")
    assert (kept(empty, run), workspace_run_title(empty, run, "zh")) == ("third", "third")
    rename_run(empty, run, "")
    assert kept(empty, run) == ""
    assert "third" not in workspace_run_title(empty, run, "en")


def test_an_order_without_title_is_called_by_scenario_city_and_time(empty: Workspace) -> None:
    title = workspace_run_title(empty, ordered(empty), "zh")
    assert title.startswith("微型示例城市 · 微型示例城市 · 20")


def test_a_goal_or_a_run_that_is_not_there_has_no_title_to_change(empty: Workspace) -> None:
    goal = submit_job(empty, GoalOrder("tiny", "budget", 1.0, 2.0, 10, 0), load_scenario("tiny"))
    rename_run(empty, goal, "named")
    assert workspace_run_title(empty, "absent", "en") == "absent"
    with pytest.raises(InputError):
        rename_run(empty, "absent", "named")


def test_titles_that_are_alike_are_told_apart() -> None:
    assert told_apart({"a": "one", "b": "two", "c": "one"}, "en") == {"a": "one (a)", "b": "two", "c": "one (c)"}
