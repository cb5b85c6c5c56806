"""Checks of the columns of a layer against the data dictionary. One function per check."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from data.arrays import BoolArray, FloatArray
from data.catalogue import Message, message
from data.dictionary import ID_COLUMN, Column, columns
from data.errors import LONGEST_NAME, printable
from data.layers.findings import Finding, called_column
from data.layers.unit_guesses import unit_guesses, unit_remedy
from data.table_cells import LONGEST_TEXT, flags, is_missing, numbers, texts

MOST_CELLS = 3
"""Cells of a column that are shown."""


def row_ids(frame: gpd.GeoDataFrame, layer: str, mask: BoolArray) -> tuple[str, ...]:
    """Ids of the rows where `mask` is True; "#3" is the third row, where there is no id."""
    positions = np.flatnonzero(mask)
    if ID_COLUMN[layer] not in frame.columns:
        return tuple(f"#{idx + 1}" for idx in positions)
    ids = texts(frame[ID_COLUMN[layer]])
    return tuple(_shown(ids[idx]) or f"#{idx + 1}" for idx in positions)


def check_columns(frame: gpd.GeoDataFrame, layer: str) -> list[Finding]:
    """Every column of the dictionary is there but those that may be absent; other columns are not used."""
    names = set(frame.columns) - {frame.geometry.name}
    findings = []
    missing = [name for name, column in columns(layer).items() if name not in names and not column.optional]
    if missing:
        findings.append(Finding("error", layer, (), "missing_column", message("columns_missing", names=missing)))
    unused = sorted(printable(str(name)) for name in names - set(columns(layer)))
    if unused:
        findings.append(Finding("warning", layer, (), "unused_column", message("columns_unused", names=unused)))
    return findings


def check_cells(frame: gpd.GeoDataFrame, layer: str, districts: Sequence[str]) -> list[Finding]:
    """Every cell has the type, range and choice that the dictionary states."""
    findings = []
    for name, column in columns(layer).items():
        if name not in frame.columns:
            continue
        if column.type == "number":
            findings += check_numbers(frame, layer, name, column)
        elif column.type == "flag":
            findings += check_flags(frame, layer, name)
        else:
            choices = districts if name == "district" else column.choices
            findings += check_texts(frame, layer, name, choices)
    return findings


def check_numbers(frame: gpd.GeoDataFrame, layer: str, name: str, column: Column) -> list[Finding]:
    """A number is finite and within what is believable; one that need not be known may be empty."""
    values = numbers(frame[name])
    wrong = ~np.isfinite(values)
    if column.may_be_empty:
        wrong &= np.array([not is_missing(cell) for cell in frame[name]], dtype=np.bool_)
    findings = []
    if wrong.any():
        problem = message("column_finite", column=name, found=_examples(frame, name, wrong))
        findings.append(Finding("error", layer, row_ids(frame, layer, wrong), "not_a_number", problem, name))
    low, high = column.bounds
    absurd = ~wrong & ((values < low) | (values > high))
    if absurd.any():
        cells = _examples(frame, name, absurd)
        units = _other_units(layer, name, values[absurd], column)
        problem = message("column_within", column=name, low=low, high=high, unit=column.unit, found=cells)
        problem = message("problem_and_remedy", problem=problem, remedy=unit_remedy(units))
        findings.append(Finding("error", layer, row_ids(frame, layer, absurd), "out_of_range", problem, name))
    return findings


def _other_units(layer: str, name: str, values: FloatArray, column: Column) -> tuple[Message, ...]:
    """The units in which all the numbers would be believable."""
    low, high = column.bounds

    def fits(factor: float) -> bool:
        return bool(np.all((values * factor >= low) & (values * factor <= high)))

    return tuple(unit_guesses(layer, name, fits))


def check_flags(frame: gpd.GeoDataFrame, layer: str, name: str) -> list[Finding]:
    """A flag is true or false."""
    wrong = np.array([flag is None for flag in flags(frame[name])], dtype=np.bool_)
    if not wrong.any():
        return []
    problem = message("column_flag", column=name, found=_examples(frame, name, wrong))
    return [Finding("error", layer, row_ids(frame, layer, wrong), "not_a_flag", problem, name)]


def check_texts(frame: gpd.GeoDataFrame, layer: str, name: str, choices: Sequence[str]) -> list[Finding]:
    """A text can be printed and is one of the choices, where there are choices; an id is not empty."""
    cells = texts(frame[name])
    failed = {
        "not_text": (
            np.array([cell is not None and not _is_plain(cell) for cell in cells], dtype=np.bool_),
            message("column_plain_text", column=name),
        ),
        "text_too_long": (
            np.array([cell is not None and len(cell) > LONGEST_TEXT for cell in cells], dtype=np.bool_),
            message("column_text_too_long", column=name, most=LONGEST_TEXT),
        ),
        "empty_id": (
            np.array([name == ID_COLUMN[layer] and not cell for cell in cells], dtype=np.bool_),
            message("column_not_empty", column=name),
        ),
    }
    findings = [
        Finding("error", layer, row_ids(frame, layer, mask), check, problem)
        for check, (mask, problem) in failed.items()
        if mask.any()
    ]
    if choices or name == "district":
        findings += _check_choices(frame, layer, name, choices)
    return findings


def _check_choices(frame: gpd.GeoDataFrame, layer: str, name: str, choices: Sequence[str]) -> list[Finding]:
    unknown = np.array([cell not in choices for cell in texts(frame[name])], dtype=np.bool_)
    if not unknown.any():
        return []
    problem = message(
        "not_among_found",
        name=called_column(layer, name),
        choices=tuple(choices),
        found=_examples(frame, name, unknown),
    )
    return [Finding("error", layer, row_ids(frame, layer, unknown), f"unknown_{name}", problem, name)]


def check_duplicate_ids(frame: gpd.GeoDataFrame, layer: str, taken: frozenset[str] = frozenset()) -> list[Finding]:
    """Ids are unique in their layer, and villages share none with zones (`taken`)."""
    if ID_COLUMN[layer] not in frame.columns:
        return []
    ids = [cell or "" for cell in texts(frame[ID_COLUMN[layer]])]
    unique_ids, counts = np.unique(np.array(ids, dtype=object).astype(str), return_counts=True)
    twice = tuple(_shown(str(row_id)) for row_id in unique_ids[counts > 1] if row_id)
    findings = []
    if twice:
        problem = message("column_unique", column=ID_COLUMN[layer])
        findings.append(Finding("error", layer, twice, "duplicate_id", problem))
    shared = tuple(_shown(row_id) for row_id in sorted(set(ids) & taken) if row_id)
    if shared:
        problem = message("column_differs_from_zones", column=ID_COLUMN[layer])
        findings.append(Finding("error", layer, shared, "duplicate_id", problem))
    return findings


def _is_plain(text: str) -> bool:
    return text.isprintable() and text == text.strip()


def _shown(text: str | None) -> str:
    """A text that can be printed whatever it holds, and not too long."""
    return "" if not text or text.isspace() else printable(text, LONGEST_NAME)


def _examples(frame: gpd.GeoDataFrame, name: str, mask: BoolArray) -> tuple[str | Message, ...]:
    """The first cells where `mask` is True, each once."""
    shown: list[str | Message] = []
    for cell in map(_shown_cell, frame[name].to_numpy(dtype=object)[mask][:MOST_CELLS]):
        if cell not in shown:
            shown.append(cell)
    return tuple(shown)


def _shown_cell(cell: object) -> str | Message:
    """A cell as a refusal shows it: numbers with thousands apart."""
    if is_missing(cell):
        return message("cell_missing")
    shown = f"{cell:,.12g}" if isinstance(cell, float) else str(cell)
    return _shown(shown) or message("cell_blank")
