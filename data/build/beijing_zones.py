"""Beijing's zones: a quadtree over a sketched density, scaled to each district's census."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from data.arrays import FloatArray, GeometryArray, IntArray
from data.build.beijing_sources import DISTRICTS, center_m, facts, layout, project_m
from data.build.quadtree import Pieces, Raster, cell_bounds_m, clip_to_districts, merge_slivers, quadtree_cells
from data.city import UTM_50N
from data.layers.containment import containing_idx
from data.synthesis.zones import apportion, spread_log_normal

SAMPLE_M = 375.0
ROOT_SAMPLES = 64  # 24 km
LEAST_SAMPLES = 4  # 1.5 km
RESIDENTS_PER_ZONE = 67_000.0
LARGEST_CELL_KM = ((20.0, 3.0), (42.0, 6.0), (200.0, 12.0))  # up to this distance from Tiananmen, cells of this size
LOG_PRICE_MOST = 0.45  # within a district, log price departs from the mean by no more, noise apart
SLIVER_SHARE = 0.7
SLIVER_KEEP_M2 = 30e6


@dataclass(frozen=True)
class Samples:
    """A lattice of points inside the city that carries the sketched residents.

    Attributes:
        xy_m: shape (n_samples, 2) [m].
        district_idx: shape (n_samples,).
        residents: shape (n_samples,), adding up to each district's census [persons].
        position: row and column of each sample in the raster, shape (n_samples, 2).
        raster: the same residents as a raster.
    """

    xy_m: FloatArray
    district_idx: IntArray
    residents: FloatArray
    position: IntArray
    raster: Raster


def sketched_density(xy_m: FloatArray, district_idx: IntArray) -> FloatArray:
    """Density at points before scaling; shape (n,).

    It falls from Tiananmen in the six central districts, and from the district's own center elsewhere.
    """
    own_m = [project_m(np.array([layout()["centers"].get(name, layout()["tiananmen"])]))[0] for name in DISTRICTS]
    away_km = np.hypot(*(xy_m - np.array(own_m)[district_idx]).T) / 1000.0
    return np.asarray(np.exp(-away_km / layout()["decay_km"]))


def sample_city(districts: GeometryArray) -> Samples:
    """Lay the lattice and scale the density to the census, district by district."""
    bounds = shapely.total_bounds(districts)
    root_m = ROOT_SAMPLES * SAMPLE_M
    west, south = center_m() - root_m * np.ceil((center_m() - bounds[:2]) / root_m)
    n_columns, n_rows = (np.ceil((bounds[2:] - [west, south]) / root_m) * ROOT_SAMPLES).astype(int)
    row, column = (axis.ravel() for axis in np.mgrid[0:n_rows, 0:n_columns])
    xy_m = np.column_stack([west + (column + 0.5) * SAMPLE_M, south + (row + 0.5) * SAMPLE_M])
    district_idx = containing_idx(shapely.points(xy_m), districts)
    inside = district_idx >= 0
    xy_m, district_idx = xy_m[inside], district_idx[inside]
    residents = sketched_density(xy_m, district_idx)
    for idx, name in enumerate(DISTRICTS):
        of_district = district_idx == idx
        residents[of_district] *= facts().number(f"pop2020.{name}") / residents[of_district].sum()
    full = np.zeros((n_rows, n_columns))
    full[row[inside], column[inside]] = residents
    position = np.column_stack([row[inside], column[inside]])
    return Samples(xy_m, district_idx, residents, position, Raster(west, south, SAMPLE_M, full))


def zone_pieces(samples: Samples, districts: GeometryArray) -> Pieces:
    """Quadtree cells, clipped, without slivers, to 0.1 m."""

    def may_stay(bounds_m: FloatArray, residents: float) -> bool:
        nearest = np.clip(center_m(), bounds_m[:2], bounds_m[2:])
        distance_km = float(np.hypot(*(nearest - center_m()))) / 1000.0
        largest_km = next(size for reach, size in LARGEST_CELL_KM if distance_km < reach)
        return bool(bounds_m[2] - bounds_m[0] <= largest_km * 1000.0) and residents <= RESIDENTS_PER_ZONE

    cells = quadtree_cells(samples.raster, ROOT_SAMPLES, LEAST_SAMPLES, may_stay)
    bounds_m = np.array([cell_bounds_m(samples.raster, *cell) for cell in cells])
    merged = merge_slivers(clip_to_districts(bounds_m, districts), SLIVER_SHARE, SLIVER_KEEP_M2)
    rounded = shapely.transform(merged.polygons, lambda xy: np.round(xy, 1))
    return Pieces(np.asarray(shapely.normalize(rounded)), merged.district_idx, merged.cell_m2)


def zones_of_samples(samples: Samples, polygons: GeometryArray) -> IntArray:
    """Zone of each sample; a sample in a rounding gap takes the nearest."""
    points = shapely.points(samples.xy_m)
    zone_idx = containing_idx(points, polygons)
    lost = np.flatnonzero(zone_idx < 0)
    if lost.size:
        zone_idx[lost] = shapely.STRtree(polygons).nearest(points[lost])
    return zone_idx


def split_by_district(weights: FloatArray, district_idx: IntArray, totals: list[int]) -> FloatArray:
    """Whole numbers per zone that add up to each district's total exactly."""
    result = np.zeros(weights.size)
    for idx, total in enumerate(totals):
        of_district = district_idx == idx
        result[of_district] = apportion(weights[of_district], total)
    return result


