"""The guide ticks off what has really happened, with the numbers of the visitor's own run, and can be put away."""

from __future__ import annotations

import pytest

from app.plans.tables import plan_tables
from app.runs.run_folder import load_run
from app.web.documents.run_activity import record_activity, recorded_activity
from app.web.sections.plan_export import export_bytes
from app.web.shell.guide import steps
from data.catalogue import text
from room_fixtures import shown

NAMES = ["scenario", "start", "finish", "open", "edit", "compare", "export"]


def done(workspace, **here: str) -> list[str]:  # type: ignore[no-untyped-def]
    return [step.name for step in steps(workspace, here) if step.done]


def test_nothing_is_ticked_off_for_a_new_visitor(workspace) -> None:  # type: ignore[no-untyped-def]
    assert [step.name for step in steps(workspace, {})] == NAMES
    assert done(workspace) == []
    for wrong in ("../first", "nowhere", "x/y"):
        assert done(workspace, run=wrong, draft=wrong) == []


def test_a_run_ticks_off_what_it_took_and_says_its_numbers(workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    assert done(workspace, run="first") == NAMES[:3]
    facts = {step.name: step.facts for step in steps(workspace, {"run": "first"})}
    assert facts["scenario"] == {"scenario": "tiny"}
    assert facts["finish"]["plans"] == len(run.plan_ids)
    assert facts["finish"]["evaluations"] == f"{run.record.evaluations:,}"


def test_notes_are_kept_once_and_in_order(workspace) -> None:  # type: ignore[no-untyped-def]
    for name in ("p001", "p002", "p001"):
        record_activity(workspace, "first", "opened", name)
    assert recorded_activity(workspace, "first") == {"opened": ["p001", "p002"]}
    assert done(workspace, run="first") == NAMES[:4]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_way(open_page, workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("plan", lang=language)
    assert recorded_activity(workspace, "first") == {}  # no plan was shown
    assert f"→ 1. {text('guide_step_scenario', language)}" in shown(app)
    app = open_page("plan", lang=language, run="first", plan="p999")
    assert recorded_activity(workspace, "first") == {}
    app = open_page("plan", lang=language, run="nosuch", plan="p002")
    assert text("run_not_ready", language, run="nosuch") in shown(app)
    assert recorded_activity(workspace, "nosuch") == {}
    app = open_page("plan", lang=language, run="first", plan="p002")
    assert f"→ 5. {text('guide_step_edit', language)}" in shown(app)
    assert text("guide_fact_open", language, plan="p002") in shown(app)

    village = str(load_run(workspace.run_folder("first")).resolved.city.villages.village_id[0])
    workspace.write("edit", "edit-1", {"run": "first", "plan": "p002", "edits": {village: {"start_year": 0}}})
    open_page("plan", lang=language, run="first", plan="p002", edit="edit-1")
    assert done(workspace, run="first") == NAMES[:5]
    open_page("compare", lang=language, run="first", compare="first~p002")
    assert done(workspace, run="first") == NAMES[:5]  # one plan is no comparison
    open_page("compare", lang=language, run="first", compare="first~p002,first~keep")
    assert done(workspace, run="first") == NAMES[:6]
    run = load_run(workspace.run_folder("first"))
    export_bytes(run, "p002", plan_tables(run.resolved, run.plan("p002")), {}, suffix=".csv", language=language)
    assert done(workspace, run="first") == NAMES
    app = open_page("plan", lang=language, run="first", plan="p002")
    assert text("guide_done", language) in shown(app)
    assert text("guide_fact_export", language, kinds="CSV") in shown(app)


def test_the_guide_can_be_put_away_and_brought_back(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    app = open_page("search", lang="en")
    app.button(key="guide_hide").click().run()
    assert "Choose a scenario" not in shown(app)
    assert app.query_params["guide"] == "off"
    app = open_page("search", lang="en", guide="off")
    assert "Choose a scenario" not in shown(app)
    app.button(key="guide_show").click().run()
    assert "Choose a scenario" in shown(app)
    assert not app.exception
