"""Choosing a city: embedded, imported earlier, or brought in now."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.web.documents.workspace import Workspace
from app.web.shell.session import say
from data.files.cities import embedded_city_names


def city_sources(workspace: Workspace) -> dict[str, str]:
    """Name or path -> label, embedded cities first."""
    embedded = {name: name for name in sorted(embedded_city_names())}
    imported = sorted(workspace.cities.glob("*.gpkg")) if workspace.cities.is_dir() else []
    return embedded | {str(path): city_label(str(path)) for path in imported}


def city_label(source: str) -> str:
    """What a city is called: an embedded one as it is, an imported one by the name in its path, without the digest."""
    stem = Path(source).stem
    return stem.rpartition("-")[0] or stem if source.endswith(".gpkg") else source


def show_city_upload(workspace: Workspace) -> str | None:
    """The forms that bring a city in, once asked for; the path of one that was just brought in, else None."""
    forms = st.expander(say("city_bring"), key="city_bring", on_change="rerun")
    if not forms.open:
        return None
    from app.web.sections.city_upload import show_forms

    with forms:
        return show_forms(workspace)
