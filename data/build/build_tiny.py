"""Build data/files/embedded/tiny.gpkg: 12 square zones, 2 districts, 6 villages, round numbers that a hand can follow.

Run as `python data/build/build_tiny.py`. The zones house 220,000 people, so that the newcomers of six renewed villages
stay below the yearly outflow cap.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from data.city import CATEGORIES, UTM_50N, City
from data.files.geopackage import write_city
from data.layers.assembly import assemble_city
from data.parameter_book import load_book
from data.synthesis.city import standards_m2

TARGET = Path(__file__).parents[1] / "files" / "embedded" / "tiny.gpkg"
SOUTH_WEST_M = np.array([700_000.0, 4_280_000.0])  # in the Bohai Sea: no real place is meant
ZONE_M = 2000.0
DISTRICTS = ("West", "East")

# Four columns from west to east, three rows from south to north.
RESIDENTS = [12_000, 20_000, 24_000, 14_000, 16_000, 30_000, 34_000, 18_000, 10_000, 16_000, 18_000, 8_000]
JOBS = [4_000, 10_000, 14_000, 6_000, 8_000, 28_000, 36_000, 9_000, 3_000, 7_000, 8_000, 2_000]
SALE_PRICE = [40_000, 46_000, 50_000, 42_000, 44_000, 58_000, 60_000, 46_000, 38_000, 44_000, 46_000, 36_000]
RENT = [60, 70, 75, 62, 66, 85, 90, 70, 56, 66, 70, 54]
SERVICE_LEVEL = [0.7, 0.9, 0.9, 0.8, 0.8, 1.0, 1.1, 0.8, 0.6, 0.8, 0.8, 0.5]  # supply over standard
HOUSING_M2_PER_PERSON = 35.0
VACANT_SHARE = 0.08

# zone, site side m, gross floor m2, legal share, registered, tenants, jobs, FAR limit, tenure, rebuild, room rent
VILLAGES = [
    (0, 200, 40_000, 0.5, 250, 1_000, 100, 2.0, "unrestricted", True, 40),
    (2, 220, 50_000, 0.6, 300, 1_500, 150, 2.2, "unrestricted", True, 50),
    (4, 200, 36_000, 0.4, 200, 1_200, 100, 2.0, "rental_only", True, 45),
    (7, 240, 60_000, 0.5, 350, 1_400, 200, 2.0, "unrestricted", True, 45),
    (9, 180, 30_000, 0.7, 200, 600, 50, 1.8, "unrestricted", False, 40),
    (11, 240, 44_000, 0.5, 300, 800, 100, 1.8, "unrestricted", True, 35),
]
VILLAGE_OFFSET_M = np.array([1650.0, 1650.0])  # center of a village from the south-west corner of its zone
VILLAGE_PRICE_SHARE = 0.9  # of the zone's price
VILLAGE_SERVICES = {"health": 0.4, "daily_commerce": 0.5, "green_space": 0.2}  # supply over standard
NOTES = dict.fromkeys(
    ("zones", "villages", "facilities", "stations"),
    "synthetic: round numbers made by hand, no real place is described",
)


def _corners_m() -> np.ndarray:
    """South-west corners of the zones; shape (12, 2)."""
    row, column = np.divmod(np.arange(len(RESIDENTS)), 4)
    return SOUTH_WEST_M + ZONE_M * np.column_stack([column, row])


def zone_layer() -> gpd.GeoDataFrame:
    """Twelve squares; the two western columns are the western district."""
    corner = _corners_m()
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"Z{i + 1:02d}" for i in range(len(corner))],
            "name": [f"Zone {i + 1}" for i in range(len(corner))],
            "district": [DISTRICTS[i % 4 // 2] for i in range(len(corner))],
            "residents": RESIDENTS,
            "jobs": JOBS,
            "housing_floor_area_m2": HOUSING_M2_PER_PERSON * np.array(RESIDENTS),
            "vacant_share": VACANT_SHARE,
            "sale_price_cny_per_m2": SALE_PRICE,
            "rent_cny_per_m2_month": RENT,
        },
        geometry=shapely.box(*corner.T, *(corner + ZONE_M).T),
        crs=UTM_50N,
    )


def village_layer(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Six squares in the north-eastern corners of their zones."""
    zone, side, floor, legal, registered, tenants, jobs, far, tenure, rebuild, rent = zip(*VILLAGES, strict=True)
    half = 0.5 * np.array(side, dtype=float)[:, None]
    center = _corners_m()[list(zone)] + VILLAGE_OFFSET_M
    district = zones["district"].to_numpy()[list(zone)]
    return gpd.GeoDataFrame(
        {
            "village_id": [f"V{i + 1}" for i in range(len(zone))],
            "name": [f"Village {i + 1}" for i in range(len(zone))],
            "town": [f"{name} Town" for name in district],
            "district": district,
            "site_area_m2": np.array(side, dtype=float) ** 2,
            "gross_floor_area_m2": floor,
            "legal_share": legal,
            "registered_residents": registered,
            "tenants": tenants,
            "jobs": jobs,
            "far_limit": far,
            "tenure": tenure,
            "rebuild_allowed": rebuild,
            "sale_price_cny_per_m2": VILLAGE_PRICE_SHARE * np.array(SALE_PRICE, dtype=float)[list(zone)],
            "rent_cny_per_m2_month": rent,
        },
        geometry=shapely.box(*(center - half).T, *(center + half).T),
        crs=UTM_50N,
    )


