"""The form in which the columns of a file are matched with ours: its table, and the mapping that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from app.words.console import unit_text
from app.words.fill_words import column_label, origin_text
from data.catalogue import text
from data.dictionary import ID_COLUMN, import_columns
from data.files.column_mapping import LayerMapping
from data.headings.synonyms import read_heading
from data.headings.units import usual_units
from data.importing.preview import ColumnPreview, suggested_headings

OURS, THEIRS, UNIT, CONSTANT = "ours", "theirs", "unit", "constant"
"""Columns of the table that is edited: what of ours, and what it is read from."""


def form_columns(layer: str) -> list[str]:
    """Our columns that the form asks for."""
    return [name for name, column in import_columns(layer).items() if column.marks is None]


def form_table(headings: Sequence[str], layer: str, mapping: LayerMapping, language: str) -> pd.DataFrame:
    """The table to begin with: a row for each column of ours, as mapping and headings say.

    Args:
        headings: names of the file's columns.
        layer: ours.
        mapping: that of a mapping file, if there is one.
        language: of the labels.
    """
    found = suggested_headings(headings, layer, mapping)
    rows = [
        {
            OURS: _label(layer, name, language),
            THEIRS: found[name].heading if name in found else "",
            UNIT: mapping.units.get(name) or (found[name].unit if name in found else ""),
            CONSTANT: str(mapping.constants.get(name, "")),
        }
        for name in form_columns(layer)
    ]
    return pd.DataFrame(rows, dtype=object)


def _label(layer: str, name: str, language: str) -> str:
    star = " *" if import_columns(layer)[name].required and not name.startswith("all_") else ""
    return f"{column_label(layer, name, language)}{star}"


def form_units(table: pd.DataFrame, layer: str) -> list[str]:
    """Units to choose from: ours, those that are usual, and those that the file states."""
    ours = [column.unit for column in import_columns(layer).values() if column.unit]
    usual = [unit for unit_of in ours for unit in (unit_of, *usual_units(unit_of))]
    return list(dict.fromkeys(["", *(unit for unit in table[UNIT] if unit), *usual]))


def form_mapping(
    table: pd.DataFrame, headings: Sequence[str], layer: str, stated: Mapping[str, Any], *, number_ids: bool
) -> dict[str, Any]:
    """The mapping of a layer that the table makes.

    Args:
        table: as edited.
        headings: names of the file's columns.
        layer: ours.
        stated: the mapping file's section of the layer: what the table does not ask for is kept.
        number_ids: whether rows are numbered.
    """
    rows = dict(zip(form_columns(layer), table.to_dict("records"), strict=True))
    ours = import_columns(layer)
    constants = {
        name: _constant(str(row[CONSTANT]), ours[name].type) for name, row in rows.items() if _given(row[CONSTANT])
    }
    if number_ids:
        constants.pop(ID_COLUMN[layer], None)
    chosen = {
        name: str(row[THEIRS])
        for name, row in rows.items()
        if _given(row[THEIRS]) and name not in constants and not (number_ids and name == ID_COLUMN[layer])
    }
    scaled = set(stated.get("scale", {}))
    units = {
        name: str(row[UNIT])
        for name, row in rows.items()
        if _given(row[UNIT]) and ours[name].type == "number" and name not in scaled and name in chosen | constants
    }
    unread = [name for name in headings if name not in chosen.values() and read_heading(name, layer) is not None]
    made = {"columns": chosen, "constants": constants, "units": units, "ignore": unread}
    kept = {key: value for key, value in stated.items() if key not in (*made, "number_ids")}
    return kept | {key: value for key, value in made.items() if value} | ({"number_ids": True} if number_ids else {})


def kept_choices(section: Mapping[str, Any], headings: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """What was chosen for a file, for another one in its place: all but the columns that this one does not have.

    Args:
        section: of a layer, as the form made it.
        headings: names of the new file's columns.

    Returns:
        The section, and the columns that are gone.
    """
    chosen = section.get("columns", {})
    gone = [str(theirs) for theirs in chosen.values() if theirs not in headings]
    columns = {ours: theirs for ours, theirs in chosen.items() if theirs in headings}
    without = {ours for ours in chosen if ours not in columns}
    units = {ours: unit for ours, unit in section.get("units", {}).items() if ours not in without}
    ignore = [theirs for theirs in section.get("ignore", []) if theirs in headings]
    made = {"columns": columns, "units": units, "ignore": ignore}
    kept = {key: value for key, value in section.items() if key not in made}
    return kept | {key: value for key, value in made.items() if value}, gone


def _given(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _constant(words: str, kind: str) -> bool | float | str:
    """A constant in the type of its column; what is none stays a text, which the import refuses."""
    if kind == "number":
        try:
            return float(words)
        except ValueError:
            return words
    if kind == "flag" and words.strip().lower() in ("true", "false"):
        return words.strip().lower() == "true"
    return words


def preview_rows(
    frame: gpd.GeoDataFrame, previews: Sequence[ColumnPreview], layer: str, language: str
) -> list[tuple[str, str, str, str, str]]:
    """What will be imported: column, what it is read as, least to largest, how many rows lack it, what fills them.

    Args:
        frame: the layer as it stands in the file, for an example of each column.
        previews: of its columns.
        layer: ours.
        language: of the words.
    """
    return [
        (
            column_label(layer, preview.column, language),
            _read_as(frame, preview, layer, language),
            _ends(preview, layer, language),
            text("fill_share", language, n=preview.n_missing, m=preview.n_rows) if preview.n_missing else "",
            _filled_with(preview, layer, language),
        )
        for preview in previews
        if preview.reading or preview.n_missing or preview.constant
    ]


def filled_columns(previews: Sequence[ColumnPreview], layer: str, language: str) -> list[str]:
    """What an import fills in by itself, one line a column: how many rows, with what, how sure."""
    return [
        text(
            "preview_fills",
            language,
            column=column_label(layer, preview.column, language),
            n=preview.n_missing,
            m=preview.n_rows,
            filled=_filled_with(preview, layer, language),
        )
        for preview in previews
        if preview.n_missing and preview.default is not None and not preview.lacks
    ]


def needed_columns(previews: Sequence[ColumnPreview], layer: str, language: str) -> list[str]:
    """Columns without which an import refuses the layer, a line each: what is missing or twice, what to do."""
    return [
        text(
            "preview_needed",
            language,
            column=column_label(layer, preview.column, language),
            remedy=_filled_with(preview, layer, language),
        )
        for preview in previews
        if preview.lacks or preview.n_twice
    ]


def implausible_columns(previews: Sequence[ColumnPreview], layer: str, language: str) -> list[str]:
    """Columns with values that no place has, one line each: how many, what is believable, and what to look at."""
    ours = import_columns(layer)
    return [
        text(
            "preview_implausible",
            language,
            column=column_label(layer, preview.column, language),
            n=preview.n_outside,
            ends=_ends(preview, layer, language),
            low=_bound(ours[preview.column].low),
            high=_bound(ours[preview.column].high),
        )
        for preview in previews
        if preview.n_outside
    ]


def _bound(end: float | None) -> str:
    return "" if end is None else _number(end)


def _number(value: float) -> str:
    """Four digits, the thousands apart; whole numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 1000.0 or value == round(value) else f"{value:,.4g}"


