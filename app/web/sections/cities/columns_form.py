"""The columns of one uploaded layer: which is which, in which unit, and what an import would fill in."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from app.web.documents.import_form import (
    CONSTANT,
    OURS,
    THEIRS,
    UNIT,
    form_mapping,
    form_table,
    form_units,
    preview_rows,
)
from app.web.sections.cities.files import LIMITS, content_tag, stored, uploaded_names
from app.web.shell.page_frame import show_refusal, stable_table
from app.web.shell.session import language, say
from data.errors import InputError
from data.files.column_mapping import LayerMapping, load_mapping
from data.files.vector_files import READABLE_SUFFIXES, read_vector
from data.importing.preview import numbers_ids, preview_layer, suggested_headings


def show_columns(layer: str, name: str, content: bytes, stated: Mapping[str, Any], tag: str) -> dict[str, Any]:
    """The form of a layer.

    Args:
        layer: ours.
        name: of the file, as the visitor has it.
        content: of the file.
        stated: the section of a mapping file, to begin with.
        tag: of that mapping file, so that another one fills the form anew.

    Returns:
        The section of the mapping that the form makes.
    """
    given, form_key = _checked(layer, stated), f"{layer}:{tag}:{content_tag(content)}"
    frame = _shown_frame(layer, name, content, given)
    if frame is None:
        return dict(stated)
    headings = [str(column) for column in frame.columns if column != frame.geometry.name]
    crs = st.text_input(
        say("city_source_crs"), str(stated.get("crs") or ""), placeholder="EPSG:4326", key=f"crs:{form_key}"
    ).strip()
    readings = suggested_headings(headings, layer, given)
    numbered = st.checkbox(say("form_number_ids"), numbers_ids(layer, given, readings), key=f"ids:{form_key}")
    table = _show_editor(form_table(headings, layer, given, language()), headings, layer, form_key)
    section = form_mapping(table, headings, layer, {**stated, **({"crs": crs} if crs else {})}, number_ids=numbered)
    if layer == "villages":
        section["drop_outside_zones"] = st.checkbox(
            say("form_drop_outside"), given.drop_outside_zones, key=f"drop:{form_key}"
        )
    _show_preview(frame, layer, name, section)
    return section


def _checked(layer: str, stated: Mapping[str, Any]) -> LayerMapping:
    """The section of a mapping file; a wrong one is refused by the import, with its reason."""
    with contextlib.suppress(InputError):
        return load_mapping({layer: dict(stated)})[layer]
    return LayerMapping()


def _shown_frame(layer: str, name: str, content: bytes, mapping: LayerMapping) -> gpd.GeoDataFrame | None:
    try:
        return _frame(layer, content_tag(content), mapping.model_dump_json(), name, content)
    except InputError as error:
        show_refusal(error)
        return None


@st.cache_resource(show_spinner=False, max_entries=8)
def _frame(layer: str, tag: str, mapping: str, _name: str, _content: bytes) -> gpd.GeoDataFrame:
    """The layer as it stands in the file; read once for each file and mapping."""
    del tag
    with tempfile.TemporaryDirectory() as folder:
        path = stored(Path(folder), _name, _content, READABLE_SUFFIXES)
        with uploaded_names({path: _name}):
            return read_vector(path, layer, LayerMapping.model_validate_json(mapping), LIMITS)[0]


def _show_editor(table: pd.DataFrame, headings: list[str], layer: str, form_key: str) -> pd.DataFrame:
    """The table in which columns, units and constants are chosen."""
    st.caption(say("form_help"))
    units = form_units(table, layer)
    columns = {
        OURS: st.column_config.TextColumn(say("form_ours"), disabled=True),
        THEIRS: st.column_config.SelectboxColumn(say("form_theirs"), options=["", *headings]),
        UNIT: st.column_config.SelectboxColumn(say("form_unit"), options=units, help=say("form_unit_help")),
        CONSTANT: st.column_config.TextColumn(say("form_constant"), help=say("form_constant_help")),
    }
    key = f"columns:{form_key}:{language()}"
    edited: pd.DataFrame = stable_table(
        key, lambda: table, column_config=columns, hide_index=True, height="content", alt=say("form_table")
    )
    return edited


def _show_preview(frame: gpd.GeoDataFrame, layer: str, name: str, section: Mapping[str, Any]) -> None:
    """What will be read and filled in with these choices."""
    try:
        mapping = load_mapping({layer: dict(section)})[layer]
        previews = preview_layer(frame, layer, mapping, name)
    except InputError as error:
        show_refusal(error)
        return
    rows = preview_rows(frame, previews, layer, language())
    header = [say(f"preview_column_{part}") for part in ("ours", "read", "missing", "filled")]
    n_filled = sum(preview.n_missing for preview in previews if preview.default is not None)
    st.markdown(say("preview_title", n=len(frame), n_filled=n_filled))
    st.dataframe(pd.DataFrame(rows, columns=header), hide_index=True, height="content", alt=say("preview_table"))
