"""The scenario draft of this tab: read from and written to the workspace, so that a reload finds it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.files.names import plain
from app.web.documents.scenario_draft import (
    DEFAULT_CITY,
    DEFAULT_SCENARIO,
    Problem,
    draft_of,
    draft_problems,
    scenario_of,
)
from app.web.documents.workspace import Workspace, checked_id, new_id
from app.web.shell.page_frame import visit_key
from app.web.shell.session import current, go, language, say
from app.words.console import said_of
from data.scenario import Scenario

_REVISION = "draft_revision"


@dataclass(frozen=True)
class Draft:
    """A scenario being written.

    Attributes:
        city: name or path.
        preset: the preset it began with, "" for an uploaded one.
        content: fields of the scenario, possibly wrong.
    """

    city: str
    preset: str
    content: dict[str, Any]


def current_draft(workspace: Workspace) -> Draft:
    """The draft that the address names, else a new one of the default preset."""
    name = current("draft")
    written = workspace.read("draft", checked_id(name)) if name else None
    if written is None or not isinstance(written.get("content"), dict):
        return Draft(DEFAULT_CITY, DEFAULT_SCENARIO, draft_of(DEFAULT_SCENARIO))
    return Draft(str(written.get("city", DEFAULT_CITY)), str(written.get("preset", "")), written["content"])


def usable_scenario(workspace: Workspace) -> tuple[Draft, Scenario] | None:
    """The current draft and its scenario; None, and said on the page, while something in it is wrong."""
    draft = current_draft(workspace)
    wrong = draft_problems(draft.content)
    if wrong:
        st.error(say("scenario_wrong", n=len(wrong)))
        st.page_link("views/scenario.py", label=say("back_to_scenario"))
        return None
    return draft, scenario_of(draft.content)


def save_draft(workspace: Workspace, draft: Draft, *, fresh: bool = False) -> None:
    """Write the draft.

    Args:
        workspace: folder of runs and documents.
        draft: what to write.
        fresh: the widgets must start from it again.
    """
    name = current("draft") or new_id("draft")
    workspace.write("draft", name, {"city": draft.city, "preset": draft.preset, "content": draft.content})
    go(draft=name)
    if fresh:
        st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def save_fields(workspace: Workspace, draft: Draft, fields: Mapping[str, Any]) -> Draft:
    """The draft with fields changed; written only where something did change."""
    if all(draft.content.get(name) == value for name, value in fields.items()):
        return draft
    changed = Draft(draft.city, draft.preset, {**draft.content, **fields})
    save_draft(workspace, changed)
    return changed


def field_key(name: str) -> str:
    """Key of a widget of the form; another after the draft was replaced."""
    return visit_key(name, st.session_state.get(_REVISION, 0))


def problem_text(problem: Problem) -> str:
    """The problem in words of the tab's language."""
    said = problem.message.text(language())
    return said_of(problem.place, said, language()) if problem.place else said


def show_problems(problems: Sequence[Problem], *fields: str) -> None:
    """What is wrong with some fields, right here."""
    for problem in problems:
        if problem.field in fields:
            st.error(plain(problem_text(problem)))
