"""Small cities, scenarios and plans that put every part of the model to work, and random ones from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from shapely.geometry import Polygon, box

from data.city import CATEGORIES, City, Facilities, ObservedCommute, Skim, Stations, Villages, Zones
from data.scenario import LAND_USES, CategoryWeights, Scenario
from oracles.small_city import SOUTH_M, WEST_M, decision, small_city

Plan = list[dict[str, Any]]


@dataclass(frozen=True)
class Variant:
    """A city, a scenario and other values for some keys of the small book."""

    city: City = field(default_factory=small_city)
    scenario: Scenario = field(default_factory=lambda: Scenario(plan_years=10))
    changes: Mapping[str, Any] = field(default_factory=dict)


BARGAINED: Plan = [
    decision(2, "rebuild", "commodity_housing", 2.6, 0.08)
    | {"compensation_multiplier": 1.25, "onsite_share": 0.5, "delay_yr": 0.8},
    decision(4, "mixed", "rental_housing", 2.2, 0.1) | {"compensation_multiplier": None, "delay_yr": 1.6},
    decision(1, "rebuild", "mixed_use", 2.2, 0.1) | {"compensation_multiplier": 0.9, "onsite_share": 0.0},
]
"""Every column given somewhere and absent elsewhere; the first village completes a year later, the second two."""
LATE_REHABILITATION: Plan = [
    decision(3, facility_ratio=0.15) | {"delay_yr": 2.5},
    decision(),
    decision(10, "rebuild", "rental_housing", 2.0, 0.1) | {"onsite_share": 1.0, "delay_yr": 6.0},
]
"""A delay where nothing is rebuilt, and one that leaves completion beyond the last state year of the scenario."""


def zones_with(city: City, **columns: Any) -> City:
    """The city with other columns of its zones."""
    return replace(city, zones=replace(city.zones, **{name: np.array(value) for name, value in columns.items()}))


def villages_with(city: City, **columns: Any) -> City:
    """The city with other columns of its villages."""
    return replace(city, villages=replace(city.villages, **{name: np.array(value) for name, value in columns.items()}))


def hill_city(**columns: Any) -> City:
    """The third village is a district of its own, without a zone; columns are those of the villages."""
    city = villages_with(small_city(), district_idx=[0, 1, 2], **columns)
    return replace(city, districts=(*city.districts, "Hill"))


def varied() -> dict[str, Variant]:
    """Variants by name; each names what it is for."""
    ten = {"plan_years": 10}
    markets = {
        "price.elasticity": 0.6,
        "sale.flow_elasticity": 0.5,
        "rent.elasticity": 0.9,
        "market.rooms_as_housing": 0.25,
    }
    sales = [np.nan, 9_000.0, 20_000.0, 6_000.0]
    return {
        "a_full_zone": Variant(changes={"settle.m2_per_person": 27.0}),
        "full_zones_and_one_without_homes": Variant(
            zones_with(small_city(), vacant_share=[0.002, 0.0, 0.1, 0.12]), changes={"settle.m2_per_person": 30.0}
        ),
        "a_full_city": Variant(changes={"settle.m2_per_person": 150.0}),
        "lively_markets": Variant(changes=markets),
        "sales_given_for_a_district": Variant(zones_with(small_city(), yearly_sales_m2=sales), changes=markets),
        "sales_given_without_homes": Variant(
            zones_with(
                small_city(),
                housing_floor_area_m2=[0.0, 1.6e6, 0.0, 0.8e6],
                yearly_sales_m2=[8_000.0, 0.0, 4_000.0, 0.0],
            ),
            changes=markets | {"market.rooms_as_housing": 0.0},
        ),
        "prices_of_zones": Variant(
            villages_with(small_city(), price_of_zone=[True, False, True]), changes={"hedonic.services": 0.3}
        ),
        "a_district_without_stock": Variant(hill_city(), changes=markets | {"market.rooms_as_housing": 0.0}),
        "a_district_without_places": Variant(hill_city(tenants=[5_000.0, 2_500.0, 0.0]), changes=markets),
        "a_district_of_rooms_alone": Variant(hill_city(), changes=markets | {"built.collective_industrial_m2": 0.0}),
        "growing_prices": Variant(changes={"price.growth": 0.03}),
        "falling_costs": Variant(changes={"price.growth": 0.02, "cost.growth": -0.01}),
        "exponential": Variant(scenario=Scenario(**ten, commute_deterrence="exponential")),
        "exponential_observed": Variant(
            small_city(observed=ObservedCommute(mean_km=4.2, districts=("West",), source="test")),
            Scenario(**ten, commute_deterrence="exponential"),
        ),
        "skim": Variant(small_city(skim=_skim())),
        "entropy": Variant(scenario=Scenario(**ten, category_weights=CategoryWeights(method="entropy"))),
        "dear_consent": Variant(
            scenario=Scenario(**ten, onsite_resettlement_share=0.9),
            changes={"consent.legal_discount": 0.9, "hedonic.density": 0.15, "finance.cap_rate_rental": 0.035},
        ),
        "all_on_site": Variant(
            scenario=Scenario(**ten, onsite_resettlement_share=1.0),
            changes={
                "consent.legal_discount": 0.95,
                "comp.early_reward": 0.0,
                "comp.replacement_price": 0.0,
                "comp.unregistered_floor": 0.0,
            },
        ),
        "nobody_in_a_village": Variant(
            villages_with(small_city(), registered_residents=[0.0, 700.0, 1_100.0], tenants=[0.0, 2_500.0, 6_500.0]),
            changes={"settle.m2_per_person": 40.0},
        ),
        "room_in_one_zone": Variant(
            zones_with(small_city(), vacant_share=[0.0, 0.0, 0.0, 0.12]),
            changes={"settle.m2_per_person": 12.0, "travel.own_distance": 3.0},
        ),
        "no_phases": Variant(
            changes={f"time.{name}": 0.0 for name in ("approval", "land_assembly", "construction", "upgrade_works")}
        ),
        "dear_hours_and_old_tenants": Variant(
            changes={"value_of_time.share": 0.9, "moving.cost": 20_000.0, "care.persons_per_elderly": 4.5}
            | {"wellbeing.threshold": 400.0, "income.log_sd": 0.8, "care.low_income": 0.9},
        ),
        "short_account": Variant(changes={"finance.operation_years": 9.0, "market.least_stock_share": 0.999}),
    }


def _skim() -> Skim:
    distance_km = np.abs(np.arange(7)[:, None] - np.arange(4)[None, :]) * 2.3 + 1.1
    return Skim(distance_km=distance_km, minutes=12.0 + 2.5 * distance_km)


def random_variant(seed: int) -> Variant:
    """A city of 3 to 6 zones in a row of uneven width and 2 to 4 villages, and other values of the markets' keys."""
    rng = np.random.default_rng(seed)
    n_zones, n_villages = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    west_m = WEST_M + np.concatenate([[0.0], np.cumsum(rng.uniform(1_500.0, 9_000.0, n_zones))])
    zones = [box(west_m[z], SOUTH_M, west_m[z + 1], SOUTH_M + 5_000.0) for z in range(n_zones)]
    inside = rng.integers(0, n_zones, n_villages)
    sides_m = rng.uniform(250.0, 600.0, n_villages)
    villages = []
    for n in range(n_villages):
        x_m = rng.uniform(west_m[inside[n]], west_m[inside[n] + 1] - sides_m[n])
        y_m = SOUTH_M + 1_000.0 * n + 100.0
        villages.append(box(x_m, y_m, x_m + sides_m[n], y_m + sides_m[n]))
    district = rng.integers(0, 2, n_zones)
    city = City(
        name=f"random {seed}",
        crs="EPSG:32650",
        districts=("One", "Two"),
        zones=_random_zones(rng, zones, district),
        villages=_random_villages(rng, villages, inside, district[inside]),
        facilities=_random_facilities(rng, zones, villages),
        stations=Stations(
            station_id=np.array(["s1"]),
            name=np.array(["Only"]),
            x_km=np.array([west_m[1] / 1000.0]),
            y_km=np.array([SOUTH_M / 1000.0 + 2.5]),
        ),
    )
    deterrence = "exponential" if rng.random() < 0.3 else "square_root"
    onsite = None if rng.random() < 0.5 else float(rng.uniform(0.3, 1.0))
    scenario = Scenario(plan_years=6, onsite_resettlement_share=onsite, commute_deterrence=deterrence)
    return Variant(city, scenario, _random_changes(rng))


