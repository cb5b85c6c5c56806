"""Villages of a synthetic city: people, buildings and sites with the spread that Beijing's fringe villages show."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from data.arrays import FloatArray, GeometryArray, TextArray
from data.synthesis.zones import apportion, spread_log_normal


@dataclass(frozen=True)
class VillageRecipe:
    """What a synthetic village looks like (means from the village facts of the parameter book; spreads estimated)."""

    registered_mean: float = 560.0  # persons; 620,000 in about 1,100 villages (Caixin 2010)
    registered_log_sd: float = 0.45
    registered_least: float = 150.0
    registered_most: float = 2200.0
    tenant_ratio: float = 4.5  # tenants per registered resident (uv.fringe_*)
    tenant_log_sd: float = 0.45
    tenant_decay_km: float = 18.0  # the ratio falls by a factor e over this distance from the center
    floor_per_registered_m2: float = 110.0  # uv.floor_per_registered
    floor_per_tenant_m2: float = 8.0  # uv.floor_per_migrant
    floor_log_sd: float = 0.12
    existing_far: tuple[float, float] = (0.7, 1.45)  # uv.far_existing
    site_least_m2: float = 40_000.0  # uv.built_area_ha
    site_most_m2: float = 400_000.0
    legal_share: tuple[float, float] = (0.35, 0.75)
    jobs_per_person: float = 0.1
    jobs_log_sd: float = 0.6
    rental_only_share: float = 0.08
    protected_share: float = 0.03
    price_discount: tuple[float, float] = (0.85, 1.0)  # village price over zone price
    room_rent: tuple[float, float] = (30.0, 70.0)  # CNY/m2/month, range of rent.village_room
    room_rent_center: float = 65.0
    room_rent_decay_km: float = 50.0


@dataclass(frozen=True)
class Slots:
    """Square patches of land, one village at most on each.

    Attributes:
        x_m: center, shape (n,) [m].
        y_m: center, shape (n,) [m].
        side_m: side of the patch [m].
    """

    x_m: FloatArray
    y_m: FloatArray
    side_m: float


def slots_in_cells(bounds_m: FloatArray, per_side: int) -> FloatArray:
    """Centers of a per_side x per_side lattice of patches in square cells.

    Args:
        bounds_m: xmin ymin xmax ymax of the cells, shape (n, 4) [m].
        per_side: patches along one side.

    Returns:
        shape (n, per_side**2, 2) [m].
    """
    step = (np.arange(per_side) + 0.5) / per_side
    column, row = (axis.ravel() for axis in np.meshgrid(step, step))
    side = bounds_m[:, 2:] - bounds_m[:, :2]
    return bounds_m[:, None, :2] + side[:, None, :] * np.stack([column, row], axis=-1)[None]


def draw_people(
    rng: np.random.Generator,
    distance_km: FloatArray,
    recipe: VillageRecipe,
    registered_total: int | None = None,
    tenants_total: int | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Registered residents and tenants; the tenant ratio falls with distance.

    Args:
        rng: generator.
        distance_km: distance of each village from the center, shape (n,) [km].
        recipe: means and spreads.
        registered_total: exact sum; by default the drawn one.
        tenants_total: exact sum; by default tenant_ratio x the registered residents.

    Returns:
        Two arrays of whole numbers, shape (n,) [persons].
    """
    n = distance_km.size
    drawn = recipe.registered_mean * spread_log_normal(rng, recipe.registered_log_sd, n)
    drawn = np.clip(drawn, recipe.registered_least, recipe.registered_most)
    registered = apportion(drawn, round(drawn.sum()) if registered_total is None else registered_total)
    ratio = spread_log_normal(rng, recipe.tenant_log_sd, n) * np.exp(-distance_km / recipe.tenant_decay_km)
    expected = round(recipe.tenant_ratio * registered.sum())
    return registered, apportion(registered * ratio, expected if tenants_total is None else tenants_total)


