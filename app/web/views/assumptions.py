"""Page Assumptions: parameter book, sensitivity of the plan in view, how indicators are computed, columns of a city."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.plans.recommendation import scenario_label
from app.runs.run_folder import Run
from app.web.documents.scenario_draft import changed_parameters
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import has_front
from app.web.sections.assumption_sections import show_book, show_dictionary, show_indicator_definitions
from app.web.sections.plan_editor import read_current_edits
from app.web.sections.tornado_section import show_tornado
from app.web.shell.cached_data import cached_plan_tables, cached_run
from app.web.shell.page_frame import open_workspace, remember, remembered, show_notes
from app.web.shell.run_names import run_name
from app.web.shell.session import current, language, say, spoken
from app.web.shell.session_draft import current_draft

SECTIONS = ("book", "tornado", "recipes", "dictionary")


def run_in_view(workspace: Workspace) -> Run | None:
    """The run that the session is about, if its front is written."""
    run_id = current("run")
    if not run_id or not has_front(workspace, run_id):
        return None
    with st.spinner(say("reading_run")):
        return cached_run(workspace, run_id)


def show_sensitivity(workspace: Workspace, run: Run | None) -> None:
    """The tornado of the plan in view."""
    plan_id = current("plan")
    if run is None or not plan_id:
        st.info(say("tornado_needs_plan"))
        st.page_link("views/front.py", label=say("page_front"))
        return
    edits = read_current_edits(workspace, current("run"), plan_id)
    st.markdown(f"**{say('plan')} {plain(plan_id)}**")
    show_tornado(cached_plan_tables(run, plan_id, edits), edited=bool(edits))


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_assumptions"))
    st.markdown(say("assumptions_intro"))
    run = run_in_view(workspace)
    if run is None:
        st.caption(say("assumptions_of_draft"))
    else:
        scenario = plain(scenario_label(run.resolved.scenario.name, language()))
        st.caption(say("assumptions_of_plan", run=plain(run_name(workspace, current("run"))), scenario=scenario))
    section = st.segmented_control(
        say("sections"),
        SECTIONS,
        default=remembered("assumptions_section", SECTIONS[0]),
        required=True,
        format_func=spoken("section_"),
        key="assumptions_section",
        label_visibility="collapsed",
    )
    remember("assumptions_section", section)
    if section == "book":
        draft = current_draft(workspace)
        show_book(changed_parameters(draft.content) if run is None else run.resolved.book)
    elif section == "tornado":
        show_sensitivity(workspace, run)
    elif section == "recipes":
        show_indicator_definitions()
    else:
        show_dictionary()
    show_notes(None if run is None else run.resolved.city)


show()
