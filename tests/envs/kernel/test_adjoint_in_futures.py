"""Slopes of robust objectives: the plain ones where nothing moves, else central differences of the kernel."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from adjoint_fixtures import city, differences, plans_for
from data.parameter_book import load_book
from data.scenario import FuturesSample, Scenario, Target
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.adjoint import SLOPES
from envs.kernel.futures.robust_names import MEASURES, STATISTICS, robust_name
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, SEARCH, Trace
from plan_fixtures import random_plans

STILL = {"price.volatility": 0.0, "futures.cost_volatility": 0.0, "futures.rent_volatility": 0.0}
AT_A_YEAR = ("peak_funding_cny", "max_annual_cost_cny")
"""What falls in other years does not count."""
MOVING = {"price.growth": 0.01, "cost.growth": 0.02}


def in_futures(resolved: ResolvedScenario, number: int, **parameters: float) -> ResolvedScenario:
    sample = FuturesSample(number=number, seed=4, tail_share=0.15)
    scenario = resolved.scenario.model_copy(update={"futures": sample})
    return replace(resolved, scenario=scenario, book=resolved.book.override(parameters))


@cache
def without_a_market() -> ResolvedScenario:
    """A city in which one district without housing answers to the whole city."""
    drawn = synthesize_city(8, 20)
    housing = drawn.zones.housing_floor_area_m2 * (drawn.zones.district_idx > 0)
    zones = replace(drawn.zones, housing_floor_area_m2=housing)
    scenario = Scenario(plan_years=3, density_levels=2, facility_levels=2)
    return resolve(scenario, replace(drawn, zones=zones), load_book().override(MOVING))


@pytest.mark.parametrize("measure", [name for name in MEASURES if name in SLOPES])
@pytest.mark.parametrize("statistic", ["mean", "tail_mean", "worst_decile"])
@pytest.mark.parametrize("where", ["twelve", "without a market"])
def test_where_nothing_moves_they_are_the_plain_slopes(measure: str, statistic: str, where: str) -> None:
    resolved = city("twelve 0.35") if where == "twelve" else without_a_market()
    plans = plans_for(resolved)[slice(1, None)]
    trace = Trace(in_futures(resolved, 3, **STILL), plans, REPORT)
    plain = SLOPES[measure](trace, 0.0)
    robust = SLOPES[robust_name(measure, statistic)](trace, 0.0)
    assert set(robust) == set(plain)
    for quantity, slope in plain.items():
        size = np.abs(slope).max()
        np.testing.assert_allclose(robust[quantity], slope, rtol=1e-9, atol=1e-9 * size, err_msg=quantity)


@pytest.mark.parametrize(
    ("measure", "statistic", "where"),
    [
        ("net_present_value_cny", "tail_mean", "twelve"),
        ("net_present_value_cny", "mean", "without a market"),
        ("total_profit_cny", "worst_decile", "twelve"),
        ("total_cost_cny", "tail_mean", "twelve"),
        ("peak_funding_cny", "tail_mean", "twelve"),
        ("max_annual_cost_cny", "mean", "twelve"),
        ("government_npv_cny", "tail_mean", "twelve"),
    ],
)
def test_slopes_are_differences_over_futures(measure: str, statistic: str, where: str) -> None:
    resolved = in_futures(city("twelve 0.35") if where == "twelve" else without_a_market(), 20)
    plans = plans_for(resolved)[slice(1, None)]
    objective, village = robust_name(measure, statistic), resolved.city.n_villages // 2
    slopes = SLOPES[objective](Trace(resolved, plans, REPORT), 0.0)
    moved = 0
    for quantity, slope in slopes.items():
        exact = differences(resolved, plans, objective, quantity, village, 2)
        size = max(float(np.abs(exact).max()), 1e-300)
        np.testing.assert_allclose(slope[:, village, 2], exact, rtol=1e-6, atol=1e-6 * size, err_msg=quantity)
        moved += size > 1e-300
    assert moved >= (4 if measure in AT_A_YEAR else 5 if measure == "total_cost_cny" else 10)


def test_chances_are_climbed_also_by_plans_that_never_meet_the_target() -> None:
    """Smoothed, a chance grows with the measure: its slope is the mean's, scaled, where all futures weigh alike."""
    resolved = in_futures(city("twelve 0.35"), 20)
    plans = plans_for(resolved)[slice(1, None)]
    far = 1e13
    targets = (Target(indicator="net_present_value_cny", at_least=far),)
    resolved = replace(resolved, scenario=resolved.scenario.model_copy(update={"targets": targets}))
    trace = Trace(resolved, plans, SEARCH)
    chance = INDICATORS["net_present_value_chance"].value(trace)
    assert (chance == 0.0).all()
    climbed = SLOPES["net_present_value_chance"](trace, 1.0)
    mean = SLOPES["net_present_value_mean_cny"](trace, 1.0)
    for quantity, slope in mean.items():
        scale = np.abs(slope).max(axis=(1, 2), keepdims=True)
        ratio = climbed[quantity] / np.where(scale > 0.0, scale, 1.0)
        close = ratio / np.abs(ratio).max(axis=(1, 2), keepdims=True).clip(1e-300)
        np.testing.assert_allclose(close, slope / np.where(scale > 0.0, scale, 1.0), atol=0.02, err_msg=quantity)
    assert all(not slope.any() for slope in SLOPES["net_present_value_chance"](trace, 0.0).values())


def test_a_plan_that_keeps_everything_is_climbed_as_it_would_earn() -> None:
    """No plan, no spread: every future is the worst, and slopes are finite."""
    resolved = in_futures(city("twelve 0.35"), 20)
    empty = canonical(plans_for(resolved)[slice(0, 1)])
    for measure in MEASURES:
        for statistic in ("mean", "tail_mean", "worst_decile", "chance"):
            for slope in SLOPES[robust_name(measure, statistic)](Trace(resolved, empty, SEARCH), 1.0).values():
                assert np.isfinite(slope).all()


def test_search_precision_is_the_same_to_a_millionth_of_the_money() -> None:
    resolved = in_futures(without_a_market(), 50)
    plans = random_plans(resolved, 4, 1)
    for measure in MEASURES:
        quick, exact = (Trace(resolved, plans, precision).in_futures(measure) for precision in (SEARCH, REPORT))
        np.testing.assert_allclose(quick, exact, atol=1e-6 * np.abs(exact).max())


@pytest.mark.parametrize("measure", ["net_present_value_cny", "peak_funding_cny", "max_annual_cost_cny"])
def test_torch_is_numpy(measure: str) -> None:
    torch = pytest.importorskip("torch", reason="in the extra `train`")
    resolved = in_futures(city("twelve 0.35"), 20)
    plans = plans_for(resolved)[slice(1, None)]
    there = Plans(*(torch.as_tensor(column) for column in plans.columns))
    mine, theirs = (Trace(resolved, batch, REPORT) for batch in (plans, there))
    for statistic in STATISTICS:
        name = robust_name(measure, statistic)
        told = INDICATORS[name].value(theirs).numpy()
        np.testing.assert_allclose(told, INDICATORS[name].value(mine), rtol=1e-9, equal_nan=True)
        twin = SLOPES[name](theirs, 1.0)
        for quantity, slope in SLOPES[name](mine, 1.0).items():
            atol = 1e-9 * np.abs(slope).max(initial=0.0)
            np.testing.assert_allclose(twin[quantity].numpy(), slope, rtol=1e-7, atol=atol, err_msg=quantity)
