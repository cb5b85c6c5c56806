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

from app.files.names import plain
from app.web.documents.import_form import (
    CONSTANT,
    OURS,
    THEIRS,
    UNIT,
    filled_columns,
    form_mapping,
    form_table,
    form_units,
    implausible_columns,
    kept_choices,
    needed_columns,
    preview_rows,
)
from app.web.sections.cities.files import LIMITS, content_tag, stored, uploaded_names
from app.web.shell.page_frame import remember, remembered, show_refusal, stable_table
from app.web.shell.session import language, say
from data.dictionary import POLYGON_LAYERS
from data.errors import InputError
from data.files.column_mapping import LayerMapping, load_mapping
from data.files.vector_files import READABLE_SUFFIXES, read_vector
from data.importing.preview import numbers_ids, preview_layer, suggested_headings


def show_columns(
    layer: str, name: str, content: bytes, stated: Mapping[str, Any], tag: str
) -> tuple[dict[str, Any], bool]:
    """The form of a layer.

    Args:
        layer: ours.
        name: of the file, as the visitor has it.
        content: of the file.
        stated: the section of a mapping file, to begin with.
        tag: of that mapping file, so that another one fills the form anew.

    Returns:
        The section of the mapping that the form makes, and whether the layer can be imported with it.
    """
    stated = _with_kept(layer, name, content, stated, tag)
    given, form_key = _checked(layer, stated), f"{layer}:{tag}:{content_tag(content)}"
    frame = _shown_frame(layer, name, content, given)
    if frame is None:
        return dict(stated), False
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
    if layer in POLYGON_LAYERS:
        _ask_overlaps(section, given, form_key)
    remember(f"city_columns_{layer}", (content_tag(content), tag, section))
    return section, _show_preview(frame, layer, name, section)


def _with_kept(layer: str, name: str, content: bytes, stated: Mapping[str, Any], tag: str) -> Mapping[str, Any]:
    """What was chosen for the file before this one, as far as the new file has its columns; said on the page."""
    before, of_mapping, section = remembered(f"city_columns_{layer}", ("", "", {}))
    if not section or of_mapping != tag:
        return stated
    if before != content_tag(content):
        remember(f"city_replaced_{layer}", (content_tag(content), section))
    replaced, section = remembered(f"city_replaced_{layer}", ("", {}))
    if replaced != content_tag(content):
        return stated
    frame = _shown_frame(layer, name, content, _checked(layer, {**stated, **_of_file(section)}))
    if frame is None:
        return stated
    kept, gone = kept_choices(section, [str(column) for column in frame.columns])
    st.caption(say("form_kept", n=len(kept.get("columns", {}))))
    if gone:
        st.warning(say("form_gone", n=len(gone), columns=[plain(heading) for heading in gone]))
    return {**stated, **kept}


def _of_file(section: Mapping[str, Any]) -> dict[str, Any]:
    """What a section says of the file as a whole."""
    return {key: section[key] for key in ("encoding", "crs", "points") if key in section}


def _ask_overlaps(section: dict[str, Any], given: LayerMapping, form_key: str) -> None:
    """Polygons drawn at another scale overlap a little; how much of that may be cut."""
    percent = st.number_input(
        say("form_cut_overlaps"),
        0.0,
        20.0,
        100.0 * given.cut_overlaps_below_share,
        1.0,
        help=say("form_cut_overlaps_help"),
        key=f"cut:{form_key}",
    )
    section.pop("cut_overlaps_below_share", None)
    if percent > 0.0:
        section["cut_overlaps_below_share"] = percent / 100.0


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


def _show_preview(frame: gpd.GeoDataFrame, layer: str, name: str, section: Mapping[str, Any]) -> bool:
    """What will be read and filled in with these choices; whether an import would take the columns."""
    try:
        mapping = load_mapping({layer: dict(section)})[layer]
        previews = preview_layer(frame, layer, mapping, name)
    except InputError as error:
        show_refusal(error)
        return False
    rows = preview_rows(frame, previews, layer, language())
    header = [say(f"preview_column_{part}") for part in ("ours", "read", "ends", "missing", "filled")]
    n_filled = sum(preview.n_missing for preview in previews if preview.default is not None)
    st.markdown(say("preview_title", n=len(frame), n_filled=n_filled))
    if n_without := int((frame.geometry.isna() | frame.geometry.is_empty).sum()):
        st.warning(say("note_without_geometry", n=n_without, m=len(frame)))
    if lines := needed_columns(previews, layer, language()):
        st.error(_listed("preview_needed_title", lines))
    if lines := implausible_columns(previews, layer, language()):
        st.error(_listed("preview_implausible_title", lines))
    if lines := filled_columns(previews, layer, language()):
        st.warning(_listed("preview_fills_title", lines))
    widths = {header[1]: st.column_config.TextColumn(width="medium")}
    shown = pd.DataFrame(rows, columns=header)
    st.dataframe(shown, column_config=widths, hide_index=True, height="content", alt=say("preview_table"))
    return not any(preview.refuses for preview in previews)


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([say(title, n=len(lines)), "", *(f"- {plain(line)}" for line in lines)])
