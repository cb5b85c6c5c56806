"""What must hold of any plan, and one cash-flow table by hand, on a city of 4 zones and 3 villages."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.city import ObservedCommute, Skim
from data.parameter_book import load_book
from data.scenario import CategoryWeights, Scenario
from oracles.capital import COST_ITEMS, REVENUE_ITEMS
from oracles.case import Outcome
from oracles.evaluate import evaluate_plan
from oracles.form import Parameter
from oracles.small_book import BOOK, changed_book, small_book
from oracles.small_city import PLANS, decision, small_city
from oracles.timing import read_phases

SCENARIO = Scenario(plan_years=10)
NAMES = tuple(PLANS)


def outcome_of(name: str, parameter: Parameter = small_book) -> Outcome:
    return evaluate_plan(small_city(), SCENARIO, parameter, PLANS[name])


def whole_book(key: str) -> Any:
    return load_book()[key].value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parameter", [small_book, whole_book])
def test_residents_workers_and_jobs_add_up(name: str, parameter: Parameter) -> None:
    outcome = outcome_of(name, parameter)
    for key in ("residents_registered", "residents_tenants", "residents_other", "residents", "workers"):
        totals = outcome[key].sum(axis=1)
        assert totals == pytest.approx(totals[0], rel=1e-12), key
        assert outcome[key].min() >= 0.0
    assert outcome["jobs"].sum(axis=1) == pytest.approx(outcome["workers"].sum(axis=1), rel=1e-12)
    assert outcome["jobs"].min() >= 0.0


@pytest.mark.parametrize("name", NAMES)
def test_trips_meet_both_margins(name: str) -> None:
    outcome = outcome_of(name)
    assert outcome["trips"].sum(axis=2) == pytest.approx(outcome["workers"], rel=1e-10)
    assert outcome["trips"].sum(axis=1) == pytest.approx(outcome["jobs"], rel=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_supply_is_what_residents_reach(name: str) -> None:
    outcome = outcome_of(name)
    reached = (outcome["accessibility_m2_per_1000"] * outcome["residents"][:, None, :]).sum(axis=2) / 1000.0
    assert reached == pytest.approx(outcome["supply_m2"].sum(axis=2), rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parameter", [small_book, whole_book])
def test_accounts_add_up(name: str, parameter: Parameter) -> None:
    outcome = outcome_of(name, parameter)
    both = outcome["net_present_value_developer_cny"] + outcome["net_present_value_government_cny"]
    assert both == pytest.approx(outcome["net_present_value_cny"] + outcome["present_value_taxes_cny"], abs=1.0)
    flow = outcome["cash_flow"]
    table = sum(flow[item] for item in REVENUE_ITEMS) - sum(flow[item] for item in COST_ITEMS)
    discount = (1.0 + parameter("finance.discount_rate")) ** -np.arange(table.shape[1], dtype=float)
    assert (table @ discount).sum() == pytest.approx(outcome["net_present_value_cny"], abs=1.0)
    margin = parameter("finance.developer_margin") * (flow["commodity_sales"] @ discount).sum()
    assert outcome["net_present_value_developer_cny"] == pytest.approx(margin, abs=1.0)
    district = outcome["net_present_value_by_district_cny"].sum()
    assert district == pytest.approx(outcome["net_present_value_cny"], abs=1.0)


def test_empty_plan_changes_nothing() -> None:
    outcome = outcome_of("empty")
    for key in ("residents", "workers", "jobs", "supply_m2", "mean_commute_km_by_year", "stock_factor", "rent_factor"):
        series = outcome[key]
        assert series == pytest.approx(np.broadcast_to(series[0], series.shape), rel=1e-12)
    assert outcome["net_present_value_cny"] == 0.0
    assert outcome["peak_funding_cny"] == 0.0
    assert outcome["embodied_carbon_tco2e"] == 0.0
    assert outcome["social_tie_share"] == 1.0
    for absent in ("internal_rate_of_return", "payback_year", "return_on_cost_ratio", "mean_commute_km_affected"):
        assert math.isnan(outcome[absent]), absent


def test_everything_is_finite_where_something_is_done() -> None:
    outcome = outcome_of("all_kinds")
    for key, value in outcome.items():
        if isinstance(value, float | np.ndarray):
            assert np.isfinite(np.asarray(value, dtype=float)).all(), key
    assert outcome["valid"]


def test_cash_flow_table_by_hand() -> None:
    """Village 1, rebuilt from year 2 at FAR 2.6: site 140,000 m2, floor 120,000 m2, 900 registered, on-site 0.667."""
    outcome = outcome_of("all_kinds")
    flow = {item: series[0] for item, series in outcome["cash_flow"].items()}
    assert flow["compensation"][2] == pytest.approx((66_000 * 900 + 54_000 * 800 + 375 * 50_000) * 1.01**2)
    assert flow["monetary_resettlement"][2] == pytest.approx(900 * 0.333 * 50 * 0.8 * 66_000 * 1.01**2)
    assert flow["transition_allowance"][2:7] == pytest.approx([900 * 0.667 * 24_000 * 1.01**t for t in range(2, 7)])
    assert flow["transition_allowance"][7:].sum() == 0.0
    assert np.flatnonzero(flow["demolition"]).tolist() == [3]
    assert flow["demolition"][3] == pytest.approx(12e6 * 1.01**3)
    assert np.flatnonzero(flow["construction"]).tolist() == [4, 5, 6]
    new_m2, facility_m2 = 2.6 * 84_000, 0.08 * 2.6 * 84_000
    a_year = [1.01**year / 3 for year in (4, 5, 6)]
    assert flow["basement_parking"][4:7] == pytest.approx([0.3 * (new_m2 - facility_m2) * 4_000 * y for y in a_year])
    assert flow["infrastructure"][4:7] == pytest.approx([(140_000 * 500 + 28_000 * 400) * y for y in a_year])
    rest_m2 = new_m2 - facility_m2 - 900 * 0.667 * 50 - 900 * 10
    places, capacity = 3.2e6 * 0.35 / 35 + 5_000, rest_m2 * 0.1 / 20 + 900 * 0.667
    rents = [(1 - 5_000 / places) ** -0.5, (1 - (5_000 - capacity) / places) ** -0.5]  # 900 x 0.667 sublet 20 of 50 m2
    assert outcome["rent_factor"][[2, 3, 7, 8], 0] == pytest.approx([1.0, rents[0], rents[0], rents[1]])
    assert flow["housing_rent"][7] == pytest.approx(
        rest_m2 * 0.1 * 110 * 12 * 0.92 * 0.75
    )  # above 1 rents gain nothing
    assert flow["terminal_value_housing"][30] == pytest.approx(flow["housing_rent"][30] / 0.042)
    assert flow["employment_rent"].sum() == 0.0
    stock_m2 = 3.2e6 + 0.1 * 120_000
    factor = (1 - 0.1 * 120_000 / stock_m2) ** -0.35 * (1 + 0.4 * rest_m2 * 0.9 / (0.012 * stock_m2)) ** -0.3
    assert outcome["price_factor"][7, 0] == pytest.approx(1.01**7 * factor)
    price = outcome["option_price_cny_per_m2"][0] * 1.01**7 * factor
    assert flow["commodity_sales"][7] == pytest.approx(rest_m2 * 0.9 * price * 0.4)
    assert np.flatnonzero(flow["commodity_sales"]).tolist() == [7, 8, 9]
    assert flow["resettlement_sales"][7] == pytest.approx(900 * 0.667 * 50 * 4_500)


def test_mixed_village_has_two_clocks() -> None:
    flow = {item: series[1] for item, series in outcome_of("all_kinds")["cash_flow"].items()}
    assert np.flatnonzero(flow["rehabilitation"]).tolist() == [5]
    assert flow["rehabilitation"].sum() == pytest.approx(47_500 * 1_200 * 1.01**5)
    assert np.flatnonzero(flow["construction"]).tolist() == [6, 7, 8]
    outcome = outcome_of("one_rehabilitated")
    supply = outcome["supply_m2"].sum(axis=(1, 2))
    assert np.flatnonzero(np.diff(supply)).tolist() == [4]  # conversions of year 3 serve from year 5
    assert supply[5] - supply[4] == pytest.approx(9_500.0)
    assert outcome["displaced_tenants_persons"] == pytest.approx(2_500 * (1 - 0.8 * 0.9))


def test_land_for_rental_only_has_no_commodity_floor() -> None:
    outcome = outcome_of("all_kinds")
    assert outcome["commodity_m2"][2] == 0.0
    assert outcome["rental_m2"][2] == pytest.approx(0.65 * outcome["rest_m2"][2])


def test_heritage_floor_lost() -> None:
    city = small_city()
    protected = replace(city, villages=replace(city.villages, rebuild_allowed=np.array([True, False, True])))
    outcome = evaluate_plan(protected, SCENARIO, small_book, PLANS["all_kinds"])
    assert outcome["heritage_floor_lost_m2"] == 47_500.0
    assert outcome_of("all_kinds")["heritage_floor_lost_m2"] == 0.0


def test_ratios_by_hand() -> None:
    outcome = outcome_of("all_kinds")
    demolished_m2 = 120_000 + 47_500 + 150_000
    assert outcome["demolished_share"] == pytest.approx(demolished_m2 / 365_000)
    assert outcome["demolished_legal_share"] == pytest.approx((66_000 + 28_500 + 75_000) / (66_000 + 57_000 + 75_000))
    new_m2 = 0.6 * (2.6 * 140_000 + 0.5 * 2.2 * 120_000 + 2.2 * 200_000)
    assert outcome["new_to_demolished_ratio"] == pytest.approx(new_m2 / demolished_m2)
    assert outcome["social_tie_share"] == pytest.approx(1 - (900 + 350 + 1_100) * 0.333 / 2_700)
    kg = new_m2 * 500 + demolished_m2 * 30 + 47_500 * 120
    assert outcome["embodied_carbon_tco2e"] == pytest.approx(kg / 1000)


@pytest.mark.parametrize(
    ("years", "lag", "assembly", "construction"),
    [
        ((1.0, 1.0, 2.5), 5, (1,), (2, 3, 4)),
        ((0.5, 1.0, 2.0), 4, (0, 1), (1, 2, 3)),
        ((0.1, 0.2, 0.7), 1, (0,), (0,)),
    ],
)
def test_phases(
    years: tuple[float, float, float], lag: int, assembly: tuple[int, ...], construction: tuple[int, ...]
) -> None:
    keys = ("time.approval", "time.land_assembly", "time.construction")
    phases = read_phases(changed_book(dict(zip(keys, years, strict=True))))
    assert phases.lag == lag
    assert phases.assembly_offsets == assembly
    assert phases.construction_offsets == construction


def test_too_little_floor_is_invalid() -> None:
    outcome = evaluate_plan(
        small_city(),
        SCENARIO,
        small_book,
        [decision(1, "rebuild", "mixed_use", 0.4, 0.1), decision(1, "rebuild", "mixed_use", 2.9, 0.1), decision()],
    )
    assert outcome["form_valid"].tolist() == [False, False, True]
    assert not outcome["valid"]
    assert outcome["rest_m2"][0] < 0.0 < outcome["rest_m2"][1]


def test_newcomers_wait_where_no_zone_has_room() -> None:
    parameter = changed_book({"settle.outflow_cap": 0.002})
    outcome = outcome_of("all_kinds", parameter)
    base = outcome["residents_other"][0, :4]
    assert (outcome["newcomers_sent_by_zone"] <= 0.002 * base + 1e-9).all()
    assert outcome["newcomers_waiting"].max() > 100.0
    arrived = outcome["newcomers_by_year"] + outcome["newcomers_waiting"]
    assert arrived[-1] == pytest.approx(outcome["newcomers_potential"], rel=1e-9)
    assert outcome["newcomers_sent_by_zone"].sum() == pytest.approx(outcome["newcomers_by_year"][-1].sum())


def test_a_high_reservation_raises_the_compensation() -> None:
    plain = outcome_of("all_kinds")
    dear = outcome_of("all_kinds", changed_book({"consent.legal_discount": 0.9, "comp.resettlement_area": 35.0}))
    assert (plain["consent_multiplier"] == 1.0).all()
    assert (dear["consent_multiplier"] > 1.0).any()
    ratio = dear["cash_flow"]["compensation"].sum(axis=1) / plain["cash_flow"]["compensation"].sum(axis=1)
    assert ratio == pytest.approx(dear["consent_multiplier"])
    within = ~dear["consent_missed"]
    assert (dear["consent_share"][within] >= BOOK["consent.threshold"] - 1e-9).all()


def test_observed_commute_is_met_by_the_declared_population() -> None:
    city = small_city(observed=ObservedCommute(mean_km=4.2, districts=("West",), source="test"))
    outcome = evaluate_plan(city, SCENARIO, small_book, PLANS["empty"])
    west = [0, 2, 4]
    trips = outcome["trips"][0][west]
    assert (trips * outcome["distance_km"][west]).sum() / trips.sum() == pytest.approx(4.2, abs=1e-9)
    assert outcome["mean_commute_km"] != pytest.approx(4.2, abs=0.01)


def test_skim_wins_over_computed_travel() -> None:
    skim = Skim(distance_km=np.full((7, 4), 8.0), minutes=np.full((7, 4), 30.0))
    outcome = evaluate_plan(small_city(skim=skim), SCENARIO, small_book, PLANS["all_kinds"])
    assert outcome["mean_commute_km"] == pytest.approx(8.0)
    assert outcome["mean_commute_min_affected"] == pytest.approx(30.0)


def test_rail_shortens_minutes_only_between_served_places() -> None:
    outcome = outcome_of("empty")
    slope = (outcome["minutes"] - 14.0) / outcome["distance_km"]
    served = np.isclose(slope, 2.7 * 0.85)
    assert served.any()
    assert np.isclose(slope[~served], 2.7).all()
    near = [0, 3, 4, 6]
    assert np.argwhere(served).tolist() == [[i, j] for i in near for j in near if j < 4]


@pytest.mark.parametrize(
    "chosen",
    [
        CategoryWeights(method="manual", weights={"education": 3.0, "health": 1.0}),
        CategoryWeights(method="ahp", comparisons=[[(j + 1) / (i + 1) for j in range(7)] for i in range(7)]),
        CategoryWeights(method="entropy"),
    ],
)
def test_category_weights_add_up_to_one(chosen: CategoryWeights) -> None:
    scenario = Scenario(plan_years=10, category_weights=chosen)
    outcome = evaluate_plan(small_city(), scenario, small_book, PLANS["one_rehabilitated"])
    weights = outcome["category_weights"]
    assert weights.sum() == pytest.approx(1.0)
    if chosen.method == "manual":
        assert weights[:2] == pytest.approx([0.75, 0.25])
    if chosen.method == "ahp":
        assert weights == pytest.approx(np.array([1 / (i + 1) for i in range(7)]) / sum(1 / (i + 1) for i in range(7)))


def test_plan_must_name_every_village() -> None:
    with pytest.raises(ValueError, match="2 decisions for 3 villages"):
        evaluate_plan(small_city(), SCENARIO, small_book, PLANS["empty"][:2])
