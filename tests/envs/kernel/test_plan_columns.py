"""What a plan may give besides its decisions: multiplier of the cash offer, on-site share and delay."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.parameter_book import load_book
from data.scenario import FixedVillage, Scenario
from envs.choices.options import option_space
from envs.kernel import REPORT, SEARCH, Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.evaluate import evaluate_yearly
from envs.kernel.plans import canonical, choose, concatenate, empty_plan, same_plans
from envs.kernel.trace import Precision, Trace
from oracles.small_book import BOOK
from oracles.small_city import small_city
from plan_fixtures import random_plans

NOTHING = float("nan")
WHOLE_YEARS = {"time.approval": 1.0, "time.land_assembly": 1.5, "time.construction": 2.5}


@cache
def resolved_small() -> ResolvedScenario:
    return resolve(Scenario(plan_years=10), small_city(), load_book().override(BOOK | WHOLE_YEARS))


def plans_with(plans: Plans, **given_columns: object) -> Plans:
    """The plans with columns, each a number for all villages or a list by village."""
    shape = plans.start_year.shape
    columns = {name: np.broadcast_to(np.asarray(value, float), shape).copy() for name, value in given_columns.items()}
    return replace(plans, **columns)


def test_canonical_columns() -> None:
    plans = Plans(
        start_year=np.array([[0, 1, 1]]),
        intensity=np.array([[2, 0, 2]]),
        land_use=np.array([[0, 0, 0]]),
        floor_area_ratio=np.full((1, 3), 2.0),
        facility_ratio=np.full((1, 3), 0.1),
    )
    said = canonical(plans_with(plans, compensation_multiplier=1.2, onsite_share=0.5, delay_yr=0.3))
    assert said.compensation_multiplier.tolist()[0] == pytest.approx([NOTHING, NOTHING, 1.2], nan_ok=True)
    assert said.onsite_share.tolist()[0] == pytest.approx([NOTHING, NOTHING, 0.5], nan_ok=True)
    assert said.delay_yr.tolist()[0] == pytest.approx([NOTHING, 0.3, 0.3], nan_ok=True)
    kept = canonical(plans_with(empty_plan(3), compensation_multiplier=1.2, delay_yr=0.3))
    assert kept.given == {}
    assert canonical(plans_with(plans, onsite_share=NOTHING)).given == {}


def test_batches_with_and_without_columns() -> None:
    plain = random_plans(resolved_small(), 2, seed=1)
    delayed = plans_with(plain, delay_yr=0.5)
    both = concatenate([plain, delayed])
    assert np.isnan(both.delay_yr[:2]).all()
    assert same_plans(both[2:], delayed)
    assert both.onsite_share is None
    mask = np.array([True, False, True])
    assert choose(mask, delayed, plain).delay_yr[0].tolist() == pytest.approx([0.5, NOTHING, 0.5], nan_ok=True)
    assert not same_plans(plain, delayed)
    assert len({plain.content, delayed.content, plans_with(plain, onsite_share=0.5).content}) == 3


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_models_own_values_change_nothing(seed: int) -> None:
    resolved = resolved_small()
    plans = canonical(random_plans(resolved, 2, seed))
    trace = Trace(resolved, plans, REPORT)
    said = plans_with(
        plans, compensation_multiplier=trace.consent_multiplier, onsite_share=resolved.onsite_share, delay_yr=0.0
    )
    own, same = evaluate(resolved, plans).values, evaluate(resolved, said).values
    for name, values in own.items():
        np.testing.assert_allclose(same[name], values, rtol=1e-9, atol=1e-9, err_msg=name)


def test_a_short_delay_of_whole_years_moves_everything_by_one() -> None:
    resolved = resolved_small()
    assert resolved.clock.phases.rebuild_lag_yr == 5
    one = np.array([[3, 0, 0]])
    plan = Plans(one, 2 * (one > 0), 0 * one, np.array([[2.4, 0.0, 0.0]]), np.array([[0.1, 0.0, 0.0]]))
    late = plans_with(plan, delay_yr=[0.3, NOTHING, NOTHING])
    before, after = (Trace(resolved, canonical(each), REPORT) for each in (plan, late))
    assert (before.completion_year[0, 0], after.completion_year[0, 0]) == (8, 9)
    np.testing.assert_array_equal(after.started, before.started)
    for state in ("completed", "rehabilitated"):
        np.testing.assert_array_equal(getattr(after, state)[:, :, 1:], getattr(before, state)[:, :, :-1])
    village = resolved.city.n_zones
    gone = [each.people(1.0, 1.0, 0.0)[village, 0] for each in (before, after)]
    assert gone[0][2] == gone[1][2]  # they leave at the start all the same
    assert np.flatnonzero(np.diff(gone[0]) > 0)[0] + 1 == np.flatnonzero(np.diff(gone[1]) > 0)[0]
    for item in ("commodity_sales", "resettlement_sales"):
        flows = [each.flows_by_district_cny[item].sum(axis=(0, 1)) for each in (before, after)]
        assert np.flatnonzero(flows[1])[0] == np.flatnonzero(flows[0])[0] + 1
    away = [each.flows_by_district_cny["transition_allowance"].sum(axis=(0, 1)) for each in (before, after)]
    assert [np.count_nonzero(flow) for flow in away] == [5, 6]
    assert (before.n_years, before.first_year) == (after.n_years, after.first_year)


def test_delays_of_one_schedule_share_a_calendar() -> None:
    resolved = resolved_small()
    plans = random_plans(resolved, 2, seed=3)
    delays = plans_with(plans, delay_yr=[0.0, 0.05, 0.4])
    trace = Trace(resolved, canonical(delays), SEARCH)
    assert 1 < len(trace.clocks) <= 3
    assert trace.clocks[0] is resolved.clock
    assert {clock.horizon for clock in trace.clocks} == {resolved.clock.horizon}


def test_years_that_are_left_out_change_nothing() -> None:
    resolved = resolved_small()
    compressed = Precision(REPORT.dtype, REPORT.rounds, REPORT.tolerance, all_years=False)
    plans = plans_with(random_plans(resolved, 3, seed=4), delay_yr=[2.5, NOTHING, 1.0], onsite_share=0.4)
    whole, short = (evaluate(resolved, plans, precision=each).values for each in (REPORT, compressed))
    for name in resolved.scenario.objectives:
        np.testing.assert_allclose(short[name], whole[name], rtol=1e-9, err_msg=name)


def test_one_by_one_is_the_batch() -> None:
    resolved = resolved_small()
    plain = random_plans(resolved, 2, seed=6)
    batch = concatenate([plain, plans_with(plain, delay_yr=[0.3, 4.0, NOTHING], compensation_multiplier=1.7)])
    together = evaluate(resolved, batch).values
    for k in range(batch.n_plans):
        for name, values in evaluate(resolved, batch[k : k + 1]).values.items():
            np.testing.assert_allclose(values[0], together[name][k], rtol=1e-9, atol=1e-9, err_msg=name)


def test_what_is_given_is_used() -> None:
    resolved = resolved_small()
    plans = random_plans(resolved, 4, seed=2)
    plain = Trace(resolved, canonical(plans), REPORT)
    dear = Trace(resolved, canonical(plans_with(plans, compensation_multiplier=2.0)), REPORT)
    rebuilt = plain.form.rebuilt_share > 0.0
    ratio = dear.amounts_cny["compensation"][rebuilt] / plain.amounts_cny["compensation"][rebuilt]
    assert ratio == pytest.approx(2.0 / plain.consent_multiplier[rebuilt])
    assert (dear.consent[rebuilt] > plain.consent[rebuilt]).any()
    moved = Trace(resolved, canonical(plans_with(plans, onsite_share=0.0)), REPORT)
    assert not moved.form.resettlement.any()
    assert not moved.moves.registered_back.any()
    assert (moved.offer.house_cny[rebuilt] == 0.0).all()
    assert (moved.amounts_cny["monetary_resettlement"] >= plain.amounts_cny["monetary_resettlement"]).all()


def test_torch_gives_the_same() -> None:
    resolved = resolved_small()
    plans = plans_with(
        random_plans(resolved, 2, seed=8), delay_yr=[0.3, NOTHING, 2.0], onsite_share=[0.2, 0.9, NOTHING]
    )
    expected = evaluate(resolved, plans).values
    for name, values in evaluate(resolved, plans.each(torch.as_tensor)).values.items():
        np.testing.assert_allclose(np.asarray(values), expected[name], rtol=1e-7, atol=1e-6, err_msg=name)


def test_fixed_villages_bring_their_columns() -> None:
    decision = FixedVillage(
        start_year=2,
        intensity="rebuild",
        land_use="commodity_housing",
        floor_area_ratio=2.4,
        facility_ratio=0.1,
        compensation_multiplier=1.4,
        delay_yr=0.3,
    )
    scenario = Scenario(plan_years=10, fixed={"v1": decision})
    resolved = resolve(scenario, small_city(), load_book().override(BOOK | WHOLE_YEARS))
    plans = random_plans(resolved, 3, seed=1)
    assert plans.compensation_multiplier[:, 0].tolist() == [1.4] * 3
    assert np.isnan(plans.delay_yr[:, 1:]).all()
    assert Trace(resolved, plans, REPORT).completion_year[:, 0].tolist() == [8] * 3
    start, option = option_space(resolved).encode(plans)
    assert same_plans(option_space(resolved).decode(start, option), plans)


def test_a_fixed_delay_that_outlasts_the_account_is_refused() -> None:
    book = load_book().override(BOOK | WHOLE_YEARS)
    longest = resolved_small().clock.longest_delay_yr
    assert longest == 20 + 1 - len(resolved_small().clock.absorption) - 5

    def fixed_with(delay_yr: float, intensity: str) -> Scenario:
        return Scenario(plan_years=10, fixed={"v1": FixedVillage(start_year=2, intensity=intensity, delay_yr=delay_yr)})

    resolve(fixed_with(longest, "rebuild"), small_city(), book)
    resolve(fixed_with(longest + 0.1, "rehabilitate"), small_city(), book)
    with pytest.raises(InputError, match=rf"v1.*delay_yr must be at most {longest:g}"):
        resolve(fixed_with(longest + 0.1, "rebuild"), small_city(), book)


def test_yearly_series_keep_their_length() -> None:
    resolved = resolved_small()
    plans = random_plans(resolved, 1, seed=1)
    plain, late = evaluate_yearly(resolved, plans), evaluate_yearly(resolved, plans_with(plans, delay_yr=3.0))
    assert {name: series.shape for name, series in plain.items()} == {n: series.shape for n, series in late.items()}
