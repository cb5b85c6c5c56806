"""Walks away from a plan stay within the tolerance, the rules and the quota, and lead to other plans."""

from __future__ import annotations

import numpy as np
import pytest

from decision_fixtures import SCALE, capital_bound_city, decided_city, some_plan
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.plans import empty_plan
from envs.models.kernel_model import KernelModel
from envs.rules.check import valid
from optimizers.robust.near_plans import Center, NearPlans, near_plans

WITHIN = 0.2


def _walked(resolved: ResolvedScenario, seed: int = 0, within: float = WITHIN) -> tuple[KernelModel, Center, NearPlans]:
    model = KernelModel(resolved)
    start, option = model.space.encode(some_plan(resolved))
    center = Center(start[0], option[0], np.full(3, 1.0 / 3.0), np.array(SCALE))
    return model, center, near_plans(model, center, within=within, evaluations=200, seed=seed)


def test_no_objective_loses_more_than_the_tolerance() -> None:
    resolved = decided_city()
    model, center, found = _walked(resolved)
    assert len(found.start_year) > 1
    assert found.evaluations == 200
    assert (found.start_year != center.start_year).any(axis=1).all()
    plans = model.decode(found.start_year, found.option)
    values = evaluate(resolved, plans, indicators=(), precision=model.precision).objective_matrix()
    before = evaluate(resolved, some_plan(resolved), indicators=(), precision=model.precision).objective_matrix()[0]
    loss = (before - values) * model.signs / center.ranges
    assert loss.max() <= WITHIN + 1e-9


def test_years_keep_their_numbers_and_rules_hold() -> None:
    resolved = decided_city()
    model, center, found = _walked(resolved)
    for start in found.start_year:
        np.testing.assert_array_equal(np.bincount(start, minlength=5), np.bincount(center.start_year, minlength=5))
    assert valid(resolved, model.decode(found.start_year, found.option)).sum() == valid(
        resolved, some_plan(resolved)
    ).sum() * len(found.start_year)
    ids = resolved.city.villages.village_id
    assert (found.start_year[:, ids == "V00006"] == 0).all()
    assert (found.start_year[:, ids == "V00001"] == 2).all()


def test_hard_limits_hold_all_along() -> None:
    free = decided_city()
    cost = float(evaluate(free, some_plan(free), indicators=["max_annual_cost_cny"])["max_annual_cost_cny"][0])
    bound = capital_bound_city(1.02 * cost)
    model, _, found = _walked(bound)
    assert len(found.start_year)
    worst = evaluate(bound, model.decode(found.start_year, found.option), indicators=["max_annual_cost_cny"])
    assert worst["max_annual_cost_cny"].max() <= 1.02 * cost * (1.0 + 1e-6)


def test_the_same_seed_walks_the_same_way_and_another_does_not() -> None:
    resolved = decided_city()
    one, same, other = (_walked(resolved, seed)[2] for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.start_year, same.start_year)
    assert one.start_year.shape != other.start_year.shape or (one.start_year != other.start_year).any()


def test_nothing_renewed_leads_nowhere() -> None:
    resolved = decided_city(fixed={})
    model = KernelModel(resolved)
    start, option = model.space.encode(empty_plan(16))
    center = Center(start[0], option[0], np.full(3, 1.0 / 3.0), np.array(SCALE))
    found = near_plans(model, center, within=0.1, evaluations=50, seed=0)
    assert found.start_year.shape == (0, 16)
    assert found.evaluations == 1


@pytest.mark.parametrize("within", [0.0])
def test_no_tolerance_leaves_only_plans_that_lose_nothing(within: float) -> None:
    resolved = decided_city()
    model, center, found = _walked(resolved, within=within)
    plans = model.decode(found.start_year, found.option)
    if len(found.start_year):
        values = evaluate(resolved, plans, indicators=(), precision=model.precision).objective_matrix()
        base = evaluate(resolved, some_plan(resolved), indicators=(), precision=model.precision).objective_matrix()[0]
        assert ((values - base) * model.signs / center.ranges).min() >= -1e-9
