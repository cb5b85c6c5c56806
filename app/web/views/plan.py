"""Page Plan: one plan, section by section."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.plans.front_view import known_presets
from app.plans.tables import PlanTables
from app.runs.provisional_plans import is_first_plan
from app.runs.run_folder import Run
from app.web.documents.plan_edits import Edits
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import opens
from app.web.sections.decisions.decisions_section import show_decisions
from app.web.sections.own_plan import show_own_plan
from app.web.sections.parties.parties_section import show_parties
from app.web.sections.plan_editor import read_current_edits, show_editor, show_moves
from app.web.sections.plan_effects import show_money, show_people, show_travel
from app.web.sections.plan_export import show_export, show_stored_plan
from app.web.sections.plan_glance import plan_verdict, show_headlines, show_level, show_overview
from app.web.sections.plan_sections import (
    show_broken_rules,
    show_indicators,
    show_schedule,
    show_targets,
    title_of,
)
from app.web.sections.provisional_notice import show_provisional, show_superseded
from app.web.sections.questions.plan_questions import choose_section
from app.web.sections.reasons.reasons_section import show_reasons
from app.web.sections.record.record_section import show_record
from app.web.sections.residents.day_section import show_day
from app.web.sections.residents.gains_section import show_gains
from app.web.sections.residents.village_residents import show_residents
from app.web.sections.stress.plan_in_futures import show_futures
from app.web.sections.whatif.whatif_section import show_whatif
from app.web.shell.cached_data import (
    cached_base_values,
    cached_front_view,
    cached_plan_tables,
    cached_plan_values,
    cached_run,
    cached_stored_run,
)
from app.web.shell.page_frame import open_workspace, show_notes
from app.web.shell.run_names import run_name
from app.web.shell.session import current, go, language, say
from app.words.city_name import city_name, scenario_name
from data.errors import refuse

JUDGED = ("map", "scorecard")
"""Sections that say themselves how the plan is to be judged."""


def show() -> None:
    """The page."""
    workspace, run_id = open_workspace(), current("run")
    if not run_id or not opens(workspace, run_id):
        st.title(say("page_plan"))
        if run_id:
            st.warning(say("run_not_ready", run=plain(run_name(workspace, run_id))))
        else:
            st.info(say("no_plan"))
        st.page_link("views/front.py", label=say("page_front"))
        return
    with st.spinner(say("reading_run")):
        stored = cached_stored_run(workspace, run_id)
        if stored is not None:
            show_stored_plan(stored, current("plan") or stored.plan_ids[0])
            return
        run = cached_run(workspace, run_id)
    plan_id = current("plan") or known_presets(run.record.recommended).get("balanced", run.plan_ids[0])
    if plan_id not in run.plan_ids and is_first_plan(plan_id):
        st.title(say("page_plan"))
        show_superseded(run_id)
        return
    if plan_id not in run.plan_ids:
        raise refuse("run_without_plan", run=run_id, plan=plan_id)
    go(plan=plan_id)
    show_plan(workspace, run, run_id, plan_id)


def show_plan(workspace: Workspace, run: Run, run_id: str, plan_id: str) -> None:
    """The plan in hand, one section at a time."""
    is_provisional = run.record.provisional
    edits = {} if is_provisional else read_current_edits(workspace, run_id, plan_id)
    tables = cached_plan_tables(run, plan_id, edits)
    values, base = cached_plan_values(tables), cached_base_values(run.resolved)
    original = cached_plan_values(cached_plan_tables(run, plan_id, {})) if edits else values
    st.title(title_of(plan_id, edits))
    st.caption(
        say(
            "plan_line",
            run=plain(run_name(workspace, run_id)),
            scenario=plain(scenario_name(run.resolved.scenario, language())),
            city=plain(city_name(run.resolved.city.name, language())),
        )
        + " · "
        + say("change_from_plan" if edits else "change_from_base")
    )
    before = original if edits else base
    show_provisional(workspace, run)
    show_headlines(tables, values, before, run.front)
    show_broken_rules(tables, edited=bool(edits))
    section = choose_section(read_only=is_provisional)
    if section not in JUDGED:
        show_level(plan_verdict(tables))
    if section == "map":
        show_overview(tables, values, before)
    elif section == "reasons":
        show_reasons(tables, plan_id)
    elif section == "decisions":
        show_decisions(run, plan_id, tables)
    elif section in ("whatif", "futures"):
        show_otherwise(section, workspace, run, plan_id, tables, edited=bool(edits))
    elif section == "parties":
        show_parties(workspace, run, plan_id, tables, edits)
    elif section in ("edit", "own", "record", "export"):
        show_change(section, workspace, run, plan_id, tables, edits)
    else:
        show_section(section, tables, values, base)
    show_notes(run.resolved.city)


def show_change(section: str, workspace: Workspace, run: Run, plan_id: str, tables: PlanTables, edits: Edits) -> None:
    """Change the plan, hold another one against it, sign it, hand it on."""
    if section == "edit":
        show_editor(workspace, run, plan_id, tables, edits)
        show_moves(cached_plan_values(tables), cached_plan_values(cached_plan_tables(run, plan_id, {})), plan_id)
    elif section == "own":
        show_beside_own(workspace, run)
    elif section == "record":
        show_record(workspace, run, plan_id, tables)
    else:
        show_export(run, plan_id, tables, edits)


def show_beside_own(workspace: Workspace, run: Run) -> None:
    """A plan made elsewhere, in the scenario of this run."""
    show_own_plan(workspace, run, cached_front_view(run), intro=say("own_plan_intro_plan"))


def show_otherwise(
    section: str, workspace: Workspace, run: Run, plan_id: str, tables: PlanTables, *, edited: bool
) -> None:
    """What if the plan were another, or the world around it."""
    if section == "whatif":
        show_whatif(workspace, run, plan_id, tables)
    else:
        show_futures(workspace, run, plan_id, edited=edited)


def show_section(section: str, tables: PlanTables, values: dict[str, float], base: dict[str, float]) -> None:
    """A section that asks for nothing but the plan and its indicators."""
    if section == "schedule":
        show_schedule(tables)
    elif section == "money":
        show_money(tables, values)
    elif section == "people":
        show_people(tables, values)
    elif section == "residents":
        show_residents(tables)
    elif section == "gains":
        show_gains(tables)
    elif section == "day":
        show_day(tables)
    elif section == "travel":
        show_travel(tables, values, base)
    elif section == "scorecard":
        show_targets(tables)
    else:
        show_indicators(values, base)


show()
