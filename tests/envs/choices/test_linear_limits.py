"""Limits that add up: what plans use of them is what the rule checker measures, and trimmed plans keep them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from data.arrays import IntArray
from data.scenario import DistrictLimit, RuleMode, Scenario, ShareRange
from data.synthesis.city import synthesize_city
from envs.choices.limit_prices.building_up import built_up
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, resolve
from envs.rules.check import active_rules, violations
from optimizers.problem.operators import PlanRepair, PlanSampling, split

N, YEARS, QUOTA = 24, 4, 4
SHARES = ("new_to_demolished", "onsite_resettlement", "rental_share", "demolished_share", "displacement", "rent_growth")
PROGRAMME: dict[str, Any] = {
    "renewal_ratio": ShareRange(low=0.1, high=0.4),
    "intensity_shares": {"rebuild": ShareRange(low=0.1, high=0.5)},
    "commodity_housing_cap_m2": 8e5,
    "least_rental_area_m2": 1e5,
    "least_commodity_area_m2": 1e5,
    "villages_per_year_by_year": {2: 1},
}
FLOOR_M2 = 1e5
STRICTER = {"rule.onsite_resettlement_min": 0.8, "rule.rental_share_min": 0.6}
"""So that plans drawn at random break these rules as well."""


@cache
def limited(kind: str) -> tuple[ResolvedScenario, MarginalGains, LinearLimits, tuple[IntArray, IntArray]]:
    """A scenario with limits of a kind, and plans drawn at random."""
    city = synthesize_city(N, 4)
    common: dict[str, Any] = {
        "plan_years": YEARS,
        "villages_per_year": QUOTA,
        "density_levels": 2,
        "facility_levels": 2,
    }
    if kind == "programme":
        scenario = Scenario(**common, **PROGRAMME)
    elif kind == "district floor":
        caps = dict.fromkeys(city.districts, DistrictLimit(new_floor_area_m2=FLOOR_M2))
        scenario = Scenario(**common, district_limits=caps)
    else:
        parameters = {key: value for key, value in STRICTER.items() if kind in key}
        scenario = Scenario(**common, rules={kind: RuleMode.HARD}, parameters=parameters)
    resolved = resolve(scenario, city)
    space, quota = option_space(resolved), np.array(resolved.scenario.yearly_quotas)
    gains = marginal_gains(resolved, space, resolved.scenario.objectives, with_limits=True)
    limits = linear_limits(gains, active_rules(resolved, (RuleMode.HARD,)))
    assert limits is not None
    rng = np.random.default_rng(1)
    drawn = PlanSampling(space, quota)._do(None, 60, random_state=rng)
    return resolved, gains, limits, split(PlanRepair(space, quota)._do(None, drawn, random_state=rng))


def broken(resolved: ResolvedScenario, gains: MarginalGains, starts: IntArray, options: IntArray) -> np.ndarray:
    """Excess by hard rule that neither options nor the quota keep, shape (n_plans, n_rules)."""
    names, excess = violations(resolved, gains.space.decode(starts, options))
    kept = ("consent", "minimum_facility_ratio", "yearly_quota")
    hard = {rule.name for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in}
    return excess[:, [name in hard and name not in kept for name in names]]


@pytest.mark.parametrize("kind", [*SHARES, "programme", "district floor"])
def test_a_plan_exceeds_a_limit_where_it_breaks_a_rule(kind: str) -> None:
    resolved, gains, limits, (starts, options) = limited(kind)
    breaks = np.any(broken(resolved, gains, starts, options) > 0.0, axis=1)
    exceeds = np.array(
        [
            (limits.excess(limits.use(gains, start, option)) > 1e-5).any()
            for start, option in zip(starts, options, strict=True)
        ]
    )
    renews = np.any(starts > 0, axis=1)
    np.testing.assert_array_equal(exceeds[renews], breaks[renews])
    assert breaks.any()


@pytest.mark.parametrize("kind", [*SHARES, "district floor"])
def test_trimmed_plans_keep_every_limit(kind: str) -> None:
    resolved, gains, limits, (starts, options) = limited(kind)
    worth = np.random.default_rng(2).random(starts.shape)
    kept = np.stack(
        [limits.trimmed(gains, start, option, own) for start, option, own in zip(starts, options, worth, strict=True)]
    )
    assert ((kept == starts) | (kept == 0)).all()
    assert (broken(resolved, gains, kept, options) == 0.0).all()
    holds = (broken(resolved, gains, starts, options) == 0.0).all(axis=1)
    assert (kept[holds] == starts[holds]).mean() > 0.95


def test_a_least_area_does_not_keep_the_others_from_being_trimmed() -> None:
    resolved, gains, limits, (starts, options) = limited("programme")
    kept = limits.trimmed(gains, starts[-1], options[-1], np.ones(N))
    assert (kept > 0).sum() <= 0.4 * N
    assert not (kept > 0).all()
    assert resolved.city.n_villages == N


def test_a_price_is_paid_in_its_own_district_alone() -> None:
    _, gains, limits, _ = limited("district floor")
    price = np.zeros(limits.n_limits)
    row = int(np.argmax(limits.rows.district == limits.village_district[0]))
    price[row] = 2.0
    slopes = np.zeros(gains.slopes_shape, dtype=np.float32)
    paid = -limits.priced(slopes, price)
    within = limits.village_district == limits.rows.district[row]
    np.testing.assert_allclose(
        paid[within], 2.0 * np.broadcast_to(limits.rows.slope[row], paid[within].shape), rtol=1e-6
    )
    assert (paid[~within] == 0.0).all()
    assert within.any()


def test_least_areas_are_built_up_to_within_the_quota() -> None:
    resolved, gains, limits, (_, options) = limited("programme")
    nothing, slopes = np.zeros(N, dtype=np.int64), np.zeros(gains.slopes_shape, dtype=np.float32)
    quota = np.array(resolved.scenario.yearly_quotas)
    starts, chosen = built_up(limits, gains, slopes, quota, nothing, options[0])
    assert (nothing == 0).all()
    assert (np.bincount(starts, minlength=YEARS + 1)[1:] <= quota).all()
    names, excess = violations(resolved, gains.space.decode(starts[None], chosen[None]))
    least = ["least_rental_area", "least_commodity_area", "renewal_ratio_least"]
    assert excess[0, [names.index(name) for name in least]].tolist() == [0.0, 0.0, 0.0]
    again, same = built_up(limits, gains, slopes, quota, starts, chosen)
    np.testing.assert_array_equal(again, starts)
    np.testing.assert_array_equal(same, chosen)


def test_villages_that_lose_least_for_what_is_missed_are_added_first() -> None:
    _, gains, limits, (_, options) = limited("programme")
    slopes = np.zeros(gains.slopes_shape, dtype=np.float32)
    favored = int(np.flatnonzero(gains.start_mask[:, 1:].all(axis=1))[-1])
    slopes[favored, :, gains.names.index("rebuilt_share")] = 1.0
    starts, _ = built_up(limits, gains, slopes, QUOTA, np.zeros(N, dtype=np.int64), options[0])
    assert starts[favored] > 0


@pytest.mark.parametrize("kind", ["programme", "district floor"])
def test_some_of_the_limits_are_used_as_they_are_among_all(kind: str) -> None:
    _, gains, limits, (starts, options) = limited(kind)
    kept = np.arange(0, limits.n_limits, 2)
    some, every = (each.use(gains, starts[0], options[0]) for each in (limits.only(kept), limits))
    np.testing.assert_allclose(some, every[:, kept], rtol=1e-12)
