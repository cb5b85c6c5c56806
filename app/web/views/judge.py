"""Page Judge a plan: somebody's own plan against the front of a run, and the fewest changes that mend it."""

from __future__ import annotations

import streamlit as st

from app.web.documents.judged_plans import JudgeOrder, judge_upload, judged_folder, judgement_of
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import has_front
from app.web.sections.judged_plan import show_judgement
from app.web.shell.cached_data import cached_run
from app.web.shell.page_frame import open_workspace, show_notes, show_refusal, visit_key
from app.web.shell.run_names import run_words
from app.web.shell.session import current, go, say
from data.errors import InputError
from data.importing.plans.rows import KNOWN_SUFFIXES

LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS = 5, 120, 30


def show_form(workspace: Workspace) -> None:
    """The upload, and the judgment when it is asked for."""
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    if not ids:
        st.info(say("no_runs"))
        st.page_link("views/search.py", label=say("page_search"))
        return
    with st.container(border=True, key="screen_only_judge"):
        start = ids.index(current("run")) if current("run") in ids else 0
        words = run_words(workspace, ids)
        run_id = str(
            st.selectbox(say("judge_against"), ids, index=start, format_func=words, key=visit_key("judge_run"))
        )
        types = [suffix.removeprefix(".") for suffix in KNOWN_SUFFIXES]
        file = st.file_uploader(say("judge_file"), type=types, key="judge_file", help=say("judge_file_help"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            first = st.number_input(say("judge_first_year"), 1900, 2200, None, 1, key=visit_key("judge_first_year"))
            seconds = st.number_input(
                say("judge_seconds"), LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS, 5, key=visit_key("judge_seconds")
            )
        may_lose = st.checkbox(say("judge_may_lose"), key=visit_key("judge_may_lose"))
        unknown = st.checkbox(say("judge_leave_out"), key=visit_key("judge_leave_out"))
        pressed = st.button(say("judge_start"), type="primary", key="judge_start", disabled=file is None)
    if file is None or not pressed:
        return
    order = JudgeOrder(
        may_lose=may_lose,
        leave_out_unknown=unknown,
        first_year=None if first is None else int(first),
        seconds=float(seconds),
    )
    try:
        with st.status(say("judge_running")) as status:

            def progress(most: int, gap: float) -> None:
                status.update(label=say("judge_progress", most=most, gap=gap))

            run = cached_run(workspace, run_id)
            go(judged=judge_upload(workspace, run, (file.name, file.getvalue()), order, progress))
            status.update(label=say("judge_done"), state="complete")
    except InputError as error:
        show_refusal(error)


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_judge"))
    st.markdown(say("judge_intro"))
    show_form(workspace)
    if current("judged"):
        record = judgement_of(workspace, current("judged"))
        if record is None:
            st.warning(say("judge_absent"))
        else:
            show_judgement(workspace, judged_folder(workspace, current("judged")), record)
    show_notes()


show()
