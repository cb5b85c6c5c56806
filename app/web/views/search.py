"""Page Search: ordering a search, and the searches that wait, run or are done."""

from __future__ import annotations

import streamlit as st

from agents.objectives import policy_knows
from app.files.names import plain
from app.plans.recommendation import scenario_label
from app.runs.title import LONGEST_TITLE, checked_title
from app.web.documents.workspace import Workspace, city_label
from app.web.jobs.commands import POLICY_PLANS, SearchOrder
from app.web.jobs.job_record import ACTIVE, Job, JobState, job_error, job_scenario_path, ordered_jobs, read_job
from app.web.jobs.queue import (
    advance_queue,
    cancel_job,
    has_front,
    is_provisional,
    is_resumable,
    job_state,
    opens,
    resume_job,
    run_city,
    submit_job,
)
from app.web.sections.search_progress import show_search_progress
from app.web.shell.cached_feasibility import show_infeasible
from app.web.shell.page_frame import guarded, open_workspace, remembered, show_notes, visit_key
from app.web.shell.run_names import run_name, run_names, run_words, show_rename
from app.web.shell.session import current, go, language, say, spoken
from app.web.shell.session_draft import usable_scenario
from app.words.city_name import city_name
from app.words.console import inside, listed
from data.scenario import Scenario
from envs.kernel.indicators.registry import INDICATORS

BUDGETS = ("minutes", "evaluations")
SHOWN_JOBS = 12
REFRESH_S = 2.0