def square_sites(
    rng: np.random.Generator, slots: Slots, site_area_m2: FloatArray, margin_m: float = 20.0
) -> GeometryArray:
    """Slightly turned rectangles, each within its slot; coordinates to 0.1 m.

    Args:
        rng: generator.
        slots: where the villages are.
        site_area_m2: wanted area, shape (n,); reduced where the slot is too small [m2].
        margin_m: kept free along the border of the slot [m].

    Returns:
        Polygons, shape (n,).
    """
    n = site_area_m2.size
    turn = rng.uniform(-0.25, 0.25, n)
    stretch = np.sqrt(rng.uniform(0.8, 1.25, n))
    width, height = np.cos(turn) * stretch, np.sin(np.abs(turn)) / stretch
    reach = np.maximum(width + height, np.sin(np.abs(turn)) * stretch + np.cos(turn) / stretch)  # of a unit square
    side = np.minimum(np.sqrt(site_area_m2), (slots.side_m - 2.0 * margin_m) / reach)
    room = 0.5 * (slots.side_m - 2.0 * margin_m - side * reach)
    center = np.column_stack([slots.x_m, slots.y_m]) + rng.uniform(-1.0, 1.0, (n, 2)) * room[:, None]
    corner = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    local = corner[None] * np.stack([side * stretch, side / stretch], axis=-1)[:, None, :]
    axis = np.stack([np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn)], axis=-1).reshape(n, 2, 2)
    return np.asarray(shapely.polygons(np.round(center[:, None, :] + local @ axis, 1)))


def draw_buildings(
    rng: np.random.Generator, slots: Slots, registered: FloatArray, tenants: FloatArray, recipe: VillageRecipe
) -> gpd.GeoDataFrame:
    """Existing floor area from people, and the site that its floor area ratio asks for.

    Returns:
        site_area_m2, gross_floor_area_m2, legal_share, registered_residents, tenants, jobs, geometry.
    """
    n = registered.size
    floor_m2 = recipe.floor_per_registered_m2 * registered * spread_log_normal(rng, recipe.floor_log_sd, n)
    floor_m2 = np.round(
        floor_m2 + recipe.floor_per_tenant_m2 * tenants * spread_log_normal(rng, recipe.floor_log_sd, n)
    )
    wanted_m2 = np.clip(floor_m2 / rng.uniform(*recipe.existing_far, n), recipe.site_least_m2, recipe.site_most_m2)
    polygons = square_sites(rng, slots, wanted_m2)
    jobs = recipe.jobs_per_person * (registered + tenants) * spread_log_normal(rng, recipe.jobs_log_sd, n)
    return gpd.GeoDataFrame(
        {
            "site_area_m2": np.floor(shapely.area(polygons)),
            "gross_floor_area_m2": floor_m2,
            "legal_share": np.round(rng.uniform(*recipe.legal_share, n), 2),
            "registered_residents": registered,
            "tenants": tenants,
            "jobs": np.round(jobs),
        },
        geometry=polygons,
    )


def draw_rules_and_prices(
    rng: np.random.Generator,
    zone_price: FloatArray,
    distance_km: FloatArray,
    far_limit: FloatArray,
    recipe: VillageRecipe,
) -> dict[str, FloatArray | TextArray]:
    """Planning limits, tenure and prices of villages.

    Args:
        rng: generator.
        zone_price: sale price of the zone of each village, shape (n,) [CNY/m2].
        distance_km: from the center, shape (n,) [km].
        far_limit: shape (n,).
        recipe: shares and ranges.

    Returns:
        Columns far_limit, tenure, rebuild_allowed, sale_price_cny_per_m2, rent_cny_per_m2_month.
    """
    n = zone_price.size
    room = recipe.room_rent_center * np.exp(-distance_km / recipe.room_rent_decay_km) * spread_log_normal(rng, 0.12, n)
    return {
        "far_limit": far_limit,
        "tenure": np.where(rng.random(n) < recipe.rental_only_share, "rental_only", "unrestricted"),
        "rebuild_allowed": rng.random(n) >= recipe.protected_share,
        "sale_price_cny_per_m2": np.round(zone_price * rng.uniform(*recipe.price_discount, n), -1),
        "rent_cny_per_m2_month": np.round(np.clip(room, *recipe.room_rent), 1),
    }
