"""Editing a plan by hand: one village at a time, every indicator moving; and a search around the edits."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import streamlit as st

from app.charts.plan_map import plan_map
from app.files.names import plain
from app.plans.decisions import plan_decision
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.plan_edits import (
    Edits,
    apply_edits,
    edits_record,
    far_limits,
    fixed_by_edits,
    read_edits,
    village_idx,
    with_edit,
    with_given,
)
from app.web.documents.workspace import Workspace, new_id
from app.web.jobs.queue import run_city
from app.web.sections.indicator_tables import show_table
from app.web.sections.plan_sections import plan_map_alt
from app.web.sections.scenario_villages import village_labels
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.page_frame import guard, remember, remembered, visit_key
from app.web.shell.session import current, go, language, say, spoken
from app.web.shell.session_draft import Draft, save_draft
from data.scenario import INTENSITIES, LAND_USES, FixedVillage, Intensity, LandUse


def read_current_edits(workspace: Workspace, run_id: str, plan_id: str) -> dict[str, FixedVillage]:
    """The edits that the address names, if they are of this plan.

    Raises:
        InputError: the document is malformed.
    """
    record = workspace.read("edit", current("edit")) if current("edit") else None
    if record is None or record.get("run") != run_id or record.get("plan") != plan_id:
        return {}
    return read_edits(record.get("edits", {}))


def save_edits(workspace: Workspace, run_id: str, plan_id: str, edits: Edits) -> None:
    """Write the edits; the address names them from now on, or no edits where there are none."""
    if not edits:
        go(edit="")
        return
    name = current("edit") or new_id("edit")
    workspace.write("edit", name, {"run": run_id, "plan": plan_id, "edits": edits_record(edits)})
    go(edit=name)


def show_editor(workspace: Workspace, run: Run, plan_id: str, tables: PlanTables, edits: Edits) -> None:
    """Choose a village on the map or by name, and decide on it."""
    labels = village_labels(run.resolved.city)
    st.caption(say("edit_help"))
    left, right = st.columns([3, 2])
    with left:
        picked = _show_map(tables, edits)
    ids = list(labels)
    if picked in labels and picked != remembered("edit_picked", ""):
        remember("edit_picked", picked)
        remember("edit_village", picked)
    with right:
        start = remembered("edit_village", next(iter(edits), ids[0]))
        village = st.selectbox(
            say("column_village"),
            ids,
            index=ids.index(start) if start in labels else 0,
            format_func=labels.__getitem__,
            key=visit_key("edit_village", start),
        )
        remember("edit_village", village)
        form = _show_decision(run, tables, str(village))
        st.button(
            say("edit_apply"),
            type="primary",
            key="edit_apply",
            on_click=_apply,
            args=(workspace, run, plan_id, str(village), form),
        )
    _show_edits(workspace, run, plan_id, edits)


def _show_map(tables: PlanTables, edits: Edits) -> str:
    shown_map = plan_map(tables, language())
    edited = pd.Index(tables.resolved.city.villages.village_id).isin(list(edits))
    if edited.any():
        shown_map = replace(shown_map, marked=(say("map_edited"), edited))
    return show_village_map(shown_map, key=visit_key("edit_map"), alt=plan_map_alt(shown_map), height=440)


def _show_decision(run: Run, tables: PlanTables, village: str) -> str:
    """The form of one village, beginning with what is decided now; where its widgets are kept."""
    resolved, idx = run.resolved, village_idx(run.resolved.city, village)
    current_decision = plan_decision(tables.plan, idx)
    key = visit_key("edit", village, edits_key(current_decision))
    years = resolved.scenario.plan_years
    year = st.number_input(say("edit_start_year"), 0, years, current_decision.start_year, 1, key=f"{key}:year")
    intensity = st.selectbox(
        say("column_intensity"),
        [str(word) for word in INTENSITIES],
        index=INTENSITIES.index(current_decision.intensity),
        format_func=spoken("word_"),
        key=f"{key}:intensity",
        disabled=year == 0,
    )
    facility = resolved.scenario.facility_ratio
    ratio = st.number_input(
        say("column_facility_ratio"),
        0.0,
        1.0,
        current_decision.facility_ratio or facility.low,
        0.01,
        format="%.4f",
        key=f"{key}:facility",
        disabled=year == 0,
    )
    low, high = far_limits(resolved, idx, Intensity(str(intensity)), float(ratio))
    rebuilds = year > 0 and intensity != Intensity.REHABILITATE
    st.selectbox(
        say("column_land_use"),
        [str(word) for word in LAND_USES],
        index=LAND_USES.index(current_decision.land_use),
        format_func=spoken("word_"),
        key=f"{key}:land_use",
        disabled=not rebuilds,
    )
    st.number_input(
        say("column_floor_area_ratio"),
        0.0,
        20.0,
        current_decision.floor_area_ratio or max(low, 0.0),
        0.05,
        format="%.3f",
        key=f"{key}:far",
        disabled=not rebuilds,
    )
    if rebuilds:
        legal = low <= high + 1e-9
        st.caption(say("far_legal", low=f"{low:.3f}", high=f"{high:.3f}") if legal else say("far_none"))
    return key


def _decided(form: str) -> FixedVillage:
    """What stands in the form at this moment, also where it was typed and applied in one go."""
    typed = {name: st.session_state[f"{form}:{name}"] for name in ("year", "intensity", "land_use", "far", "facility")}
    return FixedVillage(
        start_year=int(typed["year"]),
        intensity=Intensity(str(typed["intensity"])),
        land_use=LandUse(str(typed["land_use"])),
        floor_area_ratio=float(typed["far"]),
        facility_ratio=float(typed["facility"]),
    )


def edits_key(decision: FixedVillage) -> str:
    """A short text that differs where decisions do."""
    return "-".join(str(value) for value in decision.model_dump(exclude_none=True).values())


def _show_edits(workspace: Workspace, run: Run, plan_id: str, edits: Edits) -> None:
    if not edits:
        return
    labels = village_labels(run.resolved.city)
    rows = [
        {
            say("column_village"): labels[name],
            say("column_start_year"): decision.start_year,
            say("column_intensity"): say(f"word_{decision.intensity}") if decision.start_year else "-",
            say("column_land_use"): say(f"word_{decision.land_use}") if decision.floor_area_ratio else "-",
            say("column_floor_area_ratio"): decision.floor_area_ratio,
            say("column_facility_ratio"): decision.facility_ratio,
        }
        for name, decision in edits.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("edited_n", n=len(edits)))
    with st.container(horizontal=True):
        for name, left in (("edit_undo", dict(list(edits.items())[:-1])), ("edit_reset", {})):
            st.button(say(name), key=name, on_click=_take_edits, args=(workspace, plan_id, left))
        if st.button(say("edit_search"), key="edit_search"):
            search_around(workspace, run, edits)
            st.switch_page("views/search.py")
    st.caption(say("edit_search_help"))


def _apply(workspace: Workspace, run: Run, plan_id: str, village: str, form: str) -> None:
    """Take the edit in before the page is drawn, so that one drawing shows what it changes."""
    with guard():
        edits = read_current_edits(workspace, current("run"), plan_id)
        plan, city = run.plan(plan_id), run.resolved.city
        before = plan_decision(apply_edits(plan, city, edits), village_idx(city, village))
        changed = with_edit(plan, city, edits, village, with_given(_decided(form), before))
        save_edits(workspace, current("run"), plan_id, changed)


def _take_edits(workspace: Workspace, plan_id: str, edits: Edits) -> None:
    with guard():
        save_edits(workspace, current("run"), plan_id, edits)


def search_around(workspace: Workspace, run: Run, edits: Edits) -> None:
    """Begin a new draft: the run's scenario with the edited villages fixed, its search begun with the run's plans."""
    scenario = fixed_by_edits(run.resolved.scenario, edits)
    go(draft="")
    remember("seed_run", run.folder.name)
    content = scenario.model_dump(mode="json") | {"name": f"{scenario.name[:40]}-around-edits"}
    save_draft(workspace, Draft(run_city(workspace, run.folder.name), "", content), fresh=True)


def show_moves(values: dict[str, float], before: dict[str, float], plan_id: str) -> None:
    """What the edits change in every indicator."""
    st.markdown(f"**{say('edit_moves', plan=plain(plan_id))}**")
    moved = [(name, value, before[name]) for name, value in values.items() if not _same(value, before[name])]
    if moved:
        show_table(moved, before="column_unedited")
    else:
        st.caption(say("edit_no_moves"))


def _same(value: float, other: float) -> bool:
    return value == other or (math.isnan(value) and math.isnan(other))
