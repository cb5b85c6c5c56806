"""Where on the Earth a layer lies by its own account, and whether its reference system is made for that place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from data.arrays import FloatArray

FAR_OUTSIDE_DEG = 4.0
"""Degrees of longitude beyond the area of use at which nobody uses a system any more; a neighboring zone is nearer."""
NORTHERNMOST_CITY_DEG, SOUTHERNMOST_CITY_DEG, NEAR_EQUATOR_DEG = 72.0, 10.0, 2.0
"""Latitudes between which Chinese cities lie by far, and below which coordinates in meters are hardly real ones."""
NEIGHBORING_ZONE_DEG = 1.0
GEOCENTRIC_RADIUS_M = 6_378_137.0
"""Semi-major axis of the ellipsoids around the Earth's center (WGS 84, China 2000, GRS 80)."""
CANDIDATES = (*range(4491, 4555), *range(2327, 2391), *range(2401, 2443), *range(21413, 21424), *range(21453, 21464))
"""EPSG codes of the Gauss-Kruger zones of China 2000, Xian 1980 and Beijing 1954, of 6 and 3 degrees, with zone numbers
before the easting and without."""


@dataclass(frozen=True)
class Place:
    """Where most rows lie: longitude and latitude of their middle [degrees]."""

    lon_deg: float
    lat_deg: float


def row_centers(frame: gpd.GeoDataFrame) -> FloatArray:
    """Middle of the bounds of every row that has finite ones, in the frame's units. Shape (n_rows, 2)."""
    with np.errstate(invalid="ignore"):
        bounds = np.asarray(shapely.bounds(np.asarray(frame.geometry.array, dtype=object)), dtype=np.float64)
        centers = bounds.reshape(-1, 2, 2).mean(axis=1)
    return centers[np.isfinite(centers).all(axis=1)]


def place_of(centers: FloatArray, crs: pyproj.CRS) -> Place | None:
    """The middle of points, in degrees; None where the system cannot tell.

    Args:
        centers: shape (n_points, 2), in the units of `crs`.
        crs: of the points.
    """
    if not len(centers):
        return None
    middle = np.median(centers, axis=0)
    lon, lat = (float(value) for value in _to_degrees(crs).transform(*middle))
    return Place(lon, lat) if np.isfinite([lon, lat]).all() and abs(lat) <= 90.0 else None


def degrees_beyond(place: Place, crs: pyproj.CRS) -> tuple[float, float]:
    """Degrees of longitude and of latitude by which a place lies outside the area of use of a system; 0 = inside."""
    area = area_of_use(crs)
    if area is None:
        return 0.0, 0.0
    west, south, east, north = area
    middle = (west + east) / 2.0
    lon = (place.lon_deg - middle + 180.0) % 360.0 - 180.0 + middle
    return max(west - lon, lon - east, 0.0), max(south - place.lat_deg, place.lat_deg - north, 0.0)


def is_misplaced(place: Place | None, crs: pyproj.CRS) -> bool:
    """Whether no city lies there, or none for which anybody would use this system."""
    if place is None:
        return True
    lon_beyond, lat_beyond = degrees_beyond(place, crs)
    local_meters = lon_beyond > 0.0 and abs(place.lat_deg) < NEAR_EQUATOR_DEG
    far = lon_beyond > FAR_OUTSIDE_DEG or lat_beyond > NEIGHBORING_ZONE_DEG
    return far or local_meters or abs(place.lat_deg) > NORTHERNMOST_CITY_DEG


def systems_that_fit(centers: FloatArray, crs: pyproj.CRS) -> list[str]:
    """Codes of systems of the same datum in whose area of use the points would lie; one of its own area alone."""
    area, datum = area_of_use(crs), _datum(crs)
    fitting = []
    for code in CANDIDATES:
        candidate = _system(code)
        if _datum(candidate) != datum:
            continue
        place = place_of(centers, candidate)
        if place is not None and degrees_beyond(place, candidate) == (0.0, 0.0):
            fitting.append(code)
    same_area = [code for code in fitting if area is not None and area_of_use(_system(code)) == area]
    return [f"EPSG:{code}" for code in same_area or fitting]


def area_of_use(crs: pyproj.CRS) -> tuple[float, float, float, float] | None:
    """Where a system is used, also where a file names it without a code: west, south, east, north [degrees]."""
    authority = crs.to_authority()
    known = crs if authority is None else _system_of(authority)
    return None if known.area_of_use is None else known.area_of_use.bounds


def unknown_shift(source: pyproj.CRS, target: pyproj.CRS, place: Place) -> bool:
    """Whether the way from one datum to another is not known at a place, so that positions are off by tens of meters.

    China 2000 and WGS 84 agree within a meter, though PROJ knows no shift between them: both have the Earth's center
    and its radius of 6,378,137 m. Older datums have neither.
    """
    if _datum(source) == _datum(target) or (_is_geocentric(source) and _is_geocentric(target)):
        return False
    here = AreaOfInterest(place.lon_deg - 0.1, place.lat_deg - 0.1, place.lon_deg + 0.1, place.lat_deg + 0.1)
    group = TransformerGroup(source, target, always_xy=True, area_of_interest=here)  # type: ignore[arg-type]
    ways = group.transformers
    return not ways or ways[0].accuracy < 0.0


def _is_geocentric(crs: pyproj.CRS) -> bool:
    return crs.ellipsoid is not None and crs.ellipsoid.semi_major_metre == 6_378_137.0


def _datum(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    known = crs if authority is None else _system_of(authority)
    return "" if known.geodetic_crs is None or known.geodetic_crs.datum is None else known.geodetic_crs.datum.name


def _system(code: int) -> pyproj.CRS:
    return _system_of(("EPSG", str(code)))


@cache
def _system_of(authority: tuple[str, str]) -> pyproj.CRS:
    return pyproj.CRS.from_authority(*authority)


def _to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