def district_prices(distance_km: FloatArray, rescale: float) -> tuple[FloatArray, FloatArray, float]:
    """Sale price and rent of each district, and the gradient of rents fitted to the districts that have one.

    Args:
        distance_km: mean distance of each district's residents from Tiananmen, shape (16,) [km].
        rescale: from the prices of 2017 to those of the book's base year.

    Returns:
        Price and rent, shape (16,); gradient [1/km]. Districts without a figure take the neighbor's of
        beijing_layout.yaml, moved along the gradient.
    """
    price = np.array([facts().number(key) if (key := f"price2017.{n}") in facts() else np.nan for n in DISTRICTS])
    rent = np.array([facts().number(key) if (key := f"rent.{n}") in facts() else np.nan for n in DISTRICTS])
    known = np.isfinite(rent)
    rent_gradient = float(np.polyfit(distance_km[known], np.log(rent[known]), 1)[0])
    for name, neighbor in layout()["price_neighbor"].items():
        to, origin = DISTRICTS.index(name), DISTRICTS.index(neighbor)
        further_km = distance_km[to] - distance_km[origin]
        price[to] = price[origin] * np.exp(facts().number("price.gradient") * further_km)
        rent[to] = rent[origin] * np.exp(rent_gradient * further_km)
    return price * rescale, rent, rent_gradient


def log_price(zones: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> FloatArray:
    """Logarithm of the sale price up to a constant per district; shape (n_zones,).

    It falls from Tiananmen and from Zhongguancun alike, and with distance from rail.
    """
    centroid = shapely.centroid(zones.geometry.to_numpy())
    xy_m = shapely.get_coordinates(centroid)
    second_m = project_m(np.array([layout()["second_price_center"]]))[0]
    centers_km = 0.5 * sum(np.hypot(*(xy_m - at_m).T) for at_m in (center_m(), second_m)) / 1000.0
    rail_km = cKDTree(shapely.get_coordinates(stations.geometry.to_numpy())).query(xy_m)[0] / 1000.0
    return np.asarray(facts().number("price.gradient_within") * centers_km + facts().number("price.rail") * rail_km)


def spread_in_district(
    rng: np.random.Generator, level: FloatArray, log_price: FloatArray, residents: FloatArray, district_idx: IntArray
) -> FloatArray:
    """A zone's price: the logarithm's differences inside the district, with its figure as the mean over residents."""
    people = np.bincount(district_idx, residents)
    mean_log = np.bincount(district_idx, residents * log_price) / people
    within = np.clip(log_price - mean_log[district_idx], -LOG_PRICE_MOST, LOG_PRICE_MOST)
    raw = np.exp(within) * spread_log_normal(rng, 0.06, log_price.size)
    mean = np.bincount(district_idx, residents * raw) / people
    return level[district_idx] * raw / mean[district_idx]


def zone_frame(pieces: Pieces) -> gpd.GeoDataFrame:
    """Identity, name, district and geometry, ordered by district, then from north to south."""
    center = shapely.get_coordinates(shapely.centroid(pieces.polygons))
    order = np.lexsort((center[:, 0], -center[:, 1], pieces.district_idx))
    names = np.array(DISTRICTS)[pieces.district_idx[order]]
    number = np.array([int((names[:i] == name).sum()) + 1 for i, name in enumerate(names)])
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"Z{i + 1:04d}" for i in range(len(order))],
            "name": [f"{name} {n:03d}" for name, n in zip(names, number, strict=True)],
            "district": names,
        },
        geometry=pieces.polygons[order],
        crs=UTM_50N,
    )
