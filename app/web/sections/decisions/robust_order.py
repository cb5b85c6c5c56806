"""Ordering more good plans than the front has: the form, and where the order stands; the work is a job."""

from __future__ import annotations

import streamlit as st

from app.robust.robust_villages import may_sample
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import RobustOrder
from app.web.jobs.job_record import ACTIVE, Job, ordered_jobs
from app.web.jobs.queue import advance_queue, job_state, submit_job
from app.web.sections.job_watch import watch_job
from app.web.shell.page_frame import visit_key
from app.web.shell.session import language, say
from app.words.console import percent_text

WITHIN = (0.01, 0.02, 0.05)
"""What a plan nearly as good may lose in each objective [anchor ranges]."""
SAMPLES = (0, 12, 48)


def show_robust_order(workspace: Workspace, run: Run, key: str) -> None:
    """The form, and below it the newest order of the run.

    Args:
        workspace: folder of runs and documents.
        run: whose good plans.
        key: of the widgets.
    """
    job = _newest(workspace, run)
    active = job is not None and job_state(workspace, job) in ACTIVE
    if job is not None:
        watch_job(workspace, job, at_work="robust_at_work", cancel="stress_cancel")
    with st.expander(say("robust_form"), expanded=False):
        _show_form(workspace, run, key, active=active)


def _newest(workspace: Workspace, run: Run) -> Job | None:
    return next((job for job in ordered_jobs(workspace, RobustOrder) if job.order.seed_run == run.folder.name), None)


def _show_form(workspace: Workspace, run: Run, key: str, *, active: bool) -> None:
    st.caption(say("robust_form_help"))
    sampled = may_sample(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        within = st.selectbox(say("robust_within"), WITHIN, index=1, format_func=_percent, key=visit_key("within", key))
        samples = st.selectbox(
            say("robust_samples"),
            SAMPLES if sampled else SAMPLES[:1],
            index=1 if sampled else 0,
            key=visit_key("samples", key),
        )
    if not sampled:
        st.caption(say("robust_basis_not_sampled"))
    if st.button(say("robust_begin"), type="primary", key=visit_key("robust_begin", key), disabled=active):
        order = RobustOrder(
            city=run.record.city.source, seed_run=run.folder.name, within=float(within), samples=int(samples)
        )
        submit_job(workspace, order, run.resolved.scenario, language())
        advance_queue(workspace)
        st.rerun()


def _percent(share: float) -> str:
    return percent_text(share, digits=0)
