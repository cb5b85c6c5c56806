"""Import, what files do not say: filled from the book or from the zone, counted, with the letter of its value."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from data.arrays import BoolArray, FloatArray
from data.dictionary import Column, columns
from data.importing.cells import is_blank
from data.importing.defaults import COMPUTED, Default, default_of, fill_book, least_sure
from data.importing.draft import Draft
from data.layers.containment import largest_overlap
from data.layers.geometry_checks import geometries, sound_mask
from data.table_cells import is_missing, numbers, object_array, texts


def fill_defaults(draft: Draft, zones: Draft | None) -> None:
    """Fill absent columns and empty cells, and record them.

    Args:
        draft: the layer, with our columns.
        zones: the finished zones, for what is taken from the containing zone; None leaves that to a later call.
    """
    for name, column in columns(draft.layer).items():
        if column.required or (column.default_zone is not None and zones is None):
            continue
        if column.marks is not None:
            _mark(draft, name, column)
        else:
            _fill(draft, name, column, zones)


def _fill(draft: Draft, name: str, column: Column, zones: Draft | None) -> None:
    empty = blank_cells(draft, name)
    cells = draft.frame[name].to_numpy(object, copy=True) if name in draft.frame.columns else np.full(len(empty), None)
    if column.default == "":
        cells = _left_empty(draft, name, cells)
    if column.from_nearest and empty.any() and not empty.all():
        cells, empty = _from_nearest(draft, name, cells, empty)
    default = default_of(column)
    if default is not None and empty.any():
        cells = np.where(empty, _values(draft, column, default, zones), cells)
        letter = _letter(draft if default.rule != "zone" or zones is None else zones, default)
        draft.note_column(name, "note_filled_default", n=int(empty.sum()), words=default.words, letter=letter)
        draft.fill(name, empty, letter, default.rule, value=default.value, key=default.key, of=default.of)
    draft.frame[name] = cells


def _left_empty(draft: Draft, name: str, cells: NDArray[Any]) -> NDArray[Any]:
    """Words that nobody gave, as an empty text; counted once."""
    missing = np.array([is_missing(cell) for cell in cells], dtype=np.bool_)
    if missing.any():
        draft.note_column(name, "note_left_empty", n=int(missing.sum()))
    return object_array(["" if gone else cell for cell, gone in zip(cells.tolist(), missing, strict=True)])


def _letter(source: Draft, default: Default) -> str:
    """How sure a default is: no surer than what was filled into the column that it is taken from."""
    return least_sure([default.letter, *(fill.letter for fill in source.fills if fill.column == default.of)])


def blank_cells(draft: Draft, name: str) -> BoolArray:
    """Rows whose cell is empty, all of them where the column is absent. Shape (n_rows,)."""
    if name not in draft.frame.columns:
        return np.ones(len(draft.frame), dtype=np.bool_)
    return np.array([is_blank(cell) for cell in draft.frame[name]], dtype=np.bool_)


def _mark(draft: Draft, name: str, column: Column) -> None:
    """True where the column that this one marks was filled from the zone."""
    cells = np.full(len(draft.frame), column.default, dtype=object)
    given = ~blank_cells(draft, name)
    if given.any():
        cells[given] = draft.frame[name].to_numpy(dtype=object)[given]
    if column.marks in draft.filled:
        cells[draft.filled[str(column.marks)]] = True
    draft.frame[name] = cells


def _values(draft: Draft, column: Column, default: Default, zones: Draft | None) -> NDArray[Any]:
    """The default of every row; None or NaN where what it needs is not there. Shape (n_rows,)."""
    n_rows, book = len(draft.frame), fill_book()
    if default.rule == "zone" and zones is not None:
        return _of_zone(draft, zones.frame, default.of)
    if default.rule == "each":
        words = texts(draft.frame[default.of])
        keys = [f"{default.key}.{word}" for word in words]
        return object_array([book.number(key) if key in book else None for key in keys])
    if default.rule == "polygon":
        return _polygon_area_m2(draft).astype(object)
    if default.rule in ("times", "over"):
        base = numbers(draft.frame[default.of])
        number = book.number(default.key) if default.key else 1.0
        return (base / number if default.rule == "over" else base * number).astype(object)
    value = book.number(default.key) if default.rule == "book" else column.default
    return np.full(n_rows, value, dtype=object)


def _polygon_area_m2(draft: Draft) -> FloatArray:
    return np.where(_sound(draft), shapely.area(geometries(draft.frame)), np.nan)


def _from_nearest(draft: Draft, name: str, cells: NDArray[Any], empty: BoolArray) -> tuple[NDArray[Any], BoolArray]:
    """Empty cells with the value of the row whose centroid is nearest; rows without a sound geometry stay empty."""
    sound = _sound(draft)
    known, asking = np.flatnonzero(sound & ~empty), np.flatnonzero(sound & empty)
    if not known.size or not asking.size:
        return cells, empty
    centroid = shapely.get_coordinates(shapely.centroid(geometries(draft.frame)[np.concatenate([known, asking])]))
    _, nearest = cKDTree(centroid[: known.size]).query(centroid[known.size :])
    cells[asking] = cells[known[nearest]]
    filled = np.isin(np.arange(len(cells)), asking)
    draft.note_column(name, "note_filled_nearest", n=len(asking), letter=COMPUTED)
    draft.fill(name, filled, COMPUTED, "nearest")
    return cells, empty & ~filled


def _of_zone(draft: Draft, zones: gpd.GeoDataFrame, name: str) -> NDArray[Any]:
    """A column of the zone that contains each row; None where there is none."""
    of_zone = np.full(len(draft.frame), None, dtype=object)
    sound, zone_sound = _sound(draft), sound_mask(zones, "zones")
    zone_idx = largest_overlap(geometries(draft.frame)[sound], geometries(zones)[zone_sound]).zone_idx
    cells = zones[name].to_numpy(dtype=object)[zone_sound]
    of_zone[sound] = [cells[idx] if idx >= 0 else None for idx in zone_idx]
    return of_zone


def _sound(draft: Draft) -> BoolArray:
    return sound_mask(draft.frame, draft.layer)
