"""A plan of an older model's run: its stored numbers and decisions, read-only."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from app.exports.stored import STORED_SUFFIXES, export_stored
from app.files.names import plain
from app.runs.stored_run import StoredRun
from app.web.sections.indicator_tables import shown
from app.web.shell.page_frame import visit_key
from app.web.shell.session import language, say
from envs.kernel.indicators.registry import INDICATORS


def show_stored_plan(run: StoredRun, plan_id: str) -> None:
    """What the run stored of a plan, whose numbers they are, and files with them."""
    st.title(f"{say('plan')} {plain(plan_id)}")
    st.warning(run.note(language()))
    values = run.values(plan_id)
    rows = [
        {say("column_indicator"): INDICATORS[name].label[language()], say("column_value"): shown(name, value)}
        for name, value in values.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("alt_indicators", n=len(rows)))
    st.markdown(f"**{say('stored_decisions')}**")
    st.dataframe(run.schedule(plan_id), hide_index=True, alt=say("stored_decisions"))
    with st.container(horizontal=True):
        for suffix in STORED_SUFFIXES:
            st.download_button(
                say("export_as", suffix=suffix.removeprefix(".").upper()),
                partial(_bytes, run, plan_id, suffix=suffix, language=language()),
                f"{run.folder.name}-{plan_id}{suffix}",
                key=visit_key("export_stored", suffix),
                on_click="ignore",
            )


def _bytes(run: StoredRun, plan_id: str, *, suffix: str, language: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        export_stored(run, plan_id, path, language=language)
        return path.read_bytes()
