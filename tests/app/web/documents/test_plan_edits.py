"""Edits: what they change, what they leave alone, and the search around them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pyogrio
import pytest

from app.exports.formats import export_plan
from app.plans.decisions import plan_decision
from app.runs.plan_files import read_plan
from app.runs.run_folder import load_run
from app.web.documents.plan_edits import (
    apply_edits,
    canonical_decision,
    edited_run,
    edits_digest,
    edits_record,
    fixed_by_edits,
    read_edits,
    with_edit,
    with_given,
)
from app.web.jobs.job_record import JobState, job_log, ordered_jobs, read_job
from app.web.jobs.queue import job_state
from data.catalogue import text
from data.errors import InputError
from data.scenario import FixedVillage, Intensity, LandUse
from envs.kernel import evaluate
from envs.kernel.indicators.registry import told_indicators
from envs.kernel.plans import same_plans
from room_fixtures import carry_out, choose

DECIDED = FixedVillage(
    start_year=2, intensity=Intensity.REBUILD, land_use=LandUse.RENTAL_HOUSING, floor_area_ratio=1.5, facility_ratio=0.1
)


@pytest.fixture
def run(workspace):  # type: ignore[no-untyped-def]
    return load_run(workspace.run_folder("first"))


def test_an_edit_changes_its_village_and_no_other(run) -> None:  # type: ignore[no-untyped-def]
    plan, city = run.plan(run.plan_ids[0]), run.resolved.city
    edited = apply_edits(plan, city, {str(city.villages.village_id[1]): DECIDED})
    assert plan_decision(edited, 1) == DECIDED
    others = np.arange(city.n_villages) != 1
    for before, after in zip(plan.columns, edited.columns, strict=True):
        assert (before[:, others] == after[:, others]).all()


def test_an_edit_that_says_what_the_plan_says_is_none(run) -> None:  # type: ignore[no-untyped-def]
    plan, city = run.plan(run.plan_ids[0]), run.resolved.city
    village = str(city.villages.village_id[2])
    edits = with_edit(plan, city, {}, village, DECIDED)
    assert list(edits) == [village]
    assert with_edit(plan, city, edits, village, plan_decision(plan, 2)) == {}


def test_what_is_given_stays_with_a_village(run) -> None:  # type: ignore[no-untyped-def]
    plan, city = run.plan(run.plan_ids[0]), run.resolved.city
    village = str(city.villages.village_id[1])
    bargained = DECIDED.model_copy(update={"compensation_multiplier": 1.3, "onsite_share": 0.4, "delay_yr": 0.5})
    edited = apply_edits(plan, city, {village: bargained})
    assert plan_decision(edited, 1) == bargained
    assert set(edited.given) == {"compensation_multiplier", "onsite_share", "delay_yr"}
    assert read_edits(edits_record({village: bargained})) == {village: bargained}
    assert "delay_yr" not in edits_record({village: DECIDED})[village]
    other = DECIDED.model_copy(update={"floor_area_ratio": 1.6})
    assert with_given(other, plan_decision(edited, 1)) == bargained.model_copy(update={"floor_area_ratio": 1.6})
    rehabilitated = canonical_decision(bargained.model_copy(update={"intensity": Intensity.REHABILITATE}))
    assert (rehabilitated.compensation_multiplier, rehabilitated.delay_yr) == (None, 0.5)
    assert plan_decision(apply_edits(edited, city, {village: FixedVillage(start_year=0)}), 1).delay_yr is None


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_exports_carry_what_is_given(run, tmp_path, suffix: str) -> None:  # type: ignore[no-untyped-def]
    city, plan_id = run.resolved.city, run.plan_ids[0]
    bargained = DECIDED.model_copy(update={"compensation_multiplier": 1.3, "delay_yr": 0.5})
    edited = apply_edits(run.plan(plan_id), city, {str(city.villages.village_id[1]): bargained})
    with_row, name = edited_run(run, plan_id, edited)
    path, plain = tmp_path / f"plan{suffix}", tmp_path / f"plain{suffix}"
    export_plan(with_row, name, path)
    export_plan(with_row, plan_id, plain)
    read = {".csv": pd.read_csv, ".xlsx": partial(pd.read_excel, sheet_name=text("sheet_schedule", "en"))}
    reader = read.get(suffix, partial(pyogrio.read_dataframe, **({"layer": "villages"} if suffix == ".gpkg" else {})))
    row = reader(path).set_index("village_id").loc[city.villages.village_id[1]]
    assert (row["compensation_multiplier"], row["delay_yr"]) == (1.3, 0.5)
    assert not {"compensation_multiplier", "onsite_share", "delay_yr"} & set(reader(plain).columns)
    if suffix == ".csv":
        assert same_plans(read_plan(path, city, run.resolved.scenario.plan_years), edited)


def test_keeping_a_village_takes_one_form(run) -> None:  # type: ignore[no-untyped-def]
    renews = [name for name in run.plan_ids if run.plan(name).start_year.any()]
    plan, city = run.plan(renews[0]), run.resolved.city
    renewed = int(np.flatnonzero(plan.start_year[0] > 0)[0])
    edits = with_edit(
        plan, city, {}, str(city.villages.village_id[renewed]), DECIDED.model_copy(update={"start_year": 0})
    )
    edited = apply_edits(plan, city, edits)
    assert edited.start_year[0, renewed] == 0
    assert edited.floor_area_ratio[0, renewed] == 0.0


def test_edits_survive_the_file(run) -> None:  # type: ignore[no-untyped-def]
    edits = {"v1": DECIDED, "v2": FixedVillage(start_year=0)}
    assert read_edits(edits_record(edits)) == edits
    assert edits_digest(edits) == edits_digest(dict(reversed(edits.items())))
    assert edits_digest({}) == ""


@pytest.mark.parametrize("record", [{"v": {"start_year": "soon"}}, {"v": 3}, {"v": {"start_year": 1, "height": 3}}])
def test_malformed_edits_are_refused(record) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="decisions"):
        read_edits(record)


def test_unknown_villages_are_refused(run) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="nowhere"):
        apply_edits(run.plan(run.plan_ids[0]), run.resolved.city, {"nowhere": DECIDED})


def test_the_search_around_edits_has_them_fixed(run) -> None:  # type: ignore[no-untyped-def]
    village = str(run.resolved.city.villages.village_id[0])
    scenario = run.resolved.scenario.model_copy(update={"locked": (village,)})
    around = fixed_by_edits(scenario, {village: FixedVillage(start_year=0)})
    assert around.locked == ()
    assert around.fixed[village].start_year == 0
    assert type(around).model_validate(around.model_dump()) == around


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_an_edited_plan_exports_its_own_numbers(run, tmp_path, suffix: str) -> None:  # type: ignore[no-untyped-def]
    city, plan_id = run.resolved.city, run.plan_ids[0]
    edited = apply_edits(run.plan(plan_id), city, {str(city.villages.village_id[1]): DECIDED})
    with_row, name = edited_run(run, plan_id, edited)
    path = tmp_path / f"plan{suffix}"
    export_plan(with_row, name, path)
    assert path.stat().st_size > 0
    row = with_row.front.iloc[-1]
    told = told_indicators(run.resolved.scenario)
    measured = evaluate(run.resolved, edited, indicators=told).values  # noqa: PD011 - no frame
    assert all(np.isclose(row[key], value[0], equal_nan=True, rtol=1e-12) for key, value in measured.items())
    if suffix == ".csv":
        again = read_plan(path, city, run.resolved.scenario.plan_years)
        assert all(np.allclose(a, b) for a, b in zip(again.columns, edited.columns, strict=True))


def test_an_edit_that_breaks_a_hard_rule_is_told_at_once_and_compared_with_the_plan(open_page, run) -> None:  # type: ignore[no-untyped-def]
    """Every village started in one year exceeds the quota; the table of changes does not call the plan the present."""
    plan_id = run.plan_ids[0]
    app = open_page("plan", lang="zh", run="first", plan=plan_id)
    choose(app, "plan_section", "edit")
    for village in run.resolved.city.villages.village_id:
        app.selectbox(key=next(box.key for box in app.selectbox if box.label == "村")).set_value(str(village)).run()
        next(box for box in app.number_input if box.label.startswith("启动年")).set_value(1)
        app.button(key="edit_apply").click().run()
    assert not app.exception
    assert any("每年启动村数" in item.value and "无效" in item.value for item in app.error)
    heads = [list(frame.value.columns) for frame in app.dataframe if "变化" in frame.value.columns]
    assert heads
    assert all("编辑前" in names and "现状" not in names for names in heads)


def test_a_search_around_edits_from_the_page_to_its_front(open_page, workspace, no_process) -> None:  # type: ignore[no-untyped-def]
    """Edit in the browser, search around, let the queue run it: every plan found keeps the edit."""
    app = open_page("plan", lang="en", run="first", plan="p001")
    choose(app, "plan_section", "edit")
    year = next(box for box in app.number_input if box.label.startswith("Start year"))
    wanted = 0 if year.value else 2
    year.set_value(wanted)  # and applied in one go, as a quick hand does
    app.button(key="edit_apply").click().run()
    assert app.title[0].value == "Plan p001 · edited villages: 1"
    app.button(key="edit_search").click().run()
    assert app.title[0].value == "Search"
    app.switch_page("views/search.py").run()  # AppTest does not follow the page by itself
    assert next(box for box in app.selectbox if box.label == "Begin with the plans of").value == "first"
    app.radio(key="budget").set_value("evaluations")
    app.number_input(key="evaluations").set_value(200)
    next(button for button in app.button if button.label == "Start the search").click().run()
    assert not app.exception
    assert not app.error, [item.value for item in app.error]
    (job,) = ordered_jobs(workspace)
    carry_out(workspace, job.run_id)
    assert job_state(workspace, read_job(workspace, job.run_id)) is JobState.COMPLETED, job_log(workspace, job.run_id)
    around = load_run(workspace.run_folder(job.run_id))
    village, decided = next(iter(around.resolved.scenario.fixed.items()))
    idx = int(np.flatnonzero(around.resolved.city.villages.village_id == village)[0])
    assert decided.start_year == wanted
    assert all(around.plan(name).start_year[0, idx] == wanted for name in around.plan_ids)
