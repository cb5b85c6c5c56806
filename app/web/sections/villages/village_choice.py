"""The village of a section, chosen by name; the choice holds on every map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.web.shell.page_frame import remember, visit_key
from app.web.shell.session import say


def choose_village(ids: Sequence[str], labels: Mapping[str, str], start: str, *, name: str) -> str:
    """Choose one of some villages.

    Args:
        ids: that may be chosen.
        labels: id -> how it is called.
        start: chosen at first, one of them.
        name: of the widget.
    """
    key = visit_key(name, start)
    village = st.selectbox(
        say("column_village"),
        ids,
        index=list(ids).index(start),
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: remember("village", st.session_state[key]),
    )
    return str(village)
