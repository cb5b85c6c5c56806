"""Sections of a plan under the questions that they answer: one row of questions, below it the sections of one."""

from __future__ import annotations

import streamlit as st

from app.web.shell.page_frame import remember, remembered_choice
from app.web.shell.session import say, spoken

QUESTIONS: dict[str, tuple[str, ...]] = {
    "glance": ("map",),
    "which": ("schedule", "decisions"),
    "cost": ("money",),
    "gain": ("travel", "indicators"),
    "losers": ("gains", "people", "residents", "parties", "day"),
    "wrong": ("scorecard", "futures"),
    "why": ("reasons", "whatif"),
    "change": ("edit", "own", "record", "export"),
}
"""Question -> sections, the first one shown first."""
KEPT_BESIDE = ("edit", "own", "record", "export", "futures")
"""Sections that keep something beside the plan or hand it on, which must then stay what it is."""
_JUMPS = "plan_jumps"


def choose_section(*, read_only: bool = False) -> str:
    """The section that is asked for.

    Args:
        read_only: offer only what looks at the plan, and nothing that is kept beside it.
    """
    offered = {name: within for name, all_of in QUESTIONS.items() if (within := _offered(all_of, read_only=read_only))}
    jumps = st.session_state.get(_JUMPS, 0)
    question = remembered_choice(
        "plan_question",
        say("plan_questions"),
        tuple(offered),
        spoken("plan_question_"),
        key=f"plan_question:{jumps}:{read_only}",
        heading=True,
    )
    sections = offered[question]
    if len(sections) == 1:
        return sections[0]
    return remembered_choice(
        f"plan_section_{question}",
        say("sections"),
        sections,
        spoken("section_"),
        key=f"plan_section:{question}:{jumps}:{read_only}",
        heading=True,
    )


def _offered(sections: tuple[str, ...], *, read_only: bool) -> tuple[str, ...]:
    return tuple(name for name in sections if not (read_only and name in KEPT_BESIDE))


def question_of(section: str) -> str:
    """The question that a section answers."""
    return next(question for question, sections in QUESTIONS.items() if section in sections)


def jump_button(section: str) -> None:
    """A way to a section from anywhere on the page."""
    st.button(
        say("plan_jump", section=say(f"section_{section}")),
        key=f"plan_jump_{section}",
        type="tertiary",
        on_click=_open,
        args=(section,),
    )


def _open(section: str) -> None:
    """The controls are drawn anew, and begin with what is remembered."""
    remember("plan_question", question_of(section))
    remember(f"plan_section_{question_of(section)}", section)
    st.session_state[_JUMPS] = st.session_state.get(_JUMPS, 0) + 1
