"""Choices one after another: they add up to the plan, and each is what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agreement_fixtures import counting, random_table
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.plans import same_plans
from envs.kernel.project_account import COST, ITEMS
from envs.kernel.trace import SEARCH, Trace
from envs.reasons.by_choice import CHOICES, attribute_choices, option_cost_cny, stage_plans
from reason_fixtures import tiny_city, tiny_plan

NAMES = ("net_present_value_cny", "mean_commute_km", "service_accessibility", "displaced_tenants_persons")


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return tiny_city()


def test_the_choices_add_up_to_the_plan(tiny: ResolvedScenario) -> None:
    plan = tiny_plan()
    found = attribute_choices(tiny, plan, NAMES)
    empty = replace(plan, start_year=np.zeros_like(plan.start_year))
    for name in NAMES:
        shares = [found[name][choice] for choice in CHOICES]
        change = (evaluate(tiny, plan)[name] - evaluate(tiny, empty)[name])[0]
        size = sum(float(np.abs(each.by_village).sum()) for each in shares)
        assert sum(float(each.by_village.sum()) for each in shares) == pytest.approx(change, abs=1e-10 * size)
        assert [each.before for each in shares[1:]] == pytest.approx([each.after for each in shares[:-1]], rel=1e-10)


def test_a_village_that_is_not_rebuilt_owes_nothing_to_use_and_density(tiny: ResolvedScenario) -> None:
    found = attribute_choices(tiny, tiny_plan(), ("net_present_value_cny",))["net_present_value_cny"]
    for choice in ("land_use", "floor_area_ratio"):
        assert found[choice].by_village[4] == 0.0
        assert found[choice].by_village[3] == 0.0  # a kept village
    assert found["start_year"].by_village[4] != 0.0


def test_the_way_takes_one_choice_after_another(tiny: ResolvedScenario) -> None:
    plan, rebuilt = tiny_plan(), tiny_plan().intensity > 0
    stages = stage_plans(tiny, plan)
    for k, stage in enumerate(stages):
        taken = (stage.intensity, stage.land_use, stage.floor_area_ratio)[:k]
        own = (plan.intensity, plan.land_use, plan.floor_area_ratio)
        assert np.array_equal(stage.start_year, plan.start_year)
        assert all(np.array_equal(one[rebuilt], other[rebuilt]) for one, other in zip(taken, own, strict=False))
    assert same_plans(stages[-1], plan)


def test_it_begins_with_the_cheapest_option(tiny: ResolvedScenario) -> None:
    plan, space = tiny_plan(), option_space(tiny)
    cost = option_cost_cny(tiny, space)
    first = stage_plans(tiny, plan)[0]
    amounts = Trace(tiny, first, SEARCH).amounts_cny
    paid = np.sum([amounts[item.name][0] for item in ITEMS if item.kind == COST], axis=0)
    renewed = plan.start_year[0] > 0
    assert paid[renewed] == pytest.approx(cost.min(axis=1)[renewed], rel=1e-12)
    assert np.isinf(cost[~space.option_mask]).all()


def test_what_stands_in_no_option_is_taken_as_the_plan_has_it(tiny: ResolvedScenario) -> None:
    plan = tiny_plan()
    edited = replace(plan, floor_area_ratio=np.where(plan.floor_area_ratio > 0.0, 1.777, 0.0))
    found = attribute_choices(tiny, edited, ("net_present_value_cny",))["net_present_value_cny"]
    change = evaluate(tiny, edited)["net_present_value_cny"][0]
    assert sum(float(each.by_village.sum()) for each in found.values()) == pytest.approx(change, rel=1e-9)


def test_choices_of_a_plan_whose_bargaining_counts_add_up(tiny: ResolvedScenario) -> None:
    counted = counting(tiny).with_agreements(random_table(counting(tiny), 3))
    plan = tiny_plan()
    for name, by_choice in attribute_choices(counted, plan, NAMES).items():
        empty = replace(plan, start_year=np.zeros_like(plan.start_year))
        change = (evaluate(counted, plan)[name] - evaluate(counted, empty)[name])[0]
        size = sum(float(np.abs(each.by_village).sum()) for each in by_choice.values())
        told = sum(float(each.by_village.sum()) for each in by_choice.values())
        assert told == pytest.approx(change, abs=1e-9 * size)
