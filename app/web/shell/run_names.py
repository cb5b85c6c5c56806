"""What runs are called on every page, and the little form that gives one another title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from app.files.names import plain
from app.runs.names import RUN_FILE
from app.runs.title import LONGEST_TITLE, TITLE_FILE, read_title
from app.web.documents.workspace import Workspace
from app.web.jobs.job_record import read_job
from app.web.jobs.run_titles import ordered_title, rename_run, told_apart, workspace_run_title
from app.web.shell.file_stamps import stamp
from app.web.shell.page_frame import show_refusal, visit_key
from app.web.shell.session import language, say
from data.errors import InputError


def run_name(workspace: Workspace, run_id: str) -> str:
    """What a run is called: its title, else its folder's name or scenario, city and time. It is data: show it plain."""
    files = [workspace.run_folder(run_id) / name for name in (TITLE_FILE, RUN_FILE)]
    files.append(workspace.document("job", run_id))
    return _name(str(workspace.folder), run_id, language(), tuple(stamp(path) for path in files))


def run_names(workspace: Workspace, run_ids: Sequence[str]) -> dict[str, str]:
    """Run id -> what it is called, no two alike."""
    return told_apart({run: run_name(workspace, run) for run in run_ids}, language())


def run_words(workspace: Workspace, run_ids: Sequence[str]) -> Callable[[str], str]:
    """How runs are shown as options of a widget."""
    names = run_names(workspace, run_ids)
    return lambda run: names.get(run, run)


def show_rename(workspace: Workspace, run_id: str, *, key: str = "rename") -> None:
    """A button that opens a field for the title of a run."""
    job = read_job(workspace, run_id)
    given = read_title(workspace.run_folder(run_id)) or (ordered_title(job) if job else "")
    opened = visit_key(f"{key}_form", run_id, given)  # another one, closed, once the title is taken
    with st.popover(say("run_rename"), help=say("run_rename_help"), key=opened):
        typed = st.text_input(
            say("run_title"),
            value=given,
            max_chars=LONGEST_TITLE,
            placeholder=run_name(workspace, run_id),
            key=visit_key(f"{key}_title", run_id),
        )
        st.caption(say("run_title_help", folder=plain(run_id)))
        if st.button(say("run_title_take"), key=visit_key(f"{key}_take", run_id), type="primary"):
            try:
                rename_run(workspace, run_id, typed)
            except InputError as error:
                show_refusal(error)
                return
            st.rerun()


@st.cache_data(show_spinner=False, max_entries=2000)
def _name(folder: str, run_id: str, lang: str, stamps: tuple[tuple[int, int], ...]) -> str:
    del stamps
    return workspace_run_title(Workspace(Path(folder)), run_id, lang)
