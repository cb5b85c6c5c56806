"""The geometry of a table: from coordinate columns, or from a column of well-known text (WKT)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.arrays import GeometryArray
from data.catalogue import Message, message
from data.errors import refuse
from data.files.column_mapping import PointColumns
from data.files.table_files import listed_names
from data.table_cells import numbers, texts

X_NAMES = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "x坐标", "横坐标")
Y_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "y坐标", "纵坐标")
WKT_NAMES = ("wkt", "wkt_geom", "geometry", "geom", "the_geom", "shape", "几何", "边界", "边界坐标")


def with_geometry(
    frame: pd.DataFrame, points: PointColumns | None, example: str = ""
) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """The frame with a geometry: its own, or made of columns; its reference system is not known then.

    Args:
        frame: as it stands in a file.
        points: columns of coordinates, by the mapping.
        example: how a mapping names them, for messages.

    Returns:
        The frame, and which columns were taken where nobody named them.

    Raises:
        InputError: there are no such columns, or a cell is no coordinate.
    """
    if points is not None:
        missing = [name for name in (points.x, points.y) if name not in frame.columns]
        if missing:
            raise refuse("point_columns_missing", names=missing)
        return _of_points(frame, points.x, points.y), []
    if isinstance(frame, gpd.GeoDataFrame):
        return frame, []
    wkt = _first(frame, WKT_NAMES)
    if wkt is not None:
        return _of_wkt(frame, wkt), [message("note_shapes_read", column=wkt)]
    x, y = _first(frame, X_NAMES), _first(frame, Y_NAMES)
    if x is None or y is None:
        raise refuse("file_without_geometry", example=example, names=listed_names(frame))
    return _of_points(frame, x, y), [message("note_points_read", x=x, y=y)]


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    plain = {str(column).strip().lower(): str(column) for column in frame.columns}
    return next((plain[name] for name in names if name in plain), None)


def _of_points(frame: pd.DataFrame, x: str, y: str) -> gpd.GeoDataFrame:
    east, north = numbers(frame[x]), numbers(frame[y])
    given = np.array([bool(cell) for cell in texts(frame[x])]) | np.array([bool(cell) for cell in texts(frame[y])])
    wrong = given & ~(np.isfinite(east) & np.isfinite(north))
    if wrong.any():
        row = int(np.argmax(wrong))
        found = f"{frame[x].iloc[row]}, {frame[y].iloc[row]}"
        raise refuse(
            "coordinate_needed", names=[x, y], found=found, rows=[f"#{idx + 1}" for idx in np.flatnonzero(wrong)]
        )
    shapes = np.full(len(frame), None, dtype=object)
    shapes[given] = shapely.points(east[given], north[given])
    return _framed(frame.drop(columns=[x, y]), shapes)


def _of_wkt(frame: pd.DataFrame, column: str) -> gpd.GeoDataFrame:
    cells = np.array(
        [cell.partition(";")[2] if cell and cell.startswith("SRID=") else cell for cell in texts(frame[column])]
    )
    given = np.array([bool(cell) and not str(cell).isspace() for cell in cells], dtype=np.bool_)
    shapes = np.full(len(frame), None, dtype=object)
    shapes[given] = shapely.from_wkt(cells[given], on_invalid="ignore")
    wrong = given & np.array([shape is None for shape in shapes], dtype=np.bool_)
    if wrong.any():
        found = str(cells[int(np.argmax(wrong))])[:40]
        rows = [f"#{idx + 1}" for idx in np.flatnonzero(wrong)]
        raise refuse("wkt_needed", column=column, found=found, rows=rows)
    return _framed(frame.drop(columns=column), shapes)


def _framed(frame: pd.DataFrame, shapes: GeometryArray) -> gpd.GeoDataFrame:
    plain = pd.DataFrame(frame.drop(columns=[name for name in ("geometry",) if name in frame.columns]))
    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(list(shapes), index=plain.index), crs=None)
