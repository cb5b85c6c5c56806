"""Cache shared by all sessions of plans in futures, as folders beside their run have them."""

from __future__ import annotations

import streamlit as st

from app.runs.names import ABOUT_FILE
from app.runs.run_folder import Run
from app.stress.known_stress import FOLDER_PREFIX, KnownStress, known_front_stress, known_stress


def cached_stress(run: Run, plan_id: str) -> KnownStress | None:
    """The newest that measured a plan."""
    return _of_plan(_stamp(run), plan_id, run)


def cached_front_stress(run: Run) -> KnownStress | None:
    """The newest that measured the whole front."""
    return _of_front(_stamp(run), run)


def _stamp(run: Run) -> str:
    """Changes when a folder comes, goes or is written again."""
    paths = sorted(run.folder.resolve().parent.glob(f"{FOLDER_PREFIX}*/{ABOUT_FILE}"))
    return "|".join([run.folder.name, run.resolved.digest, *(f"{path}:{path.stat().st_mtime_ns}" for path in paths)])


@st.cache_resource(show_spinner=False, max_entries=16)
def _of_plan(stamp: str, plan_id: str, _run: Run) -> KnownStress | None:
    del stamp
    return known_stress(_run, plan_id)


@st.cache_resource(show_spinner=False, max_entries=8)
def _of_front(stamp: str, _run: Run) -> KnownStress | None:
    del stamp
    return known_front_stress(_run)
