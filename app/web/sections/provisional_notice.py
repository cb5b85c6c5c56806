"""First plans of a search: said plainly on every page that shows them, and told when its own plans have come."""

from __future__ import annotations

import streamlit as st

from app.runs.run_folder import Run
from app.runs.working_folder import is_worked_in
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import ACTIVE, read_job
from app.web.jobs.queue import has_front, job_state
from app.web.shell.page_frame import guarded, visit_key
from app.web.shell.session import go, say

REFRESH_S = 3.0


def show_provisional(workspace: Workspace, run: Run) -> None:
    """What the plans of a run are worth while its search goes on; nothing for a run that has a front of its own."""
    if run.record.provisional:
        st.fragment(guarded(lambda: _show_notice(workspace, run)), run_every=REFRESH_S)()


def _show_notice(workspace: Workspace, run: Run) -> None:
    run_id = run.folder.name
    if has_front(workspace, run_id):
        show_superseded(run_id)
        return
    st.warning(say("run_provisional_goes_on" if _goes_on(workspace, run) else "run_provisional_cut", n=len(run.front)))
    st.page_link("views/search.py", label=say("page_search"))


def show_superseded(run_id: str) -> None:
    """The search has ended, and a way to what it found."""
    st.success(say("first_plans_superseded"))
    if st.button(say("job_open"), key=visit_key("open_superseded", run_id), type="primary"):
        go(run=run_id, plan="")
        st.switch_page("views/front.py")


def _goes_on(workspace: Workspace, run: Run) -> bool:
    job = read_job(workspace, run.folder.name)
    if job is None:  # of the command line
        return is_worked_in(run.folder)
    return job_state(workspace, job) in ACTIVE
