"""What comes before a search: anchors in time, the policy where it knows the objectives and is worth its time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.objectives import KNOWN_OBJECTIVES, policy_knows
from app.files.kept import cache_folder
from app.runs import first_plans
from app.runs.first_plans import may_begin_with_policy, policy_plans_within, prepared
from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.anchors import write_anchors
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.rules.check import valid
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search.compute_anchors import compute_anchors

TINY = resolve(load_scenario("tiny"), load_city("tiny"))
BY_EVALUATIONS, BY_MINUTES = (SearchRequest(budget=budget) for budget in (Budget(1_500), Budget(minutes=0.02)))


@pytest.fixture
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def know_anchors() -> None:
    """Rough anchors of TINY stand in the cache."""
    write_anchors(compute_anchors(TINY, TINY.scenario.objectives, threads=1, evaluations=20), cache_folder())


def new_scenario() -> ResolvedScenario:
    """One whose anchors nobody knows."""
    return resolve(TINY.scenario.model_copy(update={"commodity_housing_cap_m2": 20_000.0}), TINY.city)


def test_a_third_of_the_evaluations_pays_for_the_policy() -> None:
    assert policy_plans_within(1_500) == 20
    assert policy_plans_within(10**9) == policy_plans_within(None) == first_plans.MOST_PREFERENCES
    assert policy_plans_within(70) == 0


def test_the_policy_is_asked_for_two_to_five_objectives_that_it_knows() -> None:
    assert policy_knows(KNOWN_OBJECTIVES[:2])
    assert policy_knows(KNOWN_OBJECTIVES[2:7])
    assert not policy_knows(KNOWN_OBJECTIVES[:1])
    assert not policy_knows(KNOWN_OBJECTIVES[:6])
    assert not policy_knows(("net_present_value_cny", "consent_share"))


def test_the_policy_begins_the_default_search_where_that_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert may_begin_with_policy(TINY, BY_MINUTES)
    assert not may_begin_with_policy(TINY, BY_EVALUATIONS)
    monkeypatch.setattr(first_plans, "LARGE_CITY_PLACES", 0)
    assert may_begin_with_policy(TINY, BY_EVALUATIONS)
    assert not may_begin_with_policy(TINY, SearchRequest(budget=Budget(200)))
    assert not may_begin_with_policy(TINY, replace(BY_EVALUATIONS, algorithm="nsga2"))
    assert not may_begin_with_policy(TINY, SearchRequest(algorithm="exact"))


@pytest.mark.usefixtures("_empty_cache")
def test_plans_of_the_policy_count_in_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_plans, "LARGE_CITY_PLACES", 0)
    know_anchors()
    request = SearchRequest(budget=Budget(400))
    ready = prepared(TINY, request, seed_plans=None, with_policy=True)
    assert ready.first is not None
    assert ready.first.plans.n_plans == 5
    assert ready.budget.evaluations == 400
    assert ready.budget.spent_evaluations == ready.first.evaluations == 5 * first_plans.EVALUATIONS_PER_PLAN
    assert ready.budget.spent_seconds >= ready.first.seconds > 0.0
    assert ready.plans is not None
    assert valid(TINY, ready.plans).all()
    without = prepared(TINY, request, seed_plans=None, with_policy=False)
    assert (without.first, without.plans, without.budget.spent_evaluations) == (None, None, 0)
    assert without.anchors == ready.anchors


@pytest.mark.usefixtures("_empty_cache")
def test_a_plan_of_the_policy_that_takes_too_long_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    know_anchors()
    monkeypatch.setattr(first_plans, "MOST_COST", 1e9)
    ready = prepared(TINY, BY_MINUTES, seed_plans=None, with_policy=True)
    assert ready.first is not None
    assert ready.first.plans is not None
    monkeypatch.setattr(first_plans, "MOST_COST", 1e-6)
    ready = prepared(TINY, BY_MINUTES, seed_plans=None, with_policy=True)
    assert ready.first is not None
    assert (ready.first.plans, ready.plans, ready.first.evaluations) == (None, None, 0)
    assert ready.budget.spent_seconds >= ready.first.seconds > 0.0


@pytest.mark.usefixtures("_empty_cache")
def test_a_search_for_a_time_begins_with_the_plans_that_its_anchors_found() -> None:
    resolved = new_scenario()
    ready = prepared(resolved, BY_MINUTES, seed_plans=None, with_policy=False)
    assert ready.plans is not None
    values = evaluate(resolved, ready.plans, indicators=resolved.scenario.objectives).values
    reached = np.stack([values[name] for name in resolved.scenario.objectives], axis=1)
    for k, (best, signed) in enumerate(zip(ready.anchors.best, (1.0, -1.0, 1.0), strict=True)):
        assert signed * best >= (signed * reached[:, k]).max() - 1e-9
    others = prepared(resolved, replace(BY_MINUTES, algorithm="local"), seed_plans=None, with_policy=True)
    assert (others.first, others.plans) == (None, None)
