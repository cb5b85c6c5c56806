"""A plan made elsewhere stands at a glance on pages Front and Plan, with the evaluator's numbers and its verdict."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.runs.run_folder import load_run
from app.web.documents.checked_plans import checked_plan, keep_upload
from app.web.documents.workspace import Workspace
from app.words.console import value_text
from data.catalogue import text
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import check
from room_fixtures import choose, shown

Open = Callable[..., AppTest]
BY_HAND = "村编号,启动年份,容积率,用地\nV1,2028,1.5,综合\nV2,2027,1.5,租赁住房\n"
WAYS = {"front": "front_tools", "plan": "plan_section"}
"""Page -> the choice that leads to the form."""


@pytest.mark.parametrize(
    ("page", "language"), [("front", "zh"), ("plan", "zh"), pytest.param("front", "en", marks=pytest.mark.slow)]
)
def test_it_stands_at_a_glance_beside_the_plan_in_hand(
    open_page: Open, workspace: Workspace, page: str, language: str
) -> None:
    run = load_run(workspace.run_folder("first"))
    name = keep_upload(workspace, run.resolved, "first", ("手工*方案.csv", BY_HAND.encode()))
    app = choose(open_page(page, lang=language, run="first", checked=name), WAYS[page], "own")
    assert not app.exception
    assert "★ 手工\\*方案.csv" in shown(app)
    kept = checked_plan(workspace, name)
    assert kept is not None
    asked = kept.read(run.resolved).asked
    outcome = {name: float(values[0]) for name, values in evaluate(run.resolved, asked).values.items()}

    def said(name: str) -> str:
        return value_text(outcome[name], INDICATORS[name].unit, language)

    cards = {(card.label, card.value) for card in app.metric}
    assert {(INDICATORS[name].label[language], said(name)) for name in run.resolved.scenario.objectives} <= cards
    assert any(said("total_cost_cny") in str(table.value.to_numpy().tolist()) for table in app.dataframe)
    broken = [item for item in check(run.resolved, asked) if not item.holds]
    told = [item.value for item in (*app.error, *app.warning, *app.success)]
    verdict = next(words for words in told if text("glance_breaches", language, n=len(broken)) in words)
    assert all(item.label[language] in verdict for item in broken)
    assert sum(text("map_choose", language) in item.value for item in app.caption) >= 1  # a village of its map


def test_a_plan_of_another_run_is_not_shown(open_page: Open, workspace: Workspace) -> None:
    run = load_run(workspace.run_folder("first"))
    name = keep_upload(workspace, run.resolved, "other", ("x.csv", BY_HAND.encode()))
    app = choose(open_page("front", lang="en", run="first", checked=name), "front_tools", "own")
    assert not app.exception
    assert "x.csv" not in shown(app)
