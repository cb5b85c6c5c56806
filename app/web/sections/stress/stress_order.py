"""Ordering plans in futures: the form, and where the order stands; the work is a job in the background."""

from __future__ import annotations

import streamlit as st

from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import StressOrder
from app.web.jobs.job_record import ACTIVE, Job, ordered_jobs
from app.web.jobs.queue import advance_queue, job_state, submit_job
from app.web.sections.job_watch import watch_job
from app.web.shell.page_frame import visit_key
from app.web.shell.session import language, say

FUTURES = (1_000, 10_000, 100_000)
WORLDS = (0, 16, 64, 256)
SOBOL = 256
"""Base sample of Sobol indices where prices move alone; with worlds SOBOL_IN_WORLDS, for each row is an evaluation."""
SOBOL_IN_WORLDS = 16
MOST_CELLS = 10_000_000


def show_order(workspace: Workspace, run: Run, plans: tuple[str, ...], key: str) -> None:
    """The form, and below it the newest order of the run.

    Args:
        workspace: folder of runs and documents.
        run: whose plans.
        plans: of it; none = all.
        key: of the widgets.
    """
    job = _newest(workspace, run, plans)
    active = job is not None and job_state(workspace, job) in ACTIVE
    if job is not None:
        watch_job(workspace, job, at_work="stress_at_work", cancel="stress_cancel")
    with st.expander(say("stress_form"), expanded=job is None):
        _show_form(workspace, run, plans, key, active=active)


def _newest(workspace: Workspace, run: Run, plans: tuple[str, ...]) -> Job | None:
    """The newest order of the same plans."""
    return next(
        (
            job
            for job in ordered_jobs(workspace, StressOrder)
            if isinstance(job.order, StressOrder)
            and job.order.seed_run == run.folder.name
            and tuple(job.order.plans) == plans
        ),
        None,
    )


def _show_form(workspace: Workspace, run: Run, plans: tuple[str, ...], key: str, *, active: bool) -> None:
    st.caption(say("stress_form_help"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        futures = st.selectbox(
            say("stress_futures"), FUTURES, index=1, format_func=lambda n: f"{n:,}", key=visit_key("futures", key)
        )
        worlds = st.selectbox(say("stress_worlds"), WORLDS, format_func=_worlds_words, key=visit_key("worlds", key))
        sobol = st.checkbox(say("stress_sobol"), key=visit_key("sobol", key))
    n_plans = len(plans) or len(run.plan_ids)
    too_many = n_plans * int(futures) > MOST_CELLS or 2 * int(worlds) > int(futures)
    if too_many:
        st.warning(say("stress_too_many_room", plans=n_plans, most=MOST_CELLS // n_plans))
    if st.button(say("stress_begin"), type="primary", key=visit_key("begin", key), disabled=active or too_many):
        order = StressOrder(
            city=run.record.city.source,
            seed_run=run.folder.name,
            plans=plans,
            futures=int(futures),
            worlds=int(worlds),
            sobol=(SOBOL_IN_WORLDS if worlds else SOBOL) if sobol else 0,
        )
        submit_job(workspace, order, run.resolved.scenario, language())
        advance_queue(workspace)
        st.rerun()


def _worlds_words(n: int) -> str:
    return say("stress_worlds_n", n=n) if n else say("stress_worlds_none")
