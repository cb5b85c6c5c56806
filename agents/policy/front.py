"""Fronts of a policy: greedy rollouts for one vector of preference weights or for many."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from agents.policy.network import Parameters, initial
from agents.policy.plan_value import worth
from agents.policy.preferences import spread_preferences
from agents.policy.rollout import rollout
from agents.policy.shortlist import Outlook
from data.arrays import BoolArray, FloatArray
from envs.choices.anchors import Anchors
from envs.environment_core import Setup
from envs.kernel import Plans
from envs.kernel.computing.backend import one_blas_thread
from envs.kernel.plans import concatenate


@dataclass(frozen=True, eq=False)
class PolicyFront:
    """Plans of a policy.

    Attributes:
        weights: preference of each, shape (n_plans, n_objectives).
        plans: the batch.
        objectives: at the environment's precision, natural units, shape (n_plans, n_objectives).
        seconds: of planning.
    """

    weights: FloatArray
    plans: Plans
    objectives: FloatArray
    seconds: float


def plan_for(outlook: Outlook, parameters: Parameters, weights: FloatArray) -> PolicyFront:
    """A plan for each preference.

    Args:
        outlook: on the city.
        parameters: of the policy.
        weights: shape (n_plans, n_objectives), sum 1.

    Returns:
        The plans, in the order of the weights.
    """
    began = time.perf_counter()
    with one_blas_thread():
        finished = rollout(outlook, parameters, weights)
    return PolicyFront(weights, finished.plans, np.asarray(finished.objectives), time.perf_counter() - began)


def plan_front(outlook: Outlook, parameters: Parameters, anchors: Anchors, n: int) -> PolicyFront:
    """Plans for `n` preferences, chosen so that the plans spread over the front.

    Args:
        outlook: on the city.
        parameters: of the policy.
        anchors: scale in which plans differ.
        n: how many.

    Returns:
        The plans, dominated ones among them.
    """
    fronts: list[PolicyFront] = []

    def plan(weights: FloatArray) -> FloatArray:
        fronts.append(plan_for(outlook, parameters, weights))
        return anchors.normalized(fronts[-1].objectives)

    weights = spread_preferences(n, plan)
    objectives = np.concatenate([front.objectives for front in fronts])
    return PolicyFront(
        weights, concatenate([front.plans for front in fronts]), objectives, sum(front.seconds for front in fronts)
    )


def with_greedy_plans(planned: PolicyFront, setup: Setup, outlook: Outlook) -> tuple[PolicyFront, BoolArray]:
    """Let the greedy policy plan where a policy's plan is worth less to its preference than renewing nothing.

    Args:
        planned: plans of the policy.
        setup: city and scenario.
        outlook: on the city.

    Returns:
        The plans, and True for those of the greedy policy, shape (n_plans,); it plans where its plan is worth more.
    """
    values = worth(setup, planned.objectives, planned.weights)
    (poor,) = np.nonzero(values < 0.0)
    replaced = np.zeros(planned.plans.n_plans, dtype=bool)
    if not poor.size:
        return planned, replaced
    greedy = plan_for(outlook, initial(0), planned.weights[poor])
    better = worth(setup, greedy.objectives, greedy.weights) > values[poor]
    replaced[poor[better]] = True
    row = np.arange(planned.plans.n_plans)
    row[poor[better]] = planned.plans.n_plans + np.flatnonzero(better)
    return PolicyFront(
        planned.weights,
        concatenate([planned.plans, greedy.plans])[row],
        np.concatenate([planned.objectives, greedy.objectives])[row],
        planned.seconds + greedy.seconds,
    ), replaced
