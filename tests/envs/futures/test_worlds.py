"""Worlds: within their ranges, the same for every plan, and evaluated as the evaluator would."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario_files import load_scenario
from envs.futures.met_worlds import SUBSIDIZED
from envs.futures.money_measures import MEASURES
from envs.futures.policy_events import subsidy_paid_cny
from envs.futures.stress import stress_plans
from envs.futures.worlds import N_DECAYS, decay_range, draw_worlds, uncertain_keys
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.trace import REPORT, Trace
from plan_fixtures import random_plans

VALUES = [5450.175913264118, 4745.756854077734, 3826.969087577157, 4175.743583068366]
DELAYS = [0.4351114807947913, 0.5891830618542934, 0.18678055186194642, 0.43813864714028705]
RATIOS = [1.4197567276092036, 1.4745917554702992, 1.568432941174224, 1.4577801907395247]
"""First village or parameter of four worlds of seed 3."""


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
        paid_cny = subsidy_paid_cny(Trace(world.resolved, world.plans, REPORT), world.events)
        for name, values in told.moved.items():
            expected = np.asarray(outcomes[name]) + (paid_cny if name in SUBSIDIZED else 0.0)
            assert values[:, met] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True), name
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


def test_decays_are_spread_over_the_range_of_the_book(resolved: ResolvedScenario) -> None:
    """calib.gamma_sqrt is 1.134, between 0.9 and 1.4: factors 0.794 to 1.235 in eight equally likely steps."""
    low, high = decay_range(resolved)
    assert (low, high) == (pytest.approx(0.9 / 1.134), pytest.approx(1.4 / 1.134))
    draws = draw_worlds(resolved, random_plans(resolved, 1, 3), n=64, seed=3)
    values, counts = np.unique(draws.decay_factor, return_counts=True)
    assert counts.tolist() == [64 // N_DECAYS] * N_DECAYS
    assert low < values.min() < 1.0 < values.max() < high
    assert values.mean() == pytest.approx((low + 1.0 + high) / 3.0, rel=0.005)
    for number, world in enumerate([draws.world(0), draws.world(1)]):
        assert world is not None
        assert world.resolved.decay == pytest.approx(resolved.decay * draws.decay_factor[number])


def test_what_came_later_moved_no_earlier_draw(resolved: ResolvedScenario) -> None:
    """Parameters, delays and households of seed 3 as they were drawn before decays and events were."""
    draws = draw_worlds(resolved, random_plans(resolved, 1, 3), n=4, seed=3)
    assert draws.values[:, 0] == pytest.approx(VALUES, rel=1e-12)
    assert draws.delay_yr[:, 0] == pytest.approx(DELAYS, rel=1e-12)
    assert draws.pivotal_ratio[:, 0] == pytest.approx(RATIOS, rel=1e-12)
