"""What must hold of any plan: sums, batches, order, libraries, precisions and accounts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario
from envs.kernel import REPORT, SEARCH, Plans, Precision, ResolvedScenario, evaluate, resolve
from envs.kernel.capital import net_present_value_cny
from envs.kernel.evaluate import evaluate_by_district, evaluate_yearly, evaluate_yearly_by_district, measure_plans
from envs.kernel.plans import canonical, concatenate
from envs.kernel.project_account import COST, ITEMS
from envs.kernel.trace import Trace
from oracles.small_book import BOOK
from oracles.small_city import small_city
from plan_fixtures import empty_plans, permuted_city, random_plans

COMPRESSED = Precision(REPORT.dtype, REPORT.rounds, REPORT.tolerance, all_years=False)
LEFT_OPEN = {"payback_year", "internal_rate_of_return"}
"""A year and a bisection: they are compared to their own resolution."""


@cache
def small_resolved() -> ResolvedScenario:
    return resolve(Scenario(plan_years=10), small_city(), load_book().override(BOOK))


def waiting_scenario() -> ResolvedScenario:
    """Zones may send so few residents that newcomers must wait; rental floor is subsidized."""
    tight = Scenario(plan_years=10, parameters={"settle.outflow_cap": 0.0005, "policy.rental_subsidy": 900.0})
    return resolve(tight, small_city(), load_book().override(BOOK))


def crowded_scenario() -> ResolvedScenario:
    """Displaced people need so much floor that zones are full, and in some years the whole city."""
    crowded = Scenario(plan_years=10, parameters={"settle.m2_per_person": 60.0})
    return resolve(crowded, small_city(), load_book().override(BOOK))


@pytest.fixture(scope="module", params=["small", "tiny", "waiting", "crowded"])
def resolved(request: pytest.FixtureRequest, small: ResolvedScenario, tiny: ResolvedScenario) -> ResolvedScenario:
    made = {"waiting": waiting_scenario, "crowded": crowded_scenario}
    return made[request.param]() if request.param in made else {"small": small, "tiny": tiny}[request.param]


@pytest.fixture(scope="module")
def plans(resolved: ResolvedScenario) -> Plans:
    return concatenate([random_plans(resolved, 6, seed=3), empty_plans(resolved)])


@pytest.fixture(scope="module")
def trace(resolved: ResolvedScenario, plans: Plans) -> Trace:
    return Trace(resolved, canonical(plans), REPORT)


def same(values: dict[str, Any], expected: dict[str, Any], rel: float, floor: float = 1e-12) -> None:
    assert values.keys() == expected.keys()
    for name, value in values.items():
        scale = np.nanmax(np.abs(expected[name]), initial=0.0)
        atol = max(floor, rel * float(scale))
        if name in LEFT_OPEN:
            atol = 1e-7
        np.testing.assert_allclose(np.asarray(value), expected[name], rtol=rel, atol=atol, err_msg=name)


def test_residents_workers_and_jobs_add_up(trace: Trace) -> None:
    base = trace.constants.base
    for rates in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)):
        group = trace.people(*rates).sum(axis=0)
        np.testing.assert_allclose(group, np.broadcast_to(group[:, :1], group.shape), rtol=1e-9)
    np.testing.assert_allclose(trace.residents.sum(axis=0), base.residents.sum(), rtol=1e-9)
    np.testing.assert_allclose(trace.workers.sum(axis=0), base.workers.sum(), rtol=1e-9)
    np.testing.assert_allclose(trace.jobs.sum(axis=0), base.workers.sum(), rtol=1e-9)
    for state in (trace.residents, trace.workers, trace.jobs):
        assert state.min() >= -1e-9


def test_report_meets_both_margins(trace: Trace) -> None:
    balanced, gravity = trace.balance, trace.constants.gravity
    workers = trace.columns(trace.workers)
    jobs = balanced.weight * (gravity.kernel_t @ (workers / balanced.reach))
    np.testing.assert_allclose(jobs, trace.columns(trace.jobs), rtol=1e-6)
    home = workers / balanced.reach * (gravity.kernel @ balanced.weight)
    np.testing.assert_allclose(home, workers, rtol=1e-6)


def test_supply_is_what_residents_reach(trace: Trace) -> None:
    """Nobody loses supply: what all residents reach is all the supply that reaches anybody."""
    residents = trace.columns(trace.residents)
    states, model = trace.facility_states, trace.constants.access
    new = states.new_floor_m2.sum(axis=0) + states.new_land_m2.sum(axis=0)
    first = trace.resolved.city.n_zones
    kept = np.einsum("nk,nc->c", model.supply[first:], states.standing)
    supply = model.supply[:first].sum() + kept + new
    reached = sum((access * residents).sum(axis=0) for access in trace.access)
    np.testing.assert_allclose(reached, supply, rtol=1e-9)


def test_batch_is_one_by_one(resolved: ResolvedScenario, plans: Plans) -> None:
    batch = evaluate(resolved, plans)
    single = [evaluate(resolved, plans[i : i + 1]) for i in range(plans.n_plans)]
    same(batch.values, {name: np.concatenate([one[name] for one in single]) for name in batch.values}, 1e-9)


def test_threads_and_chunks_change_nothing(tiny: ResolvedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = random_plans(tiny, 9, seed=5)
    whole = evaluate(tiny, plans)
    monkeypatch.setattr(import_module("envs.kernel.evaluate"), "PLANS_PER_CHUNK", 2)
    monkeypatch.setattr(import_module("envs.kernel.evaluate"), "LEAST_CELLS_PER_CHUNK", 1)
    monkeypatch.setattr(import_module("envs.kernel.tracing.services"), "BYTES_PER_BLOCK", 400)
    same(evaluate(tiny, plans, threads=2).values, whole.values, 1e-9)
    objectives = evaluate(tiny, plans, indicators=(), threads=2)
    same(objectives.values, {name: whole.values[name] for name in objectives.objectives}, 1e-9)


def test_permuting_villages_permutes_the_result(tiny: ResolvedScenario) -> None:
    order = np.array([4, 2, 0, 5, 1, 3])
    moved = resolve(tiny.scenario, permuted_city(tiny.city, order))
    plans = random_plans(tiny, 5, seed=7)
    permuted = Plans(*(column[:, order] for column in plans.columns))
    same(evaluate(moved, permuted).values, evaluate(tiny, plans).values, 1e-9)
    same(evaluate_by_district(moved, permuted), evaluate_by_district(tiny, plans), 1e-9)
    first = tiny.city.n_zones
    here, there = (Trace(r, canonical(p), REPORT).residents for r, p in ((tiny, plans), (moved, permuted)))
    np.testing.assert_allclose(there[first:], here[first:][order], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(there[:first], here[:first], rtol=1e-9)


def test_empty_plan_changes_nothing(resolved: ResolvedScenario) -> None:
    empty = empty_plans(resolved)
    for name, series in evaluate_yearly(resolved, empty).items():
        np.testing.assert_allclose(series, np.broadcast_to(series[:, :1], series.shape), rtol=1e-9, err_msg=name)
    trace = Trace(resolved, canonical(empty), REPORT)
    for state in (trace.residents, trace.workers, trace.jobs):
        np.testing.assert_allclose(state, np.broadcast_to(state[..., :1], state.shape), rtol=1e-12)
    np.testing.assert_allclose(trace.net_cash_flow_cny, 0.0)
    np.testing.assert_allclose(trace.residents[:, 0, 0], trace.constants.base.residents)


def test_kept_villages_choices_mean_nothing(small: ResolvedScenario) -> None:
    plans = random_plans(small, 4, seed=11)
    kept = plans.start_year == 0
    assert kept.any()
    odd = Plans(
        plans.start_year,
        np.where(kept, 2, plans.intensity),
        np.where(kept, 1, plans.land_use),
        np.where(kept, 2.5, plans.floor_area_ratio),
        np.where(kept, 0.2, plans.facility_ratio),
    )
    same(evaluate(small, odd).values, evaluate(small, plans).values, 1e-12)


def to_torch(plans: Plans) -> Plans:
    import torch

    return Plans(*(torch.as_tensor(column) for column in plans.columns))


@pytest.mark.parametrize(("precision", "rel"), [(REPORT, 1e-9), (SEARCH, 1e-5)], ids=["report", "search"])
def test_torch_agrees_with_numpy(resolved: ResolvedScenario, plans: Plans, precision: Precision, rel: float) -> None:
    pytest.importorskip("torch")
    names = None if precision == REPORT else resolved.scenario.objectives
    here = evaluate(resolved, plans, precision=precision, indicators=names)
    there = evaluate(resolved, to_torch(plans), precision=precision, indicators=names)
    assert all(value.dtype.is_floating_point and value.dtype.itemsize == 8 for value in there.values.values())
    same({name: value.numpy() for name, value in there.values.items()}, here.values, rel)


def test_search_is_close_to_report(resolved: ResolvedScenario, plans: Plans) -> None:
    fast = evaluate(resolved, plans, indicators=(), precision=SEARCH)
    exact = evaluate(resolved, plans, indicators=(), precision=REPORT)
    assert exact.exact
    assert not fast.exact
    assert fast["mean_commute_km"] == pytest.approx(exact["mean_commute_km"], abs=1e-3)
    assert fast["service_accessibility"] == pytest.approx(exact["service_accessibility"], abs=1e-5)
    assert fast["net_present_value_cny"] == pytest.approx(exact["net_present_value_cny"], rel=1e-12)


@pytest.mark.slow
def test_search_is_close_to_report_in_beijing() -> None:
    beijing = resolve(load_scenario("balanced"), load_city("beijing"))
    plans = concatenate([random_plans(beijing, 2, seed=1), empty_plans(beijing)])
    fast, exact = (evaluate(beijing, plans, indicators=(), precision=precision) for precision in (SEARCH, REPORT))
    assert fast["mean_commute_km"] == pytest.approx(exact["mean_commute_km"], abs=1e-3)
    assert fast["service_accessibility"] == pytest.approx(exact["service_accessibility"], abs=1e-5)
    assert fast["net_present_value_cny"] == pytest.approx(exact["net_present_value_cny"], rel=1e-12)


def test_years_in_which_nothing_changes_may_be_left_out(resolved: ResolvedScenario, plans: Plans) -> None:
    names = resolved.scenario.objectives
    short = evaluate(resolved, plans, indicators=names, precision=COMPRESSED)
    whole = evaluate(resolved, plans, indicators=names, precision=REPORT)
    same(short.values, whole.values, 1e-9)


def test_compressed_weights_are_a_mean(small: ResolvedScenario) -> None:
    trace = Trace(small, canonical(empty_plans(small)), COMPRESSED)
    clock = small.clock
    assert trace.n_years == clock.last_change_year < clock.horizon
    assert trace.year_weights.sum() == pytest.approx(1.0)
    assert trace.year_weights[0] == pytest.approx(1.0 / clock.horizon)


@pytest.mark.parametrize("from_year", [1, 4, 9])
def test_a_trace_may_leave_out_years_that_are_known(resolved: ResolvedScenario, from_year: int) -> None:
    plans = canonical(random_plans(resolved, 3, seed=8))
    whole, tail = (Trace(resolved, plans, COMPRESSED, from_year=year) for year in (None, from_year))
    for name in ("commute_km", "accessibility"):
        np.testing.assert_allclose(getattr(tail, name), getattr(whole, name)[:, from_year - 1 :], rtol=1e-12)
    early = replace(plans, start_year=plans.start_year.clip(0, 3))
    whole, short = (Trace(resolved, early, COMPRESSED, last_start_year=last) for last in (None, 3))
    assert short.n_years < whole.n_years
    for name in () if whole.away.waiting else ("commute_km", "accessibility"):
        means = [trace.mean_over_years(getattr(trace, name)) for trace in (whole, short)]
        np.testing.assert_allclose(*means, rtol=1e-12)
    if from_year > 1:
        with pytest.raises(ValueError, match="no mean"):
            _ = tail.year_weights


def test_zones_hold_no_more_than_their_room_unless_the_city_is_full() -> None:
    resolved = crowded_scenario()
    trace = Trace(resolved, canonical(random_plans(resolved, 6, seed=3)), REPORT)
    away, room = trace.away, resolved.constants.settlement.room
    held, unhoused = away.zone_registered + away.zone_tenants, away.unhoused
    assert 0.0 < (unhoused > 0.0).mean() < 0.9
    assert (held <= room[:, None, None] * (1.0 + 1e-9))[:, unhoused == 0.0].all()
    full = unhoused > 0.0
    np.testing.assert_allclose(held.sum(axis=0)[full], room.sum() + unhoused[full], rtol=1e-9)
    for kept, gone in ((away.zone_registered, away.registered), (away.zone_tenants, away.tenants)):
        np.testing.assert_allclose(kept.sum(axis=0), gone.sum(axis=0), rtol=1e-9, atol=1e-6)


def test_newcomers_wait_where_no_zone_has_room() -> None:
    resolved = waiting_scenario()
    trace = Trace(resolved, canonical(random_plans(resolved, 6, seed=3)), REPORT)
    away, room = trace.away, resolved.constants.settlement.yearly_room
    assert away.waiting
    sent = np.diff(away.zone_left, axis=2)
    assert (sent <= room[:, None, None] * (1.0 + 1e-9) + 1e-9).all()
    np.testing.assert_allclose(away.zone_left.sum(axis=0), away.newcomers.sum(axis=0), rtol=1e-9, atol=1e-9)
    due = trace.moves.newcomers_due.T
    assert (away.newcomers[:, :, -1] <= due * (1.0 + 1e-9)).all()
    assert (away.newcomers[:, :, -1] < due - 1.0).any()


def test_accounts_add_up(resolved: ResolvedScenario, plans: Plans) -> None:
    value = evaluate(resolved, plans)
    both = value["government_npv_cny"] + value["developer_npv_cny"]
    np.testing.assert_allclose(both, value["net_present_value_cny"] + value["taxes_cny"], rtol=1e-9, atol=1.0)
    assert (resolved.book.number("policy.rental_subsidy") > 0.0) == (value["rental_subsidy_cny"] > 0.0).any()
    by_district = evaluate_by_district(resolved, plans)
    for name, parts in by_district.items():
        if name.endswith(("_cny", "_m2", "_persons")):
            np.testing.assert_allclose(parts.sum(axis=1), value[name], rtol=1e-9, atol=1e-3, err_msg=name)


def test_districts_by_year_add_up_to_the_city(resolved: ResolvedScenario, plans: Plans) -> None:
    yearly, by_district = evaluate_yearly(resolved, plans), evaluate_yearly_by_district(resolved, plans)
    net = by_district["net_cash_flow_cny"]
    np.testing.assert_allclose(net.sum(axis=1), yearly["net_cash_flow_cny"], rtol=1e-9, atol=1e-2)
    np.testing.assert_allclose(sum(by_district[item.name] for item in ITEMS), net, rtol=1e-9, atol=1e-2)
    costs = sum(by_district[item.name].sum(axis=1) for item in ITEMS if item.kind == COST)
    np.testing.assert_allclose(-costs, yearly["total_cost_cny"], rtol=1e-9, atol=1e-2)
    sold_m2 = by_district["commodity_sold_m2"].sum(axis=(1, 2))
    np.testing.assert_allclose(sold_m2, evaluate(resolved, plans)["new_commodity_floor_m2"], rtol=1e-9, atol=1e-6)
    assert {values.shape for values in by_district.values()} == {net.shape}


def test_cash_flow_re_adds(trace: Trace) -> None:
    """Item by item and village by village, the table adds up to the net flow and its present value."""
    plans, total = trace.plans, np.zeros_like(trace.net_cash_flow_cny)
    costs = (1.0 + trace.resolved.book.number("cost.growth")) ** np.arange(total.shape[1])
    district = trace.resolved.city.villages.district_idx
    for p in range(plans.n_plans):
        for item in ITEMS:
            table = trace.amounts_cny[item.name][p][:, None] * trace.profile(item.profile)[plans.start_year[p]]
            if item.name in ("commodity_sales", "sales_cost"):
                table = table * trace.price_factor[p][district]
            elif item.name in ("housing_rent", "terminal_value_housing"):
                table = table * np.minimum(1.0, trace.rent_factor[p][district])
            elif item.kind == COST:
                table = table * costs
            total[p] += (-1.0 if item.kind == COST else 1.0) * table.sum(axis=0)
    np.testing.assert_allclose(total, trace.net_cash_flow_cny, rtol=1e-9, atol=1e-2)
    rate = trace.resolved.book.number("finance.discount_rate")
    value = measure_plans(
        trace.resolved, plans, [lambda t: net_present_value_cny(t.net_cash_flow_cny, rate)], precision=REPORT
    )[0]
    np.testing.assert_allclose(net_present_value_cny(total, rate), value, rtol=1e-9, atol=1.0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_bounds_of_any_plan(seed: int) -> None:
    resolved = small_resolved()
    trace = Trace(resolved, canonical(random_plans(resolved, 3, seed=seed)), REPORT)
    form = trace.form
    assert (form.shortfall == 0.0).all()  # the option space offers only what can be built
    used = form.resettlement + form.industrial + form.commodity + form.rental + form.employment + form.facility_new
    np.testing.assert_allclose(used, form.new_floor, rtol=1e-9, atol=1e-6)
    assert (trace.moves.tenants_back <= trace.moves.tenants_left + 1e-9).all()
    assert ((trace.met >= 0.0) & (trace.met <= 1.0 + 1e-12)).all()
    assert (trace.commute_km > 0.0).all()
    np.testing.assert_allclose(trace.residents.sum(axis=0), resolved.constants.base.residents.sum(), rtol=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), delay=st.integers(1, 5))
def test_a_later_plan_is_the_same_plan_later(seed: int, delay: int) -> None:
    """Moving every start by some years moves the states by as many."""
    resolved = small_resolved()
    plans = random_plans(resolved, 2, seed=seed)
    early = Plans(np.minimum(plans.start_year, 5), *plans.columns[1:])
    late = Plans(np.where(early.start_year > 0, early.start_year + delay, 0), *plans.columns[1:])
    first, second = (Trace(resolved, canonical(p), REPORT) for p in (early, late))
    np.testing.assert_allclose(second.residents[..., delay:], first.residents[..., :-delay], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(second.accessibility[:, delay:], first.accessibility[:, :-delay], rtol=1e-9)
    np.testing.assert_allclose(second.commute_km[:, delay:], first.commute_km[:, :-delay], rtol=1e-8)