def _ends(preview: ColumnPreview, layer: str, language: str) -> str:
    """From the least to the largest value, in our unit."""
    if preview.ends is None:
        return ""
    unit = import_columns(layer)[preview.column].unit
    ours = unit_text(unit, language) if unit not in ("", "1") else ""
    low, high = (_number(end) for end in preview.ends)
    return f"{low if low == high else f'{low} – {high}'} {ours}".strip()


def _read_as(frame: gpd.GeoDataFrame, preview: ColumnPreview, layer: str, language: str) -> str:
    unit = import_columns(layer)[preview.column].unit
    ours = unit_text(unit, language) if unit not in ("", "1") else ""
    if preview.constant:
        return text("preview_constant", language, value=f"{preview.constant} {ours}".strip())
    if preview.reading is None:
        return ""
    example = _example(frame, preview.reading.heading)
    if preview.reading.factor == 1.0:
        shown = f"{example} {ours}".strip()
        return text("preview_read", language, heading=preview.reading.heading, example=shown)
    return text(
        "preview_read_in",
        language,
        heading=preview.reading.heading,
        example=example,
        unit=preview.reading.unit,
        factor=preview.reading.factor,
        ours=ours,
    )


def _example(frame: gpd.GeoDataFrame, heading: str) -> str:
    """The first cell of a column that is not empty."""
    cells = frame[heading].dropna().tolist() if heading in frame.columns else []
    return str(cells[0])[:30] if cells else "-"


def _filled_with(preview: ColumnPreview, layer: str, language: str) -> str:
    if preview.column == ID_COLUMN[layer] and preview.refuses:
        return text("preview_ids", language, missing=preview.n_missing, twice=preview.n_twice)
    if not preview.n_missing:
        return ""
    if preview.lacks:
        return text("preview_refused", language)
    if preview.default is None:
        return text("preview_empty", language)
    return f"{origin_text(layer, preview.default, language)} 〔{preview.letter}〕"
