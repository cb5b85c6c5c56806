"""What comes before the rounds of a search, within its budget: anchors, and the plans of a policy to begin with."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from agents.objectives import policy_knows
from app.runs.anchor_store import anchors_in_time
from app.runs.loading import refuse_undefined_objectives
from app.runs.phases import Phase, begin_phase, is_watched, show_first_plans
from app.runs.provisional_plans import Keep
from envs.choices.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.plans import concatenate, empty_plan
from envs.kernel.trace import SEARCH
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.search.best_plans import quick_plans

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
QUICK_EVALUATIONS, QUICK_SECONDS = 20, 3.0
"""Of the search for each provisional plan: in Beijing it takes 0.7 processor seconds, the first one 1.8."""
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
        is_stopped: whether somebody asked to stop meanwhile; the search then keeps what it begins with.
    """

    anchors: Anchors
    anchors_seconds: float
    first: FirstPlans | None
    plans: Plans | None
    budget: Budget
    is_stopped: bool = False


def prepared(
    resolved: ResolvedScenario,
    request: SearchRequest,
    *,
    seed_plans: Plans | None,
    with_policy: bool,
    is_stopped: Callable[[], bool] = lambda: False,
    keep: Keep | None = None,
) -> Preparation:
    """Anchors and first plans, each phase told as it begins (app.runs.phases).

    Once somebody asks to stop, what follows ends as soon as it can; a first plan is then there to be kept in any case.

    Args:
        resolved: what is searched.
        request: how.
        seed_plans: plans of another run to begin with.
        with_policy: whether the policy plans first, where the default search is asked for.
        is_stopped: whether somebody has asked to stop.
        keep: called with each first plan where somebody watches (app.runs.provisional_plans).

    Raises:
        InputError: an objective has no value for the empty plan.
        KeyboardInterrupt: it was stopped before there was anything to keep.
    """
    budget, began = request.budget, time.perf_counter()

    def clock() -> float:
        return math.inf if is_stopped() else time.perf_counter()

    quick = None
    if is_watched():
        quick = provisional_plans(resolved, threads=request.threads, is_stopped=is_stopped, keep=keep)
        if is_stopped() and quick is None:
            raise KeyboardInterrupt  # nothing was found that could be kept
    begin_phase(Phase.ANCHORS)
    seconds = math.inf if budget.minutes is None else ANCHOR_SHARE * 60.0 * budget.minutes
    anchors, reached = anchors_in_time(resolved, seconds, threads=request.threads, clock=clock)
    anchors_seconds = time.perf_counter() - began
    first = None
    if with_policy and not is_stopped():
        first = _first_plans(resolved, request, anchors, anchors_seconds)
    if is_stopped():
        if quick is None:
            quick = provisional_plans(resolved, threads=request.threads, is_stopped=is_stopped)
        seed_plans = concatenate([plans for plans in (seed_plans, quick) if plans is not None])
    elif request.algorithm != DEFAULT_ALGORITHM or budget.minutes is None:
        reached = None  # others shall be measured by what they find; so is a budget of evaluations
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
        is_stopped=is_stopped(),
    )


def provisional_plans(
    resolved: ResolvedScenario,
    *,
    threads: int = 1,
    is_stopped: Callable[[], bool] = lambda: False,
    keep: Keep | None = None,
) -> Plans | None:
    """Plans after a short search of each objective alone, shown to who watches as each is found.

    Args:
        resolved: scenario resolved against a city.
        threads: worker threads.
        is_stopped: True ends it after the plan at hand.
        keep: called with each of them, a batch of one.

    Returns:
        A batch; None where it was stopped before any plan was found.

    Raises:
        InputError: an objective has no value for the empty plan.
    """
    refuse_undefined_objectives(resolved)
    begin_phase(Phase.FIRST_PLANS)
    found: list[Plans] = []
    for plan in quick_plans(resolved, evaluations=QUICK_EVALUATIONS, seconds=QUICK_SECONDS, threads=threads):
        found.append(plan)
        show_first_plans(resolved, concatenate(found))
        if keep is not None:
            keep(plan)
        if is_stopped():
            break
    return concatenate(found) if found else None


def _first_plans(
    resolved: ResolvedScenario, request: SearchRequest, anchors: Anchors, spent_seconds: float
) -> FirstPlans | None:
    """Plans of the shipped policy, for as many preferences as its share of the budget pays for; None = for too few."""
    budget, names = request.budget, resolved.scenario.objectives
    if not may_begin_with_policy(resolved, request):
        return None
    begin_phase(Phase.POLICY)
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
