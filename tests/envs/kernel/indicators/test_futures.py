"""Robust indicators: plain loops, the stress command's numbers, the plain indicator where nothing moves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import FuturesSample, Scenario, Target
from data.scenario_files import load_scenario
from envs.choices.anchors import anchor_digest
from envs.futures.spread import chance, spread_of
from envs.futures.stress import stress_plans
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.evaluate import evaluate_yearly_by_district
from envs.kernel.futures.market_paths import block_of_paths, market_model
from envs.kernel.futures.robust_names import CHANCE, MEASURES, ROBUST, STATISTICS, robust_name
from envs.kernel.indicators.registry import INDICATORS, told_indicators
from oracles.robust_money import measured, net_and_cost, worst_mean
from plan_fixtures import random_plans

NAMES = list(ROBUST)
GROWTH = {"price.growth": 0.01, "cost.growth": 0.02}
STILL = {"price.volatility": 0.0, "futures.cost_volatility": 0.0, "futures.rent_volatility": 0.0}
TAIL = 0.1


def tiny(
    number: int = 64, targets: tuple[Target, ...] = (), parameters: Mapping[str, float] = GROWTH
) -> ResolvedScenario:
    sample = FuturesSample(number=number, seed=7, tail_share=TAIL)
    update = {"futures": sample, "targets": targets, "parameters": dict(parameters)}
    return resolve(load_scenario("tiny").model_copy(update=update), load_city("tiny"))


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return tiny()


def test_they_are_what_plain_loops_say(resolved: ResolvedScenario) -> None:
    plans = random_plans(resolved, 3, 3)
    account = {name: np.asarray(flow) for name, flow in evaluate_yearly_by_district(resolved, plans).items()}
    for derived in ("net_cash_flow_cny", "housing_supply_m2", "net_rental_places", "sale_price_factor", "rent_factor"):
        del account[derived]
    account["normal_sales_m2"] = np.broadcast_to(account["normal_sales_m2"], account["commodity_sold_m2"].shape)
    n_years = resolved.clock.last_flow_year + 1
    n_districts = len(resolved.city.districts)
    paths = block_of_paths(market_model(resolved.book), 7, 0, n_districts=n_districts, n_years=n_years)
    book, told = resolved.book, evaluate(resolved, plans, indicators=NAMES)
    for plan in range(3):
        flows = {name: values[plan].tolist() for name, values in account.items()}
        found: list[dict[str, float]] = []
        for k in range(64):
            index = (paths.price[k].tolist(), paths.cost[k].tolist(), paths.rent[k].tolist())
            elasticity = book.number("sale.flow_elasticity")
            parts = net_and_cost(flows, *index, growth=(0.01, 0.02), elasticity=elasticity)
            transfers = book.number("finance.tax_and_fees") - book.number("finance.developer_margin")
            found.append(measured(*parts, rate=book.number("finance.discount_rate"), transfers=transfers))
        for measure in MEASURES:
            values = [each[measure] for each in found]
            good = INDICATORS[measure].sense == "max"
            mean, tail = sum(values) / 64, worst_mean(values, TAIL, more_is_better=good)
            assert told[robust_name(measure, "mean")][plan] == pytest.approx(mean, rel=1e-10), measure
            assert told[robust_name(measure, "tail_mean")][plan] == pytest.approx(tail, rel=1e-10), measure


def test_they_are_the_numbers_of_the_stress_command(resolved: ResolvedScenario) -> None:
    plans = random_plans(resolved, 4, 3)
    told = evaluate(resolved, plans, indicators=NAMES)
    stressed = stress_plans(resolved, plans, n_futures=64, seed=7)
    for name, (measure, statistic) in ROBUST.items():
        good = INDICATORS[measure].sense == "max"
        for plan in range(4):
            values = stressed.measures[measure][plan]
            spread = spread_of(values, more_is_better=good)
            expected = {
                "mean": spread.mean.value,
                "tail_mean": spread.tail_mean.value,
                "worst_decile": spread.quantiles[0 if good else 2].value,
                "chance": chance(values >= 0.0).value if good else float("nan"),
            }[statistic]
            assert told[name][plan] == pytest.approx(expected, rel=1e-9, nan_ok=True), name


def test_where_nothing_moves_they_are_the_plain_indicators() -> None:
    calm = tiny(2, parameters=GROWTH | STILL)
    plans = random_plans(calm, 4, 1)
    told = evaluate(calm, plans, indicators=[*MEASURES, *NAMES])
    for name, (measure, statistic) in ROBUST.items():
        if statistic != CHANCE:
            np.testing.assert_allclose(told[name], told[measure], rtol=1e-10, err_msg=name)


def test_a_doubled_sample_begins_with_the_same_futures(resolved: ResolvedScenario) -> None:
    """Twice the mean of twice as many, less the mean of the first half, is the mean of the second half's futures."""
    plans = random_plans(resolved, 3, 5)
    half, whole = (evaluate(tiny(n), plans, indicators=NAMES) for n in (64, 128))
    later = stress_plans(resolved, plans, n_futures=128, seed=7).measures["net_present_value_cny"][:, 64:]
    name = "net_present_value_mean_cny"
    np.testing.assert_allclose(2.0 * whole[name] - half[name], later.mean(axis=1), rtol=1e-9)


