"""What if not, on page Plan: one village, which single change would help most, and what mends a broken rule."""

from __future__ import annotations

from shlex import quote

import streamlit as st

from app.files.names import plain
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.sections.whatif.plan_whatif import show_ranked, show_smallest
from app.web.sections.whatif.village_whatif import show_village_whatif
from app.web.shell.cached_whatif import cached_asked
from app.web.shell.page_frame import remembered_choice, visit_key
from app.web.shell.session import language, say, spoken
from app.whatif.whatif_text import judged_by_words

VIEWS = ("village", "ranked", "meet")


def show_whatif(workspace: Workspace, run: Run, plan_id: str, tables: PlanTables) -> None:
    """One of three views; what the plan is judged by; how to have it as files."""
    view = remembered_choice(
        "whatif_view", say("whatif_view"), VIEWS, spoken("whatif_view_"), key=visit_key("whatif_view"), heading=True
    )
    with st.spinner(say("whatif_preparing")):
        asked = cached_asked(run, plan_id, tables)
    command = f"renewal whatif --run {run.folder.name} --plan {plan_id}"
    if view == "village":
        command += f" --village {quote(show_village_whatif(workspace, run, asked, tables))}"
    elif view == "ranked":
        show_ranked(workspace, run, asked, tables)
    else:
        command += f" --meet {quote(show_smallest(workspace, run, asked, tables) or 'RULE')}"
    st.caption(plain(judged_by_words(asked, language())))
    st.caption(say("whatif_command"))
    st.code(command, language="sh")
