"""Areas and points from a file of any kind that a city may come in, brought to the city's reference system."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from data.arrays import FloatArray, GeometryArray
from data.catalogue import Message
from data.city import City
from data.errors import printable, refuse
from data.files.column_mapping import LayerMapping
from data.files.vector_files import Limits, read_vector
from data.importing.reference_systems import parse_crs
from data.table_cells import is_missing

MOST_AREAS = 1_000
AREA_LIMITS = Limits(features=MOST_AREAS, coordinates=1_000_000, bytes=50_000_000)
POINT_LIMITS = Limits(features=200_000, coordinates=200_000, bytes=200_000_000)
NAME_HEADINGS = ("name", "名称", "area", "范围", "片区")
WGS84 = "EPSG:4326"
LONGEST_AREA_NAME = 60


def read_areas(path: Path, city: City, crs: str = "") -> tuple[tuple[str, ...], GeometryArray, list[Message]]:
    """Polygons of a file, with their names (a column called name, 名称, area, 范围 or 片区; else #1, #2 ...).

    Args:
        path: of a kind that a city may come in.
        city: to whose system they are brought.
        crs: of a file that states none, such as "EPSG:4326".

    Returns:
        Names, polygons [m of the city's system], and what has to be said about how they were read.

    Raises:
        InputError: it cannot be read, has no reference system, more than 1,000 polygons, something that is no
            polygon, or nothing that lies in the city.
    """
    frame, notes = read_vector(path, "areas", LayerMapping(), AREA_LIMITS)
    shapes = _in_city_system(frame, path, "areas", city, crs)
    wrong = [f"#{k + 1}" for k in np.flatnonzero((shapely.get_dimensions(shapes) != 2) | ~(shapely.area(shapes) > 0.0))]
    if wrong:
        raise refuse("areas_no_polygons", file=path, layer="areas", rows=wrong)
    if not shapely.STRtree(city.zones.geometry).query(shapes, predicate="intersects").size:
        raise refuse("map_file_elsewhere", file=path, layer="areas", city=city.name)
    return _names(frame), shapes, notes


def read_points(path: Path, city: City, crs: str = "") -> tuple[FloatArray, list[Message]]:
    """Points of a file, shape (n_points, 2) [m of the city's system].

    Args:
        path: of a kind that a city may come in; of a table, the columns lon and lat, 经度 and 纬度, or well-known text.
        city: to whose system they are brought.
        crs: of a file that states none, such as "EPSG:4326".

    Raises:
        InputError: it cannot be read, has no reference system, something that is no point, or nothing near the city.
    """
    frame, notes = read_vector(path, "points", LayerMapping(), POINT_LIMITS)
    shapes = _in_city_system(frame, path, "points", city, crs)
    wrong = [f"#{k + 1}" for k in np.flatnonzero(shapely.get_type_id(shapes) != shapely.GeometryType.POINT)]
    if wrong:
        raise refuse("points_no_points", file=path, layer="points", rows=wrong)
    points = shapely.get_coordinates(shapes)
    low, high = np.split(shapely.total_bounds(city.zones.geometry), 2)
    if not ((points >= low) & (points <= high)).all(axis=1).any():
        raise refuse("map_file_elsewhere", file=path, layer="points", city=city.name)
    return points, notes


def box_area(corners: tuple[float, float, float, float], city: City) -> GeometryArray:
    """The rectangle between two corners, its edges following the degrees, shape (1,) [m].

    Args:
        corners: longitude and latitude of one corner, then of the opposite one [degrees, WGS 84].
        city: whose system it is brought to.

    Raises:
        InputError: the corners span nothing, or lie outside the city.
    """
    west, east = sorted(corners[0::2])
    south, north = sorted(corners[1::2])
    if not (-180.0 <= west < east <= 180.0 and -90.0 <= south < north <= 90.0):
        raise refuse("box_wrong", layer="--box")
    ring = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / 20.0)
    return _checked(polygon_of(shapely.get_coordinates(ring), city, WGS84), city)


def drawn_area(ring: FloatArray, city: City) -> GeometryArray:
    """A polygon drawn on the map, shape (1,) [m].

    Args:
        ring: corners in the city's system, shape (n_corners, 2) [m].
        city: on whose map.

    Raises:
        InputError: fewer than three corners, no land, or land outside the city.
    """
    if len(ring) < 3:
        raise refuse("area_drawn_wrong")
    return _checked(polygon_of(ring, city, city.crs), city)


def polygon_of(ring: FloatArray, city: City, crs: str) -> GeometryArray:
    """A ring of another system as a polygon in the city's, mended where it crosses itself, shape (1,)."""
    x, y = pyproj.Transformer.from_crs(crs, city.crs, always_xy=True).transform(ring[:, 0], ring[:, 1])
    return shapely.make_valid(np.array([shapely.polygons(np.column_stack([x, y]))], dtype=object))


def _checked(shape: GeometryArray, city: City) -> GeometryArray:
    if not shapely.area(shape[0]) > 0.0:
        raise refuse("area_drawn_wrong")
    if not shapely.STRtree(city.zones.geometry).query(shape, predicate="intersects").size:
        raise refuse("area_outside_city", city=city.name)
    return shape


def _in_city_system(frame: gpd.GeoDataFrame, path: Path, layer: str, city: City, crs: str) -> GeometryArray:
    """Shapes in the city's system, mended; a file without one is refused, never guessed."""
    if len(frame) == 0:
        raise refuse("file_without_rows", file=path, layer=layer)
    if frame.crs is None and not crs:
        raise refuse("map_file_without_crs", file=path, layer=layer)
    if frame.crs is None:
        frame = frame.set_crs(parse_crs(crs, "--crs"))
    shapes = frame.geometry.to_crs(city.crs).to_numpy(dtype=object)
    empty = [f"#{k + 1}" for k in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if empty:
        raise refuse("map_file_empty_rows", file=path, layer=layer, rows=empty)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise refuse("map_file_elsewhere", file=path, layer=layer, city=city.name)
    return np.asarray(shapely.make_valid(shapes), dtype=object)


def _names(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Names of rows, each once."""
    by_heading = {str(name).strip().lower(): name for name in frame.columns}
    heading = next((by_heading[name] for name in NAME_HEADINGS if name in by_heading), None)
    names: list[str] = []
    for row in range(len(frame)):
        cell = None if heading is None else frame[heading].iloc[row]
        name = "" if is_missing(cell) else printable(str(cell).strip(), LONGEST_AREA_NAME)
        names.append(name if name and name not in names else f"{name} #{row + 1}".strip())
    return tuple(names)
