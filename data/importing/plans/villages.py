"""Which village of the city each row of a plan speaks of: by id, else by name, else by the largest overlap."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.arrays import GeometryArray, IntArray
from data.catalogue import Message, message
from data.city import City
from data.errors import InputError, refuse
from data.importing.plans.rows import PlanRows

NO_VILLAGE = -1


def matched_villages(rows: PlanRows, city: City, *, leave_out_unknown: bool = False) -> tuple[IntArray, list[Message]]:
    """Position of the village of each row, and how they were found.

    Args:
        rows: of the plan.
        city: with its villages.
        leave_out_unknown: count rows of other villages (NO_VILLAGE) instead of refusing them.

    Raises:
        InputError: rows name no village of the city, or a name that several villages bear.
    """
    found = np.full(rows.n_rows, NO_VILLAGE, dtype=np.int64)
    notes: list[Message] = []
    for column, known in (("village_id", _ids(city)), ("name", _names(city))):
        open_rows = np.flatnonzero(found == NO_VILLAGE)
        if column in rows.cells and open_rows.size:
            by_word = _looked_up(rows.cells[column][open_rows], known)
            found[open_rows] = by_word
            if column == "name" and (by_word >= 0).any():
                notes.append(message("asked_plan_by_name", n=int((by_word >= 0).sum())))
    open_rows = np.flatnonzero(found == NO_VILLAGE)
    if rows.geometry is not None and open_rows.size:
        found[open_rows] = _by_overlap(rows, open_rows, city)
        n_found = int((found[open_rows] >= 0).sum())
        notes += [message("asked_plan_by_overlap", n=n_found)] if n_found else []
    unknown = np.flatnonzero(found == NO_VILLAGE)
    if unknown.size and not (leave_out_unknown and unknown.size < rows.n_rows):
        raise _refused(rows, unknown, city)
    if unknown.size:
        notes.append(message("asked_plan_left_out", n=unknown.size, rows=rows.row_names(unknown[:5])))
    return found, notes


def _ids(city: City) -> dict[str, int]:
    return {name: idx for idx, name in enumerate(city.villages.village_id.tolist())}


def _names(city: City) -> dict[str, int]:
    """Name -> village; names that several villages bear are left out."""
    plain = [_plain(name) for name in city.villages.name.tolist()]
    return {name: idx for idx, name in enumerate(plain) if name and plain.count(name) == 1}


def _plain(name: str) -> str:
    """A name without spaces, in half width."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _looked_up(cells: NDArray[np.object_], known: dict[str, int]) -> IntArray:
    """Villages of cells; an apostrophe that a spreadsheet put before an id is taken off."""
    found = []
    for cell in cells:
        text = "" if cell is None else str(cell)
        spellings: Sequence[str] = (text, text.removeprefix("'"), _plain(text))
        found.append(next((known[spelling] for spelling in spellings if spelling in known), NO_VILLAGE))
    return np.array(found, dtype=np.int64)


def _by_overlap(rows: PlanRows, chosen: IntArray, city: City) -> IntArray:
    """Village with which the geometry of each row shares most; a point counts for the village that contains it."""
    assert rows.geometry is not None
    if rows.crs is None:
        raise refuse("asked_plan_crs_missing", file=rows.file)
    frame = gpd.GeoSeries(list(rows.geometry[chosen]), crs=rows.crs).to_crs(city.crs)
    shapes: GeometryArray = shapely.make_valid(frame.to_numpy(dtype=object))
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    row, village = shapely.STRtree(city.villages.geometry).query(shapes[usable], predicate="intersects")
    row = np.flatnonzero(usable)[row]
    shared = shapely.intersection(shapes[row], city.villages.geometry[village])
    measure = shapely.area(shared) + (shapely.get_dimensions(shapes[row]) < 2)
    best, most = np.full(chosen.size, NO_VILLAGE, dtype=np.int64), np.zeros(chosen.size)
    for k in np.argsort(measure, kind="stable"):
        if measure[k] > 0.0:
            best[row[k]], most[row[k]] = village[k], measure[k]
    return best


def _refused(rows: PlanRows, unknown: IntArray, city: City) -> InputError:
    plain = [_plain(name) for name in city.villages.name.tolist()]
    named = rows.cells.get("name")
    twice = [] if named is None else [row for row in unknown if named[row] and plain.count(_plain(str(named[row]))) > 1]
    if twice:
        return refuse("asked_plan_name_twice", file=rows.file, rows=rows.row_names(np.array(twice)), city=city.name)
    keys = [name for name in ("village_id", "name") if name in rows.cells]
    if not keys and rows.geometry is None:
        return refuse("asked_plan_without_village", file=rows.file)
    return refuse("asked_plan_village_unknown", file=rows.file, rows=rows.row_names(unknown), city=city.name)
