"""Distance to the nearest facility of each category, when villages lose and gain facilities."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.spatial import cKDTree

from data.arrays import FloatArray, IntArray
from data.city import City
from data.travel import disc_distance_km
from envs.kernel.computing.backend import Array, array_namespace


@dataclass(frozen=True, eq=False)
class NearestModel:
    """Candidates for the nearest facility, per category.

    Attributes:
        zone_km: distance to the nearest zone with supply (inf if there is none), shape (n_places, n_categories).
        village_idx: villages that are nearer than that zone, nearest first, one array (n_places, m) per category.
        village_km: their distance, inf where there are fewer than m, same shapes.
    """

    zone_km: Array
    village_idx: tuple[Array, ...]
    village_km: tuple[Array, ...]


def nearest_model(city: City, detour: float, supply: FloatArray) -> NearestModel:
    """Find the candidates: only a village nearer than the nearest zone with supply can ever be the nearest.

    Args:
        city: the city.
        detour: travel distance / straight distance [-].
        supply: existing supply, shape (n_places, n_categories) [m2].

    Returns:
        The candidates.
    """
    n_zones, n_categories = city.n_zones, supply.shape[1]
    points = np.column_stack([city.place_x_km, city.place_y_km])
    zone_km = np.full((city.n_places, n_categories), np.inf)
    indices, distances = [], []
    for k in range(n_categories):
        zone_km[:, k] = _nearest_zone_km(city, points, detour, np.flatnonzero(supply[:n_zones, k] > 0.0))
        idx, km = _nearer_villages(city, points, detour, zone_km[:, k])
        indices.append(idx)
        distances.append(km)
    return NearestModel(zone_km, tuple(indices), tuple(distances))


def _between_km(city: City, points: FloatArray, detour: float, origin: IntArray, to: IntArray) -> FloatArray:
    centroid_km = np.hypot(*(points[origin] - points[to]).T)
    return detour * disc_distance_km(centroid_km, city.place_area_km2[origin], city.place_area_km2[to])


def _nearest_zone_km(city: City, points: FloatArray, detour: float, zones: IntArray) -> FloatArray:
    if zones.size == 0:
        return np.full(len(points), np.inf)
    _, order = cKDTree(points[zones]).query(points, k=min(8, zones.size))
    order = np.asarray(order).reshape(len(points), -1)
    origin = np.repeat(np.arange(len(points)), order.shape[1])
    return _between_km(city, points, detour, origin, zones[order.ravel()]).reshape(order.shape).min(axis=1)


def _nearer_villages(city: City, points: FloatArray, detour: float, zone_km: FloatArray) -> tuple[IntArray, FloatArray]:
    n_places, n_zones = len(points), city.n_zones
    if city.n_villages == 0:
        return np.zeros((n_places, 1), dtype=np.int64), np.full((n_places, 1), np.inf)
    reach = np.where(np.isfinite(zone_km), zone_km, 1e6) / detour
    within = cKDTree(points[n_zones:]).query_ball_point(points, reach, return_sorted=True)
    origin = np.repeat(np.arange(n_places), [len(villages) for villages in within])
    village = np.fromiter(chain.from_iterable(within), dtype=np.int64, count=origin.size)
    km = _between_km(city, points, detour, origin, village + n_zones)
    nearer = km < zone_km[origin]
    origin, village, km = origin[nearer], village[nearer], km[nearer]
    order = np.lexsort((km, origin))
    origin, village, km = origin[order], village[order], km[order]
    count = np.bincount(origin, minlength=n_places)
    rank = np.arange(origin.size) - np.repeat(np.cumsum(count) - count, count)
    width = max(1, int(count.max(initial=0)))
    idx, padded = np.zeros((n_places, width), dtype=np.int64), np.full((n_places, width), np.inf)
    idx[origin, rank], padded[origin, rank] = village, km
    return idx, padded


def nearest_facility_km(category: int, model: NearestModel, village_supply: Array) -> Array:
    """Distance of every place to the nearest facility of a category.

    Args:
        category: index.
        model: candidates.
        village_supply: shape (n_villages, n_plans) [m2].

    Returns:
        shape (n_places, n_plans) [km]; inf where the city has none.
    """
    xp = array_namespace(village_supply)
    idx, km = model.village_idx[category], model.village_km[category]
    nearest = model.zone_km[:, category][:, None] + xp.zeros_like(village_supply[:1, :])
    open_supply = xp.astype(village_supply > 0.0, xp.bool)
    for rank in range(idx.shape[1]):
        is_open = xp.take(open_supply, idx[:, rank], axis=0)
        candidate = xp.where(is_open, km[:, rank][:, None], xp.full_like(nearest, float("inf")))
        nearest = xp.minimum(nearest, candidate)
    return nearest
