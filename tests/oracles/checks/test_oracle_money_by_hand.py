"""Money worked on paper: one village of the small city whose floor, prices and works are round numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.scenario import Scenario
from oracles.capital import Site, account, net_cash_flow, village_cash_flow
from oracles.evaluate import evaluate_plan
from oracles.finance import net_present_value
from oracles.form import Choice, Form, Parameter
from oracles.market import Market, market_of
from oracles.residents import Flows
from oracles.small_book import changed_book
from oracles.small_city import PLANS, decision, small_city
from oracles.timing import read_phases

FREE = {  # nothing but sales and rents
    "price.growth": 0.0,
    "price.elasticity": 0.0,
    "finance.sales_cost": 0.0,
    "finance.soft_cost": 0.0,
    "finance.contingency": 0.0,
    "cost.residential_highrise": 0.0,
    "cost.affordable_rental": 0.0,
    "cost.office_commercial": 0.0,
    "cost.municipal_infrastructure": 0.0,
    "cost.basement_ratio": 0.0,
    "comp.early_reward": 0.0,
    "comp.replacement_price": 0.0,
    "comp.unregistered_floor": 0.0,
    "comp.monetary_equiv": 0.0,
    "rent.vacancy": 0.0,
    "rent.opex": 0.0,
    "finance.discount_rate": 0.0,
}
LAST_YEAR = 12


def paper_site(floors_m2: Mapping[str, float], parameter: Parameter, *, delay_yr: float = 0.0) -> Site:
    """The first village, all rebuilt from year 1 (completed in year 6), at 50,000 CNY/m2."""
    nothing = dict.fromkeys(Form.__dataclass_fields__, 0.0) | {"valid": True}
    choice = Choice(1, 1.0, "mixed_use", 2.0, 0.0, delay_yr=delay_yr)
    phases = read_phases(parameter, delay_yr)
    flows = Flows(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Site(0, choice, Form(**(nothing | floors_m2)), flows, [0.0] * 7, 1.0, 0.0, 50_000.0, phases)


def paper_market(site: Site, parameter: Parameter, flows: Flows | None = None) -> Market:
    """The market that the first village alone moves; its district has 3.2 million m2 of housing."""
    kept = Choice(0, 0.0, "public_service", 0.0, 0.0)
    nothing = Form(**(dict.fromkeys(Form.__dataclass_fields__, 0.0) | {"valid": True}))
    none = Flows(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    choices, forms = [site.choice, kept, kept], [site.form, nothing, nothing]
    all_flows = [none if flows is None else flows, none, none]
    return market_of(small_city(), choices, forms, all_flows, [site.phases] * 3, LAST_YEAR, parameter)


def test_a_market_swallows_only_so_much() -> None:
    """50,000 m2 a year at 50,000 CNY; 100,000 m2 a year are normal: twice 2.5 bn x 1.5^-0.2."""
    parameter = changed_book(
        FREE
        | {
            "sale.flow_elasticity": 0.2,
            "sale.absorption": [0.5, 0.5],
            "market.rooms_as_housing": 0.0,
            "sale.normal_share_of_stock": 1 / 32,
        }
    )
    site = paper_site({"commodity_m2": 100_000.0}, parameter)
    market = paper_market(site, parameter)
    assert market.normal_m2[0] == pytest.approx(100_000.0)
    assert [row[0] for row in market.sold_m2][5:9] == [0.0, 50_000.0, 50_000.0, 0.0]
    flow = village_cash_flow(small_city(), site, market, parameter, LAST_YEAR)
    value = net_present_value(net_cash_flow(flow), 0.0)
    assert value == pytest.approx(2 * 2.5e9 * 0.922108, rel=1e-6)
    assert value == pytest.approx(4.610540e9, rel=1e-6)


def test_stock_counts_the_year_after_completion_and_rooms_by_their_share() -> None:
    """3.2 million m2 and a tenth of 120,000; 12,000 m2 less from year 2, 100,000 more from year 7."""
    parameter = changed_book(FREE | {"price.elasticity": 1.0, "market.rooms_as_housing": 0.1})
    site = paper_site({"commodity_m2": 80_000.0, "resettlement_m2": 20_000.0, "demolished_m2": 120_000.0}, parameter)
    factors = [row[0] for row in paper_market(site, parameter).stock_factor]
    assert factors[:2] == [1.0, 1.0]
    assert factors[2:7] == pytest.approx([3_212_000 / 3_200_000] * 5)
    assert factors[7:] == pytest.approx([3_212_000 / 3_300_000] * 6)


def rent_case(left: float, capacity: float, changes: Mapping[str, Any] = {}) -> tuple[Market, dict[str, list[float]]]:
    """Rental and employment floor of 1,000 m2 each at 110 and 132 CNY a month; 37,000 rental places."""
    parameter = changed_book(FREE | {"rent.elasticity": 0.5} | dict(changes))
    site = paper_site({"rental_m2": 1_000.0, "employment_m2": 1_000.0}, parameter)
    market = paper_market(site, parameter, Flows(0.0, left, 0.0, 0.0, capacity, 0.0))
    return market, village_cash_flow(small_city(), site, market, parameter, LAST_YEAR)


def test_lost_rooms_raise_rents_but_not_the_project_s() -> None:
    """3.2 million m2 x 0.35 / 35 + 5,000 tenants = 37,000 places; 3,700 lost: 0.9^-0.5 = 1.054093."""
    market, flow = rent_case(3_700.0, 0.0)
    assert market.rental_places_persons[0] == pytest.approx(37_000.0)
    factors = [row[0] for row in market.rent_factor]
    assert factors == pytest.approx([1.0, 1.0] + [1.054093] * 11, rel=1e-6)
    assert flow["housing_rent"][5:8] == pytest.approx([0.0, 1_320_000.0, 1_320_000.0])
    assert flow["employment_rent"][5:8] == pytest.approx([0.0, 1_584_000.0, 1_584_000.0])


def test_places_won_lower_the_project_s_housing_rent_alone() -> None:
    """3,700 places more from year 7: 1.1^-0.5 = 0.953463; a last year at 4 and at 5 %: 31.464268 and 31.68 million."""
    market, flow = rent_case(0.0, 3_700.0, {"finance.cap_rate_rental": 0.04, "finance.cap_rate": 0.05})
    assert [row[0] for row in market.rent_factor][6:8] == pytest.approx([1.0, 0.953463], rel=1e-6)
    assert flow["housing_rent"][6:8] == pytest.approx([1_320_000.0, 1_258_570.7], rel=1e-6)
    assert flow["terminal_value_housing"][LAST_YEAR] == pytest.approx(31_464_268.0, rel=1e-6)
    assert flow["terminal_value_employment"][LAST_YEAR] == pytest.approx(31_680_000.0)
    assert sum(flow["terminal_value_housing"][:LAST_YEAR]) == 0.0


def test_a_subsidy_moves_between_accounts_alone() -> None:
    """1,000 CNY for each of 1,000 m2 in year 6 at 5 %: 1,000,000 / 1.05^6 = 746,215.40."""
    changes = FREE | {"finance.discount_rate": 0.05, "policy.rental_subsidy": 1_000.0}
    found = []
    for parameter in (changed_book(changes), changed_book(changes | {"policy.rental_subsidy": 0.0})):
        site = paper_site({"rental_m2": 1_000.0, "commodity_m2": 1_000.0}, parameter)
        flow = village_cash_flow(small_city(), site, paper_market(site, parameter), parameter, LAST_YEAR)
        found.append(account(small_city(), site, flow, parameter))
    given, none = found
    assert given.subsidy == pytest.approx(746_215.40, abs=0.01)
    assert given.residual_land_value - none.residual_land_value == pytest.approx(746_215.40, abs=0.01)
    assert given.project == none.project
    assert given.developer == pytest.approx(none.developer)
    assert given.government == pytest.approx(none.government)  # it pays the subsidy and receives it in the land's price
    assert given.government + given.developer == pytest.approx(given.project + given.taxes)


def test_costs_grow_as_prices_do_unless_their_growth_is_given() -> None:
    """2 % a year: sales of year 6 x 1.02^6, demolition of year 2 x 1.02^2; with cost.growth 0 the latter stays."""
    changes = FREE | {"price.growth": 0.02, "sale.flow_elasticity": 0.0, "sale.absorption": [1.0]}
    for more, demolition in (({}, 1_040_400.0), ({"cost.growth": 0.0}, 1_000_000.0)):
        parameter = changed_book(changes | more)
        site = paper_site({"commodity_m2": 1_000.0, "demolished_m2": 10_000.0}, parameter)
        flow = village_cash_flow(small_city(), site, paper_market(site, parameter), parameter, LAST_YEAR)
        assert flow["demolition"][2] == pytest.approx(demolition)
        assert flow["commodity_sales"][6] == pytest.approx(50e6 * 1.126162419264)


def test_a_delay_of_three_tenths_of_a_year_moves_completion_by_a_year() -> None:
    """1 + 1 + 2.5 years are 5, and 4.8 with the delay still are; 1 + 1 + 2.8 = 4.8 are 5, and 5.1 with the delay 6."""
    assert [read_phases(changed_book({}), delay).lag for delay in (0.0, 0.3, 0.5, 0.6)] == [5, 5, 5, 6]
    longer = changed_book({"time.construction": 2.8})
    early, late = read_phases(longer), read_phases(longer, 0.3)
    assert (early.lag, late.lag) == (5, 6)
    assert (early.lag_rehabilitation, late.lag_rehabilitation) == (2, 3)
    assert (early.assembly_offsets, late.assembly_offsets) == ((1,), (1, 2))
    assert (early.construction_offsets, late.construction_offsets) == ((2, 3, 4), (2, 3, 4, 5))


def test_a_delay_leaves_the_start_and_the_horizon() -> None:
    plan = [dict(PLANS["all_kinds"][0], delay_yr=0.6), *PLANS["all_kinds"][1:]]
    scenario, parameter = Scenario(plan_years=10), changed_book({})
    before, after = (evaluate_plan(small_city(), scenario, parameter, p) for p in (PLANS["all_kinds"], plan))
    assert after["lag_years"].tolist() == [6, 5, 5]
    assert after["last_state_year"] == before["last_state_year"]
    first = small_city().n_zones
    gone = [outcome["residents"][:, first] for outcome in (before, after)]
    assert (gone[0][:7] == gone[1][:7]).all()  # people leave in year 2 all the same
    assert gone[1][7] == 0.0 < gone[0][7]
    sales = [np.flatnonzero(outcome["cash_flow"]["commodity_sales"][0]).tolist() for outcome in (before, after)]
    assert sales == [[7, 8, 9], [8, 9, 10]]
    allowance = [outcome["cash_flow"]["transition_allowance"][0] for outcome in (before, after)]
    assert np.flatnonzero(allowance[1]).tolist() == [2, 3, 4, 5, 6, 7]


def test_a_delay_beyond_the_account_is_refused() -> None:
    plan = [decision(1, "rebuild", "mixed_use", 2.4, 0.1) | {"delay_yr": 14.5}, decision(), decision()]
    with pytest.raises(ValueError, match="village 0: its delay"):
        evaluate_plan(small_city(), Scenario(plan_years=10), changed_book({}), plan)


def test_three_options_of_a_village_give_three_consents() -> None:
    scenario = Scenario(plan_years=10)
    dear = changed_book({"consent.legal_discount": 0.7})
    shares, offers = [], []
    for far, facility in ((1.4, 0.05), (2.0, 0.05), (2.0, 0.25)):
        plan = [decision(1, "rebuild", "mixed_use", far, facility), decision(), decision()]
        outcome = evaluate_plan(small_city(), scenario, dear, plan)
        offers.append(outcome["consent_house_cny"][0])
        shares.append(outcome["consent_at_1_share"][0])
        price = outcome["option_price_cny_per_m2"][0]
        services = 1 + 0.15 * (outcome["met_share_with_option"][0] - outcome["met_share_before"][0])
        assert price == pytest.approx(66_000 * services * (far / 2.0) ** -0.08)
        assert offers[-1] == pytest.approx(0.667 * 50 * (price - 4_500))
    assert offers[0] > offers[1]  # denser is cheaper
    assert offers[2] > offers[1]  # better served is dearer
    assert len(set(shares)) == 3


def test_columns_of_the_plan_replace_the_model_s_own() -> None:
    """Village 1 with 1.2 x compensation and 0.5 resettled on site; the others keep the model's."""
    plan = [dict(PLANS["all_kinds"][0], compensation_multiplier=1.2, onsite_share=0.5), *PLANS["all_kinds"][1:]]
    scenario, parameter = Scenario(plan_years=10), changed_book({})
    own, given = (evaluate_plan(small_city(), scenario, parameter, p) for p in (PLANS["all_kinds"], plan))
    flow = {item: series[:, 2] for item, series in given["cash_flow"].items()}
    paid = (66_000 * 900 + 54_000 * 800 + 375 * 50_000) * 1.2 * 1.01**2
    assert flow["compensation"][0] == pytest.approx(paid)
    assert flow["monetary_resettlement"][0] == pytest.approx(900 * 0.5 * 50 * 0.8 * 66_000 * 1.2 * 1.01**2)
    assert given["resettlement_m2"][0] == pytest.approx(900 * 0.5 * 50)
    assert given["registered_back"][0] == pytest.approx(450)
    assert given["consent_multiplier"][0] == 1.2
    for key in ("resettlement_m2", "registered_back", "consent_share"):
        assert given[key][1:] == pytest.approx(own[key][1:])


