"""Facilities and rail stations of a synthetic city."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from data.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from data.city import CATEGORIES
from data.synthesis.zone_splitting import halves_of
from data.synthesis.zones import spread_log_normal


@dataclass(frozen=True)
class ServiceRecipe:
    """How far the facilities of a synthetic city reach the standard (estimates; the order follows CATEGORIES)."""

    level: tuple[float, ...] = (1.0, 0.9, 0.75, 0.8, 0.8, 1.05, 0.95)  # supply over standard in the core
    fringe_factor: float = 0.7  # the level at the edge of the built-up city over that in the core
    log_sd: float = 0.15
    bounds: tuple[float, float] = (0.5, 1.1)
    village_bounds: tuple[float, float] = (0.1, 0.5)
    two_sites_m2: float = 5_000.0  # zones with this much in all have two sites per category, the others one
    village_has: tuple[float, ...] = (0.5, 0.8, 0.3, 0.6, 0.6, 0.9, 0.4)  # share of villages with any of it


def zone_supply_m2(
    rng: np.random.Generator,
    residents: FloatArray,
    remoteness: FloatArray,
    standard_m2: FloatArray,
    recipe: ServiceRecipe,
) -> FloatArray:
    """Supply of each zone and category: standard x residents x a level that falls with remoteness.

    Args:
        rng: generator.
        residents: shape (n_zones,) [persons].
        remoteness: 0 in the core, 1 at the edge of the built-up city, shape (n_zones,).
        standard_m2: per 1,000 persons, shape (n_categories,) [m2].
        recipe: levels and spread.

    Returns:
        shape (n_zones, n_categories) [m2].
    """
    n = residents.size
    falling = 1.0 - (1.0 - recipe.fringe_factor) * np.clip(remoteness, 0.0, 1.0)
    noise = spread_log_normal(rng, recipe.log_sd, n * standard_m2.size).reshape(n, -1)
    level = np.clip(falling[:, None] * np.array(recipe.level)[None] * noise, *recipe.bounds)
    return np.round(residents[:, None] / 1000.0 * standard_m2[None] * level)


def village_supply_m2(
    rng: np.random.Generator, residents: FloatArray, standard_m2: FloatArray, recipe: ServiceRecipe
) -> FloatArray:
    """Supply inside villages, far below the standard and often none; shape (n_villages, n_categories) [m2]."""
    shape = (residents.size, standard_m2.size)
    level = rng.uniform(*recipe.village_bounds, shape)
    has = rng.random(shape) < np.array(recipe.village_has)
    return np.round(residents[:, None] / 1000.0 * standard_m2[None] * level * has)


def split_in_two(rng: np.random.Generator, supply_m2: FloatArray, two_sites: BoolArray) -> FloatArray:
    """Supply of the two halves of each zone, nearly equal; all of it in a random half where there is one site.

    Args:
        rng: generator.
        supply_m2: shape (n_zones, n_categories) [m2].
        two_sites: zones with two sites, shape (n_zones,).

    Returns:
        shape (2 n_zones, n_categories), the halves of a zone next to each other [m2].
    """
    share = np.where(two_sites[:, None], rng.uniform(0.45, 0.55, supply_m2.shape), rng.integers(0, 2, supply_m2.shape))
    first = np.round(supply_m2 * share)
    return np.stack([first, supply_m2 - first], axis=1).reshape(-1, supply_m2.shape[1])


def points_within(
    rng: np.random.Generator, areas: GeometryArray, keep_clear: GeometryArray, owner: IntArray, rounds: int = 200
) -> FloatArray:
    """Random points, whole meters, each in its area and in none of those to keep clear of.

    Args:
        rng: generator.
        areas: polygons.
        keep_clear: polygons.
        owner: area of each point, shape (n_points,).
        rounds: draws after which a point that found no place takes the representative point of the free land.

    Returns:
        shape (n_points, 2) [m].
    """
    bounds = shapely.bounds(areas)[owner]
    tree = shapely.STRtree(keep_clear)
    xy = np.zeros((owner.size, 2))
    open_idx = np.arange(owner.size)
    for _ in range(rounds):
        draw = rng.random((open_idx.size, 2))
        xy[open_idx] = np.round(bounds[open_idx, :2] + draw * (bounds[open_idx, 2:] - bounds[open_idx, :2]))
        points = shapely.points(xy[open_idx])
        missed = ~shapely.contains_properly(areas[owner[open_idx]], points)
        missed[tree.query(points, predicate="intersects")[0]] = True
        open_idx = open_idx[missed]
        if open_idx.size == 0:
            return xy
    inside = tree.query(areas[owner[open_idx]], predicate="intersects")
    for position, point_idx in enumerate(open_idx):
        free = areas[owner[point_idx]].difference(shapely.union_all(keep_clear[inside[1][inside[0] == position]]))
        xy[point_idx] = shapely.get_coordinates(free.representative_point())[0]
    return xy


def facility_layer(
    rng: np.random.Generator,
    zones: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    *,
    remoteness: FloatArray,
    standard_m2: FloatArray,
    recipe: ServiceRecipe,
) -> gpd.GeoDataFrame:
    """Facilities: one or two per zone and category, at most one per village and category.

    Two stand in the two halves of the zone: real facilities are spread over a zone, and all of them at one point would
    make the measured accessibility depend on how zones are drawn. The halves are those of `halve_zones`, so that
    halving shows the bias of the averaged decay, not that of lumped facilities, which appears when halving twice.

    Args:
        rng: generator.
        zones: with residents.
        villages: with registered_residents and tenants.
        remoteness: of each zone, see zone_supply_m2.
        standard_m2: per 1,000 persons, shape (n_categories,) [m2].
        recipe: levels.

    Returns:
        Columns facility_id, category, supply_m2, geometry.
    """
    people = (villages["registered_residents"] + villages["tenants"]).to_numpy(float)
    in_zones = zone_supply_m2(rng, zones["residents"].to_numpy(float), remoteness, standard_m2, recipe)
    in_villages = village_supply_m2(rng, people, standard_m2, recipe)
    halves = np.concatenate([halves_of(zone) for zone in zones.geometry])
    in_halves = split_in_two(rng, in_zones, in_zones.sum(axis=1) >= recipe.two_sites_m2)
    half_idx, half_category = np.nonzero(in_halves)
    village_idx, village_category = np.nonzero(in_villages)
    village_shapes = villages.geometry.to_numpy()
    xy = np.concatenate(
        [
            points_within(rng, halves, village_shapes, half_idx),
            points_within(rng, village_shapes, village_shapes[:0], village_idx),
        ]
    )
    category = np.concatenate([half_category, village_category])
    return gpd.GeoDataFrame(
        {
            "facility_id": [f"F{i + 1:05d}" for i in range(category.size)],
            "category": np.array(CATEGORIES)[category],
            "supply_m2": np.concatenate(
                [in_halves[half_idx, half_category], in_villages[village_idx, village_category]]
            ),
        },
        geometry=shapely.points(xy),
        crs=zones.crs,
    )


def stations_along(waypoints_km: FloatArray, spacing_km: float) -> FloatArray:
    """Points at about equal spacing along a line, both ends included; shape (n_stations, 2) [km]."""
    leg_km = np.hypot(*np.diff(waypoints_km, axis=0).T)
    along_km = np.append(0.0, np.cumsum(leg_km))
    n_stations = max(2, round(along_km[-1] / spacing_km) + 1)
    at_km = np.linspace(0.0, along_km[-1], n_stations)
    return np.column_stack([np.interp(at_km, along_km, waypoints_km[:, axis]) for axis in (0, 1)])


def station_layer(lines: dict[str, FloatArray], crs: str, merge_m: float = 400.0) -> gpd.GeoDataFrame:
    """Stations of named lines; stations of different lines closer than merge_m are one.

    Args:
        lines: name -> stations, shape (n, 2) [km].
        crs: projected reference system.
        merge_m: interchange distance [m].

    Returns:
        Columns station_id, name, geometry.
    """
    kept: list[tuple[str, FloatArray]] = []
    for line, stations_km in lines.items():
        for number, point_m in enumerate(np.round(stations_km * 1000.0), start=1):
            if all(np.hypot(*(point_m - other)) > merge_m for _, other in kept):
                kept.append((f"{line} {number:02d}", point_m))
    return gpd.GeoDataFrame(
        {"station_id": [f"S{i + 1:04d}" for i in range(len(kept))], "name": [name for name, _ in kept]},
        geometry=shapely.points(np.array([point for _, point in kept]).reshape(-1, 2)),
        crs=crs,
    )
