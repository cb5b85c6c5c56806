"""The runs that are there, by name, and the one that is at work."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.runs.record import RunRecord, read_record
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import ACTIVE, ordered_jobs
from app.web.jobs.queue import has_front, job_state
from app.web.shell.page_frame import visit_key
from app.web.shell.run_names import run_name, show_rename
from app.web.shell.session import go, language, say
from app.words.city_name import city_name
from app.words.console import listed
from data.errors import InputError

SHOWN_RUNS = 5


def show_last_runs(workspace: Workspace) -> None:
    """The latest first, but for those of sweeps, which have a page; a press opens the plans of one."""
    st.subheader(say("start_runs"))
    _show_active(workspace)
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    own = [name for name in ids if workspace.run_folder(name).parent == workspace.folder]
    if not own:
        st.caption(say("start_no_runs"))
    for run_id in own[:SHOWN_RUNS]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"run_line_{run_id}"):
            st.markdown(f"**{plain(run_name(workspace, run_id))}**  \n:small[{_told(workspace, run_id)}]")
            if st.button(say("start_open"), key=visit_key("start_open", run_id)):
                go(run=run_id)
                st.switch_page("views/front.py")
            show_rename(workspace, run_id)
    if len(own) > SHOWN_RUNS:
        st.page_link("views/front.py", label=say("start_all_runs", n=len(own)))
    if len(ids) > len(own):
        st.page_link("views/studies.py", label=say("start_swept_runs", n=len(ids) - len(own)))


def _show_active(workspace: Workspace) -> None:
    """Searches that wait or run."""
    active = [job for job in ordered_jobs(workspace) if job_state(workspace, job) in ACTIVE]
    if active:
        names = listed((plain(run_name(workspace, job.run_id)) for job in active[:SHOWN_RUNS]), language())
        st.info(say("start_active", n=len(active), names=names))
        st.page_link("views/search.py", label=say("page_search"))


def _told(workspace: Workspace, run_id: str) -> str:
    """City, plans and day of a run."""
    try:
        record: RunRecord = read_record(workspace.run_folder(run_id))
    except InputError as error:
        return plain(str(error))
    return say(
        "start_run_line",
        city=plain(city_name(record.city.name, language())),
        n=record.n_plans or 0,
        day=plain(record.created[:10]),
    )
