"""Page Compliance: any plan clause by clause, an exception that is granted and falls with the plan, files, uploads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.compliance.exception_files import exceptions_of_run, kept_exceptions
from app.compliance.matrix import compliance
from app.runs.run_folder import Run, load_run
from app.web.documents.checked_plans import checked_plan, keep_upload
from app.web.documents.workspace import Workspace
from app.web.sections.compliance.clauses import chosen_line
from data.errors import InputError
from room_fixtures import shown

Open = Callable[..., AppTest]
BY_HAND = "村编号,启动年份,容积率,用途\nV1,2028,9,综合\nV2,2027,1.5,租赁住房\n"


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return load_run(workspace.run_folder("first"))


@pytest.fixture
def plan_id(run: Run) -> str:
    """The plan that breaks most reported rules."""
    return str(run.front["plan_id"].iloc[int(run.front["n_reported_broken"].argmax())])


@pytest.mark.parametrize(("language", "clause"), [("zh", "第一条第（一）项"), ("en", "section 1, item (1)")])
def test_a_plan_of_a_run_clause_by_clause(open_page: Open, run: Run, plan_id: str, language: str, clause: str) -> None:
    app = open_page("compliance", lang=language, run="first", plan=plan_id)
    assert not app.exception
    found = compliance(run.resolved, run.plan(plan_id))
    assert len(app.dataframe[0].value) == len(found.broken)
    assert clause.replace("(", "\\(").replace(")", "\\)") in shown(app)
    assert app.warning
    app.toggle[0].set_value(True).run()
    assert len(app.dataframe[0].value) == len(found.lines)
    assert not app.exception


def test_an_exception_is_granted_bound_and_removed(open_page: Open, run: Run, plan_id: str) -> None:
    app = open_page("compliance", lang="zh", run="first", plan=plan_id)
    app.text_area[0].set_value("历史遗留")
    names = {item.label: item for item in app.text_input}
    names["姓名"].set_value("张三")
    names["角色"].set_value("分管副区长")
    button = next(item for item in app.button if item.label == "添加")
    button.click().run()
    assert not app.exception
    assert not app.error
    (kept,) = kept_exceptions(exceptions_of_run(run.folder, plan_id), run.resolved)
    found = compliance(run.resolved, run.plan(plan_id), [kept])
    assert (kept.reason, kept.name, kept.role) == ("历史遗留", "张三", "分管副区长")
    assert found.standing() == (1,)
    assert kept.plan_digest == found.plan_digest
    assert "历史遗留" in shown(app)
    assert not app.success
    next(item for item in app.button if "删除例外" in item.label).click().run()
    assert kept_exceptions(exceptions_of_run(run.folder, plan_id), run.resolved) == ()


def test_an_exception_without_a_name_is_refused(open_page: Open, run: Run, plan_id: str) -> None:
    app = open_page("compliance", lang="en", run="first", plan=plan_id)
    app.text_area[0].set_value("because")
    next(item for item in app.button if item.label == "Add").click().run()
    assert any("must be filled in" in item.value for item in app.error)
    assert not exceptions_of_run(run.folder, plan_id).exists()


def test_a_plan_made_elsewhere(open_page: Open, workspace: Workspace, run: Run) -> None:
    name = keep_upload(workspace, run.resolved, "first", ("手工方案.csv", BY_HAND.encode()))
    app = open_page("compliance", lang="zh", checked=name)
    assert not app.exception
    assert "手工方案" in shown(app)
    assert app.error  # it breaks hard rules
    kept = checked_plan(workspace, name)
    assert kept is not None
    assert compliance(run.resolved, kept.read(run.resolved).asked).broken_hard


def test_wrong_uploads_are_refused_under_their_own_name(workspace: Workspace, run: Run) -> None:
    for name, content in (("a.exe", b"x"), ("方案.csv", "村编号,年份\nV99,1\n".encode())):
        with pytest.raises(InputError, match=name.split(".")[0]):
            keep_upload(workspace, run.resolved, "first", (name, content))
    assert not any((workspace.room / "checked").glob("checked-*"))


@pytest.mark.parametrize("name", ["checked-nowhere", "../first"])
def test_what_is_not_there_is_told(open_page: Open, name: str) -> None:
    app = open_page("compliance", lang="en", checked=name)
    assert not app.exception
    assert app.warning or app.error


def test_the_row_that_was_clicked_last_is_the_clause(run: Run, plan_id: str) -> None:
    lines = list(compliance(run.resolved, run.plan(plan_id)).lines)
    assert chosen_line(lines, []) is None
    assert chosen_line(lines, [0, 3]) is lines[3]
    assert chosen_line(lines[:2], [5]) is None