def _random_changes(rng: np.random.Generator) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "price.elasticity": rng.uniform(0.1, 0.8),
        "sale.flow_elasticity": rng.uniform(0.1, 0.8),
        "rent.elasticity": rng.uniform(0.2, 1.0),
        "market.rooms_as_housing": rng.uniform(0.0, 0.3),
        "hedonic.services": rng.uniform(0.05, 0.3),
        "hedonic.density": rng.uniform(0.02, 0.15),
        "settle.m2_per_person": 10.0 ** rng.uniform(1.0, 3.5),
        "finance.cap_rate_rental": rng.uniform(0.033, 0.05),
        "policy.rental_subsidy": rng.uniform(0.0, 1_500.0),
        "consent.legal_discount": rng.uniform(0.3, 0.9),
        "price.growth": rng.uniform(-0.02, 0.02),
        "time.construction": rng.uniform(2.0, 3.0),
    }
    if rng.random() < 0.5:
        changes["cost.growth"] = rng.uniform(-0.02, 0.02)
    return {key: value if isinstance(value, str) else float(value) for key, value in changes.items()}


def _random_zones(rng: np.random.Generator, geometry: list[Polygon], district: np.ndarray) -> Zones:
    n = len(geometry)
    sales = rng.uniform(5e3, 4e4, n)
    sales[rng.random(n) < 0.25] = np.nan
    return Zones(
        zone_id=np.array([f"z{z}" for z in range(n)]),
        name=np.array([f"Zone {z}" for z in range(n)]),
        district_idx=district,
        residents=rng.uniform(5e3, 8e4, n),
        jobs=rng.uniform(2e3, 6e4, n),
        housing_floor_area_m2=rng.uniform(2e5, 3e6, n),
        vacant_share=np.where(rng.random(n) < 0.2, 0.0, rng.uniform(0.02, 0.15, n)) + 0.001 * (np.arange(n) == 0),
        sale_price_cny_per_m2=rng.uniform(2e4, 9e4, n),
        rent_cny_per_m2_month=rng.uniform(40.0, 120.0, n),
        area_km2=np.array([polygon.area / 1e6 for polygon in geometry]),
        x_km=np.array([polygon.centroid.x / 1000.0 for polygon in geometry]),
        y_km=np.array([polygon.centroid.y / 1000.0 for polygon in geometry]),
        geometry=np.array(geometry, dtype=object),
        yearly_sales_m2=sales,
    )