def show_order(workspace: Workspace) -> None:
    """What to search, how long, with what."""
    from optimizers.algorithms.registry import ALGORITHMS

    usable = usable_scenario(workspace)
    if usable is None:
        return
    draft, scenario = usable
    objectives = listed(
        (inside(INDICATORS[name].label[language()], language()) for name in scenario.objectives), language()
    )
    st.markdown(
        say(
            "search_what",
            city=plain(city_name(city_label(draft.city), language())),
            scenario=plain(scenario_label(scenario.name, language())),
            objectives=objectives,
        )
    )
    infeasible = show_infeasible(draft.city, scenario)
    if infeasible:
        st.page_link("views/scenario.py", label=say("back_to_scenario"))
    with st.form("order", border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = st.radio(say("budget"), BUDGETS, horizontal=True, format_func=spoken("budget_"), key="budget")
            minutes = st.number_input(say("minutes"), 0.05, 600.0, 1.0, 0.5, key="minutes")
            evaluations = st.number_input(say("evaluations"), 100, 10_000_000, 2000, 500, key="evaluations")
            seed = st.number_input(say("seed"), 0, 2**31 - 1, 0, 1, key="seed", help=say("seed_help"))
            algorithm = st.selectbox(
                say("algorithm"),
                list(ALGORITHMS),
                key="algorithm",
                help="\n".join(f"- `{name}` {say(f'algorithm_{name}')}" for name in ALGORITHMS),
            )
            seed_run = show_seed_runs(workspace, draft.city)
            title = st.text_input(
                say("run_title"), max_chars=LONGEST_TITLE, placeholder=say("run_title_example"), key="run_title"
            )
        knows = policy_knows(scenario.objectives)
        with_policy = knows and st.checkbox(
            say("begin_with_policy"), value=True, help=say("begin_with_policy_help"), key="begin_with_policy"
        )
        pressed = st.form_submit_button(say("search_start"), type="primary", key="search_start", disabled=infeasible)
    if pressed:
        by_time = kind == "minutes"
        order = SearchOrder(
            city=draft.city,
            algorithm=str(algorithm),
            seed=int(seed),
            evaluations=None if by_time else int(evaluations),
            minutes=float(minutes) if by_time else None,
            seed_run=seed_run,
            with_policy=with_policy or not knows,
            title=checked_title(title),
        )
        _begin(workspace, order, scenario)
    if policy_knows(scenario.objectives) and st.button(
        say("policy_start", n=POLICY_PLANS), help=say("policy_help"), key="policy_start", disabled=infeasible
    ):
        order = SearchOrder(
            city=draft.city,
            algorithm="policy",
            seed=0,
            evaluations=POLICY_PLANS,
            minutes=None,
            command="policy",
            title=checked_title(title),
        )
        _begin(workspace, order, scenario)


def _begin(workspace: Workspace, order: SearchOrder, scenario: Scenario) -> None:
    go(run=submit_job(workspace, order, scenario, language()))
    advance_queue(workspace)


def show_seed_runs(workspace: Workspace, city: str) -> str:
    """Which run's plans the search begins with; empty for none."""
    runs = [name for name in workspace.run_ids() if opens(workspace, name) and run_city(workspace, name) == city]
    options, names = ["", *runs], run_names(workspace, runs)
    kept_run = remembered("seed_run", "")
    return str(
        st.selectbox(
            say("seed_run"),
            options,
            index=options.index(kept_run) if kept_run in options else 0,
            format_func=lambda name: names.get(name) or say("seed_run_none"),
            help=say("seed_run_help"),
            key=visit_key("seed_run"),
        )
    )


def show_job(workspace: Workspace, job: Job, objectives: list[str]) -> None:
    """One search: where it stands, how far it is, what it has found, what can be done."""
    state = job_state(workspace, job)
    with st.container(border=True):
        name, scenario = run_name(workspace, job.run_id), scenario_label(job.scenario, language())
        run = plain(name) if scenario in name else f"{plain(name)} · {plain(scenario)}"
        st.markdown(say("job_line", run=run, state=say(f"state_{state}")))
        if state in (JobState.RUNNING, JobState.STOPPING):
            show_search_progress(workspace, job, objectives)
        elif state is JobState.WAITING:
            st.caption(say("job_waits"))
        elif state is JobState.CANCELED:
            st.caption(say("job_nothing_kept"))
        elif state is JobState.FAILED:
            st.error(say("job_failed") + "  \n" + plain(job_error(workspace, job.run_id) or say("job_no_message")))
        _show_buttons(workspace, job, state)


def _show_open(workspace: Workspace, job: Job, state: JobState) -> None:
    """A way to the plans: the front where the search has ended; else one of its first plans, with map and verdict."""
    first = opens(workspace, job.run_id) and is_provisional(workspace, job.run_id)
    if not first and (state in ACTIVE or not has_front(workspace, job.run_id)):
        return
    if st.button(say("job_open_first" if first else "job_open"), key=f"open_{job.run_id}", type="primary"):
        go(run=job.run_id)
        st.switch_page("views/plan.py" if first else "views/front.py")


def _show_buttons(workspace: Workspace, job: Job, state: JobState) -> None:
    with st.container(horizontal=True):
        _show_open(workspace, job, state)
        if state in (JobState.RUNNING, JobState.WAITING):
            words = say("job_cancel" if state is JobState.RUNNING else "job_withdraw")
            if st.button(words, key=f"cancel_{job.run_id}"):
                cancel_job(workspace, job.run_id)
                st.rerun()
        elif state is JobState.STOPPING:
            st.caption(say("job_stopping"))
        if (
            state not in (*ACTIVE, JobState.COMPLETED)
            and is_resumable(workspace, job.run_id)
            and st.button(say("job_resume"), key=f"resume_{job.run_id}")
        ):
            resume_job(workspace, job.run_id)
            st.rerun()
        if state is not JobState.CANCELED:
            show_rename(workspace, job.run_id)


def show_jobs(workspace: Workspace) -> None:
    """The run of the address first, then the latest; refreshed while one is active."""
    jobs = ordered_jobs(workspace)
    first = [job for job in jobs if job.run_id == current("run")]
    shown = first + [job for job in jobs if job.run_id != current("run")][:SHOWN_JOBS]
    active = any(job_state(workspace, job) in ACTIVE for job in shown)

    def block() -> None:
        advance_queue(workspace)
        fresh = [read_job(workspace, job.run_id) or job for job in shown]
        for job in fresh:
            show_job(workspace, job, list(_objectives(workspace, job)))
        if active and not any(job_state(workspace, job) in ACTIVE for job in fresh):
            st.rerun()

    if not shown:
        st.info(say("no_searches"))
        return
    st.fragment(guarded(block), run_every=REFRESH_S if active else None)()


def _objectives(workspace: Workspace, job: Job) -> tuple[str, ...]:
    from data.scenario_files import load_scenario

    return load_scenario(job_scenario_path(workspace, job.run_id)).objectives


def show_other_runs(workspace: Workspace) -> None:
    """Runs that were not ordered here, such as those of the command line."""
    ordered = {job.run_id for job in ordered_jobs(workspace)}
    others = [name for name in workspace.run_ids() if name not in ordered and has_front(workspace, name)]
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(say("other_runs"), others, format_func=run_words(workspace, others), key="other_run")
        if st.button(say("job_open"), key="open_other"):
            go(run=str(name))
            st.switch_page("views/front.py")


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_search"))
    show_order(workspace)
    st.subheader(say("searches"))
    show_jobs(workspace)
    show_other_runs(workspace)
    st.caption(say("searches_where", folder=plain(workspace.folder)))
    show_notes()


show()
