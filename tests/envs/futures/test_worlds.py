"""Worlds: within their ranges, the same for every plan, and evaluated as the evaluator would."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario_files import load_scenario
from envs.futures.money_measures import MEASURES
from envs.futures.stress import stress_plans
from envs.futures.worlds import draw_worlds, uncertain_keys
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.trace import REPORT, Trace
from plan_fixtures import random_plans


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


def test_nobody_decides_what_differs() -> None:
    keys = set(uncertain_keys(load_book()))
    assert {"cost.residential_highrise", "price.elasticity", "tenant.return_share", "time.construction"} <= keys
    chosen = ("finance.discount_rate", "consent.threshold", "consent.cap", "policy.rental_subsidy", "employment.other")
    assert not keys & {*chosen, "finance.operation_years", "indicator.tail_years"}


def test_worlds_are_spread_over_the_ranges(resolved: ResolvedScenario) -> None:
    """One value in each of as many equal parts of probability; means those of the triangle."""
    draws = draw_worlds(resolved, random_plans(resolved, 1, 3), n=200, seed=3)
    book = resolved.book
    for k, key in enumerate(draws.keys):
        low, mode, high = float(book[key].low or 0.0), book.number(key), float(book[key].high or 0.0)
        low, high = min(low, mode), max(high, mode)
        assert draws.values[:, k].min() >= low
        assert draws.values[:, k].max() <= high
        assert draws.values[:, k].mean() == pytest.approx((low + mode + high) / 3.0, rel=0.01, abs=1e-3 * (high - low))
    median, spread = book.number("futures.delay_median_yr"), book.number("futures.delay_log_sd")
    logs = np.log(draws.delay_yr)
    free = draws.delay_yr < resolved.clock.longest_delay_yr
    assert np.median(draws.delay_yr) == pytest.approx(median, rel=0.1)
    assert logs[free].std() == pytest.approx(spread, rel=0.1)


def test_every_plan_meets_the_same_worlds_by_the_evaluator(resolved: ResolvedScenario) -> None:
    """Outcomes of a world are those of its scenario and its plans; a plan alone meets what it meets among others."""
    plans = random_plans(resolved, 3, 3)
    told = stress_plans(resolved, plans, n_futures=64, seed=5, n_worlds=4, threads=2)
    alone = stress_plans(resolved, plans[1:2], n_futures=64, seed=5, n_worlds=4)
    assert (told.n_worlds + told.n_refused, alone.n_worlds) == (4, told.n_worlds)
    for name in MEASURES:
        assert told.measures[name][1] == pytest.approx(alone.measures[name][0], rel=1e-12, nan_ok=True)
    draws, met = draw_worlds(resolved, plans, n=4, seed=5), 0
    for number in range(4):
        world = draws.world(number)
        if world is None:
            continue
        outcomes = evaluate(world.resolved, world.plans)
        for name, values in told.moved.items():
            assert values[:, met] == pytest.approx(np.asarray(outcomes[name]), rel=1e-9, abs=1e-9, nan_ok=True), name
        met += 1
    assert met == told.n_worlds
    assert told.world.tolist() == [k % met for k in range(64)]


def test_households_want_more_or_less_than_expected() -> None:
    """A rebuilt village pays what its deciding household wants, within 1 and the cap; one that is kept pays nothing."""
    attached = {f"consent.attachment_{group}": 2.0 for group in ("owner", "long_stay", "elderly")}
    scenario = load_scenario("tiny").model_copy(update={"parameters": attached})
    resolved = resolve(scenario, load_city("tiny"))
    plans = random_plans(resolved, 4, 3)
    draws = draw_worlds(resolved, plans, n=6, seed=1)
    multipliers = []
    for number in range(6):
        world = draws.world(number)
        assert world is not None
        trace = Trace(world.resolved, world.plans, REPORT)
        rebuilt = np.asarray(trace.option_form.rebuilt_share) > 0.0
        given = np.asarray(world.plans.compensation_multiplier)
        assert np.isnan(given[~rebuilt]).all()
        offer = trace.offer
        house, cash = np.asarray(offer.house_cny), np.asarray(offer.cash_cny)
        wanted = np.asarray(offer.reservation_cny) * draws.pivotal_ratio[number]
        inside = rebuilt & (given > 1.0) & (given < world.resolved.book.number("consent.cap"))
        assert (house + given * cash)[inside] == pytest.approx((wanted + 0.0 * house)[inside], rel=1e-9)
        multipliers.append(given[rebuilt])
    assert np.ptp([m.mean() for m in multipliers]) > 0.0