def test_columns_mean_nothing_where_nothing_is_rebuilt() -> None:
    columns = {"compensation_multiplier": 1.4, "onsite_share": 0.1, "delay_yr": 2.0}
    absent = {"compensation_multiplier": np.nan, "onsite_share": None}
    scenario, parameter = Scenario(plan_years=10), changed_book({})
    kept, rehabilitated = decision(), decision(3, facility_ratio=0.1)
    plain, ignored = (
        evaluate_plan(small_city(), scenario, parameter, plan)
        for plan in (
            [kept | absent, rehabilitated | {"delay_yr": 2.0}, kept],
            [kept | columns, rehabilitated | columns, kept | columns],
        )
    )
    for key in ("net_present_value_cny", "mean_commute_km", "service_accessibility"):
        assert plain[key] == ignored[key]
    assert ignored["lag_rehabilitation_years"].tolist() == [2, 4, 2]


def test_a_price_from_the_zone_means_the_zone_s_services() -> None:
    city = small_city()
    from_zone = replace(city, villages=replace(city.villages, price_of_zone=np.array([True, False, False])))
    own, zone = (
        evaluate_plan(c, Scenario(plan_years=10), changed_book({}), PLANS["all_kinds"]) for c in (city, from_zone)
    )
    assert zone["met_share_before"][1:] == pytest.approx(own["met_share_before"][1:])
    assert zone["met_share_before"][0] != pytest.approx(own["met_share_before"][0], abs=1e-6)
    assert zone["met_share_with_option"] == pytest.approx(own["met_share_with_option"])
