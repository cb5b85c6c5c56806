"""Page Judge a plan: an upload becomes a judgment that the page shows from its files, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.runs.run_folder import load_run
from app.web.documents.judged_plans import JudgeOrder, judge_upload, judgement_of
from app.web.documents.workspace import Workspace
from data.errors import InputError

Open = Callable[..., AppTest]
BY_HAND = "村编号,启动年份,容积率,用途\nV1,2028,9,综合\nV2,2027,1.5,租赁住房\n"


@pytest.fixture
def judged(workspace: Workspace) -> str:
    run = load_run(workspace.run_folder("first"))
    return judge_upload(workspace, run, ("手工方案.csv", BY_HAND.encode()), JudgeOrder(seconds=2.0))


def test_the_page_shows_a_judgment_in_both_languages(open_page: Open, workspace: Workspace, judged: str) -> None:
    record = judgement_of(workspace, judged)
    assert record is not None
    assert record["asked"]["broken"]
    for language, words in (("en", "breaks"), ("zh", "违反")):
        app = open_page("judge", lang=language, run="first", judged=judged)
        assert not app.exception
        assert words in "".join(message.value for message in app.error)
        assert any("手工方案" in item.value for item in app.subheader)
        assert len(app.dataframe) >= 3  # approximations, plans of the front, the ladder


def test_wrong_uploads_are_refused_under_their_own_name(workspace: Workspace) -> None:
    run = load_run(workspace.run_folder("first"))
    for name, content, part in (("a.exe", b"x", "a.exe"), ("方案.csv", "村编号,年份\nV99,1\n".encode(), "方案.csv")):
        with pytest.raises(InputError, match=part):
            judge_upload(workspace, run, (name, content), JudgeOrder(mends=False))
    assert not (workspace.room / "judged").exists()


@pytest.mark.parametrize("name", ["judged-nowhere", "../first"])
def test_a_judgment_that_is_not_there_is_told(open_page: Open, name: str) -> None:
    app = open_page("judge", lang="en", judged=name)
    assert not app.exception
    assert app.warning or app.error
