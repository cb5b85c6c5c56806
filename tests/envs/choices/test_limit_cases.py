"""Limit cases: each kind writes the limit it is named for, cases add up, and what is capped is what plans use."""

from __future__ import annotations

import numpy as np
import pytest

from data.scenario import RuleMode, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.limit_cases import CASES, LIMITS, Use, limit_cases, limited, use_of
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.rules.check import violations
from plan_fixtures import random_plans

CITY = synthesize_city(12, 3)
USE = Use(annual_cost_cny=1e9, peak_funding_cny=2e9, commodity_m2=3e5, displaced_persons=4_000.0)
OPEN = Scenario(plan_years=4, villages_per_year=3)


def with_limits(*case: tuple[str, object]) -> Scenario:
    return limited(OPEN, CITY, USE, case)


def test_money_floor_and_people_are_shares_of_what_is_used() -> None:
    assert with_limits(("annual_capital", 0.3)).capital_limit_annual_cny == 0.3e9
    assert with_limits(("peak_capital", 0.05)).capital_limit_peak_cny == 1e8
    assert with_limits(("commodity_cap", 0.5)).commodity_housing_cap_m2 == 1.5e5
    displaced = with_limits(("displacement", 0.25))
    assert displaced.displaced_tenants_cap_persons == 1_000.0
    assert displaced.rules == {"displacement": RuleMode.HARD}


def test_limits_of_a_case_stand_together_and_beside_the_scenarios_own() -> None:
    own = OPEN.model_copy(update={"rules": {"consent": RuleMode.HARD}, "parameters": {"price.growth": 0.01}})
    both = limited(own, CITY, USE, (("rental_share", 0.4), ("demolished_share", None), ("plan_years", 2)))
    assert both.rules == dict.fromkeys(["consent", "rental_share", "demolished_share"], RuleMode.HARD)
    assert both.parameters == {"price.growth": 0.01, "policy.affordable_share": 0.4}  # of which the rule is one name
    assert (both.plan_years, both.villages_per_year) == (2, 3)
    assert both.objectives == own.objectives


def test_locked_villages_may_be_rebuilt_as_far_as_there_are_such() -> None:
    locked = with_limits(("locked", 5)).locked
    may = dict(zip(CITY.villages.village_id.tolist(), CITY.villages.rebuild_allowed.tolist(), strict=True))
    assert len(locked) == 5
    assert all(may[name] for name in locked)
    assert len(with_limits(("forbidden", 12)).forbidden) == CITY.n_villages


def test_a_district_may_add_a_share_of_the_floor_of_its_villages() -> None:
    caps = with_limits(("district_floor_area", 0.5)).district_limits
    total = sum(cap.new_floor_area_m2 or 0.0 for cap in caps.values())
    assert total == pytest.approx(0.5 * CITY.villages.gross_floor_area_m2.sum())


def test_every_case_is_a_scenario_and_every_kind_is_in_use() -> None:
    scenarios = limit_cases(OPEN, CITY, USE)
    assert list(scenarios) == list(CASES)
    assert scenarios["none"] == OPEN
    assert len({scenario.digest for scenario in scenarios.values()}) == len(CASES)
    assert {kind for case in CASES.values() for kind, _ in case} <= set(LIMITS)


@pytest.fixture(scope="module")
def free() -> tuple[ResolvedScenario, Plans]:
    resolved = resolve(OPEN, CITY)
    return resolved, random_plans(resolved, 12, 1)


def test_use_is_the_largest_of_each_over_the_plans(free: tuple[ResolvedScenario, Plans]) -> None:
    resolved, plans = free
    use = use_of(resolved, plans)
    measured = evaluate(resolved, plans, indicators=["max_annual_cost_cny", "displaced_tenants_persons"])
    assert use.annual_cost_cny == measured["max_annual_cost_cny"].max()
    assert use.displaced_persons == measured["displaced_tenants_persons"].max()


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("annual_capital", 0.3), ("peak_capital", 0.3), ("commodity_cap", 0.3), ("displacement", 0.25)],
)
def test_a_limit_binds_the_plans_that_use_most(kind: str, amount: float, free: tuple[ResolvedScenario, Plans]) -> None:
    resolved, plans = free
    bound = resolve(limited(OPEN, CITY, use_of(resolved, plans), ((kind, amount),)), CITY)
    names, excess = violations(bound, plans)
    beyond = excess[:, names.index(kind)]
    assert (beyond > 0.0).any()
    np.testing.assert_allclose(beyond.max(), 1.0 / amount - 1.0, rtol=1e-5)
