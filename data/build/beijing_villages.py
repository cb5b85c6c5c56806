"""Beijing's synthetic villages: placed near real towns of the fringe, numbered under them, with exact totals."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from data.arrays import FloatArray, IntArray, TextArray
from data.build.beijing_sources import DISTRICTS, Towns, center_m, committees_by_town, facts, layout, project_m
from data.build.beijing_zones import SAMPLE_M, Samples
from data.city import UTM_50N
from data.synthesis.villages import Slots, VillageRecipe, draw_buildings, draw_people, draw_rules_and_prices

SLOT_M = 2.0 * SAMPLE_M
REACH_KM = (6.5, 37.0)  # distance from Tiananmen within which villages are placed
TOWN_REACH_KM = 3.0  # they gather around towns
RING_KM = (16.0, 9.0)  # mean and standard deviation of their distance from Tiananmen, before towns and density
DENSITY_SCALE = 7000.0  # fewer of them where the city is built up already [persons per km2]
RING_ROADS_KM = {"4th": 8.5, "5th": 13.5, "6th": 25.0}  # mean radius of the ring roads
NEW_TOWN_REACH_KM = 6.0
GREEN_BELT_SHARE = 0.2  # of the villages between the 4th and 6th ring road


@dataclass(frozen=True)
class Sites:
    """Chosen slots, ordered by district, town and position.

    Attributes:
        slots: where.
        zone_idx: zone that holds the slot, shape (n,).
        district: shape (n,).
        town: shape (n,).
        distance_km: from Tiananmen, shape (n,).
    """

    slots: Slots
    zone_idx: IntArray
    district: TextArray
    town: TextArray
    distance_km: FloatArray


def free_slots(samples: Samples, zones: gpd.GeoDataFrame) -> tuple[FloatArray, IntArray]:
    """Centers of the lattice patches that lie within one zone and within reach, and their zone."""
    raster = samples.raster
    n_rows, n_columns = raster.residents.shape[0] // 2, raster.residents.shape[1] // 2
    row, column = (axis.ravel() for axis in np.mgrid[0:n_rows, 0:n_columns])
    xy_m = np.column_stack([raster.west_m + (column + 0.5) * SLOT_M, raster.south_m + (row + 0.5) * SLOT_M])
    distance_km = np.hypot(*(xy_m - center_m()).T) / 1000.0
    xy_m = xy_m[(distance_km > REACH_KM[0]) & (distance_km < REACH_KM[1])]
    half = 0.5 * SLOT_M - 10.0
    patch = shapely.box(xy_m[:, 0] - half, xy_m[:, 1] - half, xy_m[:, 0] + half, xy_m[:, 1] + half)
    patch_idx, zone_idx = shapely.STRtree(zones.geometry.to_numpy()).query(patch, predicate="within")
    return xy_m[patch_idx], zone_idx


def choose_sites(rng: np.random.Generator, samples: Samples, zones: gpd.GeoDataFrame, towns: Towns) -> Sites:
    """Draw each district's villages among its free slots, around towns with villages, at most as many as they have.

    A slot belongs to the nearest town point of its district; where that is a subdistrict without villages, none stands.
    """
    xy_m, zone_idx = free_slots(samples, zones)
    district_idx = np.array([DISTRICTS.index(name) for name in zones["district"]])[zone_idx]
    distance_km = np.hypot(*(xy_m - center_m()).T) / 1000.0
    likely = np.exp(-0.5 * ((distance_km - RING_KM[0]) / RING_KM[1]) ** 2)
    likely *= np.exp(-density_per_km2(samples, xy_m) / DENSITY_SCALE)
    chosen, town_idx = [], np.zeros(len(xy_m), dtype=np.int64)
    for name, n_villages in layout()["villages"].items():
        here = np.flatnonzero(district_idx == DISTRICTS.index(name))
        towns_here = np.flatnonzero(towns.district_idx == DISTRICTS.index(name))
        away_m, nearest = cKDTree(towns.xy_m[towns_here]).query(xy_m[here])
        town_idx[here] = towns_here[nearest]
        weight = likely[here] * (np.exp(-0.5 * (away_m / 1000.0 / TOWN_REACH_KM) ** 2) + 0.02)
        listed = towns.committees[towns_here]  # those of towns without a point fall to the others
        most = np.ceil(listed * sum(committees_by_town()[name].values()) / listed.sum())
        chosen.append(here[draw_below(rng, weight, nearest, most, n_villages)])
    picked = np.concatenate(chosen)
    town = towns.name[town_idx[picked]]
    order = np.lexsort((xy_m[picked, 0], -xy_m[picked, 1], town, district_idx[picked]))
    picked, town = picked[order], town[order]
    slots = Slots(xy_m[picked, 0], xy_m[picked, 1], SLOT_M)
    return Sites(slots, zone_idx[picked], np.array(DISTRICTS)[district_idx[picked]], town, distance_km[picked])


def density_per_km2(samples: Samples, xy_m: FloatArray) -> FloatArray:
    """Sketched residents per km2 of the lattice patches with these centers; shape (n,)."""
    raster = samples.raster
    column, row = np.floor((xy_m - [raster.west_m, raster.south_m]) / SLOT_M).astype(np.int64).T
    patches = raster.residents.reshape(raster.residents.shape[0] // 2, 2, -1, 2).sum(axis=(1, 3))
    return np.asarray(patches[row, column] / (SLOT_M / 1000.0) ** 2)


def draw_below(rng: np.random.Generator, weight: FloatArray, group: IntArray, most: FloatArray, n: int) -> IntArray:
    """Draw n entries without replacement, in proportion to weights, at most `most` of each group.

    Args:
        rng: generator.
        weight: shape (n_entries,).
        group: of each entry, shape (n_entries,).
        most: entries of each group, shape (n_groups,).
        n: how many.

    Returns:
        Indices, shape (n,).

    Raises:
        ValueError: there are not so many.
    """
    order = np.argsort(-np.log(weight) - rng.gumbel(size=weight.size), kind="stable")  # Gumbel's trick
    by_group = order[np.argsort(group[order], kind="stable")]
    first = np.searchsorted(group[by_group], np.arange(most.size))
    rank = np.zeros(weight.size)
    rank[by_group] = np.arange(weight.size) - first[group[by_group]]
    allowed = order[rank[order] < most[group[order]]]
    if allowed.size < n:
        raise ValueError(f"only {allowed.size} of {n} villages find a place")
    return allowed[:n]


def far_limits(rng: np.random.Generator, sites: Sites) -> FloatArray:
    """Floor area ratio limit by ring road; less in the green belt and outside the new towns; shape (n,)."""
    far = {name: facts().number(f"far.max.{name}") for name in ("2nd-4th", "4th-5th", "5th-6th")}
    rings = list(RING_ROADS_KM.values())
    limit = np.array([*far.values(), facts().number("far.max.green_belt_villages")])
    limit = limit[np.searchsorted(rings, sites.distance_km)]
    new_towns_m = project_m(np.array(list(layout()["new_towns"].values())))
    away_km = cKDTree(new_towns_m).query(np.column_stack([sites.slots.x_m, sites.slots.y_m]))[0] / 1000.0
    limit[(sites.distance_km > rings[2]) & (away_km < NEW_TOWN_REACH_KM)] = facts().number("far.max.new_towns")
    in_belt = (sites.distance_km > rings[0]) & (sites.distance_km <= rings[2])
    limit[in_belt & (rng.random(limit.size) < GREEN_BELT_SHARE)] = facts().number("far.max.green_belt_villages")
    return limit


def village_people(rng: np.random.Generator, sites: Sites, recipe: VillageRecipe) -> tuple[FloatArray, FloatArray]:
    """Registered residents and tenants with the published totals."""
    totals = {name: round(facts().number(f"uv.fringe_{name}")) for name in ("registered", "floating")}
    return draw_people(rng, sites.distance_km, recipe, totals["registered"], totals["floating"])


def village_frame(
    rng: np.random.Generator, sites: Sites, people: tuple[FloatArray, FloatArray], zone_price: FloatArray
) -> gpd.GeoDataFrame:
    """All columns of the villages.

    Args:
        rng: generator.
        sites: where.
        people: registered residents and tenants, shape (n,) each.
        zone_price: sale price of the zone of each village, shape (n,) [CNY/m2].

    Returns:
        The layer.
    """
    recipe = VillageRecipe()
    registered, tenants = people
    number = np.array([int((sites.town[:i] == town).sum()) + 1 for i, town in enumerate(sites.town)])
    return (
        draw_buildings(rng, sites.slots, registered, tenants, recipe)
        .set_crs(UTM_50N)
        .assign(
            village_id=[f"V{i + 1:04d}" for i in range(len(sites.town))],
            name=[f"{town} {n:02d}" for town, n in zip(sites.town, number, strict=True)],
            town=sites.town,
            district=sites.district,
            **draw_rules_and_prices(rng, zone_price, sites.distance_km, far_limits(rng, sites), recipe),
        )
    )
