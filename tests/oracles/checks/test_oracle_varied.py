"""What must hold of rooms, markets and money in every varied and random small city."""

from __future__ import annotations

import numpy as np
import pytest

from oracles.case import Outcome
from oracles.evaluate import evaluate_plan
from oracles.small_book import changed_book
from oracles.small_city import PLANS
from oracles.varied import BARGAINED, LATE_REHABILITATION, Plan, Variant, random_plan, random_variant, varied

VARIED = varied()
RANDOM = [random_variant(seed) for seed in range(8)]
CASES = [(variant, plan) for variant in VARIED.values() for plan in (PLANS["all_kinds"], BARGAINED)]
CASES += [(variant, random_plan(variant, seed, columns=seed % 2 == 0)) for seed, variant in enumerate(RANDOM)]
IDS = [f"{name}-{plan}" for name in VARIED for plan in ("all_kinds", "bargained")]
IDS += [f"random_{seed}" for seed in range(len(RANDOM))]


def outcome_of(variant: Variant, plan: Plan) -> Outcome:
    return evaluate_plan(variant.city, variant.scenario, changed_book(variant.changes), plan)


@pytest.fixture(scope="module", params=CASES, ids=IDS)
def seen(request: pytest.FixtureRequest) -> tuple[Variant, Outcome]:
    variant, plan = request.param
    return variant, outcome_of(variant, plan)


def test_nobody_is_lost_and_no_zone_holds_more_than_its_room(seen: tuple[Variant, Outcome]) -> None:
    variant, outcome = seen
    for group in ("registered", "tenants", "other"):
        totals = outcome[f"residents_{group}"].sum(axis=1)
        assert totals == pytest.approx(totals[0], rel=1e-12)
        assert outcome[f"residents_{group}"].min() >= -1e-9
    zones, n_zones = variant.city.zones, variant.city.n_zones
    room = zones.housing_floor_area_m2 * zones.vacant_share / changed_book(variant.changes)("settle.m2_per_person")
    displaced = (outcome["residents_registered"] + outcome["residents_tenants"])[:, :n_zones]
    unhoused = np.maximum(0.0, displaced - room).sum(axis=1)
    assert unhoused == pytest.approx(outcome["unhoused_by_year"], abs=1e-6)
    assert unhoused == pytest.approx(np.maximum(0.0, displaced.sum(axis=1) - room.sum()), abs=1e-6)


def test_who_pays_and_who_gets(seen: tuple[Variant, Outcome]) -> None:
    _, outcome = seen
    both = outcome["net_present_value_government_cny"] + outcome["net_present_value_developer_cny"]
    assert both == pytest.approx(outcome["net_present_value_cny"] + outcome["present_value_taxes_cny"], abs=1.0)
    assert outcome["net_cash_flow_by_village"].sum(axis=0) == pytest.approx(outcome["net_cash_flow_by_year"], abs=1.0)


def test_signs_of_the_markets(seen: tuple[Variant, Outcome]) -> None:
    _, outcome = seen
    assert (outcome["flow_factor"] <= 1.0).all()
    own = outcome["rental_places_persons"] > 0.0
    assert ((outcome["rent_factor"] <= 1.0) == (outcome["rental_places_net_persons"] >= 0.0))[:, own].all()
    assert outcome["rent_growth_per_yr"] >= 0.0
    assert (outcome["commodity_sold_m2"].sum(axis=0) <= outcome["commodity_m2"].sum() + 1e-6).all()


def test_the_varied_cases_reach_what_they_are_for() -> None:
    found = {name: outcome_of(variant, PLANS["all_kinds"]) for name, variant in VARIED.items()}
    assert found["a_full_zone"]["unhoused_persons"] == 0.0
    asked = found["lively_markets"]["residents_tenants"][5, :4]
    assert found["a_full_zone"]["residents_tenants"][5, :4] != pytest.approx(asked, rel=1e-3)
    assert found["a_full_city"]["unhoused_persons"] > 1_000.0
    least = 0.05**-0.6
    assert found["a_district_of_rooms_alone"]["stock_factor"].max() == pytest.approx(least)
    hill = found["a_district_without_stock"]
    new_m2 = (hill["commodity_m2"] + hill["resettlement_m2"]).sum()
    assert hill["stock_factor"][-1, 2] == pytest.approx((1 + new_m2 / 5.6e6) ** -0.6)
    assert hill["flow_factor"][7, 2] == pytest.approx((1 + 0.4 * hill["commodity_m2"][0] / (0.012 * 5.6e6)) ** -0.5)
    assert found["dear_consent"]["consent_multiplier"].max() > 1.0
    assert found["all_on_site"]["consent_missed"].all()
    late = outcome_of(VARIED["growing_prices"], LATE_REHABILITATION)
    assert 10 + late["lag_years"][2] > late["last_state_year"]
    assert late["lag_rehabilitation_years"].tolist() == [5, 2, 8]
