"""Where an order of a section stands, refreshed until it has ended; then the page is shown anew."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import ACTIVE, Job, JobState, job_error
from app.web.jobs.queue import advance_queue, cancel_job, job_state
from app.web.shell.page_frame import guarded
from app.web.shell.session import say

REFRESH_S = 1.0


def watch_job(workspace: Workspace, job: Job, *, at_work: str, cancel: str) -> None:
    """Tell how the order stands, with a button that stops it.

    Args:
        workspace: folder of runs and documents.
        job: of the order.
        at_work: key of the text that tells its {state}.
        cancel: key of the button.
    """
    begun = job_state(workspace, job)
    if begun is JobState.FAILED:
        st.error(say("job_failed") + "  \n" + plain(job_error(workspace, job.run_id) or say("job_no_message")))
    if begun not in ACTIVE:
        return

    def block() -> None:
        advance_queue(workspace)
        state = job_state(workspace, job)
        if state not in ACTIVE:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(say(at_work, state=say(f"state_{state}")))
            if st.button(say(cancel), key=f"stop_{job.run_id}"):
                cancel_job(workspace, job.run_id)
                st.rerun()

    st.fragment(guarded(block), run_every=REFRESH_S)()
