"""A city made by hand: 4 square zones in 2 districts, 3 villages, a few facilities and 2 stations, and a small book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from shapely.geometry import Polygon, box

from data.city import CATEGORIES, City, Facilities, ObservedCommute, Skim, Stations, Villages, Zones
from oracles.form import Parameter

WEST_M, SOUTH_M = 440_000.0, 4_410_000.0
ZONE_SIDE_M = 4_000.0

BOOK: dict[str, Any] = {
    "built.buildable_share": 0.6,
    "built.own_use_m2": 30.0,
    "built.collective_industrial_m2": 10.0,
    "built.green_land_share": 0.5,
    "built.household_size": 2.4,
    "mix.commodity_housing": {"commodity": 0.9, "rental": 0.1, "employment": 0.0},
    "mix.rental_housing": {"commodity": 0.05, "rental": 0.9, "employment": 0.05},
    "mix.employment": {"commodity": 0.05, "rental": 0.1, "employment": 0.85},
    "mix.mixed_use": {"commodity": 0.45, "rental": 0.2, "employment": 0.35},
    "density.housing_m2": 35.0,
    "density.rental_m2": 20.0,
    "density.job_m2": 25.0,
    "density.facility_job_m2": 50.0,
    "jobs.fill": 0.8,
    "employment.registered": 0.5,
    "employment.tenant": 0.72,
    "employment.other": 0.52,
    "settle.lambda": 0.1,
    "settle.mu": 0.5,
    "settle.m2_per_person": 15.0,
    "settle.outflow_cap": 0.02,
    "tenant.return_share": 0.35,
    "tenant.rehab_loss": 0.2,
    "housing.occupancy": 0.9,
    "sale.absorption": [0.4, 0.35, 0.25],
    "price.growth": 0.01,
    "price.elasticity": 0.35,
    "sale.flow_elasticity": 0.3,
    "sale.normal_share_of_stock": 0.012,
    "market.rooms_as_housing": 0.1,
    "market.least_stock_share": 0.05,
    "market.rented_share": 0.35,
    "rent.elasticity": 0.5,
    "hedonic.services": 0.15,
    "hedonic.density": 0.08,
    "hedonic.far_reference": 2.0,
    "hedonic.far_least_ratio": 0.25,
    "hedonic.far_most_ratio": 4.0,
    "policy.rental_subsidy": 800.0,
    "rent.employment_ratio": 1.2,
    "rent.vacancy": 0.08,
    "rent.opex": 0.25,
    "finance.cap_rate": 0.05,
    "finance.cap_rate_rental": 0.042,
    "finance.discount_rate": 0.05,
    "finance.developer_margin": 0.1,
    "finance.operation_years": 20.0,
    "finance.soft_cost": 0.1,
    "finance.contingency": 0.05,
    "finance.sales_cost": 0.03,
    "finance.tax_and_fees": 0.09,
    "cost.growth": 0.01,
    "cost.rehabilitation": 1200.0,
    "cost.basement_ratio": 0.3,
    "cost.residential_highrise": 4200.0,
    "cost.resettlement_housing": 3800.0,
    "cost.affordable_rental": 4000.0,
    "cost.basement_parking": 4000.0,
    "cost.office_commercial": 5500.0,
    "cost.facility.education": 5000.0,
    "cost.facility.health": 6500.0,
    "cost.facility.elderly_care": 5100.0,
    "cost.facility.culture": 6000.0,
    "cost.facility.daily_commerce": 5500.0,
    "cost.park": 400.0,
    "cost.municipal_infrastructure": 500.0,
    "cost.demolition_and_clearing": 100.0,
    "consent.legal_discount": 0.4,
    "consent.attachment_owner": 1.15,
    "consent.attachment_long_stay": 1.25,
    "consent.attachment_elderly": 1.4,
    "consent.weights": {"owner": 0.5, "long_stay": 0.28, "elderly": 0.22},
    "consent.sigma": 0.45,
    "consent.cap": 1.5,
    "consent.threshold": 2.0 / 3.0,
    "uv.floor_per_migrant": 8.0,
    "comp.resettlement_area": 50.0,
    "comp.return_share": 0.667,
    "comp.early_reward": 50_000.0,
    "comp.resettlement_price": 4500.0,
    "comp.replacement_price": 900.0,
    "comp.turnover_subsidy": 2000.0,
    "comp.monetary_equiv": 0.8,
    "comp.unregistered_floor": 800.0,
    "time.land_assembly": 1.0,
    "time.approval": 1.0,
    "time.construction": 2.5,
    "time.upgrade_works": 1.0,
    "indicator.tail_years": 5.0,
    "travel.detour": 1.35,
    "travel.intercept": 14.0,
    "travel.slope": 2.7,
    "travel.log_sd": 0.35,
    "travel.rail_factor": 0.85,
    "travel.rail_walk_km": 1.2,
    "travel.own_distance": 1.21,
    "travel.own_exponent": 0.52,
    "calib.beta_exp": 0.195,
    "calib.gamma_sqrt": 1.134,
    "access.catchment_sigmas": 3.0,
    "access.scale.education": 0.7,
    "access.scale.health": 1.0,
    "access.scale.elderly_care": 0.7,
    "access.scale.culture": 1.0,
    "access.scale.sports": 0.8,
    "access.scale.daily_commerce": 0.5,
    "access.scale.green_space": 0.8,
    "std.education": 1040.0,
    "std.health": 60.0,
    "std.elderly_care": 130.0,
    "std.culture": 100.0,
    "std.sports": 260.0,
    "std.daily_commerce": 400.0,
    "std.green_space": 2000.0,
    "carbon.embodied_new": 500.0,
    "carbon.demolition": 30.0,
    "carbon.retrofit": 120.0,
    "carbon.operation_residential": 32.0,
    "carbon.operation_public": 55.0,
    "carbon.car": 0.17,
    "carbon.bus": 0.06,
    "carbon.rail": 0.04,
    "commute.days": 245.0,
    "mode.rail": 0.2,
    "mode.bus": 0.1,
    "mode.bicycle": 0.2,
    "mode.walk": 0.2,
    "mode.car_taxi_other": 0.3,
    "output.employment": 12_000.0,
    "water.domestic": 40.0,
    "water.employment": 1.2,
    "electricity.domestic": 900.0,
    "electricity.employment": 100.0,
}


def small_book(key: str) -> Any:
    """Value of a key; an unknown key is a KeyError."""
    return BOOK[key]


def changed_book(changes: Mapping[str, Any]) -> Parameter:
    """The small book with other values for some of its keys; costs grow as prices do unless their growth is given."""
    unknown = sorted(set(changes) - set(BOOK))
    if unknown:
        msg = f"no such keys: {', '.join(unknown)}"
        raise KeyError(msg)
    growth = {"cost.growth": changes["price.growth"]} if "price.growth" in changes else {}
    return {**BOOK, **growth, **changes}.__getitem__


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
