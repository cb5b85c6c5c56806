"""The ledger of plans: the evaluator's own numbers where nothing moves, and plain loops where prices do."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import Scenario
from data.scenario_files import load_scenario
from envs.futures.money_ledger import money_ledger
from envs.futures.money_measures import MEASURES, money_in
from envs.futures.stress import market_levels
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.evaluate import evaluate_yearly_by_district
from envs.kernel.futures.market_paths import MarketPaths, block_of_paths, market_model
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, Trace
from plan_fixtures import random_plans


def resolved_with(**parameters: float) -> ResolvedScenario:
    scenario: Scenario = load_scenario("tiny").model_copy(update={"parameters": parameters})
    return resolve(scenario, load_city("tiny"))


def one_path(resolved: ResolvedScenario) -> MarketPaths:
    n_years = resolved.clock.last_flow_year + 1
    return block_of_paths(market_model(resolved.book), 11, 0, n_districts=len(resolved.city.districts), n_years=n_years)


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return resolved_with(**{"price.growth": 0.01, "cost.growth": 0.02})


def test_where_nothing_moves_it_is_the_evaluator(resolved: ResolvedScenario) -> None:
    still = {"price.volatility": 0.0, "futures.cost_volatility": 0.0, "futures.rent_volatility": 0.0}
    calm = resolved_with(**{"price.growth": 0.01, "cost.growth": 0.02}, **still)
    plans, paths = random_plans(calm, 6, 3), one_path(calm)
    outcomes, ledger = evaluate(calm, plans, indicators=list(MEASURES)), money_ledger(Trace(calm, plans, REPORT))
    for plan in range(plans.n_plans):
        told = money_in(ledger, plan, paths)
        for name in MEASURES:
            expected = np.full(len(paths.cost), float(outcomes[name][plan]))
            assert told[name] == pytest.approx(expected, rel=1e-9, abs=1e-3, nan_ok=True), name


def test_a_future_is_what_plain_loops_say(resolved: ResolvedScenario) -> None:
    """Item by item, district by district, year by year from the account; the index moves what the market takes."""
    plans, paths = random_plans(resolved, 3, 3), one_path(resolved)
    account = {name: np.asarray(flow) for name, flow in evaluate_yearly_by_district(resolved, plans).items()}
    book, ledger = resolved.book, money_ledger(Trace(resolved, plans, REPORT))
    rate, elasticity = book.number("finance.discount_rate"), book.number("sale.flow_elasticity")
    rents = ("housing_rent", "employment_rent", "terminal_value_housing", "terminal_value_employment")
    fixed = ("resettlement_sales",)
    derived = (
        "net_cash_flow_cny",
        "commodity_sold_m2",
        "normal_sales_m2",
        "housing_supply_m2",
        "net_rental_places",
        "sale_price_factor",
        "rent_factor",
    )
    for plan in range(3):
        told = money_in(ledger, plan, paths)
        for future in (0, 5, 1023):
            value = 0.0
            for year in range(resolved.clock.last_flow_year + 1):
                flow = 0.0
                for district in range(len(resolved.city.districts)):
                    for name, items in account.items():
                        if name in derived:
                            continue
                        amount = items[plan, district, year]
                        if name in ("commodity_sales", "sales_cost"):
                            sold = account["commodity_sold_m2"][plan, district, year]
                            normal = account["normal_sales_m2"][plan, district, year]
                            index = paths.price[future, district, year]
                            amount *= index / 1.01**year
                            swallowed = normal * index / 1.01**year
                            amount *= ((1 + sold / swallowed) / (1 + sold / normal)) ** -elasticity
                        elif name in rents:
                            amount *= paths.rent[future, year]
                        elif name not in fixed:
                            amount *= paths.cost[future, year] / 1.02**year
                        flow += amount
                value += flow / (1 + rate) ** year
            assert told["net_present_value_cny"][future] == pytest.approx(value, rel=1e-10)


def test_a_plan_that_keeps_everything_has_no_money_to_lose(resolved: ResolvedScenario) -> None:
    keep = random_plans(resolved, 1, 3)
    keep = canonical(Plans(0 * keep.start_year, *keep.columns[1:]))
    told = money_in(money_ledger(Trace(resolved, keep, REPORT)), 0, one_path(resolved))
    assert not told["net_present_value_cny"].any()
    assert np.isnan(told["payback_year"]).all()


def test_a_falling_market_swallows_less(resolved: ResolvedScenario) -> None:
    """Half the price in a year sells for less than half: the same floor is more of what the market takes."""
    plans = random_plans(resolved, 6, 3)
    ledger = money_ledger(Trace(resolved, plans, REPORT))
    ones = np.ones((1, ledger.costs_cny.shape[1]))
    level = np.ones((1, len(resolved.city.districts), ones.shape[1]))
    whole = ledger.sales_in(0, MarketPaths(level, ones, ones))
    half = ledger.sales_in(0, MarketPaths(0.5 * level, ones, ones))
    sells = whole[0] > 0.0
    assert sells.any()
    assert (half[0, sells] < 0.5 * whole[0, sells]).all()


def test_markets_as_a_plan_meets_them(resolved: ResolvedScenario) -> None:
    """Prices 10 % above their path everywhere, costs 20 % above theirs in half of the years that it pays in."""
    ledger = money_ledger(Trace(resolved, random_plans(resolved, 6, 3), REPORT))
    years = np.arange(ledger.costs_cny.shape[1])
    price = np.broadcast_to(1.1 * ledger.expected_price, (1, len(resolved.city.districts), years.size))
    raised = 1.0 + 0.2 * (years % 2)
    paths = MarketPaths(price, (raised * ledger.expected_cost)[None], np.ones((1, years.size)))
    told = market_levels(ledger, 0, paths)[0]
    paid = ledger.costs_cny[0] * ledger.expected_cost * (1.0 + ledger.discount_rate_per_yr) ** -years
    assert told == pytest.approx([1.1, float(raised @ paid / paid.sum()), 1.0])
