"""Page Studies: a sweep of the folder of runs, its chart and its links; its runs are runs of the room."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import sweep_fixtures
from app.sweeps.planned_runs import planned_runs
from app.sweeps.sweep_file import read_sweep_file
from app.sweeps.sweep_folder import write_sweep_list
from app.sweeps.swept_run import SweptRun
from app.web.documents.sweeps import sweep_folders
from app.web.documents.workspace import Workspace

Open = Callable[..., AppTest]


@pytest.fixture
def study(workspace: Workspace, tiny_run: Path, tmp_path: Path) -> tuple[Path, tuple[SweptRun, ...]]:
    """A sweep of four runs below the folder of runs; the first is done, by a copy that says it is that run."""
    file = tmp_path / "small.yaml"
    file.write_text(sweep_fixtures.SMALL, encoding="utf-8")
    sweep = read_sweep_file(file)
    runs, out = planned_runs(sweep, file), workspace.folder / "small"
    write_sweep_list(out, sweep, runs)
    shutil.copytree(tiny_run, out / runs[0].run_id)
    return out, runs


def test_no_sweep_is_said(workspace: Workspace, open_page: Open) -> None:
    app = open_page("studies", lang="en")
    assert not app.exception
    assert "No sweep lies in the folder of runs" in app.info[0].value


def test_runs_of_a_sweep_below_are_runs_of_the_room(
    workspace: Workspace, study: tuple[Path, tuple[SweptRun, ...]]
) -> None:
    out, runs = study
    assert sweep_folders(workspace) == {"small": out}
    assert workspace.run_ids() == [runs[0].run_id, "first"] or workspace.run_ids() == ["first", runs[0].run_id]
    assert workspace.run_folder(runs[0].run_id) == out / runs[0].run_id
    assert workspace.run_folder(runs[1].run_id) == workspace.folder / runs[1].run_id


def test_a_record_of_another_run_is_not_taken_for_one_of_the_sweep(
    study: tuple[Path, tuple[SweptRun, ...]], open_page: Open
) -> None:
    """The copy is a run of another search: the table does not believe its folder's name."""
    app = open_page("studies", lang="zh", sweep="small")
    assert not app.exception
    said = " ".join(item.value for item in app.markdown)
    assert "共 4 项运行：已完成 0 项，失败 0 项，待运行 4 项" in said