def test_a_chance_is_that_of_all_targets_of_its_measure() -> None:
    plans = random_plans(tiny(), 3, 3)
    values = stress_plans(tiny(), plans, n_futures=64, seed=7).measures["peak_funding_cny"]
    low, high = np.quantile(values, 0.3), np.quantile(values, 0.8)
    targets = (
        Target(indicator="peak_funding_cny", at_most=float(high)),
        Target(indicator="peak_funding_cny", at_least=float(low)),
        Target(indicator="total_cost_cny", at_most=1.0),
    )
    told = evaluate(tiny(targets=targets), plans, indicators=["peak_funding_chance", "total_cost_chance"])
    np.testing.assert_allclose(told["peak_funding_chance"], ((values >= low) & (values <= high)).mean(axis=1))
    assert not told["total_cost_chance"].any()


def test_scenarios_without_them_keep_their_digests() -> None:
    plain = Scenario()
    assert "futures" not in plain.digested()
    other = Scenario(futures=FuturesSample(number=128))
    assert other.digested()["futures"]["number"] == 128
    told = told_indicators(plain)
    assert not set(told) & set(NAMES)
    robust = plain.model_copy(update={"objectives": ("peak_funding_tail_mean_cny",)})
    assert set(told_indicators(robust)) - set(told) == {
        "peak_funding_mean_cny",
        "peak_funding_tail_mean_cny",
        "peak_funding_worst_decile_cny",
    }
    of_value = {robust_name("net_present_value_cny", statistic) for statistic in STATISTICS}
    assert set(told_indicators(other)) - set(told) == of_value


def test_digests_hang_on_what_moves_markets_where_futures_are_looked_at() -> None:
    def digests(objective: str, **parameters: float) -> tuple[str, str]:
        scenario = load_scenario("tiny").model_copy(update={"parameters": parameters, "objectives": (objective,)})
        found = resolve(scenario, load_city("tiny"))
        return "|".join(found.parameter_digests), anchor_digest(found, (objective,))

    plain, robust = "net_present_value_cny", "net_present_value_tail_mean_cny"
    wilder = {"futures.cost_volatility": 0.08}
    assert digests(plain)[0] == digests(plain, **wilder)[0]
    assert digests(robust)[0] != digests(robust, **wilder)[0]


def test_anchors_of_a_chance_hang_on_its_target(resolved: ResolvedScenario) -> None:
    other = tiny(targets=(Target(indicator="net_present_value_cny", at_least=1e9),))
    assert anchor_digest(resolved, ("mean_commute_km",)) == anchor_digest(other, ("mean_commute_km",))
    chances = ("net_present_value_chance",)
    assert anchor_digest(resolved, chances) != anchor_digest(other, chances)
