"""What comes before the rounds of a search, within its budget: anchors, and the plans of a policy to begin with."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from agents.objectives import policy_knows
from app.runs.anchor_store import anchors_in_time, known_anchors
from data.catalogue import text
from envs.choices.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.plans import concatenate, empty_plan
from envs.kernel.trace import SEARCH
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest

Made = TypeVar("Made")
ANCHOR_SHARE = 0.2
"""Of a budget in minutes, anchors that nobody knows take at most this share."""
POLICY_SHARE = 1 / 3
"""Of what is left of a budget, the policy takes at most this share."""
MOST_PREFERENCES = 100
MOST_COST = 300
"""A plan of the policy that takes the time of more evaluations is not worth it: ascents find as good a one sooner."""
SURELY = 2.0
"""A plan whose first year foretells so many times that much is not even made."""
PLANS_TIMED = 16
"""Evaluated together, as a search does, to tell how long one takes."""
LARGE_CITY_PLACES, EVALUATIONS_PER_PLAN = 1_000, 25
"""In a budget of evaluations, where nothing is timed: cities in which evaluations take long enough, and what a plan of
the policy counts there."""


@dataclass(frozen=True, eq=False)
class FirstPlans:
    """Plans of a policy.

    Attributes:
        plans: one for each preference; None where a plan was not worth its time.
        policy: digest of the policy.
        seconds: time they took [s].
        evaluations: what they count in a budget of evaluations.
    """

    plans: Plans | None
    policy: str
    seconds: float
    evaluations: int


@dataclass(frozen=True, eq=False)
class Preparation:
    """What a search begins with.

    Attributes:
        anchors: of the scenario.
        anchors_seconds: time they took [s].
        first: plans of the policy; None = none were asked for, or it does not know the objectives.
        plans: all plans to begin with, those of the policy among them; None = none.
        budget: of the search, with what is spent of it.
    """

    anchors: Anchors
    anchors_seconds: float
    first: FirstPlans | None
    plans: Plans | None
    budget: Budget


def prepared(
    resolved: ResolvedScenario, request: SearchRequest, language: str, *, seed_plans: Plans | None, with_policy: bool
) -> Preparation:
    """Anchors and first plans, each phase said on a terminal as it begins.

    Args:
        resolved: what is searched.
        request: how.
        language: of what is said.
        seed_plans: plans of another run to begin with.
        with_policy: whether the policy plans first, where the default search is asked for.

    Raises:
        InputError: an objective has no value for the empty plan.
    """
    budget, began = request.budget, time.perf_counter()
    _say("search_anchors", language)
    if budget.minutes is None:
        anchors, reached = known_anchors(resolved, threads=request.threads), None
    else:
        anchors, reached = anchors_in_time(resolved, ANCHOR_SHARE * 60.0 * budget.minutes, threads=request.threads)
    anchors_seconds = time.perf_counter() - began
    first = _first_plans(resolved, request, anchors, anchors_seconds, language) if with_policy else None
    reached = reached if request.algorithm == DEFAULT_ALGORITHM else None
    of_policy = None if first is None else first.plans
    batches = [plans for plans in (seed_plans, reached, of_policy) if plans is not None]
    return Preparation(
        anchors=anchors,
        anchors_seconds=anchors_seconds,
        first=first,
        plans=concatenate(batches) if batches else None,
        budget=Budget(
            budget.evaluations,
            budget.minutes,
            spent_seconds=time.perf_counter() - began,
            spent_evaluations=0 if first is None else first.evaluations,
        ),
    )


def _first_plans(
    resolved: ResolvedScenario, request: SearchRequest, anchors: Anchors, spent_seconds: float, language: str
) -> FirstPlans | None:
    """Plans of the shipped policy, for as many preferences as its share of the budget pays for; None = for too few."""
    budget, names = request.budget, resolved.scenario.objectives
    if not may_begin_with_policy(resolved, request):
        return None
    _say("search_policy", language)
    from agents.policy.front import plan_for, plan_front
    from agents.policy.policy_files import read_policy
    from agents.policy.rollout import seconds_by_first_year
    from agents.policy.shortlist import outlook
    from envs.environment_core import set_up_resolved

    began, policy = time.perf_counter(), read_policy()
    view = outlook(set_up_resolved(resolved, anchors=anchors, threads=request.threads))
    most, batches = policy_plans_within(budget.evaluations), []
    if budget.minutes is not None:
        left = POLICY_SHARE * (60.0 * budget.minutes - spent_seconds) - (time.perf_counter() - began)
        alike = np.full((1, len(names)), 1.0 / len(names))
        several = concatenate([empty_plan(resolved.city.n_villages)] * PLANS_TIMED)
        _, evaluations = _timed(lambda: evaluate(resolved, several, indicators=names, precision=SEARCH))
        most_seconds = MOST_COST * evaluations / PLANS_TIMED
        if seconds_by_first_year(view, policy.parameters, alike) > SURELY * most_seconds:
            return FirstPlans(None, policy.digest, time.perf_counter() - began, 0)
        one, each = _timed(lambda: plan_for(view, policy.parameters, alike).plans)
        most = min(most, int(left / each) - 1) if each <= most_seconds else 0
        batches.append(one)
    if most > len(names):
        batches.append(plan_front(view, policy.parameters, anchors, most).plans)
    plans = concatenate(batches)
    counted = 0 if budget.evaluations is None else plans.n_plans * EVALUATIONS_PER_PLAN
    return FirstPlans(plans, policy.digest, time.perf_counter() - began, counted)


def _timed(made: Callable[[], Made]) -> tuple[Made, float]:
    """What is made, and the seconds it took."""
    began = time.perf_counter()
    return made(), time.perf_counter() - began


def may_begin_with_policy(resolved: ResolvedScenario, request: SearchRequest) -> bool:
    """Whether a search may begin with plans of the policy.

    The default one does, for objectives that the policy knows: the others shall be measured by what they find
    themselves. A budget of evaluations must pay for some plans, in a city where they are worth it.
    """
    if request.budget.is_open or request.algorithm != DEFAULT_ALGORITHM:
        return False
    names, evaluations = resolved.scenario.objectives, request.budget.evaluations
    is_paid = policy_plans_within(evaluations) > len(names)
    is_worth_it = request.budget.minutes is not None or resolved.city.n_places > LARGE_CITY_PLACES
    return policy_knows(names) and is_paid and is_worth_it


def policy_plans_within(evaluations: int | None) -> int:
    """Plans of the policy that its share of a budget in evaluations pays for; None = another budget.

    Example:
        >>> policy_plans_within(1_500)
        20
    """
    if evaluations is None:
        return MOST_PREFERENCES
    return min(MOST_PREFERENCES, int(POLICY_SHARE * evaluations / EVALUATIONS_PER_PLAN))


def _say(phase: str, language: str) -> None:
    """Say on a terminal which phase begins."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{text(phase, language)}\n")
