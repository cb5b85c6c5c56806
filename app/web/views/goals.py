"""Page What would it take: the least change of one number that meets a target (goal seeking)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.web.documents.workspace import Workspace
from app.web.figures.charts_goal import tried_figure
from app.web.jobs.commands import GoalOrder
from app.web.jobs.goal_results import applied_scenario, ordered_scenario, seek_record, trials_so_far
from app.web.jobs.job_record import ACTIVE, Job, JobState, job_error, ordered_jobs, read_job
from app.web.jobs.queue import advance_queue, cancel_job, job_state
from app.web.sections.goal_form import show_goal_form
from app.web.sections.indicator_tables import shown
from app.web.shell.page_frame import guarded, open_workspace, show_chart, show_notes
from app.web.shell.session import current, go, in_series, language, say
from app.web.shell.session_draft import Draft, save_draft
from app.words.console import inside, percent_text
from app.words.lever_text import lever_text
from app.words.target_text import target_text
from data.levers import Lever, find_lever
from data.parameter_book import load_book
from data.scenario import Scenario
from optimizers.goals.seek_result import IMPOSSIBLE, MET

REFRESH_S = 2.0
SHOWN_GOALS = 8


def show_goal(workspace: Workspace, job: Job) -> None:
    """One goal: where it stands, what was tried, what follows."""
    if not isinstance(job.order, GoalOrder):
        return
    order, state, scenario = job.order, job_state(workspace, job), ordered_scenario(workspace, job)
    lever = find_lever(scenario, load_book().override(scenario.parameters), order.lever)
    with st.container(border=True):
        st.markdown(_line(order, scenario, lever, state))
        if state is JobState.WAITING:
            st.caption(say("goal_waits"))
        elif state is JobState.FAILED:
            st.error(say("job_failed") + "  \n" + plain(job_error(workspace, job.run_id) or say("job_no_message")))
        record = seek_record(workspace, job.run_id) if state is JobState.COMPLETED else None
        trials = record["tried"] if record else trials_so_far(workspace, job.run_id)
        if state in (JobState.RUNNING, JobState.STOPPING):
            met = sum(bool(trial["met"]) for trial in trials)
            st.caption(say("goal_progress", n=len(trials), met=met, seconds=_seconds(job)))
        elif state is JobState.CANCELED and trials:
            st.caption(say("goal_stopped"))
        if state in (JobState.RUNNING, JobState.WAITING) and st.button(say("goal_cancel"), key=f"stop_{job.run_id}"):
            cancel_job(workspace, job.run_id)
            st.rerun()
        if record:
            _show_answer(record)
        if trials:
            chosen = record["value"] if record else None
            words = (lever.label[language()], lever.unit)
            show_chart(
                tried_figure(trials, scenario.targets[0], words, language(), chosen),
                key=f"goal_chart_{job.run_id}",
                alt=say("alt_goal", n=len(trials)),
            )
            with st.expander(say("goal_tried")):
                _show_trials(trials, scenario, lever)
        if record and record["value"] is not None:
            _show_apply(workspace, order, scenario, lever, float(record["value"]))


def _line(order: GoalOrder, scenario: Scenario, lever: Lever, state: JobState) -> str:
    low, high = (plain(lever_text(end, lever.unit, language())) for end in (order.low, order.high))
    target = in_series(target_text(item, language()) for item in scenario.targets)
    words = plain(inside(lever.label[language()], language()))
    return say("goal_line", target=plain(target), lever=words, low=low, high=high, state=say(f"state_{state}"))


def _seconds(job: Job) -> int:
    return round((datetime.now(UTC) - datetime.fromisoformat(job.started)).total_seconds())


def _show_answer(record: dict[str, Any]) -> None:
    first, *rest = record["said"][language()]
    show = {MET: st.success, IMPOSSIBLE: st.error}.get(record["outcome"], st.warning)
    show(plain(first))
    for line in rest:
        st.markdown(plain(line))


def _show_trials(trials: list[dict[str, Any]], scenario: Scenario, lever: Lever) -> None:
    rows = []
    for trial in trials:
        missed = trial["largest_relative_shortfall"]
        row = {
            lever.label[language()]: lever_text(trial["value"], lever.unit, language()),
            say("column_met"): say("goal_met" if trial["met"] else "goal_missed"),
            say("goal_column_missed"): "-" if missed is None else percent_text(missed, digits=2),
        }
        for target, reached in zip(scenario.targets, trial["targets"], strict=True):
            output = reached["output"]
            row[target_text(target, language())] = (
                say("goal_no_plan") if output is None else shown(target.indicator, output)
            )
        rows.append(row | {say("goal_column_plans"): f"{trial['evaluations']:,}"})
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("goal_tried"))


def _show_apply(workspace: Workspace, order: GoalOrder, scenario: Scenario, lever: Lever, value: float) -> None:
    words = lever_text(value, lever.unit, language())
    label = say("goal_apply", lever=plain(inside(lever.label[language()], language())), value=plain(words))
    if st.button(label, type="primary", key="goal_apply"):
        moved = applied_scenario(scenario, order, value)
        go(draft="")
        save_draft(workspace, Draft(order.city, "", moved.model_dump(mode="json")), fresh=True)
        st.switch_page("views/scenario.py")
    st.caption(say("goal_apply_help"))


def show_goals(workspace: Workspace) -> None:
    """The goal of the address in full, refreshed while it runs; the others one line each."""
    jobs = ordered_jobs(workspace, GoalOrder)
    if not jobs:
        st.info(say("goals_none"))
        return
    shown_job = next((job for job in jobs if job.run_id == current("goal")), jobs[0])
    active = job_state(workspace, shown_job) in ACTIVE

    def block() -> None:
        advance_queue(workspace)
        fresh = read_job(workspace, shown_job.run_id) or shown_job
        show_goal(workspace, fresh)
        if active and job_state(workspace, fresh) not in ACTIVE:
            st.rerun()

    st.fragment(guarded(block), run_every=REFRESH_S if active else None)()
    for job in [job for job in jobs if job.run_id != shown_job.run_id][:SHOWN_GOALS]:
        _show_other(workspace, job)


def _show_other(workspace: Workspace, job: Job) -> None:
    if not isinstance(job.order, GoalOrder):
        return
    scenario = ordered_scenario(workspace, job)
    lever = find_lever(scenario, load_book().override(scenario.parameters), job.order.lever)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_line(job.order, scenario, lever, job_state(workspace, job)))
        if st.button(say("goal_open"), key=f"goal_open_{job.run_id}"):
            go(goal=job.run_id)
            st.rerun()


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_goals"))
    st.markdown(say("goals_intro"))
    show_goal_form(workspace)
    st.subheader(say("goals_done"))
    show_goals(workspace)
    show_notes()


show()