def _random_villages(
    rng: np.random.Generator, geometry: list[Polygon], zone: np.ndarray, district: np.ndarray
) -> Villages:
    n = len(geometry)
    site_m2 = np.array([polygon.area for polygon in geometry])
    registered = rng.uniform(1e-3, 6e-3, n) * site_m2
    return Villages(
        village_id=np.array([f"v{v}" for v in range(n)]),
        name=np.array([f"Village {v}" for v in range(n)]),
        town=np.array(["t"] * n),
        district_idx=district,
        zone_idx=zone,
        site_area_m2=site_m2,
        gross_floor_area_m2=rng.uniform(0.5, 1.3, n) * site_m2,
        legal_share=rng.uniform(0.3, 0.8, n),
        registered_residents=registered,
        tenants=registered * rng.uniform(0.0, 8.0, n),
        jobs=rng.uniform(0.0, 900.0, n),
        far_limit=rng.uniform(2.6, 3.2, n),
        rental_only=rng.random(n) < 0.2,
        rebuild_allowed=np.ones(n, dtype=bool),
        sale_price_cny_per_m2=rng.uniform(2e4, 9e4, n),
        rent_cny_per_m2_month=rng.uniform(25.0, 60.0, n),
        x_km=np.array([polygon.centroid.x / 1000.0 for polygon in geometry]),
        y_km=np.array([polygon.centroid.y / 1000.0 for polygon in geometry]),
        geometry=np.array(geometry, dtype=object),
        price_of_zone=rng.random(n) < 0.3,
    )


def _random_facilities(rng: np.random.Generator, zones: list[Polygon], villages: list[Polygon]) -> Facilities:
    places = [*zones, *villages]
    rows = []
    for k in range(len(CATEGORIES)):
        for place in rng.choice(len(places), int(rng.integers(1, len(places))), replace=False):
            rows.append((k, 10.0 ** rng.uniform(2.5, 4.8), int(place)))
    return Facilities(
        facility_id=np.array([f"f{i}" for i in range(len(rows))]),
        category_idx=np.array([row[0] for row in rows]),
        supply_m2=np.array([row[1] for row in rows]),
        place_idx=np.array([row[2] for row in rows]),
        x_km=np.array([places[row[2]].centroid.x / 1000.0 for row in rows]),
        y_km=np.array([places[row[2]].centroid.y / 1000.0 for row in rows]),
    )


def random_plan(variant: Variant, seed: int, *, columns: bool) -> Plan:
    """Any start, intensity and land use, dense enough to be valid as a rule; half of the villages have columns."""
    rng, plan = np.random.default_rng(seed), []
    for n in range(variant.city.n_villages):
        start = int(rng.integers(0, variant.scenario.plan_years + 1))
        uses = [use.value for use in LAND_USES]
        if variant.city.villages.rental_only[n]:
            uses.remove("commodity_housing")
        entry = decision(
            start,
            str(rng.choice(["rehabilitate", "mixed", "rebuild"], p=[0.2, 0.3, 0.5])),
            str(rng.choice(uses)),
            float(rng.uniform(0.6, 0.95) * variant.city.villages.far_limit[n]),
            float(rng.uniform(0.05, 0.25)),
        )
        if columns:
            for name, value in (
                ("compensation_multiplier", rng.uniform(0.8, 1.6)),
                ("onsite_share", rng.uniform(0.0, 1.0)),
                ("delay_yr", rng.uniform(0.0, 4.0)),
            ):
                if rng.random() < 0.6:
                    entry[name] = float(value)
        plan.append(entry)
    return plan
