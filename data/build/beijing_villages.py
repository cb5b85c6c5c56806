"""Beijing's synthetic villages: placed near real towns of the fringe, numbered under them, with exact totals."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from data.arrays import FloatArray, IntArray, TextArray
from data.build.beijing_sources import DISTRICTS, Towns, center_m, centers_of, facts, layout
from data.build.beijing_zones import SAMPLE_M, Samples, sketched_density
from data.city import UTM_50N
from data.synthesis.villages import Slots, VillageRecipe, draw_buildings, draw_people, draw_rules_and_prices

SLOT_M = 2.0 * SAMPLE_M
REACH_KM = (6.5, 37.0)  # distance from Tiananmen within which villages are placed
TOWN_KM = (5.0, 40.0)  # distance from Tiananmen of the towns that give villages their names
TOWN_REACH_KM = 3.0  # they gather around towns
RING_KM = (16.0, 9.0)  # mean and standard deviation of their distance from Tiananmen, before towns and density
DENSITY_SCALE = 7000.0  # fewer of them where the city is built up already [persons per km2]
RING_ROADS_KM = {"4th": 8.5, "5th": 13.5, "6th": 25.0}  # mean radius of the ring roads
NEW_TOWN_REACH_KM = 6.0
NEW_TOWNS = ("changping", "tongzhou", "yizhuang", "huangcun", "liangxiang", "shunyi", "mentougou")
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
    """Draw each district's villages among its free slots."""
    xy_m, zone_idx = free_slots(samples, zones)
    district = zones["district"].to_numpy(dtype=str)[zone_idx]
    town_km = np.hypot(*(towns.xy_m - center_m()).T) / 1000.0
    town_district = np.where((town_km > TOWN_KM[0]) & (town_km < TOWN_KM[1]), _districts_of(towns, zones), "")
    distance_km = np.hypot(*(xy_m - center_m()).T) / 1000.0
    likely = np.exp(-0.5 * ((distance_km - RING_KM[0]) / RING_KM[1]) ** 2)
    likely *= np.exp(-sketched_density(xy_m, towns) / DENSITY_SCALE)
    chosen, town_idx = [], np.zeros(len(xy_m), dtype=np.int64)
    for name, n_villages in layout()["villages"].items():
        in_district, town_of_district = np.flatnonzero(district == name), np.flatnonzero(town_district == name)
        away_km = (
            shapely.distance(
                shapely.points(xy_m[in_district])[:, None], shapely.points(towns.xy_m[town_of_district])[None, :]
            )
            / 1000.0
        )
        town_idx[in_district] = town_of_district[away_km.argmin(axis=1)]
        weight = likely[in_district] * (np.exp(-0.5 * (away_km.min(axis=1) / TOWN_REACH_KM) ** 2) + 0.02)
        chosen.append(rng.choice(in_district, n_villages, replace=False, p=weight / weight.sum()))
    picked = np.concatenate(chosen)
    rank = np.array([DISTRICTS.index(name) for name in district[picked]])
    picked = picked[np.lexsort((xy_m[picked, 0], -xy_m[picked, 1], towns.name[town_idx[picked]], rank))]
    slots = Slots(xy_m[picked, 0], xy_m[picked, 1], SLOT_M)
    return Sites(slots, zone_idx[picked], district[picked], towns.name[town_idx[picked]], distance_km[picked])


def _districts_of(towns: Towns, zones: gpd.GeoDataFrame) -> TextArray:
    nearest = shapely.STRtree(zones.geometry.to_numpy()).nearest(shapely.points(towns.xy_m))
    return zones["district"].to_numpy(dtype=str)[nearest]


def far_limits(rng: np.random.Generator, sites: Sites) -> FloatArray:
    """Floor area ratio limit by ring road; less in the green belt and outside the new towns; shape (n,)."""
    far = {name: facts().number(f"far.max.{name}") for name in ("2nd-4th", "4th-5th", "5th-6th")}
    rings = list(RING_ROADS_KM.values())
    limit = np.array([*far.values(), facts().number("far.max.green_belt_villages")])
    limit = limit[np.searchsorted(rings, sites.distance_km)]
    new_towns = centers_of({name: layout()["density"][name] for name in NEW_TOWNS})
    away_km = np.hypot(
        sites.slots.x_m[:, None] / 1000.0 - new_towns.x_km, sites.slots.y_m[:, None] / 1000.0 - new_towns.y_km
    ).min(axis=1)
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
