"""Policy events: drawn by kind and world, in force from the next year on, and what becomes of a plan that stands."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario import FixedVillage, Scenario
from data.scenario_files import load_scenario
from envs.futures.policy_events import (
    KINDS,
    PolicyEvents,
    draw_events,
    floor_area_ratio_limit,
    plans_under,
    starts_within,
    subsidy_paid_cny,
)
from envs.futures.stress import stress_plans
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, Trace
from plan_fixtures import random_plans

NEVER = {f"futures.{kind}_probability": 0.0 for kind in KINDS}


def tiny(**fields: object) -> ResolvedScenario:
    scenario: Scenario = load_scenario("tiny").model_copy(update={"plan_years": 6, **fields})
    return resolve(scenario, load_city("tiny"))


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return tiny()


def events(resolved: ResolvedScenario, **first_year: int) -> PolicyEvents:
    """One event of each named kind in a year."""
    years = np.arange(resolved.scenario.plan_years + 2)
    return PolicyEvents({kind: (years > first_year.get(kind, 99)).astype(np.int64) for kind in KINDS})


def test_events_come_as_often_as_the_book_says() -> None:
    """Each year by itself: p x years within four standard errors; a subsidy comes once, 1 - (1 - p)^years."""
    book, n, years = load_book(), 4000, 12
    drawn = draw_events(book, 1, n, plan_years=years)
    for kind in KINDS:
        p = book.number(f"futures.{kind}_probability")
        expected = 1.0 - (1.0 - p) ** years if kind == "subsidy" else p * years
        variance = expected * (1.0 - expected) if kind == "subsidy" else years * p * (1.0 - p)
        counts = np.array([one.n(kind) for one in drawn])
        assert counts.mean() == pytest.approx(expected, abs=4.0 * np.sqrt(variance / n)), kind
        assert all(one.before[kind][1] == 0 for one in drawn[:50])
    assert draw_events(book, 1, 3, plan_years=5)[2].before["far_cut"].tolist() == (
        drawn[2].before["far_cut"][:7].tolist()
    )


def test_factors_multiply_by_hand(resolved: ResolvedScenario) -> None:
    """A cut in year 1 and a raise in year 3: 1 to year 1, 0.85 in years 2 and 3, 0.85 x 1.1 from year 4 on."""
    told = events(resolved, far_cut=1, far_raise=3).times(resolved.book, "far_cut", "far_raise")
    assert told[:5] == pytest.approx([1.0, 1.0, 0.85, 0.85, 0.935])
    assert events(resolved).in_flow_years(np.array([1.0, 2.0]), 4).tolist() == [1.0, 2.0, 2.0, 2.0]


def test_who_begins_after_a_cut_builds_no_more_than_the_limit() -> None:
    resolved = tiny(parameters={"futures.far_cut_factor": 0.5})
    plans = random_plans(resolved, 6, 3)
    met = plans_under(resolved, plans, events(resolved, far_cut=1))
    start, before, after = (np.asarray(a) for a in (plans.start_year, plans.floor_area_ratio, met.floor_area_ratio))
    most = 0.5 * floor_area_ratio_limit(resolved)
    late = start > 1
    assert np.array_equal(after[~late], before[~late])
    assert np.array_equal(after[late], np.minimum(before, most)[late])
    assert (after[late] < before[late]).any()
    raised = plans_under(resolved, plans, events(resolved, far_raise=1))
    assert np.array_equal(np.asarray(raised.floor_area_ratio), before)


def test_starts_wait_in_order_by_hand() -> None:
    """Places 2, 1, 1; the third of year 1 goes first, then who planned year 2; a decided village keeps its own."""
    start, places = np.array([[1, 1, 1, 2, 3]]), np.array([2, 1, 1])
    assert starts_within(start, places, np.zeros(5, dtype=bool)).tolist() == [[1, 1, 2, 3, 0]]
    decided = np.array([False, False, False, False, True])
    assert starts_within(start, places, decided).tolist() == [[1, 1, 2, 0, 3]]


def test_a_smaller_quota_bars_starts_in_order() -> None:
    """Quota 2 cut to 1 from year 2 on; a village that is fixed begins as it was."""
    ids = load_city("tiny").villages.village_id.tolist()
    fixed = {ids[3]: FixedVillage(start_year=2)}
    resolved = tiny(villages_per_year=2, fixed=fixed, parameters={"futures.quota_cut_factor": 0.5})
    start = np.zeros((1, len(ids)), dtype=np.int64)
    start[0, [0, 1, 3]] = 2
    zero = np.zeros(start.shape)
    plans = canonical(Plans(start, np.zeros_like(start), np.zeros_like(start), zero, zero + 0.1))
    met = np.asarray(plans_under(resolved, plans, events(resolved, quota_cut=1)).start_year)
    assert met[0].tolist() == [3, 4, 0, 2, 0, 0]


def test_a_subsidy_is_paid_for_what_is_completed_after_it(resolved: ResolvedScenario) -> None:
    """Twice the plain sum: rental floor completed in a year after the event, discounted."""
    plans = random_plans(resolved, 5, 3)
    trace = Trace(resolved, plans, REPORT)
    rental_m2 = np.asarray(trace.form.rental)
    lag, rate = resolved.clock.phases.rebuild_lag_yr, resolved.book.number("finance.discount_rate")
    for came in (1, 4):
        told = subsidy_paid_cny(trace, events(resolved, subsidy=came))
        for plan in range(5):
            expected = 0.0
            for village in range(plans.n_villages):
                year = int(plans.start_year[plan, village]) + lag
                if plans.start_year[plan, village] > 0 and year > came:
                    expected += 600.0 * rental_m2[plan, village] / (1.0 + rate) ** year
            assert told[plan] == pytest.approx(expected, rel=1e-12)


def test_a_capital_limit_is_tightened_from_the_next_year_on() -> None:
    """With a cut every year the limit is 0.8 times that of the year before; the costs themselves stay."""
    resolved = tiny(parameters=NEVER)
    plans = random_plans(resolved, 1, 3)
    most = float(evaluate(resolved, plans, indicators=["max_annual_cost_cny"])["max_annual_cost_cny"][0])
    kept = []
    for chance in (0.0, 1.0):
        cut = {**NEVER, "futures.capital_cut_probability": chance}
        limited = resolved.scenario.model_copy(update={"parameters": cut, "capital_limit_annual_cny": 1.2 * most})
        told = stress_plans(resolve(limited, resolved.city), plans, n_futures=40, seed=2, n_worlds=4)
        years = np.clip(np.arange(told.costs_cny.shape[2]) - 1, 0, 6)
        expected = (told.costs_cny[0] <= 1.2 * most * (0.8**years if chance else 1.0)).all(axis=1)
        assert told.keeps["capital_limit_annual_cny"][0].tolist() == expected.tolist()
        kept.append(expected.mean())
    assert kept[0] > kept[1]


def test_where_nothing_happens_plans_stay(resolved: ResolvedScenario) -> None:
    plans = random_plans(resolved, 4, 3)
    met = plans_under(resolved, plans, events(resolved))
    assert met.content == canonical(plans).content
