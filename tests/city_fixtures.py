"""A small city, made by hand: 3 x 2 zones of 4 km2, three villages, four facilities, one station."""

from __future__ import annotations

import geopandas as gpd
from shapely.geometry import Point, Polygon, box

from data.catalogue import Told
from data.city import City, ObservedCommute
from data.layers.assembly import Layers, assemble_city

CRS = "EPSG:32650"
DISTRICTS = ("朝阳区", "昌平区")
X0, Y0 = 440_000.0, 4_420_000.0
ZONE_SIDE_M = 2_000.0


def square(x_m: float, y_m: float, side_m: float) -> Polygon:
    """Square with its lower left corner at (x, y) from the city's origin."""
    return box(X0 + x_m, Y0 + y_m, X0 + x_m + side_m, Y0 + y_m + side_m)


def small_layers() -> Layers:
    """Frames that break no rule; each call makes fresh ones."""
    corners = [(i * ZONE_SIDE_M, j * ZONE_SIDE_M) for j in range(2) for i in range(3)]
    n_zones = len(corners)
    zones = gpd.GeoDataFrame(
        {
            "zone_id": [f"z{i}" for i in range(n_zones)],
            "name": [f"Zone {i}" for i in range(n_zones)],
            "district": [DISTRICTS[0]] * 3 + [DISTRICTS[1]] * 3,
            "residents": [20_000.0 + 1_000.0 * i for i in range(n_zones)],
            "jobs": [15_000.0, 30_000.0, 5_000.0, 4_000.0, 8_000.0, 2_000.0],
            "housing_floor_area_m2": [800_000.0] * n_zones,
            "vacant_share": [0.1] * n_zones,
            "sale_price_cny_per_m2": [60_000.0, 80_000.0, 55_000.0, 40_000.0, 45_000.0, 35_000.0],
            "rent_cny_per_m2_month": [90.0, 110.0, 80.0, 60.0, 70.0, 55.0],
        },
        geometry=[square(x, y, ZONE_SIDE_M) for x, y in corners],
        crs=CRS,
    )
    villages = gpd.GeoDataFrame(
        {
            "village_id": ["v0", "v1", "v2"],
            "name": ["东村", "西村", "北村"],
            "town": ["甲乡", "甲乡", "乙镇"],
            "district": [DISTRICTS[0], DISTRICTS[0], DISTRICTS[1]],
            "site_area_m2": [160_000.0, 90_000.0, 250_000.0],
            "gross_floor_area_m2": [150_000.0, 80_000.0, 260_000.0],
            "legal_share": [0.6, 0.5, 0.7],
            "registered_residents": [1_000.0, 600.0, 1_500.0],
            "tenants": [3_000.0, 1_800.0, 5_000.0],
            "jobs": [300.0, 100.0, 500.0],
            "far_limit": [2.0, 1.8, 2.5],
            "tenure": ["unrestricted", "rental_only", "unrestricted"],
            "rebuild_allowed": [True, True, False],
            "sale_price_cny_per_m2": [58_000.0, 76_000.0, 42_000.0],
            "rent_cny_per_m2_month": [50.0, 60.0, 35.0],
        },
        geometry=[square(500, 500, 400), square(2_600, 900, 300), square(2_700, 2_800, 500)],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame(
        {
            "facility_id": ["f0", "f1", "f2", "f3"],
            "category": ["education", "health", "green_space", "daily_commerce"],
            "supply_m2": [8_000.0, 1_500.0, 40_000.0, 3_000.0],
        },
        geometry=[Point(X0 + x, Y0 + y) for x, y in ((700, 700), (1_000.12345, 1_500), (3_000, 3_000), (5_500, 2_500))],
        crs=CRS,
    )
    stations = gpd.GeoDataFrame(
        {"station_id": ["s0"], "name": ["中心站"]}, geometry=[Point(X0 + 2_500, Y0 + 1_000)], crs=CRS
    )
    return Layers(zones, villages, facilities, stations)


def small_city(name: str = "small") -> City:
    """The city of `small_layers`."""
    layers = small_layers()
    return assemble_city(
        name,
        CRS,
        DISTRICTS,
        zones=layers.zones,
        villages=layers.villages,
        facilities=layers.facilities,
        stations=layers.stations,
        observed_commute=ObservedCommute(2.5, (DISTRICTS[0],), "by hand"),
        synthetic={"villages": "made by hand for tests"},
        repairs=(Told("zones: 1 row dropped", "zones：略去 1 行"),),
    )


def said(city: City) -> tuple[str, ...]:
    """What an import says that it repaired, in English."""
    return tuple(str(line) for line in city.repairs)
