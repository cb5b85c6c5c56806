"""Page Plan: one plan, section by section."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.files.names import plain
from app.plans.front_view import known_presets
from app.plans.tables import PlanTables
from app.runs.provisional_plans import is_first_plan
from app.runs.run_folder import Run
from app.web.documents.plan_edits import Edits, edits_digest
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
from app.web.sections.questions.plan_questions import KEPT_BESIDE, choose_section
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
from app.web.shell.page_frame import apart, open_workspace, show_notes
from app.web.shell.run_names import run_name
from app.web.shell.session import current, current_places, go, language, say
from app.words.city_name import city_name, scenario_name
from data.errors import refuse

JUDGED = ("map", "scorecard")
"""Sections that say themselves how the plan is to be judged."""


@dataclass(frozen=True, eq=False)
class PlanInHand:
    """What the page is about.

    Attributes:
        workspace: where documents are kept.
        run: holds the plan.
        plan_id: of its front.
        edits: of the plan by hand.
        tables: of the plan with its edits.
        values: of every indicator, with the edits.
        original: the same without the edits.
        base: the same of doing nothing.
    """

    workspace: Workspace
    run: Run
    plan_id: str
    edits: Edits
    tables: PlanTables
    values: dict[str, float]
    original: dict[str, float]
    base: dict[str, float]


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
    """The plan in hand: what it is, and below it the answer to one question, which runs apart from the page."""
    edits = read_current_edits(workspace, run_id, plan_id)
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
    in_hand = PlanInHand(workspace, run, plan_id, edits, tables, values, original=original, base=base)
    apart(
        lambda: show_answer(in_hand),
        around=lambda: (current_places(), edits_digest(read_current_edits(workspace, run_id, plan_id))),
    )
    show_notes(run.resolved.city)


def show_answer(at: PlanInHand) -> None:
    """The questions, and one section that answers one of them."""
    section = choose_section(read_only=at.run.record.provisional)
    if section not in JUDGED:
        show_level(plan_verdict(at.tables))
    if section == "map":
        show_overview(at.tables, at.values, at.original if at.edits else at.base)
    elif section == "reasons":
        show_reasons(at.tables, at.plan_id)
    elif section == "decisions":
        show_decisions(at.run, at.plan_id, at.tables)
    elif section == "whatif":
        show_whatif(at.workspace, at.run, at.plan_id, at.tables)
    elif section == "futures":
        show_futures(at.workspace, at.run, at.plan_id, edited=bool(at.edits))
    elif section == "parties":
        show_parties(at.workspace, at.run, at.plan_id, at.tables, at.edits)
    elif section in KEPT_BESIDE:
        show_change(section, at)
    else:
        show_section(section, at.tables, at.values, at.base)


def show_change(section: str, at: PlanInHand) -> None:
    """Change the plan, hold another one against it, sign it, hand it on."""
    if section == "edit":
        show_editor(at.workspace, at.run, at.plan_id, at.tables, at.edits)
        show_moves(at.values, at.original, at.plan_id)
    elif section == "own":
        show_own_plan(at.workspace, at.run, cached_front_view(at.run), intro=say("own_plan_intro_plan"))
    elif section == "record":
        show_record(at.workspace, at.run, at.plan_id, at.tables)
    else:
        show_export(at.run, at.plan_id, at.tables, at.edits)


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
