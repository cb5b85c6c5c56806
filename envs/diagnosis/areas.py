"""Any area of the map: what stands and who lives in it; a zone or village that it cuts counts by its share of land."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from data.arrays import FloatArray, GeometryArray
from data.city import CATEGORIES, City

M2_PER_KM2 = 1e6


@dataclass(frozen=True, eq=False)
class Areas:
    """Areas of the map.

    Attributes:
        names: one each.
        shapes: polygons [m], shape (n_areas,).
    """

    names: tuple[str, ...]
    shapes: GeometryArray


@dataclass(frozen=True, eq=False)
class AreaTotals:
    """What areas hold; arrays of shape (n_areas,) but for those that say otherwise.

    Attributes:
        village_share: share of each village's land within each area, shape (n_areas, n_villages) [0..1].
        area_km2: of the polygons.
        outside_share: share of the polygon that no zone covers [0..1].
        villages: by share: a village that is cut in half counts one half.
        villages_cut: villages that lie in it in part.
        residents: of zones and villages [persons].
        village_residents: of them, of villages [persons].
        jobs: of zones and villages [jobs].
        village_floor_m2: existing floor of villages.
        housing_floor_m2: of zones.
        facilities: points in it by category, shape (n_areas, n_categories).
        stations: points in it.
    """

    village_share: FloatArray
    area_km2: FloatArray
    outside_share: FloatArray
    villages: FloatArray
    villages_cut: FloatArray
    residents: FloatArray
    village_residents: FloatArray
    jobs: FloatArray
    village_floor_m2: FloatArray
    housing_floor_m2: FloatArray
    facilities: FloatArray
    stations: FloatArray


def area_totals(city: City, areas: Areas) -> AreaTotals:
    """What each area holds.

    Residents, jobs and housing of a zone are taken to be spread evenly over its polygon, those of a village over its
    own.

    Args:
        city: the city.
        areas: in its reference system.
    """
    zones, villages = city.zones, city.villages
    zone_land, zone_share = _covered(zones.geometry, areas.shapes)
    _, village_share = _covered(villages.geometry, areas.shapes)
    in_villages = village_share @ (villages.registered_residents + villages.tenants)
    area_m2 = np.asarray(shapely.area(areas.shapes))
    cut = (village_share > 0.0) & (village_share < 1.0 - 1e-9)
    facilities = _points_in(city.facilities.x_km, city.facilities.y_km, areas.shapes)
    category = np.eye(len(CATEGORIES))[city.facilities.category_idx]
    return AreaTotals(
        village_share=village_share,
        area_km2=area_m2 / M2_PER_KM2,
        outside_share=np.clip(1.0 - zone_land.sum(axis=1) / area_m2, 0.0, 1.0),
        villages=village_share.sum(axis=1),
        villages_cut=cut.sum(axis=1).astype(np.float64),
        residents=zone_share @ zones.residents + in_villages,
        village_residents=in_villages,
        jobs=zone_share @ zones.jobs + village_share @ villages.jobs,
        village_floor_m2=village_share @ villages.gross_floor_area_m2,
        housing_floor_m2=zone_share @ zones.housing_floor_area_m2,
        facilities=facilities @ category,
        stations=_points_in(city.stations.x_km, city.stations.y_km, areas.shapes).sum(axis=1),
    )


def district_areas(city: City, districts: list[int]) -> Areas:
    """Districts as areas: the union of their zones."""
    zones = city.zones
    shapes = [shapely.union_all(zones.geometry[zones.district_idx == k]) for k in districts]
    return Areas(tuple(city.districts[k] for k in districts), np.array(shapes, dtype=object))


def villages_area(city: City, name: str, villages: list[int]) -> Areas:
    """Villages together as one area."""
    shape = shapely.union_all(city.villages.geometry[villages])
    return Areas((name,), np.array([shape], dtype=object))


def _covered(shapes: GeometryArray, areas: GeometryArray) -> tuple[FloatArray, FloatArray]:
    """Land of each shape within each area [m2], and its share of the shape; shape (n_areas, n_shapes)."""
    land = np.zeros((len(areas), len(shapes)))
    if len(shapes):
        area_idx, shape_idx = shapely.STRtree(shapes).query(areas, predicate="intersects")
        land[area_idx, shape_idx] = shapely.area(shapely.intersection(areas[area_idx], shapes[shape_idx]))
    return land, np.minimum(land / np.asarray(shapely.area(shapes)), 1.0)


def _points_in(x_km: FloatArray, y_km: FloatArray, areas: GeometryArray) -> FloatArray:
    """1 where a point lies in an area, shape (n_areas, n_points)."""
    if not len(x_km):
        return np.zeros((len(areas), 0))
    shapely.prepare(areas)
    return np.array([shapely.contains_xy(shape, x_km * 1e3, y_km * 1e3) for shape in areas], dtype=np.float64)
