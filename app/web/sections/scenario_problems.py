"""What is wrong with a scenario, in words of the tab's language, where it was typed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.web.documents.scenario_draft import Problem
from app.web.shell.session import say
from app.words.markup import plain


def problem_text(problem: Problem) -> str:
    """The problem in words of the tab's language; the engine's own where none are known."""
    known = {
        "greater_than_equal": "problem_least",
        "greater_than": "problem_above",
        "less_than_equal": "problem_most",
        "missing": "problem_missing",
    }
    place = f"{problem.place}: " if problem.place else ""
    if problem.kind in known:
        return place + say(known[problem.kind], bound=problem.bound, found=problem.found)
    if problem.kind.startswith(("float_", "int_", "string_")):
        return place + say("problem_type", found=problem.found)
    return place + problem.message


def show_problems(found: Sequence[Problem], *fields: str) -> None:
    """What is wrong with some fields, right here."""
    for problem in found:
        if problem.field in fields:
            st.error(plain(problem_text(problem)))
