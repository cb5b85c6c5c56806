"""The rows of a plan made elsewhere, each column under our name: tables by themselves, layers with their geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.arrays import GeometryArray
from data.catalogue import Message, message
from data.errors import printable, refuse
from data.files.column_mapping import LayerMapping
from data.files.table_files import read_csv_table, read_workbook_table
from data.files.vector_files import READABLE_SUFFIXES, Limits, read_vector
from data.files.zip_files import check_archive
from data.headings.synonyms import ACTUALS, PLAN, read_heading, synonyms
from data.table_cells import texts

TABLE_SUFFIXES = (".csv", ".xlsx")
OF_WORDS = ("village_id", "name", "intensity", "land_use")
"""Columns of which several headings may name one: the first of the synonyms is read."""
PLAN_LIMITS = Limits(features=100_000, bytes=50_000_000)


@dataclass(frozen=True, eq=False)
class PlanRows:
    """What a file says, row by row.

    Attributes:
        file: where it comes from.
        cells: our column -> its cells as texts, None where empty, shape (n_rows,).
        headings: our column -> the heading under which it stands.
        units: our column -> the unit that its heading states; only where one is.
        geometry: of each row, shape (n_rows,); None = the file has none.
        crs: reference system of the geometry; None = not said.
        notes: how the file was read.
    """

    file: Path
    cells: dict[str, NDArray[np.object_]]
    headings: dict[str, str]
    units: dict[str, str]
    geometry: GeometryArray | None
    crs: Any
    notes: tuple[Message, ...]

    @property
    def n_rows(self) -> int:
        """How many."""
        return next(iter(self.cells.values())).size if self.cells else 0

    def row_names(self, rows: NDArray[Any]) -> list[str]:
        """Rows as a reader finds them, counted from 1 below the heading, with the village they name."""
        named = self.cells.get("village_id", self.cells.get("name"))
        return [f"#{row + 1}" + (f" ({named[row]})" if named is not None and named[row] else "") for row in rows]


def read_plan_rows(path: Path, *, layer: str = PLAN, year: str = "start_year") -> PlanRows:
    """Read a file and name its columns.

    Args:
        path: CSV, workbook, or anything a layer of villages may come in.
        layer: PLAN or ACTUALS, whose headings the file has.
        year: our column of the year, which must be there.

    Raises:
        InputError: it cannot be read, holds no rows, has two columns for one thing, or none for the year.
    """
    frame, notes = _frame(path)
    if len(frame) == 0:
        raise refuse("actuals_empty" if layer == ACTUALS else "asked_plan_empty", file=path)
    headings, units, unread = _columns(path, frame, layer)
    if year not in headings:
        names = [str(name) for name in frame.columns if str(name) != "geometry"]
        key = "actuals_without_year" if layer == ACTUALS else "asked_plan_without_year"
        raise refuse(key, file=path, names=names or message("nothing_listed"))
    cells = {ours: _trimmed(texts(frame[theirs])) for ours, theirs in headings.items()}
    layered = isinstance(frame, gpd.GeoDataFrame)
    told = [message("asked_plan_read", text=note) for note in notes]
    told += [message("asked_plan_unread", names=unread)] if unread else []
    return PlanRows(
        file=path,
        cells=cells,
        headings=headings,
        units=units,
        geometry=frame.geometry.to_numpy(dtype=object) if layered else None,
        crs=frame.crs if layered else None,
        notes=tuple(told),
    )


def _frame(path: Path) -> tuple[pd.DataFrame, list[Message]]:
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        return read_vector(path, "plan", LayerMapping(), PLAN_LIMITS)
    if not path.is_file():
        raise refuse("file_absent" if not path.exists() else "no_plain_file", file=path)
    if path.stat().st_size > PLAN_LIMITS.bytes:
        raise refuse("file_too_large", file=path, most=PLAN_LIMITS.bytes)
    if suffix == ".xlsx":
        check_archive(path, "plan", PLAN_LIMITS.zip_members, PLAN_LIMITS.bytes)
        return read_workbook_table(path, None, PLAN_LIMITS.features)
    return read_csv_table(path, None, PLAN_LIMITS.features)


def _columns(path: Path, frame: pd.DataFrame, layer: str) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Our column -> heading, our column -> unit in it, and the headings that nobody reads."""
    headings: dict[str, str] = {}
    units: dict[str, str] = {}
    unread = []
    for name in map(str, frame.columns):
        if name == "geometry":
            continue
        meant = read_heading(name, layer)
        if meant is None:
            unread.append(printable(name, 40))
        elif meant.column in headings:
            names = [headings[meant.column], name]
            if meant.column not in names and meant.column not in OF_WORDS:
                raise refuse("asked_plan_two_columns", file=path, column=meant.column, names=names)
            kept = first_named(names, meant.column, layer)
            unread += [printable(heading, 40) for heading in names if heading != kept]
            headings[meant.column] = kept
        else:
            headings[meant.column] = name
            if meant.unit:
                units[meant.column] = meant.unit
    return headings, units, unread


def first_named(names: Sequence[str], column: str, layer: str) -> str:
    """Of headings that name one column of words: our own name, else the one that stands first among its synonyms."""
    ranks = {name: rank for rank, name in enumerate(synonyms(layer)[column])}
    return min(names, key=lambda name: ranks.get(name.lower(), len(ranks)))


def _trimmed(column: NDArray[np.object_]) -> NDArray[np.object_]:
    trimmed = [None if cell is None or not str(cell).strip() else str(cell).strip() for cell in column]
    return np.array([*trimmed, None], dtype=object)[:-1]


KNOWN_SUFFIXES: tuple[str, ...] = READABLE_SUFFIXES
"""Kinds of files that a plan may come in."""
