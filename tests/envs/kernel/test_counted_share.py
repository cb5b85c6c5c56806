"""A share of what each village moves counts: none is the plan without it, all is the plan, and sums are in between."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files.cities import load_city
from data.scenario import Scenario
from envs.kernel import REPORT, SEARCH, ResolvedScenario, evaluate, resolve
from envs.kernel.adjoint import village_quantities
from envs.kernel.adjoint.quantities import LIMITED, QUANTITIES
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.indicator import VillageSum
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import Plans, canonical, choose, concatenate, empty_plan
from envs.kernel.trace import Trace
from plan_fixtures import random_plans

MEASURES = [item.value for item in INDICATORS.values()]
SUMS = {name: item.value for name, item in INDICATORS.items() if isinstance(item.value, VillageSum)}


@cache
def tiny() -> ResolvedScenario:
    return resolve(Scenario(plan_years=6), load_city("tiny"))


def outcomes(plans: Plans, share: np.ndarray | None) -> dict[str, np.ndarray]:
    columns = measure_plans(tiny(), canonical(plans), MEASURES, precision=REPORT, counted_share=share)
    return dict(zip(INDICATORS, columns, strict=True))


def test_all_counts_as_without_a_share() -> None:
    plans = random_plans(tiny(), 3, seed=1)
    whole, shared = evaluate(tiny(), plans).values, outcomes(plans, np.ones(plans.start_year.shape))
    for name, values in whole.items():
        np.testing.assert_array_equal(shared[name], values, err_msg=name)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), counted=st.lists(st.booleans(), min_size=6, max_size=6))
def test_what_does_not_count_is_kept(seed: int, counted: list[bool]) -> None:
    plans = canonical(random_plans(tiny(), 1, seed))
    mask = np.array([counted])
    without = canonical(choose(mask, plans, empty_plan(6)))
    expected, shared = evaluate(tiny(), without).values, outcomes(plans, mask.astype(float))
    for name, values in expected.items():
        np.testing.assert_allclose(shared[name], values, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("precision", [REPORT, SEARCH])
def test_sums_and_quantities_are_linear_in_the_share(precision: object) -> None:
    plans = canonical(random_plans(tiny(), 2, seed=4))
    share = np.random.default_rng(5).random(plans.start_year.shape)
    whole, part = Trace(tiny(), plans, precision), Trace(tiny(), plans, precision, counted_share=share)  # type: ignore[arg-type]
    for name, total in SUMS.items():
        of_whole = total.by_village(whole)
        np.testing.assert_allclose(total.by_village(part), share * of_whole, rtol=2e-5, atol=2e-3, err_msg=name)
        assert np.any(of_whole > 0.0) or name == "heritage_floor_lost_m2" or name == "consent_flagged_villages"
    names = (*QUANTITIES, *LIMITED)
    for name, all_of_it, counted in zip(
        names, village_quantities(whole, names), village_quantities(part, names), strict=True
    ):
        np.testing.assert_allclose(counted, share * all_of_it, rtol=1e-12, atol=1e-9, err_msg=name)


def test_prices_terms_and_calendars_do_not_follow_the_share() -> None:
    plans = canonical(random_plans(tiny(), 2, seed=4))
    share = np.full(plans.start_year.shape, 0.25)
    share[0] = 0.0
    whole, part = Trace(tiny(), plans, REPORT), Trace(tiny(), plans, REPORT, counted_share=share)
    for name in ("sale_price_cny_per_m2", "consent_multiplier", "consent", "completion_year", "chosen", "started"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name), err_msg=name)
    np.testing.assert_array_equal(part.form.shortfall, whole.form.shortfall)
    np.testing.assert_array_equal(part.option_form.new_floor, whole.form.new_floor)


def test_affected_people_by_hand() -> None:
    plans = canonical(random_plans(tiny(), 1, seed=4))
    share = np.linspace(0.0, 1.0, 6)[None]
    trace = Trace(tiny(), plans, REPORT, counted_share=share)
    base, last = tiny().constants.base, trace.n_years - 1
    n_zones = tiny().city.n_zones
    now = trace.residents[n_zones:, 0, last]
    there = trace.of_renewed_villages(1.0, 1.0, 1.0)[:, 0, last]
    for village in range(6):
        s = share[0, village] if plans.start_year[0, village] else 0.0
        stays_as_it_is = (1.0 - s) * (base.registered[village] + base.tenants[village])
        assert there[village] == pytest.approx(now[village] - stays_as_it_is, abs=1e-9)


def test_a_batch_is_cut_with_its_shares() -> None:
    plans = concatenate([random_plans(tiny(), 2, seed=seed) for seed in range(20)])
    share = np.random.default_rng(1).random(plans.start_year.shape)
    measure = INDICATORS["net_present_value_cny"].value
    together = measure_plans(tiny(), canonical(plans), [measure], precision=SEARCH, threads=3, counted_share=share)[0]
    for row in (0, 17, 39):
        alone = Trace(tiny(), canonical(plans)[row : row + 1], SEARCH, counted_share=share[row : row + 1])
        assert together[row] == pytest.approx(float(measure(alone)[0]), rel=1e-9)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), level=st.floats(1e-6, 1.0))
def test_nothing_becomes_undefined(seed: int, level: float) -> None:
    plans = random_plans(tiny(), 1, seed)
    whole, part = evaluate(tiny(), plans).values, outcomes(plans, np.full((1, 6), level))
    may_vanish = {"internal_rate_of_return", "payback_year", "loan_cover_ratio"}
    for name in set(whole) - may_vanish:
        np.testing.assert_array_equal(np.isnan(part[name]), np.isnan(whole[name]), err_msg=name)


def test_sums_are_expectations_over_who_agrees_and_services_not_below() -> None:
    """All 2^6 ways in which villages may agree; caps are concave, so services at the expectation are better."""
    plans, share = canonical(random_plans(tiny(), 1, seed=4)), np.random.default_rng(5).random((1, 6))
    ways = np.array(list(product([0.0, 1.0], repeat=6)))
    chance = np.prod(np.where(ways > 0.0, share, 1.0 - share), axis=1)
    every = choose(ways > 0.0, concatenate([plans] * len(ways)), concatenate([empty_plan(6)] * len(ways)))
    outcome, counted = evaluate(tiny(), canonical(every)), outcomes(plans, share)
    for name in SUMS:
        np.testing.assert_allclose(counted[name][0], chance @ outcome[name], rtol=1e-9, atol=1e-9, err_msg=name)
    assert counted["service_accessibility"][0] > chance @ outcome["service_accessibility"]
    assert counted["net_present_value_cny"][0] == pytest.approx(chance @ outcome["net_present_value_cny"], rel=0.05)
