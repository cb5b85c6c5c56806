"""Rules about the columns of a layer, read from the data dictionary. One function per rule."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from data.arrays import BoolArray
from data.dictionary import ID_COLUMN, Column, columns
from data.layers.findings import Finding
from data.table_cells import flags, is_missing, numbers, texts

LONGEST_TEXT = 500
"""Letters; names are shown on maps and in tables."""


def row_ids(frame: gpd.GeoDataFrame, layer: str, mask: BoolArray) -> tuple[str, ...]:
    """Ids of the rows where `mask` is True; "#3" is the third row, where there is no id."""
    positions = np.flatnonzero(mask)
    if ID_COLUMN[layer] not in frame.columns:
        return tuple(f"#{idx + 1}" for idx in positions)
    ids = texts(frame[ID_COLUMN[layer]])
    return tuple(_shown(ids[idx]) or f"#{idx + 1}" for idx in positions)


def check_columns(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """Every column of the dictionary is there; other columns are not used."""
    given = set(frame.columns) - {frame.geometry.name}
    found = []
    missing = [name for name in columns(layer) if name not in given]
    if missing:
        found.append(Finding("error", layer, (), "missing_column", f"column {', '.join(missing)} is missing"))
    unused = sorted(str(name) for name in given - set(columns(layer)))
    if unused:
        found.append(Finding("warning", layer, (), "unused_column", f"column {', '.join(unused)} is not used"))
    return found


def check_cells(frame: gpd.GeoDataFrame, layer: str, districts: Sequence[str]) -> list[Finding]:
    """Every cell has the type, range and choice that the dictionary states."""
    found = []
    for name, column in columns(layer).items():
        if name not in frame.columns:
            continue
        if column.type == "number":
            found += check_numbers(frame, layer, name, column)
        elif column.type == "flag":
            found += check_flags(frame, layer, name)
        else:
            choices = districts if name == "district" else column.choices
            found += check_texts(frame, layer, name, choices)
    return found


def check_numbers(frame: gpd.GeoDataFrame, layer: str, name: str, column: Column) -> list[Finding]:
    """A number is finite and within what is believable."""
    values = numbers(frame[name])
    wrong = ~np.isfinite(values)
    found = []
    if wrong.any():
        message = f"{name} must be a finite number, found {_examples(frame, name, wrong)}"
        found.append(Finding("error", layer, row_ids(frame, layer, wrong), "not_a_number", message))
    low, high = column.bounds
    absurd = ~wrong & ((values < low) | (values > high))
    if absurd.any():
        message = f"{name} must be within {low:g}..{high:g} {column.unit}, found "
        message += _examples(frame, name, absurd)
        found.append(Finding("error", layer, row_ids(frame, layer, absurd), "out_of_range", message))
    return found


def check_flags(frame: gpd.GeoDataFrame, layer: str, name: str) -> list[Finding]:
    """A flag is true or false."""
    wrong = np.array([flag is None for flag in flags(frame[name])], dtype=np.bool_)
    if not wrong.any():
        return []
    message = f"{name} must be true or false, found {_examples(frame, name, wrong)}"
    return [Finding("error", layer, row_ids(frame, layer, wrong), "not_a_flag", message)]


def check_texts(frame: gpd.GeoDataFrame, layer: str, name: str, choices: Sequence[str]) -> list[Finding]:
    """A text can be printed and is one of the choices, where there are choices; an id is not empty."""
    cells = texts(frame[name])
    unreadable = np.array([cell is not None and not _is_plain(cell) for cell in cells], dtype=np.bool_)
    found = []
    if unreadable.any():
        message = f"{name} must be plain text without control characters and without space around it"
        found.append(Finding("error", layer, row_ids(frame, layer, unreadable), "not_text", message))
    long = np.array([cell is not None and len(cell) > LONGEST_TEXT for cell in cells], dtype=np.bool_)
    if long.any():
        message = f"{name} must not be longer than {LONGEST_TEXT} letters"
        found.append(Finding("error", layer, row_ids(frame, layer, long), "text_too_long", message))
    if name == ID_COLUMN[layer]:
        empty = np.array([not cell for cell in cells], dtype=np.bool_)
        if empty.any():
            found.append(Finding("error", layer, row_ids(frame, layer, empty), "empty_id", f"{name} must not be empty"))
    if choices or name == "district":
        found += _check_choices(frame, layer, name, choices)
    return found


def _check_choices(frame: gpd.GeoDataFrame, layer: str, name: str, choices: Sequence[str]) -> list[Finding]:
    unknown = np.array([cell not in choices for cell in texts(frame[name])], dtype=np.bool_)
    if not unknown.any():
        return []
    rule = {"district": "unknown_district", "category": "unknown_category"}.get(name, f"unknown_{name}")
    message = f"{name} must be one of {', '.join(choices)}; found {_examples(frame, name, unknown)}"
    return [Finding("error", layer, row_ids(frame, layer, unknown), rule, message)]


def check_duplicate_ids(frame: gpd.GeoDataFrame, layer: str, taken: frozenset[str] = frozenset()) -> list[Finding]:
    """Ids are unique in their layer, and villages share none with zones (`taken`)."""
    if ID_COLUMN[layer] not in frame.columns:
        return []
    ids = [cell or "" for cell in texts(frame[ID_COLUMN[layer]])]
    names, counts = np.unique(np.array(ids, dtype=object).astype(str), return_counts=True)
    twice = tuple(str(name) for name in names[counts > 1] if name)
    found = []
    if twice:
        message = f"{ID_COLUMN[layer]} must be unique"
        found.append(Finding("error", layer, tuple(_shown(name) for name in twice), "duplicate_id", message))
    shared = tuple(_shown(name) for name in sorted(set(ids) & taken) if name)
    if shared:
        message = f"{ID_COLUMN[layer]} must differ from every zone_id"
        found.append(Finding("error", layer, shared, "duplicate_id", message))
    return found


def _is_plain(text: str) -> bool:
    return text.isprintable() and text == text.strip()


def _shown(text: str | None) -> str:
    """A text that can be printed whatever it holds, and not too long."""
    if not text or text.isspace():
        return ""
    return (text if text.isprintable() else ascii(text))[:80]


def _examples(frame: gpd.GeoDataFrame, name: str, mask: BoolArray, shown: int = 3) -> str:
    """The first offending values."""
    cells = [frame[name].iloc[idx] for idx in np.flatnonzero(mask)[:shown]]
    return ", ".join("nothing" if is_missing(cell) else _shown(str(cell)) or "an empty text" for cell in cells)
