"""Synthetic cities of any size: a center, sub-centers, and villages in the fringe. Same seed, same city."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from data.arrays import FloatArray, IntArray
from data.catalogue import message
from data.city import CATEGORIES, UTM_50N, City
from data.errors import refuse
from data.layers.assembly import assemble_city
from data.parameter_book import Book, load_book
from data.synthesis.facilities import ServiceRecipe, facility_layer, station_layer, stations_along
from data.synthesis.villages import (
    Slots,
    VillageRecipe,
    draw_buildings,
    draw_people,
    draw_rules_and_prices,
    slots_in_cells,
)
from data.synthesis.zones import (
    Centers,
    apportion,
    boxes,
    disc_of_cells,
    draw_sub_centers,
    price_at,
    sector_of,
    spread_log_normal,
    square_cells,
)

VILLAGE_LIMITS = (2, 20_000)
ZONE_LIMITS = (9, 20_000)
COMPASS = ("North", "Northeast", "East", "Southeast", "South", "Southwest", "West", "Northwest")


@dataclass(frozen=True)
class CityRecipe:
    """What a synthetic city looks like as a whole (estimates, of Beijing's order)."""

    origin_m: tuple[float, float] = (700_000.0, 4_280_000.0)  # in the Bohai Sea: no real place is meant
    zones_per_village: float = 0.4
    zone_least_km: float = 2.0
    slot_least_km: float = 0.7
    slots_used_share: float = 0.75
    fringe_from: float = 0.35  # share of the radius within which there are no villages
    residents_per_village: float = 16_000.0  # Beijing: 18.5 million residents of zones, 1,142 villages
    residents_per_zone_least: float = 12_000.0
    residents_log_sd: float = 0.25
    jobs_per_person: float = 0.6  # Beijing: 13.1 million jobs, 21.9 million residents
    jobs_local_share: float = 0.25  # of the jobs, spread like residents
    jobs_log_sd: float = 0.5
    housing_per_person_m2: float = 35.0
    housing_log_sd: float = 0.05
    vacant_log_sd: float = 0.25
    sale_price_center: float = 86_500.0  # exp(11.40) x 0.97, the book's regression at the center
    sale_price_gradient_per_km: float = -0.032  # the same regression
    sale_price_least: float = 8_000.0
    rent_center: float = 125.0
    rent_gradient_per_km: float = -0.028
    rent_least: float = 15.0
    price_log_sd: float = 0.08
    far_limit: tuple[float, float] = (2.5, 1.5)  # at the inner and outer edge of the fringe
    station_spacing_km: float = 1.8
    radius_usual_km: float = 25.0  # in larger cities the tenant ratio falls with the share of the radius instead


NOTES: dict[str, str] = {
    "zones": "synthetic: drawn from a seed, no real place is described",
    "villages": "synthetic: drawn from a seed, no real village is described",
    "facilities": "synthetic: the standard times a drawn shortage",
    "stations": "synthetic: radial and ring lines",
}


def _check(name: str, value: int, limits: tuple[int, int]) -> None:
    if not limits[0] <= value <= limits[1]:
        low, high = limits
        raise refuse("synthetic_size", name=name, low=low, high=high, found=value, layer=message("synthetic_city"))


def _zone_layer(
    rng: np.random.Generator,
    bounds_m: FloatArray,
    centers: Centers,
    *,
    n_villages: int,
    recipe: CityRecipe,
    book: Book,
) -> gpd.GeoDataFrame:
    """Zones with people, jobs, housing and prices; x_km and y_km are relative to the center (dropped later)."""
    n = len(bounds_m)
    x_km, y_km = ((bounds_m[:, axis] + bounds_m[:, axis + 2]) / 2e3 - recipe.origin_m[axis] / 1e3 for axis in (0, 1))
    distance_km = np.hypot(x_km, y_km)
    density = centers.field(x_km, y_km) * spread_log_normal(rng, recipe.residents_log_sd, n)
    housing_m2 = recipe.housing_per_person_m2 * spread_log_normal(rng, recipe.housing_log_sd, n)
    total = max(recipe.residents_per_village * n_villages, recipe.residents_per_zone_least * n)
    residents = apportion(density, round(total))
    narrow = Centers(centers.x_km, centers.y_km, centers.spread_km / 2.0, centers.weight * 2.0)
    clustered = narrow.field(x_km, y_km) * spread_log_normal(rng, recipe.jobs_log_sd, n)
    local = recipe.jobs_local_share
    jobs = local * residents / residents.sum() + (1.0 - local) * clustered / clustered.sum()
    price = price_at(distance_km, recipe.sale_price_center, recipe.sale_price_gradient_per_km, recipe.sale_price_least)
    rent = price_at(distance_km, recipe.rent_center, recipe.rent_gradient_per_km, recipe.rent_least)
    noise = spread_log_normal(rng, recipe.price_log_sd, n)
    vacant = book.number("settle.vacancy") * spread_log_normal(rng, recipe.vacant_log_sd, n)
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"Z{i + 1:05d}" for i in range(n)],
            "name": [f"Zone {i + 1}" for i in range(n)],
            "district": _district_names(x_km, y_km),
            "residents": residents,
            "jobs": apportion(jobs, round(recipe.jobs_per_person * residents.sum())),
            "housing_floor_area_m2": np.round(housing_m2 * residents),
            "vacant_share": np.round(np.clip(vacant, 0.02, 0.4), 3),
            "sale_price_cny_per_m2": np.round(price * noise, -1),
            "rent_cny_per_m2_month": np.round(rent * noise, 1),
            "x_km": x_km,
            "y_km": y_km,
        },
        geometry=boxes(bounds_m),
        crs=UTM_50N,
    )


