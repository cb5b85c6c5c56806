"""Slopes of the objectives against central differences of the kernel itself, one quantity of one village at a time."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from adjoint_fixtures import FACTORS, city, differences, pinned, plans_for
from data.parameter_book import load_book
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.adjoint import (
    BY_OPTION,
    DELAYED,
    MONEY,
    PHYSICAL,
    SLOPES,
    accessibility_slope,
    choice_clocks,
    quantity_names,
    village_quantities,
)
from envs.kernel.adjoint.money import peak_funding_slope
from envs.kernel.futures.robust_names import ROBUST
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, SEARCH, Trace
from plan_fixtures import random_plans

SMOOTH = tuple(name for name in SLOPES if name not in BY_OPTION and name not in ROBUST)
"""Objectives that answer to what other villages do; the others are sums of what options decide alone.
Robust ones have a file of their own."""
AT_A_YEAR = ("peak_funding_cny", "max_annual_cost_cny")
"""Largest values over years: the empty plan has none, and what falls in other years does not count."""
MONEY_OBJECTIVES = ("net_present_value_cny", "total_profit_cny", "total_cost_cny", *AT_A_YEAR)


def compared(resolved: ResolvedScenario, plans: Plans, objective: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, slopes and differences of every quantity, shape (n_quantities, n_cases, n_plans) each."""
    slopes = SLOPES[objective](Trace(resolved, plans, REPORT), 0.0)
    last, n_years = resolved.city.n_villages - 1, resolved.clock.plan_years
    n_calendars = len(choice_clocks(resolved))
    kept = [(0, 1), (last, n_years), (0, n_years), (last, 1)][: 4 if n_calendars == 1 else 2]
    cases = [(v, y, c) for c in range(n_calendars) for v, y in kept]
    cases += [(resolved.city.n_villages // 2, 2, n_calendars - 1)]
    rows = {q: [y + c * (n_years + 1) * (q in DELAYED) for _, y, c in cases] for q in slopes}
    predicted = [[slopes[q][:, v, row] for (v, _, _), row in zip(cases, rows[q], strict=True)] for q in slopes]
    exact = [[differences(resolved, plans, objective, q, *case) for case in cases] for q in slopes]
    return list(slopes), np.array(predicted), np.array(exact)


@pytest.mark.parametrize(
    ("objective", "name"),
    [
        *product(SMOOTH, ["small 0.35", "twelve 0.35"]),
        *product(["net_present_value_cny", "mean_commute_km", "service_accessibility"], ["bargained 0.35"]),
        *product(["mean_commute_km", "service_accessibility"], ["full_zones 0.35"]),
        *product(["net_present_value_cny", "total_cost_cny"], ["twelve 0"]),
    ],
)
def test_slopes_are_differences_of_the_kernel(objective: str, name: str) -> None:
    resolved = city(name)
    plans = plans_for(resolved)[slice(objective in AT_A_YEAR, None)]
    names, predicted, exact = compared(resolved, plans, objective)
    size = np.abs(exact).max(axis=(1, 2))
    error = np.abs(predicted - exact).max(axis=1) / np.where(size > 0.0, size, 1.0)[:, None]  # by quantity and plan
    assert error[:, 0].max() < 1e-6
    assert error.max() < 1e-6, (names, error)
    moving = {"commodity", "resettlement", "demolished", "rental_places", "tenants_left"}
    flat = moving if resolved.book.number("price.elasticity") == 0.0 else set()
    if objective not in AT_A_YEAR:
        assert {q for q, largest in zip(names, size, strict=True) if largest == 0.0} == flat & set(names)


@pytest.mark.parametrize("seed", range(3))
def test_money_slopes_of_random_cities(seed: int) -> None:
    """Exact away from the kink of housing rents, which scarcity does not raise; the error at it is shown (`-s`)."""
    rng = np.random.default_rng(seed)
    drawn = synthesize_city(6 + 5 * seed, seed + 20)
    tenants = drawn.villages.tenants * rng.uniform(0.0, 0.3, drawn.n_villages)
    zones = drawn.zones
    if seed == 0:  # a district without housing or tenants answers to the whole city
        zones = replace(zones, housing_floor_area_m2=zones.housing_floor_area_m2 * (zones.district_idx > 0))
        tenants *= drawn.villages.district_idx > 0
    city = replace(drawn, zones=zones, villages=replace(drawn.villages, tenants=tenants))
    growth = {"price.growth": rng.uniform(-0.02, 0.02), "cost.growth": rng.uniform(-0.02, 0.02)}
    elasticities = dict(zip(FACTORS, rng.uniform(0.1, 1.0, 3), strict=True)) | {"market.rooms_as_housing": 0.1 * seed}
    resolved = resolve(Scenario(plan_years=4), city, load_book().override(growth | elasticities))
    assert resolved.constants.markets.has_all == (seed > 0)
    plans = random_plans(resolved, 3, seed)
    village, year = int(rng.integers(city.n_villages)), int(rng.integers(1, 5))
    plans.start_year[:, village] = year
    for objective in MONEY_OBJECTIVES:
        for quantity, slope in SLOPES[objective](Trace(resolved, canonical(plans), REPORT), 0.0).items():
            exact = differences(resolved, plans, objective, quantity, village, year)
            size = np.abs(exact).max() if np.abs(exact).max() > 0.0 else 1.0
            told = f"{objective} by {quantity}"
            np.testing.assert_allclose(slope[:, village, year], exact, rtol=1e-5, atol=1e-6 * size, err_msg=told)


def test_the_error_at_the_kink_of_rents_is_shown() -> None:
    """As many places as tenants who left: one tenant more earns nothing, one fewer lowers the rents."""
    resolved = city("twelve 0.35")
    plans = plans_for(resolved)
    source = Trace(resolved, plans, REPORT)
    level = replace(source.moves, tenants_left=source.moves.rental_places)
    trace = pinned(resolved, plans, source, {"moves": level})
    slope = SLOPES["net_present_value_cny"](trace, 0.0)["tenants_left"][..., resolved.city.n_villages // 2, 2]
    ends = []
    for step in (1.0, -1.0):
        left = level.tenants_left.copy()
        left[:, resolved.city.n_villages // 2] += step
        shift = {"moves": replace(level, tenants_left=left)}
        ends.append(indicator("net_present_value_cny").value(pinned(resolved, plans, source, shift)))
    central = (ends[0] - ends[1]) / 2.0
    sys.stdout.write(
        f"slopes at the kink of rents {slope.round(3)}, central differences {central.round(3)} CNY/person\n"
    )
    assert (slope == 0.0).all()
    assert (central >= 0.0).all()
    assert (central > 0.0).any()


def test_zones_are_full_where_the_names_say_so() -> None:
    for name, most_unhoused in (("full_zones 0.35", 0.0), ("full_city 0.35", np.inf)):
        overflow = Trace(city(name), plans_for(city(name)), REPORT).away.overflow
        assert overflow is not None
        assert (~overflow.has_room).sum(axis=0).max() >= 2
        assert (overflow.unhoused.max() == 0.0) == (most_unhoused == 0.0)


@pytest.mark.parametrize("objective", ["mean_commute_km", "service_accessibility"])
def test_slopes_in_a_city_without_room_are_near(objective: str) -> None:
    """Where people find no room anywhere the slopes are not exact; how far they are off is printed (run with -s)."""
    resolved = city("full_city 0.35")
    names, predicted, exact = compared(resolved, plans_for(resolved), objective)
    size = np.abs(exact).max(axis=(1, 2))
    error = (np.abs(predicted - exact).max(axis=(1, 2)) / np.where(size > 0.0, size, 1.0)).max()
    sys.stdout.write(f"{objective}, no room in the city: largest error {error:.2%} of the largest slope\n")
    assert error < 0.02, names


def test_every_quantity_has_a_slope_and_none_is_left_out() -> None:
    resolved = city("small 0.35")
    trace = Trace(resolved, plans_for(resolved), REPORT)
    found = {objective: set(slope(trace, 0.0)) for objective, slope in SLOPES.items()}
    assert all(names <= set(quantity_names([objective])) for objective, names in found.items())
    assert found["net_present_value_cny"] == {*MONEY, "tenants_left"}
    assert found["mean_commute_km"] | found["service_accessibility"] == {name for name, _ in PHYSICAL}
    shape = (trace.plans.n_plans, resolved.city.n_villages, resolved.clock.plan_years + 1)
    for slope in SLOPES.values():
        for values in slope(trace, 0.0).values():
            assert values.shape == shape
            assert (values[..., 0] == 0.0).all()


@pytest.mark.parametrize("column", ["floor_area_ratio", "facility_ratio"])
@pytest.mark.parametrize("objective", [name for name in SMOOTH if name != "max_annual_cost_cny"])
def test_quantities_and_slopes_foretell_a_small_change_of_a_plan(objective: str, column: str) -> None:
    resolved = city("twelve 0.35")
    plans = plans_for(resolved)[slice(1, None)]
    middle, names = resolved.city.n_villages // 2, quantity_names([objective])

    def scaled(factor: float) -> Plans:
        values = getattr(plans, column).copy()
        values[:, middle] *= factor
        return replace(plans, **{column: values})

    ends = [Trace(resolved, scaled(1.0 + sign * 1e-4), REPORT) for sign in (1.0, -1.0)]
    exact = np.subtract(*(indicator(objective).value(trace) for trace in ends))
    quantities = [np.stack(village_quantities(trace, names))[:, :, middle] for trace in ends]
    slopes = SLOPES[objective](Trace(resolved, plans, REPORT), 0.0)
    parts = np.array(
        [(quantities[0] - quantities[1])[names.index(name)] * slope[:, middle, 2] for name, slope in slopes.items()]
    )
    assert np.abs(exact).min() > 0.0
    error = np.abs(parts.sum(axis=0) - exact) / np.maximum(np.abs(parts).sum(axis=0), 1e-300)
    assert error.max() < 1e-6


@pytest.mark.parametrize("objective", BY_OPTION)
def test_what_options_decide_alone_adds_up_to_the_indicator(objective: str) -> None:
    resolved = city("twelve 0.35")
    trace, names = Trace(resolved, plans_for(resolved), REPORT), quantity_names([objective])
    (slope,) = SLOPES[objective](trace, 0.0).values()
    assert (slope[..., 1:] == 1.0).all()
    parts = village_quantities(trace, names)[names.index(objective)]
    np.testing.assert_allclose(parts.sum(axis=1), indicator(objective).value(trace), rtol=1e-12)


def test_a_plan_without_a_deficit_has_no_year_of_peak_funding() -> None:
    resolved = city("twelve 0.35")
    trace = Trace(resolved, plans_for(resolved), REPORT)
    for width in (0.0, 0.05):
        for slope in peak_funding_slope(trace, width=width).values():
            assert (slope[0] == 0.0).all()
            assert np.isfinite(slope).all()


def test_years_nearly_as_deep_count_the_less_the_narrower_the_peak_is_taken() -> None:
    """Two years with deficits of 99 and 100: at a width of 1 % they count as 1 to e."""
    resolved = city("twelve 0.35")
    trace = Trace(resolved, plans_for(resolved)[slice(1, 2)], REPORT)
    flow = np.zeros_like(trace.net_cash_flow_cny)
    flow[:, 1], flow[:, 2], flow[:, 3] = -99.0, -1.0, 1000.0
    trace.__dict__["net_cash_flow_cny"] = flow
    sharp, wide = (peak_funding_slope(trace, width=width)["flow_start"][0, 0, 1:4] for width in (0.0, 0.01))
    costs = trace.indices["costs"][1:4]
    np.testing.assert_allclose(sharp, -costs * [1.0, 1.0, 0.0], rtol=1e-12)
    np.testing.assert_allclose(wide, -costs * [1.0, np.e / (1.0 + np.e), 0.0], rtol=1e-9)


def test_the_smoothed_cap_is_the_slope_of_either_side_far_from_the_standard() -> None:
    resolved = city("twelve 0.35")
    trace = Trace(resolved, plans_for(resolved), REPORT)
    sharp, barely, wide = (accessibility_slope(trace, cap_width=width) for width in (0.0, 1e-9, 1.0))
    for name, slope in sharp.items():
        np.testing.assert_allclose(barely[name], slope, rtol=1e-9, atol=1e-18)
    assert any((np.abs(wide[name] - sharp[name]) > 1e-3 * np.abs(sharp[name]).max()).any() for name in sharp)


@pytest.mark.parametrize("objective", SMOOTH)
def test_search_precision_keeps_the_slopes(objective: str) -> None:
    resolved = city("twelve 0.35")
    plans = plans_for(resolved)
    exact, quick = (SLOPES[objective](Trace(resolved, plans, precision), 0.0) for precision in (REPORT, SEARCH))
    error = max(np.abs(quick[q] - exact[q]).max() / np.abs(exact[q]).max(initial=1e-300) for q in exact)
    sys.stdout.write(f"{objective}: slopes at search precision are off by {error:.1e} of the largest\n")
    for name, slope in exact.items():
        np.testing.assert_allclose(quick[name], slope, atol=1e-2 * np.abs(slope).max(initial=0.0), rtol=0.0)


@pytest.mark.parametrize("cap_width", [0.0, 1.0])
@pytest.mark.parametrize("objective", SMOOTH)
def test_torch_is_numpy(objective: str, cap_width: float) -> None:
    torch = pytest.importorskip("torch", reason="in the extra `train`")
    resolved = city("twelve 0.35")
    plans = plans_for(resolved)
    there = Plans(*(torch.as_tensor(column) for column in plans.columns))
    mine, theirs = (Trace(resolved, batch, REPORT) for batch in (plans, there))
    for one, other in zip(village_quantities(mine), village_quantities(theirs), strict=True):
        np.testing.assert_allclose(other.numpy(), one, rtol=1e-12)
    twin = SLOPES[objective](theirs, cap_width)
    for name, slope in SLOPES[objective](mine, cap_width).items():
        np.testing.assert_allclose(twin[name].numpy(), slope, rtol=1e-9, atol=1e-12 * np.abs(slope).max(initial=0.0))
