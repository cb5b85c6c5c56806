"""A plan made elsewhere stands beside the plans of the front it is meant for, with the evaluator's numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.runs.run_folder import load_run
from app.web.documents.checked_plans import checked_plan, keep_upload
from app.web.documents.workspace import Workspace
from app.words.console import value_text
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS
from room_fixtures import choose, shown

Open = Callable[..., AppTest]
BY_HAND = "村编号,启动年份,容积率,用途\nV1,2028,1.5,综合\nV2,2027,1.5,租赁住房\n"


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_it_stands_beside_the_plan_in_hand(open_page: Open, workspace: Workspace, language: str) -> None:
    run = load_run(workspace.run_folder("first"))
    name = keep_upload(workspace, run.resolved, "first", ("手工*方案.csv", BY_HAND.encode()))
    app = choose(open_page("front", lang=language, run="first", checked=name), "front_tools", "own")
    assert not app.exception
    assert "★ 手工\\*方案.csv" in shown(app)
    kept = checked_plan(workspace, name)
    assert kept is not None
    outcome = evaluate(run.resolved, kept.read(run.resolved).asked)
    cost = value_text(float(outcome["total_cost_cny"][0]), INDICATORS["total_cost_cny"].unit, language)
    assert any(cost in str(table.value.to_numpy().tolist()) for table in app.dataframe)


def test_a_plan_of_another_run_is_not_shown(open_page: Open, workspace: Workspace) -> None:
    run = load_run(workspace.run_folder("first"))
    name = keep_upload(workspace, run.resolved, "other", ("x.csv", BY_HAND.encode()))
    app = choose(open_page("front", lang="en", run="first", checked=name), "front_tools", "own")
    assert not app.exception
    assert "x.csv" not in shown(app)
