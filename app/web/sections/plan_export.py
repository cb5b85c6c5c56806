"""A plan as a file with the numbers of the screen; of an older model's run, the numbers that were stored."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from threading import Lock

import pandas as pd
import streamlit as st

from app.exports.formats import BRIEFS, REPORTS, SUFFIXES, export_plan
from app.exports.stored import STORED_SUFFIXES, export_stored
from app.files.names import plain
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.runs.stored_run import StoredRun
from app.web.documents.plan_edits import Edits, edited_run
from app.web.documents.run_activity import EXPORTED, record_activity
from app.web.documents.workspace import configured_workspace
from app.web.sections.indicator_tables import shown
from app.web.shell.page_frame import visit_key
from app.web.shell.session import language, say
from envs.kernel.indicators.registry import INDICATORS

MIME = {
    ".zip": "application/zip",
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".csv": "text/csv",
}
MIME |= {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".brief.pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

PATIENCE_S = 170.0
"""The browser gives a file up after 180 s."""
MOST_LATE = 8
"""Files that wait to be asked for again: the newest."""
_LATE: dict[tuple[str, ...], bytes] = {}
_LOCKS: dict[tuple[str, ...], Lock] = {}
"""A file that is under way is not made a second time."""


def show_export(run: Run, plan_id: str, tables: PlanTables, edits: Edits) -> None:
    """Files with the numbers of the screen."""
    st.caption(say("export_help"))
    with st.container(horizontal=True):
        for suffix in SUFFIXES:
            make = partial(handed_on, run, plan_id, tables, edits, suffix=suffix, language=language())
            name = f"{run.folder.name}-{plan_id}{'-edited' if edits else ''}{suffix}"
            st.download_button(
                export_label(suffix),
                make,
                name,
                MIME.get(suffix),
                key=visit_key("export", suffix),
                on_click="ignore",
            )


def export_label(suffix: str) -> str:
    """What the button of a format says."""
    kind = "report" if suffix in REPORTS else "brief" if suffix in BRIEFS else "evidence" if suffix == ".zip" else ""
    form = suffix.rpartition(".")[2]
    return say("export_as", suffix=say(f"export_{kind}_{form}") if kind else form.upper())


def handed_on(run: Run, plan_id: str, tables: PlanTables, edits: Edits, *, suffix: str, language: str) -> bytes:
    """The file of a plan; what came too late for the browser is there when it is asked for again."""
    key = (str(run.folder), tables.digest, plan_id, suffix, language)
    with _LOCKS.setdefault(key, Lock()):
        if key in _LATE:
            return _LATE.pop(key)
        began = time.monotonic()
        content = export_bytes(run, plan_id, tables, edits, suffix=suffix, language=language)
        if time.monotonic() - began > PATIENCE_S:
            _LATE[key] = content
            for old in list(_LATE)[:-MOST_LATE]:
                _LATE.pop(old, None)
        return content


def export_bytes(run: Run, plan_id: str, tables: PlanTables, edits: Edits, *, suffix: str, language: str) -> bytes:
    """The file of a plan, with its edits if it has any."""
    run, name = edited_run(run, plan_id, tables.plan) if edits else (run, plan_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        export_plan(run, name, path, language=language)
        content = path.read_bytes()
    record_activity(configured_workspace(), run.folder.name, EXPORTED, suffix.removeprefix(".").upper())
    return content


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
    st.dataframe(run.readable_schedule(plan_id, language()), hide_index=True, alt=say("stored_decisions"))
    with st.container(horizontal=True):
        for suffix in STORED_SUFFIXES:
            st.download_button(
                say("export_as", suffix=suffix.removeprefix(".").upper()),
                partial(_stored_bytes, run, plan_id, suffix=suffix, language=language()),
                f"{run.folder.name}-{plan_id}{suffix}",
                key=visit_key("export_stored", suffix),
                on_click="ignore",
            )


def _stored_bytes(run: StoredRun, plan_id: str, *, suffix: str, language: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        export_stored(run, plan_id, path, language=language)
        return path.read_bytes()
