"""A plan as a file: table, map layer, report or spreadsheet with the numbers of the screen."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from app.exports.formats import SUFFIXES, export_plan
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.plan_edits import Edits, edited_run
from app.web.documents.run_activity import EXPORTED, record_activity
from app.web.documents.workspace import configured_workspace
from app.web.shell.page_frame import visit_key
from app.web.shell.session import language, say

MIME = {".gpkg": "application/geopackage+sqlite3", ".geojson": "application/geo+json", ".csv": "text/csv"}
MIME |= {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
}


def show_export(run: Run, plan_id: str, tables: PlanTables, edits: Edits) -> None:
    """Files with the numbers of the screen."""
    st.caption(say("export_help"))
    with st.container(horizontal=True):
        for suffix in SUFFIXES:
            make = partial(export_bytes, run, plan_id, tables, edits, suffix=suffix, language=language())
            name = f"{run.folder.name}-{plan_id}{'-edited' if edits else ''}{suffix}"
            st.download_button(
                say("export_as", suffix=suffix.removeprefix(".").upper()),
                make,
                name,
                MIME.get(suffix),
                key=visit_key("export", suffix),
                on_click="ignore",
            )


def export_bytes(run: Run, plan_id: str, tables: PlanTables, edits: Edits, *, suffix: str, language: str) -> bytes:
    """The file of a plan, with its edits if it has any."""
    run, name = edited_run(run, plan_id, tables.plan) if edits else (run, plan_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        export_plan(run, name, path, language=language)
        content = path.read_bytes()
    record_activity(configured_workspace(), run.folder.name, EXPORTED, suffix.removeprefix(".").upper())
    return content
