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
    density_most_per_m2: float = 0.0595  # persons; 60,000 per km2 with what rounding takes from the site
    people_most: float = 11_000.0  # what the largest site in a slot holds at that density
    compactness: tuple[float, float] = (0.35, 0.5)  # 4 pi area / perimeter^2; villages traced in Beijing: 0.19 to 0.51
    outline_columns: int = 5
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
    """Registered residents and tenants; the tenant ratio falls with distance, and no village is larger than the most.

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
    most = recipe.people_most - registered
    total = min(expected, int(most.sum())) if tenants_total is None else tenants_total
    return registered, apportion(share_below(registered * ratio, total, most), total)


def share_below(weights: FloatArray, total: float, most: FloatArray) -> FloatArray:
    """Split a total in proportion to weights, but give nobody more than its most: what exceeds goes to the others.

    Args:
        weights: shape (n,).
        total: at most the sum of `most`.
        most: shape (n,).

    Returns:
        shape (n,), adding up to total.

    Example:
        >>> share_below(np.array([6.0, 2.0, 1.0]), 9.0, np.array([4.0, 4.0, 4.0]))
        array([4.        , 3.33333333, 1.66666667])
    """
    full = np.zeros(weights.size, dtype=bool)
    while True:
        open_share = weights * (total - most[full].sum()) / weights[~full].sum()
        share = np.where(full, most, open_share)
        if not (share > most).any():
            return share
        full |= share > most


def village_outlines(
    rng: np.random.Generator, slots: Slots, site_area_m2: FloatArray, recipe: VillageRecipe, margin_m: float = 20.0
) -> GeometryArray:
    """Slightly turned blocks with indented long sides, each within its slot; coordinates to 0.1 m.

    A block of columns, each shifted outwards and inwards by turns above and below: the shifts change the perimeter in
    proportion and the area not at all, so that every outline has the compactness drawn for it.

    Args:
        rng: generator.
        slots: where the villages are.
        site_area_m2: wanted area, shape (n,); reduced where the slot is too small [m2].
        recipe: compactness and number of columns.
        margin_m: kept free along the border of the slot [m].

    Returns:
        Polygons without holes, shape (n,).
    """
    n = site_area_m2.size
    of_shapes = rng.spawn(1)[0]  # shapes have a generator of their own: what is drawn after them does not depend on it
    turn = rng.uniform(-0.25, 0.25, (n, 1)) + 0.5 * np.pi * of_shapes.integers(0, 2, (n, 1))
    local = _indented_blocks(of_shapes, rng.uniform(*recipe.compactness, (n, 1)), recipe.outline_columns)
    x, y = local[..., 0], local[..., 1]
    turned = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)
    low, high = turned.min(axis=1), turned.max(axis=1)
    reach = (high - low).max(axis=1)  # of an outline of area 1
    side = np.minimum(np.sqrt(site_area_m2), (slots.side_m - 2.0 * margin_m) / reach)
    room = 0.5 * (slots.side_m - 2.0 * margin_m - side[:, None] * (high - low))
    center = np.column_stack([slots.x_m, slots.y_m]) + rng.uniform(-1.0, 1.0, room.shape) * room
    corners = center[:, None, :] + side[:, None, None] * (turned - 0.5 * (low + high)[:, None, :])
    return np.asarray(shapely.polygons(np.round(corners, 1)))


def _indented_blocks(rng: np.random.Generator, compactness: FloatArray, columns: int) -> FloatArray:
    """Corners of blocks of area 1 around the origin, from compactness of shape (n, 1); shape (n, 4 columns, 2)."""
    n = len(compactness)
    width = rng.uniform(0.3, 1.7, (n, columns))
    width = width / width.sum(axis=1, keepdims=True)
    height = rng.uniform(0.75, 1.0, (n, 1))
    by_turns = np.where(np.arange(columns) % 2, 1.0, -1.0) * rng.choice([-1.0, 1.0], (2, n, 1))
    shift = by_turns * rng.uniform(0.25, 0.75, (2, n, columns))
    shift = shift - (shift * width).sum(axis=-1, keepdims=True)  # of the two sides, none on average
    rise = np.abs(np.diff(shift, axis=-1)).sum(axis=(0, 2)) + (shift[0] - shift[1])[:, [0, -1]].sum(axis=1)
    perimeter = np.sqrt(4.0 * np.pi * height / compactness)
    above, below = 0.5 * height * np.array([1.0, -1.0])[:, None, None] + (
        shift * (perimeter - 2.0 - 2.0 * height) / rise[:, None]
    )
    edge = np.concatenate([np.zeros((n, 1)), np.cumsum(width, axis=1)], axis=1) - 0.5
    x = np.stack([edge[:, :-1], edge[:, 1:]], axis=-1).reshape(n, -1)  # west and east end of each column
    there, back = np.repeat(below, 2, axis=1), np.repeat(above, 2, axis=1)
    corners = np.stack([np.hstack([x, x[:, ::-1]]), np.hstack([there, back[:, ::-1]])], axis=-1)
    return np.asarray(corners / np.sqrt(height)[..., None])


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
    built_m2 = np.maximum(
        floor_m2 / rng.uniform(*recipe.existing_far, n), (registered + tenants) / recipe.density_most_per_m2
    )
    polygons = village_outlines(rng, slots, np.clip(built_m2, recipe.site_least_m2, recipe.site_most_m2), recipe)
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