def facility_layer(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Two sites per zone and category, each with half the supply, and three categories in every village."""
    standard_m2 = dict(zip(CATEGORIES, standards_m2(load_book()), strict=True))
    rows = []
    for corner, residents, level in zip(_corners_m(), RESIDENTS, SERVICE_LEVEL, strict=True):
        for number, category in enumerate(CATEGORIES):
            supply_m2 = round(level * standard_m2[category] * residents / 1000.0)
            for x_m in (500.0, 1500.0):
                rows.append((category, supply_m2 / 2.0, corner + np.array([x_m, 250.0 + 150.0 * number])))
    people = villages["registered_residents"] + villages["tenants"]
    for village, residents in zip(villages.geometry, people, strict=True):
        for number, (category, level) in enumerate(VILLAGE_SERVICES.items()):
            center = shapely.get_coordinates(village.centroid)[0]
            supply_m2 = round(level * standard_m2[category] * residents / 1000.0)
            rows.append((category, float(supply_m2), center + np.array([20.0 * (number - 1), 0.0])))
    categories, supply, xy = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"facility_id": [f"F{i + 1:03d}" for i in range(len(rows))], "category": categories, "supply_m2": supply},
        geometry=shapely.points(np.array(xy)),
        crs=UTM_50N,
    )


def station_layer() -> gpd.GeoDataFrame:
    """One line from west to east through the middle row."""
    xy = SOUTH_WEST_M + np.array([[x, 3000.0] for x in (1000.0, 2500.0, 4000.0, 5500.0, 7000.0)])
    return gpd.GeoDataFrame(
        {"station_id": [f"S{i + 1}" for i in range(len(xy))], "name": [f"Station {i + 1}" for i in range(len(xy))]},
        geometry=shapely.points(xy),
        crs=UTM_50N,
    )


def build_city() -> City:
    """The embedded tiny city."""
    zones = zone_layer()
    villages = village_layer(zones)
    return assemble_city(
        "tiny",
        UTM_50N,
        DISTRICTS,
        zones=zones,
        villages=villages,
        facilities=facility_layer(villages),
        stations=station_layer(),
        synthetic=NOTES,
    )


def main() -> None:
    """Build the city and write it to the folder of embedded cities."""
    city = build_city()
    write_city(city, TARGET)
    print(f"{TARGET.name}: {city.n_zones} zones, {city.n_villages} villages, digest {city.digest}")


if __name__ == "__main__":
    main()
