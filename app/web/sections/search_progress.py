"""A search under way: its phases, its first, provisional plans, and what it has found so far."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.runs.phases import SHOWN, Phase
from app.web.documents.workspace import Workspace
from app.web.figures.charts_front import live_figure, progress_figure
from app.web.jobs.job_record import Job
from app.web.jobs.phases import Phases, read_phases
from app.web.jobs.progress import Progress, progress
from app.web.shell.page_frame import show_chart
from app.web.shell.session import language, say
from app.words.console import value_text
from envs.kernel.indicators.registry import INDICATORS


def show_search_progress(workspace: Workspace, job: Job, objectives: list[str]) -> None:
    """Where a search stands, and what can be looked at already."""
    searched, phases = progress(workspace, job), read_phases(workspace, job.run_id)
    show_phases(phases)
    if searched.share is None and job.order.minutes:
        st.caption(say("job_elapsed", seconds=round(searched.elapsed_s), minutes=job.order.minutes))
    elif searched.share is None:
        st.caption(say("job_elapsed_only", seconds=round(searched.elapsed_s)))
    else:
        _show_steps(job, searched)
    if searched.live_front is not None and searched.live_front.shape[1] == len(objectives):
        show_chart(
            live_figure(searched.live_front, objectives, language()),
            key=f"live_{job.run_id}",
            alt=say("alt_live", n=len(searched.live_front)),
        )
    elif not phases.first_plans.empty:
        show_first_plans(phases)


def show_phases(phases: Phases) -> None:
    """Phases one after another: done with their seconds, the one at work, those to come."""
    if phases.current is None:
        return
    words = []
    for phase in Phase:
        name, seconds = say(f"phase_{phase}"), phases.seconds_of(phase)
        if phase is phases.current:
            words.append(f"**→ {name}**")
        elif seconds is not None:
            words.append(say("phase_done", phase=name, seconds=seconds))
        elif phases.begun[phases.current] >= 0.0 and list(Phase).index(phase) > list(Phase).index(phases.current):
            words.append(f"○ {name}")
    st.markdown(" · ".join(words))


def show_first_plans(phases: Phases) -> None:
    """Provisional plans, one for each objective alone, as a small table."""
    seconds = phases.first_plans_s or 0.0
    st.warning(say("first_plans_provisional", n=len(phases.first_plans), seconds=seconds))
    names = [name for name in phases.first_plans.columns if name in INDICATORS]
    names.sort(key=lambda name: name in SHOWN)  # objectives first
    rows = {
        INDICATORS[name].label[language()]: [
            value_text(float(value), INDICATORS[name].unit, language()) for value in phases.first_plans[name]
        ]
        for name in names
    }
    table = pd.DataFrame(rows, index=[say("first_plan", k=k + 1) for k in range(len(phases.first_plans))]).T
    st.dataframe(table, alt=say("first_plans_alt", n=len(phases.first_plans)))


def _show_steps(job: Job, searched: Progress) -> None:
    last = searched.steps.iloc[-1]
    st.progress(
        searched.share or 0.0,
        say(
            "job_progress",
            evaluations=int(last["evaluations"]),
            front=int(last["front_size"]),
            seconds=round(float(last["seconds"])),
        ),
    )
    show_chart(
        progress_figure(searched.steps, say("evaluations"), say("hypervolume")),
        key=f"progress_{job.run_id}",
        alt=say("alt_progress", value=f"{float(last['hypervolume']):.4f}"),
    )
