"""A city made by hand: 4 square zones in 2 districts, 3 villages, a few facilities and 2 stations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from shapely.geometry import Polygon, box

from data.city import CATEGORIES, City, Facilities, ObservedCommute, Skim, Stations, Villages, Zones

WEST_M, SOUTH_M = 440_000.0, 4_410_000.0
ZONE_SIDE_M = 4_000.0


def _zone(column: int, row: int) -> Polygon:
    west, south = WEST_M + column * ZONE_SIDE_M, SOUTH_M + row * ZONE_SIDE_M
    return box(west, south, west + ZONE_SIDE_M, south + ZONE_SIDE_M)


def _zones() -> Zones:
    geometry = [_zone(0, 0), _zone(1, 0), _zone(0, 1), _zone(1, 1)]
    return Zones(
        zone_id=np.array(["z1", "z2", "z3", "z4"]),
        name=np.array(["South-west", "South-east", "North-west", "North-east"]),
        district_idx=np.array([0, 1, 0, 1]),
        residents=np.array([60_000.0, 45_000.0, 30_000.0, 20_000.0]),
        jobs=np.array([50_000.0, 12_000.0, 9_000.0, 6_000.0]),
        housing_floor_area_m2=np.array([2.1e6, 1.6e6, 1.1e6, 0.8e6]),
        vacant_share=np.array([0.05, 0.08, 0.1, 0.12]),
        sale_price_cny_per_m2=np.array([70_000.0, 52_000.0, 45_000.0, 38_000.0]),
        rent_cny_per_m2_month=np.array([110.0, 80.0, 65.0, 55.0]),
        yearly_sales_m2=np.full(4, np.nan),
        area_km2=np.array([polygon.area / 1e6 for polygon in geometry]),
        x_km=np.array([polygon.centroid.x / 1000.0 for polygon in geometry]),
        y_km=np.array([polygon.centroid.y / 1000.0 for polygon in geometry]),
        geometry=np.array(geometry, dtype=object),
    )


def _villages() -> Villages:
    geometry = [
        box(WEST_M + 2_500, SOUTH_M + 2_600, WEST_M + 2_900, SOUTH_M + 2_950),
        box(WEST_M + 5_000, SOUTH_M + 1_000, WEST_M + 5_300, SOUTH_M + 1_400),
        box(WEST_M + 6_200, SOUTH_M + 6_000, WEST_M + 6_700, SOUTH_M + 6_400),
    ]
    return Villages(
        village_id=np.array(["v1", "v2", "v3"]),
        name=np.array(["Inner", "Southern", "Outer"]),
        town=np.array(["t1", "t2", "t2"]),
        district_idx=np.array([0, 1, 1]),
        zone_idx=np.array([0, 1, 3]),
        site_area_m2=np.array([polygon.area for polygon in geometry]),
        gross_floor_area_m2=np.array([120_000.0, 95_000.0, 150_000.0]),
        legal_share=np.array([0.55, 0.6, 0.5]),
        registered_residents=np.array([900.0, 700.0, 1_100.0]),
        tenants=np.array([5_000.0, 2_500.0, 6_500.0]),
        jobs=np.array([800.0, 400.0, 900.0]),
        far_limit=np.array([3.0, 2.8, 2.5]),
        rental_only=np.array([False, False, True]),
        rebuild_allowed=np.array([True, True, True]),
        sale_price_cny_per_m2=np.array([66_000.0, 50_000.0, 36_000.0]),
        price_of_zone=np.array([False, False, False]),
        rent_cny_per_m2_month=np.array([50.0, 45.0, 38.0]),
        x_km=np.array([polygon.centroid.x / 1000.0 for polygon in geometry]),
        y_km=np.array([polygon.centroid.y / 1000.0 for polygon in geometry]),
        geometry=np.array(geometry, dtype=object),
    )


def _facilities() -> Facilities:
    rows = [  # category, supply m2, place, x and y in meters from the south-west corner
        ("education", 40_000.0, 0, 1_500, 1_500),
        ("education", 30_000.0, 1, 6_000, 2_000),
        ("education", 2_500.0, 4, 2_700, 2_700),
        ("education", 14_000.0, 2, 2_000, 6_000),
        ("health", 4_500.0, 0, 2_000, 2_000),
        ("health", 1_500.0, 3, 6_000, 6_000),
        ("elderly_care", 6_000.0, 1, 6_500, 2_000),
        ("elderly_care", 500.0, 5, 5_100, 1_200),
        ("culture", 5_000.0, 0, 1_800, 1_800),
        ("sports", 9_000.0, 2, 2_000, 6_500),
        ("daily_commerce", 20_000.0, 0, 1_000, 2_500),
        ("daily_commerce", 3_000.0, 6, 6_400, 6_200),
        ("daily_commerce", 12_000.0, 1, 5_500, 2_500),
        ("green_space", 150_000.0, 0, 500, 3_000),
        ("green_space", 60_000.0, 3, 7_500, 7_500),
    ]
    return Facilities(
        facility_id=np.array([f"f{i}" for i in range(len(rows))]),
        category_idx=np.array([CATEGORIES.index(row[0]) for row in rows]),
        supply_m2=np.array([row[1] for row in rows]),
        place_idx=np.array([row[2] for row in rows]),
        x_km=np.array([(WEST_M + row[3]) / 1000.0 for row in rows]),
        y_km=np.array([(SOUTH_M + row[4]) / 1000.0 for row in rows]),
    )


def small_city(*, observed: ObservedCommute | None = None, skim: Skim | None = None) -> City:
    """The city; its observed commute and skim are as given."""
    city = City(
        name="small",
        crs="EPSG:32650",
        districts=("West", "East"),
        zones=_zones(),
        villages=_villages(),
        facilities=_facilities(),
        stations=Stations(
            station_id=np.array(["s1", "s2"]),
            name=np.array(["First", "Second"]),
            x_km=np.array([(WEST_M + 2_300) / 1000.0, (WEST_M + 6_300) / 1000.0]),
            y_km=np.array([(SOUTH_M + 2_100) / 1000.0, (SOUTH_M + 5_700) / 1000.0]),
        ),
    )
    return replace(city, observed_commute=observed, skim=skim)


def decision(
    start_year: int = 0,
    intensity: str = "rehabilitate",
    land_use: str = "public_service",
    floor_area_ratio: float = 0.0,
    facility_ratio: float = 0.0,
) -> dict[str, Any]:
    """One entry of a plan; without arguments the village is kept."""
    return {
        "start_year": start_year,
        "intensity": intensity,
        "land_use": land_use,
        "floor_area_ratio": floor_area_ratio,
        "facility_ratio": facility_ratio,
    }


PLANS: dict[str, list[dict[str, Any]]] = {
    "empty": [decision(), decision(), decision()],
    "one_rehabilitated": [decision(), decision(3, facility_ratio=0.1), decision()],
    "all_kinds": [
        decision(2, "rebuild", "commodity_housing", 2.6, 0.08),
        decision(4, "mixed", "rental_housing", 2.2, 0.1),
        decision(1, "rebuild", "mixed_use", 2.2, 0.1),
    ],
    "work_and_service": [
        decision(1, "rebuild", "employment", 2.8, 0.05),
        decision(1, facility_ratio=0.2),
        decision(10, "mixed", "public_service", 1.8, 0.15),
    ],
}
"""Plans of several kinds, all valid in built form; on the rental-only land of v3 no commodity floor is built."""
