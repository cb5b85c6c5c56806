"""Fronts of a policy: greedy rollouts for one vector of preference weights or for many."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from agents.policy.network import Parameters
from agents.policy.preferences import spread_preferences
from agents.policy.rollout import rollout
from agents.policy.shortlist import Outlook
from data.arrays import FloatArray
from envs.choices.anchors import Anchors
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

    weights = spread_preferences(n, len(outlook.game.objectives), plan)
    objectives = np.concatenate([front.objectives for front in fronts])
    return PolicyFront(
        weights, concatenate([front.plans for front in fronts]), objectives, sum(front.seconds for front in fronts)
    )