def _district_names(x_km: FloatArray, y_km: FloatArray) -> list[str]:
    """A central district and compass sectors around it: 2, 4 or 8, by the number of zones."""
    n_sectors = 2 if x_km.size < 40 else 4 if x_km.size < 200 else 8
    distance_km = np.hypot(x_km, y_km)
    sector = sector_of(x_km, y_km, n_sectors) * (8 // n_sectors)
    central = distance_km <= 0.35 * distance_km.max()
    return ["Center" if inside else COMPASS[i] for inside, i in zip(central, sector, strict=True)]


def _layout(n_villages: int, n_zones: int, recipe: CityRecipe) -> tuple[FloatArray, IntArray, int]:
    """Bounds of the zones, the zones of the fringe, and how many slots a side each of those has."""
    cells = disc_of_cells(n_zones)
    away = np.hypot(*cells.T)
    fringe = np.flatnonzero(away >= recipe.fringe_from * away.max())
    per_side = int(np.ceil(np.sqrt(n_villages / (recipe.slots_used_share * fringe.size))))
    side_km = max(recipe.zone_least_km, recipe.slot_least_km * per_side)
    return square_cells(cells, side_km * 1000.0, recipe.origin_m), fringe, per_side


def _towns(x_km: FloatArray, y_km: FloatArray, block_km: float) -> list[str]:
    """Towns are square blocks, numbered from the south-west."""
    block = np.column_stack([np.floor(y_km / block_km), np.floor(x_km / block_km)])
    _, number = np.unique(block, axis=0, return_inverse=True)
    return [f"Town {i + 1:02d}" for i in number.ravel()]


def _names_within(towns: list[str]) -> list[str]:
    """Name and running number within the town, for example "Town 03-07"."""
    seen: dict[str, int] = {}
    names = []
    for town in towns:
        seen[town] = seen.get(town, 0) + 1
        names.append(f"{town}-{seen[town]:02d}")
    return names


def _village_layer(
    rng: np.random.Generator,
    zones: gpd.GeoDataFrame,
    layout: tuple[FloatArray, IntArray, int],
    n_villages: int,
    recipe: CityRecipe,
) -> gpd.GeoDataFrame:
    """Villages on randomly chosen slots of the fringe."""
    bounds_m, fringe, per_side = layout
    slot_m = slots_in_cells(bounds_m[fringe], per_side).reshape(-1, 2)
    chosen = np.sort(rng.choice(len(slot_m), n_villages, replace=False))
    zone_idx = fringe[chosen // per_side**2]
    x_km, y_km = (slot_m[chosen] / 1e3 - np.array(recipe.origin_m) / 1e3).T
    distance_km = np.hypot(x_km, y_km)
    slots = Slots(slot_m[chosen, 0], slot_m[chosen, 1], float(bounds_m[0, 2] - bounds_m[0, 0]) / per_side)
    village = VillageRecipe()
    usual_km = distance_km * min(1.0, recipe.radius_usual_km / distance_km.max())
    registered, tenants = draw_people(rng, usual_km, village)
    frame = draw_buildings(rng, slots, registered, tenants, village).set_crs(UTM_50N)
    reach = distance_km / distance_km.max()
    far_limit = np.round(np.interp(reach, [recipe.fringe_from, 1.0], recipe.far_limit), 1)
    zone_price = zones["sale_price_cny_per_m2"].to_numpy(float)[zone_idx]
    towns = _towns(x_km, y_km, block_km=4.0 * (bounds_m[0, 2] - bounds_m[0, 0]) / 1e3)
    return frame.assign(
        village_id=[f"V{i + 1:05d}" for i in range(n_villages)],
        name=_names_within(towns),
        town=towns,
        district=zones["district"].to_numpy()[zone_idx],
        **draw_rules_and_prices(rng, zone_price, distance_km, far_limit, village),
    )


def _station_layer(radius_km: float, recipe: CityRecipe) -> gpd.GeoDataFrame:
    """Radial lines through the center and one or two rings."""
    n_lines = int(np.clip(round(radius_km / 4.0), 2, 8))
    origin_km = np.array(recipe.origin_m) / 1e3
    lines = {}
    for number, turn in enumerate(np.arange(n_lines) * np.pi / n_lines, start=1):
        reach = 0.9 * radius_km * np.array([np.cos(turn), np.sin(turn)])
        lines[f"Line {number}"] = origin_km + stations_along(np.stack([-reach, reach]), recipe.station_spacing_km)
    for name, share in (("Ring 1", 0.25), ("Ring 2", 0.55))[: 1 + (radius_km > 8.0)]:
        turn = np.linspace(0.0, 2.0 * np.pi, 49)
        circle = share * radius_km * np.column_stack([np.cos(turn), np.sin(turn)])
        lines[name] = origin_km + stations_along(circle, recipe.station_spacing_km)
    return station_layer(lines, UTM_50N)


def standards_m2(book: Book) -> FloatArray:
    """Standard supply per 1,000 persons in the order of CATEGORIES; shape (n_categories,) [m2]."""
    return np.array([book.number(f"std.{category}") for category in CATEGORIES])


def synthesize_city(
    n_villages: int, seed: int, *, n_zones: int | None = None, name: str | None = None, book: Book | None = None
) -> City:
    """Draw a city with a center, sub-centers and villages in its fringe.

    Args:
        n_villages: 2..20,000.
        seed: of a numpy Generator; the same seed gives the same digest.
        n_zones: 9..20,000; by default 0.4 x n_villages, at least 9.
        name: short name; by default from n_villages and seed.
        book: standards and vacancy; by default the shipped book.

    Returns:
        The city, every layer of it marked as synthetic.

    Raises:
        InputError: a number is out of range.
    """
    recipe, book = CityRecipe(), book or load_book()
    if n_zones is None:
        n_zones = max(ZONE_LIMITS[0], round(recipe.zones_per_village * n_villages))
    _check("n_villages", n_villages, VILLAGE_LIMITS)
    _check("n_zones", n_zones, ZONE_LIMITS)
    if seed < 0:
        raise refuse("seed_negative", found=seed, layer=message("synthetic_city"))
    rng = np.random.default_rng(seed)
    layout = _layout(n_villages, n_zones, recipe)
    radius_km = float(np.sqrt(n_zones / np.pi) * (layout[0][0, 2] - layout[0][0, 0]) / 1e3)
    centers = draw_sub_centers(rng, radius_km, int(np.clip(round(radius_km / 4.0), 1, 8)))
    zones = _zone_layer(rng, layout[0], centers, n_villages=n_villages, recipe=recipe, book=book)
    villages = _village_layer(rng, zones, layout, n_villages, recipe)
    remoteness = np.hypot(zones["x_km"], zones["y_km"]).to_numpy() / radius_km
    facilities = facility_layer(
        rng, zones, villages, remoteness=remoteness, standard_m2=standards_m2(book), recipe=ServiceRecipe()
    )
    return assemble_city(
        name or f"synthetic-{n_villages}-{seed}",
        UTM_50N,
        [district for district in ("Center", *COMPASS) if (zones["district"] == district).any()],
        zones=zones.drop(columns=["x_km", "y_km"]),
        villages=villages,
        facilities=facilities,
        stations=_station_layer(radius_km, recipe),
        synthetic=NOTES,
    )
