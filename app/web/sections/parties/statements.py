"""What is said at a table, as a conversation: first offers and the end in sight, concessions when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from agents.stakeholders.dialogue import Act, Statement
from app.files.names import plain
from app.web.shell.session import language, say
from data.catalogue import Message

AVATARS = {
    "villagers": ":material/holiday_village:",
    "developer": ":material/apartment:",
    "government": ":material/account_balance:",
    "tenants": ":material/key:",
}
ACTS = {Act.PLAN: ":material/map:", Act.AGREE: ":material/handshake:", Act.DEADLOCK: ":material/block:"}
Wording = Callable[[Statement], tuple[Message, ...]]
"""What happens, then the opinion of each party."""


def show_dialogue(said: Sequence[Statement], wording: Wording) -> None:
    """Everything that is said; nothing where nobody could offer anything legal."""
    concessions = [statement for statement in said if statement.act is Act.CONCEDE]
    for statement in (statement for statement in said[:-1] if statement.act is not Act.CONCEDE):
        _show_statement(statement, wording)
    if concessions:
        with st.expander(say("bargain_concessions", n=len(concessions))):
            for statement in concessions:
                _show_statement(statement, wording)
    for statement in said[-1:]:
        _show_statement(statement, wording)


def _show_statement(statement: Statement, wording: Wording) -> None:
    act, *opinions = (plain(words.text(language())) for words in wording(statement))
    avatar = AVATARS.get(statement.speaker) or ACTS[statement.act]
    with st.chat_message(statement.speaker or statement.act.value, avatar=avatar):
        marks = ("✓" if opinion.is_satisfied else "✗" for opinion in statement.opinions)
        lines = (f"- {mark} {line}" for mark, line in zip(marks, opinions, strict=True))
        st.markdown("\n".join((f"**{act}**", "", *lines)))
