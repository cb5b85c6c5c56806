"""Cards of the presets: what each puts first; a press begins a search from it."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.web.documents.scenario_draft import draft_of, scenario_of
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import SearchOrder
from app.web.jobs.queue import advance_queue, submit_job
from app.web.sections.start.preset_words import preset_words
from app.web.shell.page_frame import visit_key
from app.web.shell.session import go, language, say
from app.web.shell.session_draft import Draft, save_draft
from data.scenario_files import load_scenario

FIRST_PRESETS = ("balanced", "investment_first", "commute_first", "accessibility_first", "by_the_rules")
MINUTES = 1.0
"""Of the search that a card begins."""


def show_presets(workspace: Workspace, city: str) -> None:
    """One card each.

    Args:
        workspace: folder of runs and documents.
        city: that the page shows.
    """
    for preset in FIRST_PRESETS:
        scenario = load_scenario(preset)
        with st.container(border=True, gap="xsmall", key=f"preset_{preset}"):
            st.markdown(f"**{plain(scenario.label[language()])}**")
            st.caption("  \n".join(plain(said) for said in preset_words(scenario, language())))
            with st.container(horizontal=True):
                if st.button(say("start_begin", minutes=MINUTES), type="primary", key=visit_key("begin", preset)):
                    _take(workspace, city, preset)
                    _begin(workspace, city, preset)
                    st.switch_page("views/search.py")
                if st.button(say("start_change_first"), key=visit_key("change", preset)):
                    _take(workspace, city, preset)
                    st.switch_page("views/scenario.py")


def _take(workspace: Workspace, city: str, preset: str) -> None:
    """The preset becomes the scenario at hand."""
    save_draft(workspace, Draft(city, preset, draft_of(preset)), fresh=True)


def _begin(workspace: Workspace, city: str, preset: str) -> None:
    """Order a short search, which begins with the plans of the policy."""
    order = SearchOrder(city=city, algorithm="hybrid", seed=0, evaluations=None, minutes=MINUTES)
    go(run=submit_job(workspace, order, scenario_of(draft_of(preset)), language()))
    advance_queue(workspace)
