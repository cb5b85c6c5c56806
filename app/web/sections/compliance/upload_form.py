"""The form that takes a plan made elsewhere, in its makers' words; the same wherever one can be brought."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.files.names import plain
from app.plans.mapped_plan import MappedPlan
from app.plans.reading_text import reading_text
from app.web.documents.checked_plans import keep_upload
from app.web.documents.workspace import Workspace
from app.web.shell.page_frame import show_refusal, visit_key
from app.web.shell.session import go, language, say
from data.errors import InputError
from data.importing.plans.rows import KNOWN_SUFFIXES
from envs.kernel import ResolvedScenario


def show_upload_form(
    workspace: Workspace, run_id: str, scenario: Callable[[], ResolvedScenario], *, key: str, start: str
) -> bool:
    """Ask for a file and how it is to be read; whether one was just refused.

    Args:
        workspace: where it is kept.
        run_id: run in whose scenario it is read.
        scenario: reads it against its city, once there is something to read.
        key: beginning of the widgets' keys.
        start: words of the button.
    """
    types = [suffix.removeprefix(".") for suffix in KNOWN_SUFFIXES]
    file = st.file_uploader(say("judge_file"), type=types, key=f"{key}_file", help=say("judge_file_help"))
    first = st.number_input(say("judge_first_year"), 1900, 2200, None, 1, key=visit_key(f"{key}_first_year"))
    unknown = st.checkbox(say("judge_leave_out"), key=visit_key(f"{key}_leave_out"))
    pressed = st.button(start, type="primary", key=f"{key}_check", disabled=file is None)
    if file is None or not pressed:
        return False
    year = None if first is None else int(first)
    upload = (file.name, file.getvalue())
    try:
        go(checked=keep_upload(workspace, scenario(), run_id, upload, first_year=year, leave_out_unknown=unknown))
    except InputError as error:
        show_refusal(error)
        return True
    return False


def show_reading(brought: MappedPlan) -> None:
    """How the file was read, and what was taken otherwise than it was asked."""
    if said := reading_text(brought.notes, brought.filled, language()):
        st.caption("  \n".join(plain(line) for line in said.splitlines()))
