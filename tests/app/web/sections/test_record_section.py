"""The record on the page Plan: signed by two, wrong steps told, what came of it noted, compared, the rest ordered."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.record.actuals_file import noted_actuals
from app.record.entries import entries_of
from app.record.log import head_and_lines, log_path, read_log
from app.record.standing import State, standing_of
from app.record.subject import subject_of
from app.runs.run_folder import Run, load_run
from app.web.jobs.job_record import ordered_jobs
from app.web.jobs.processes import job_arguments
from app.web.sections.record import actuals_section
from data.catalogue import text
from data.scenario_files import load_scenario
from room_fixtures import choose, shown


@pytest.fixture
def plan_id(run: Run, workspace) -> str:  # type: ignore[no-untyped-def]
    """Of the run `made` in the room, the plan that renews most."""
    shutil.copytree(run.folder, workspace.folder / "made")
    return str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])


def opened(open_page, plan_id: str, language: str = "en") -> AppTest:  # type: ignore[no-untyped-def]
    app = open_page("plan", lang=language, run="made", plan=plan_id)
    choose(app, "plan_section", "record")
    assert not app.exception
    return app


def act(app: AppTest, name: str, comment: str, button: str, role: str | None = None) -> AppTest:
    """Fill in the form and press one of its buttons."""
    if role is not None:
        next(item for item in app.radio if "record_role" in (item.key or "")).set_value(role)
    next(item for item in app.text_input if "record_name" in (item.key or "")).set_value(name)
    next(item for item in app.text_area if "record_comment" in (item.key or "")).set_value(comment)
    next(item for item in app.button if item.key == button).click().run()
    assert not app.exception
    return app


def state_of(folder: Path, plan_id: str) -> State:
    run = load_run(folder)
    subject = subject_of(run, plan_id, run.plan(plan_id))
    return standing_of(entries_of(read_log(folder), folder), subject.digests.digest).state


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_persons_sign_and_wrong_steps_are_told(open_page, workspace, plan_id: str, language: str) -> None:  # type: ignore[no-untyped-def]
    folder = workspace.folder / "made"
    app = opened(open_page, plan_id, language)
    assert text("record_state_draft", language) in shown(app)
    technical, public = (text(f"record_role_{role}", language) for role in ("technical", "public"))
    act(app, "Li", "", "record_sign", public)
    assert text("record_technical_first", language) in shown(app)
    act(app, "", "", "record_sign", technical)
    assert text("record_name_wrong", language, most=80) in shown(app)
    act(app, "Li", "checked *twice*", "record_sign", technical)
    assert state_of(folder, plan_id) is State.REVIEWED
    assert next(item for item in app.text_input if "record_name" in (item.key or "")).value == ""
    act(app, "LI", "", "record_sign", public)
    assert text("record_same_person", language, name="LI") in shown(app)
    act(app, "王芳", "", "record_sign", public)
    assert state_of(folder, plan_id) is State.APPROVED
    table = app.dataframe[0].value
    assert len(table) == 2
    assert text("record_unverified", language) in str(table.iloc[0, 4])
    assert head_and_lines(folder)[0] in [block.value for block in app.code]


def test_a_changed_log_is_told_when_the_page_opens(open_page, workspace, plan_id: str) -> None:  # type: ignore[no-untyped-def]
    folder = workspace.folder / "made"
    act(opened(open_page, plan_id), "Li", "one", "record_sign")
    path = log_path(folder)
    path.write_text(path.read_text().replace('"one"', '"other"').replace('"format":1', '"format": 1'))
    app = opened(open_page, plan_id)
    assert any("line 1 is not as this program wrote it" in item.value for item in app.error)
    assert not [item for item in app.button if item.key == "record_sign"]


def test_an_edited_plan_is_a_draft(open_page, workspace, plan_id: str) -> None:  # type: ignore[no-untyped-def]
    act(opened(open_page, plan_id), "Li", "", "record_sign")
    workspace.write("edit", "edit-1", {"run": "made", "plan": plan_id, "edits": {"V00001": {"start_year": 0}}})
    app = open_page("plan", lang="en", run="made", plan=plan_id, edit="edit-1")
    choose(app, "plan_section", "record")
    assert f"{plan_id}-edited-" in shown(app).replace("\\", "")
    assert "Draft" in shown(app)


def test_who_signs_in_signs_in_the_role_of_the_list(open_page, workspace, plan_id: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    class User(dict):  # type: ignore[type-arg]
        is_logged_in = True

    secrets = {"auth": {}, "signatories": {"technical": ["li@example.org"], "public": ["wang@example.org"]}}
    monkeypatch.setattr("streamlit.secrets", secrets)
    monkeypatch.setattr("app.web.shell.sign_in.find_spec", lambda name: name)
    monkeypatch.setattr("streamlit.user", User(name="Li Lei", email="Li@example.org", sub="1"))
    app = opened(open_page, plan_id)
    roles = next(item for item in app.radio if "record_role" in (item.key or ""))
    assert len(roles.options) == 1
    assert not [item for item in app.text_input if "record_name" in (item.key or "")]
    next(item for item in app.button if item.key == "record_sign").click().run()
    entry = entries_of(read_log(workspace.folder / "made"), workspace.folder / "made")[0]
    assert entry.person.model_dump() == {
        "name": "Li Lei",
        "identity": "Li@example.org",
        "verified": True,
        "role_verified": True,
    }
    monkeypatch.setattr("streamlit.user", User(name="Guest", email="guest@example.org", sub="2"))
    app = opened(open_page, plan_id)
    assert text("record_no_role", "en", name="Guest") in shown(app)
    assert not [item for item in app.button if item.key == "record_sign"]


def test_actuals_are_noted_and_the_rest_is_ordered(open_page, workspace, run: Run, plan_id: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    folder, start = workspace.folder / "made", run.plan(plan_id).start_year[0]
    app = act(opened(open_page, plan_id), "Li", "", "record_sign")
    act(app, "Wang", "", "record_sign")
    first = int(start[start > 0].min())
    ids = run.resolved.city.villages.village_id[start == first].tolist()
    typed = actuals_section._first_rows

    def filled(tables):  # type: ignore[no-untyped-def]
        return typed(tables).assign(started=True, cost_10k_cny=10_000.0, moved_persons=50.0)

    monkeypatch.setattr(actuals_section, "_first_rows", filled)
    app = opened(open_page, plan_id)
    next(item for item in app.text_input if "actuals_name" in (item.key or "")).set_value("Zhao").run()
    next(item for item in app.button if item.key == "actuals_note").click().run()
    assert not app.exception
    assert not [item.value for item in app.error]
    loaded = load_run(folder)
    subject = subject_of(loaded, plan_id, loaded.plan(plan_id))
    noted = noted_actuals(subject, standing_of(entries_of(read_log(folder), folder), subject.digests.digest))
    assert noted is not None
    assert sorted(loaded.resolved.city.villages.village_id[noted.village_idx]) == sorted(ids)
    np.testing.assert_array_equal(noted.cost_cny, 1e8)
    assert f"of which {len(ids)} were started" in shown(app)
    assert pd.isna(noted.floor_area_ratio).all()
    monkeypatch.setattr("app.web.sections.record.rest_section.advance_queue", lambda _: None)
    monkeypatch.setattr("streamlit.switch_page", lambda _: None)
    next(item for item in app.button if item.key == "rest_order").click().run()
    (job,) = ordered_jobs(workspace)
    arguments = job_arguments(workspace, job)
    assert arguments[:3] == ["optimize", "--from", str(folder)]
    options = dict(zip(arguments[1::2], arguments[2::2], strict=False))
    assert (options["--plan"], options["--year"]) == (plan_id, str(first + 1))
    assert Path(options["--actuals"]).is_file()
    scenario = load_scenario(workspace.document("job", job.run_id).with_suffix(".yaml"))
    assert (scenario.first_open_year, set(scenario.fixed)) == (first + 1, set(ids))
