"""The rest of an approved plan, planned again from a year on: what has happened is fixed, a search is ordered."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.record.actuals_file import noted_actuals
from app.record.replanning import replan
from app.record.replanning_text import replanning_text
from app.record.standing import Standing
from app.record.subject import Subject
from app.record.verification import kept_actuals
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import SearchOrder
from app.web.jobs.queue import advance_queue, submit_job
from app.web.shell.page_frame import visit_key
from app.web.shell.session import go, language, say
from optimizers.algorithms.request import DEFAULT_ALGORITHM

MINUTES = 1.0
"""Of a search that is ordered, until somebody says otherwise."""


def show_rest(workspace: Workspace, run: Run, subject: Subject, standing: Standing) -> None:
    """From which year on, for how long; what is fixed then is told before the search is ordered."""
    st.subheader(say("rest_title"))
    last = run.resolved.scenario.plan_years
    if last < 2:
        st.info(say("rest_too_short"))
        return
    actuals, entry = noted_actuals(subject, standing), standing.actuals
    reported = 0 if actuals is None else int(actuals.year.max())
    st.caption(say("rest_help_as_planned") if actuals is None else say("rest_help_reported", year=reported))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        year = int(
            st.number_input(
                say("rest_year"), 2, last, min(last, max(2, reported + 1)), 1, key=visit_key("rest_year", reported)
            )
        )
        minutes = float(st.number_input(say("rest_minutes"), 0.1, 600.0, MINUTES, 0.5, key=visit_key("rest_minutes")))
    again = replan(run, subject.plan, year, actuals)
    for line in replanning_text(again, actuals, language()).splitlines():
        st.markdown(f"- {plain(line)}")
    if st.button(say("rest_order"), type="primary", key="rest_order"):
        file = "" if entry is None or entry.actuals is None else str(kept_actuals(subject.run, entry.actuals))
        order = SearchOrder(
            city=run.record.city.source,
            algorithm=DEFAULT_ALGORITHM,
            seed=0,
            evaluations=None,
            minutes=minutes,
            seed_run=subject.run.name,
            command="replan",
            plan=subject.digests.plan_id,
            year=year,
            actuals=file,
        )
        go(run=submit_job(workspace, order, again.resolved.scenario, language()))
        advance_queue(workspace)
        st.switch_page("views/search.py")
