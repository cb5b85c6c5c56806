"""The published city as arrays: villages, the grid they lie in, and residents of every cell around it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from data.arrays import BoolArray, FloatArray, IntArray
from data.errors import reason_of, refuse

VILLAGES, GRID, RESIDENTS = "villages.gpkg", "model_grid.csv", "model_population_all.csv"
GRID_COLUMNS = {
    "r_b": "built_share",
    "pop": "residents",
    "POI": "poi",
    "price_c": "sale_price_cny_m2",
    "price_r": "rent_cny_m2_month",
}


@dataclass(frozen=True, eq=False)
class PublishedCity:
    """Villages in a grid of cells of 1 km.

    Attributes:
        village_id: shape (n_villages,).
        row: of each village's cell in the grid, shape (n_villages,).
        column: likewise.
        area_m2: of each village in Web Mercator, 1.7 times too large in Beijing: the published fault is kept.
        built_share: share of a cell's area that is built (r_b), shape (n_rows, n_columns).
        residents: at the beginning, same shape.
        poi: points of interest at the beginning, same shape.
        sale_price_cny_m2: in the first year, same shape.
        rent_cny_m2_month: in the first year, same shape.
        residents_around: residents of all cells, the grid's among them, shape (n_rows_around, n_columns_around).
        corner: row and column of the grid's first cell in `residents_around`.
        without_cell: ids of villages that lie in no cell, which the published model leaves out, shape (n_without,).
    """

    village_id: IntArray
    row: IntArray
    column: IntArray
    area_m2: FloatArray
    built_share: FloatArray
    residents: FloatArray
    poi: FloatArray
    sale_price_cny_m2: FloatArray
    rent_cny_m2_month: FloatArray
    residents_around: FloatArray
    corner: tuple[int, int]
    without_cell: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def n_villages(self) -> int:
        """Villages that have a cell."""
        return int(self.village_id.size)

    @property
    def grid_in_all(self) -> tuple[slice, slice]:
        """Where the grid lies in `residents_around`."""
        (top, left), (n_rows, n_columns) = self.corner, self.residents.shape
        return slice(top, top + n_rows), slice(left, left + n_columns)

    @property
    def outside(self) -> BoolArray:
        """True for cells outside the grid, shape (n_rows_around, n_columns_around)."""
        mask = np.ones(self.residents_around.shape, dtype=bool)
        mask[self.grid_in_all] = False
        return mask

    def of(self, village_id: IntArray) -> PublishedCity:
        """The same city with these villages alone, in their order in the city.

        Raises:
            InputError: an id that the city does not have.
        """
        unknown = np.setdiff1d(village_id, [*self.village_id, *self.without_cell])
        if unknown.size:
            raise refuse("published_village_unknown", layer="village_id", rows=unknown.tolist())
        kept = np.isin(self.village_id, village_id)
        return replace(
            self,
            village_id=self.village_id[kept],
            row=self.row[kept],
            column=self.column[kept],
            area_m2=self.area_m2[kept],
            without_cell=np.intersect1d(self.without_cell, village_id),
        )


def read_published_city(folder: Path) -> PublishedCity:
    """Read the published villages and the grid of their model.

    Args:
        folder: holds villages.gpkg, model_grid.csv and model_population_all.csv.

    Returns:
        The city; villages without a cell are left out, as the published model leaves them out.

    Raises:
        InputError: a file or one of its columns is missing or unreadable.
    """
    villages = _villages(folder / VILLAGES)
    has_cell = villages["grid_row"].notna() & villages["grid_column"].notna()
    without_cell = villages.loc[~has_cell, "village_id"].to_numpy(dtype=np.int64)
    villages = villages[has_cell]
    grid = read_table(folder / GRID, ("row", "column", *GRID_COLUMNS))
    shape = int(grid["row"].max()) + 1, int(grid["column"].max()) + 1
    cell = grid["row"].to_numpy(dtype=np.int64), grid["column"].to_numpy(dtype=np.int64)
    layers = {ours: _raster(shape, cell, grid[theirs]) for theirs, ours in GRID_COLUMNS.items()}
    residents_around, corner = _residents_around(read_table(folder / RESIDENTS, ("row", "column", "population")))
    top, left = corner
    residents_around[top : top + shape[0], left : left + shape[1]] = layers["residents"]
    return PublishedCity(
        village_id=villages["village_id"].to_numpy(dtype=np.int64),
        row=villages["grid_row"].to_numpy(dtype=np.int64),
        column=villages["grid_column"].to_numpy(dtype=np.int64),
        area_m2=villages.geometry.area.to_numpy(dtype=np.float64),
        residents_around=residents_around,
        corner=corner,
        without_cell=without_cell,
        **layers,
    )


def _villages(path: Path) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_file(path)
    except Exception as error:  # pyogrio raises kinds of its own
        raise refuse("published_file_unreadable", file=path, why=reason_of(error)) from error
    _refuse_missing(frame, path, ("village_id", "grid_row", "grid_column"))
    return frame


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A CSV of the published folder with numbers in the columns that are asked for.

    Raises:
        InputError: it cannot be read, lacks a column, or one holds something that is no number.
    """
    try:
        frame = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise refuse("published_file_unreadable", file=path, why=reason_of(error)) from error
    _refuse_missing(frame, path, columns)
    for name in columns:
        numbers = pd.to_numeric(frame[name], errors="coerce")
        if numbers.isna().any():
            rows = (2 + np.flatnonzero(numbers.isna())).tolist()
            raise refuse("published_not_a_number", file=path, layer=name, rows=rows)
        frame[name] = numbers
    return frame


def _refuse_missing(frame: pd.DataFrame, path: Path, columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise refuse("published_columns_missing", file=path, columns=missing)


def _raster(shape: tuple[int, int], cell: tuple[IntArray, IntArray], values: pd.Series) -> FloatArray:
    raster = np.zeros(shape)
    raster[cell] = values.to_numpy(dtype=np.float64)
    return raster


def _residents_around(table: pd.DataFrame) -> tuple[FloatArray, tuple[int, int]]:
    """Residents of all cells, and the row and column of cell (0, 0) among them."""
    row, column = (table[name].to_numpy(dtype=np.int64) for name in ("row", "column"))
    top, left = int(min(row.min(), 0)), int(min(column.min(), 0))
    shape = int(row.max()) - top + 1, int(column.max()) - left + 1
    return _raster(shape, (row - top, column - left), table["population"]), (-top, -left)
