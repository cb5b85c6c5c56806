"""Every zone of a city cut in two: what a result owes to the zoning (the modifiable areal unit problem)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from data.arrays import FloatArray, GeometryArray, IntArray, TextArray
from data.city import City, Facilities, Villages, Zones


def halve_zones(city: City) -> City:
    """Split every zone into two halves of equal area, across its longer side.

    Residents, jobs and housing floor area are halved, prices and vacancy stay. Facilities stay where they are: a point
    goes to the half that contains it. A village goes to the half that contains its centroid, and is not cut.

    Args:
        city: a city without a skim.

    Returns:
        The refined city, with 2 x n_zones zones; ids end in "a" (west or south) and "b".

    Raises:
        ValueError: the city has a skim, which says nothing about halves.
    """
    if city.skim is not None:
        raise ValueError("a city with a skim cannot be refined: the skim has no travel between half zones")
    halves = np.concatenate([halves_of(zone) for zone in city.zones.geometry])
    zones = _halved_zones(city.zones, halves)
    return replace(
        city,
        name=f"{city.name}-halved",
        zones=zones,
        villages=_moved_villages(city.villages, halves),
        facilities=_moved_facilities(city.facilities, city.n_zones, halves),
    )


def halves_of(polygon: shapely.Geometry, tolerance: float = 1e-12, rounds: int = 60) -> GeometryArray:
    """Two parts of equal area, cut across the longer side of the bounding box.

    Args:
        polygon: what is cut.
        tolerance: of the area, at which the bisection on the cut's position stops.
        rounds: of bisection at most.

    Returns:
        The western or southern part, then the other; shape (2,).
    """
    west, south, east, north = polygon.bounds
    across_x = east - west >= north - south
    start, end = (west, east) if across_x else (south, north)
    low, high, wanted = start, end, 0.5 * polygon.area
    for _ in range(rounds):
        cut = 0.5 * (low + high)
        first = _clip(polygon, start, cut, across_x=across_x)
        if abs(first.area - wanted) <= tolerance * wanted:
            break
        low, high = (cut, high) if first.area < wanted else (low, cut)
    return np.array([first, _clip(polygon, cut, end, across_x=across_x)], dtype=object)


def _clip(zone: shapely.Geometry, low: float, high: float, *, across_x: bool) -> shapely.Geometry:
    west, south, east, north = zone.bounds
    strip = (low, south, high, north) if across_x else (west, low, east, high)
    return shapely.intersection(zone, shapely.box(*strip))


def _halved_zones(zones: Zones, halves: GeometryArray) -> Zones:
    center = shapely.get_coordinates(shapely.centroid(halves)) / 1000.0
    return Zones(
        zone_id=_two_names(zones.zone_id),
        name=_two_names(zones.name),
        district_idx=np.repeat(zones.district_idx, 2),
        residents=np.repeat(zones.residents, 2) / 2.0,
        jobs=np.repeat(zones.jobs, 2) / 2.0,
        housing_floor_area_m2=np.repeat(zones.housing_floor_area_m2, 2) / 2.0,
        vacant_share=np.repeat(zones.vacant_share, 2),
        sale_price_cny_per_m2=np.repeat(zones.sale_price_cny_per_m2, 2),
        rent_cny_per_m2_month=np.repeat(zones.rent_cny_per_m2_month, 2),
        yearly_sales_m2=np.repeat(zones.yearly_sales_m2, 2) / 2.0,
        area_km2=shapely.area(halves) / 1e6,
        x_km=center[:, 0].copy(),
        y_km=center[:, 1].copy(),
        geometry=halves,
    )


def _two_names(names: TextArray) -> TextArray:
    return np.array([f"{name}{half}" for name in names for half in "ab"])


def _half_of(zone_idx: IntArray, x_km: FloatArray, y_km: FloatArray, halves: GeometryArray) -> IntArray:
    """Index of the nearer half (0 m = the one that contains the point) of each point's zone."""
    point = shapely.points(x_km * 1000.0, y_km * 1000.0)
    in_second = shapely.distance(halves[2 * zone_idx + 1], point) < shapely.distance(halves[2 * zone_idx], point)
    return 2 * zone_idx + in_second


def _moved_villages(villages: Villages, halves: GeometryArray) -> Villages:
    return replace(villages, zone_idx=_half_of(villages.zone_idx, villages.x_km, villages.y_km, halves))


def _moved_facilities(facilities: Facilities, n_zones: int, halves: GeometryArray) -> Facilities:
    place_idx = facilities.place_idx + n_zones  # villages come after twice as many zones
    in_zone = facilities.place_idx < n_zones
    place_idx[in_zone] = _half_of(
        facilities.place_idx[in_zone], facilities.x_km[in_zone], facilities.y_km[in_zone], halves
    )
    return replace(facilities, place_idx=place_idx)
