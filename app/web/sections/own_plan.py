"""A plan that somebody made elsewhere beside the plans of a front: uploaded, evaluated in its scenario, at a glance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.files.names import plain
from app.plans.front_view import FrontView
from app.plans.mapped_plan import MappedPlan
from app.plans.tables import PlanTables, plan_tables
from app.runs.run_folder import Run
from app.web.documents.checked_plans import CheckedPlan, checked_plan
from app.web.documents.workspace import Workspace
from app.web.sections.compliance.upload_form import show_reading, show_upload_form
from app.web.sections.plan_glance import plan_verdict, show_headlines, show_phases, show_verdict
from app.web.sections.plan_sections import show_map
from app.web.sections.villages.village_card import show_village_card
from app.web.shell.cached_data import cached_base_values, cached_plan_values
from app.web.shell.page_frame import apart, show_refusal
from app.web.shell.session import current, go, language, say
from app.words.console import value_text
from data.errors import InputError
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS

STAR = "★"
BESIDE = ("renewed_villages", "total_cost_cny", "peak_funding_cny", "displaced_tenants_persons", "consent_share")


def own_plan_named(workspace: Workspace, run: Run) -> list[tuple[str, str, Mapping[str, float]]]:
    """The uploaded plan as the scatter names plans: star, file, values; none where there is none for this run."""
    try:
        found = _own_plan(workspace, run)
    except InputError:
        return []
    return [] if found is None else [(STAR, found[0].name, cached_plan_values(found[1]))]


def show_own_plan(workspace: Workspace, run: Run, view: FrontView, *, intro: str) -> None:
    """Bring a plan, and see it at a glance, beside the plan in hand and against the whole front.

    Args:
        workspace: where it is kept.
        run: in whose scenario it is read.
        view: front of the run.
        intro: what stands above the form.
    """
    st.caption(intro)
    with st.container(border=True):
        before = current("checked")
        refused = show_upload_form(
            workspace, run.folder.name, lambda: run.resolved, key="own_plan", start=say("own_plan_start")
        )
        if current("checked") != before:
            st.rerun()
    if refused:
        return
    try:
        found = _own_plan(workspace, run)
    except InputError as error:
        show_refusal(error)
        return
    if found is None:
        return
    kept, tables, brought = found
    st.markdown(f"**{STAR} {plain(kept.name)}**")
    show_reading(brought)
    values = cached_plan_values(tables)
    _show_glance(tables, values, run)
    key, numbers = _against(view, values)
    st.markdown(say(key, **numbers))
    _show_beside(view, values)
    with st.container(horizontal=True):
        st.page_link("views/compliance.py", label=say("own_plan_compliance"))
        st.page_link("views/judge.py", label=say("own_plan_judge"))
        if st.button(say("own_plan_away"), key="own_plan_away"):
            go(checked="")
            st.rerun()


def _show_glance(tables: PlanTables, values: dict[str, float], run: Run) -> None:
    """What page Plan says first of every plan: numbers, verdict, map, phases."""
    show_headlines(tables, values, cached_base_values(run.resolved), run.front, key="own_headlines")
    show_verdict(plan_verdict(tables))
    (chart, phases), below = st.columns([3, 2]), st.empty()
    with chart:
        apart(lambda: _show_map(tables, below))
    with phases:
        show_phases(tables)


def _show_map(tables: PlanTables, below: DeltaGenerator) -> None:
    """The map, and below it and the phases the village chosen on it."""
    village = show_map(tables)
    with below.container():
        show_village_card({f"{STAR} {say('own_plan')}": tables}, village)


def _own_plan(workspace: Workspace, run: Run) -> tuple[CheckedPlan, PlanTables, MappedPlan] | None:
    """The upload of the address, if it is meant for this run.

    Raises:
        InputError: it cannot be read any more.
    """
    kept = checked_plan(workspace, current("checked")) if current("checked") else None
    if kept is None or kept.run != run.folder.name:
        return None
    tables, brought = _read(str(kept.folder), run.resolved.digest, kept, run.resolved)
    return kept, tables, brought


@st.cache_resource(show_spinner=False, max_entries=16)
def _read(
    folder: str, resolved_digest: str, _kept: CheckedPlan, _resolved: ResolvedScenario
) -> tuple[PlanTables, MappedPlan]:
    del folder, resolved_digest
    brought = _kept.read(_resolved)
    return plan_tables(_resolved, brought.asked), brought


def _against(view: FrontView, values: Mapping[str, float]) -> tuple[str, dict[str, int]]:
    """Text and its numbers: how many plans of the front are at least as good in every objective, or none."""
    own = -view.signs * np.array([values[name] for name in view.objectives])
    better = int((own + 1e-12 * np.abs(own) >= view.F).all(axis=1).sum())
    return ("own_plan_beaten" if better else "own_plan_unbeaten"), {"n": better, "of": len(view.front)}


def _show_beside(view: FrontView, values: Mapping[str, float]) -> None:
    """The plan in hand and the brought one, and what differs."""
    in_hand, rows = view.front.iloc[view.position(current("plan"))], []
    names = [*view.objectives, *(name for name in BESIDE if name not in view.objectives and name in view.measured)]
    for name in names:
        unit, other = INDICATORS[name].unit, float(in_hand[name])
        rows.append(
            {
                say("column_indicator"): INDICATORS[name].label[language()],
                f"{STAR} {say('own_plan')}": value_text(values[name], unit, language()),
                f"{say('plan')} {current('plan')}": value_text(other, unit, language()),
                say("own_plan_difference"): value_text(values[name] - other, unit, language(), signed=True),
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("own_plan_alt", file=current("plan")))
