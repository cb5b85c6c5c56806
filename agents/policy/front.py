"""A policy's plans for one preference or for many."""

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


def plan_for(look: Outlook, parameters: Parameters, weights: FloatArray) -> PolicyFront:
    """A plan for each preference.

    Args:
        look: at the city.
        parameters: of the policy.
        weights: shape (n_plans, n_objectives), sum 1.

    Returns:
        The plans, in the order of the weights.
    """
    began = time.perf_counter()
    with one_blas_thread():
        found = rollout(look, parameters, weights)
    return PolicyFront(weights, found.plans, np.asarray(found.objectives), time.perf_counter() - began)


def plan_front(look: Outlook, parameters: Parameters, anchors: Anchors, n: int) -> PolicyFront:
    """Plans for `n` preferences, chosen so that the plans spread over the front.

    Args:
        look: at the city.
        parameters: of the policy.
        anchors: scale in which plans differ.
        n: how many.

    Returns:
        The plans, dominated ones among them.
    """
    parts: list[PolicyFront] = []

    def plan(weights: FloatArray) -> FloatArray:
        parts.append(plan_for(look, parameters, weights))
        return anchors.normalized(parts[-1].objectives)

    weights = spread_preferences(n, plan)
    objectives = np.concatenate([part.objectives for part in parts])
    return PolicyFront(weights, concatenate([p.plans for p in parts]), objectives, sum(p.seconds for p in parts))


def with_greedy_plans(found: PolicyFront, setup: Setup, look: Outlook) -> tuple[PolicyFront, BoolArray]:
    """Let the greedy policy plan where a policy's plan is worth less to its preference than renewing nothing.

    Args:
        found: plans of the policy.
        setup: city and scenario.
        look: at the city.

    Returns:
        The plans, and True for those of the greedy policy, shape (n_plans,); it plans where its plan is worth more.
    """
    own = worth(setup, found.objectives, found.weights)
    (poor,) = np.nonzero(own < 0.0)
    replaced = np.zeros(found.plans.n_plans, dtype=bool)
    if not poor.size:
        return found, replaced
    other = plan_for(look, initial(0), found.weights[poor])
    better = worth(setup, other.objectives, other.weights) > own[poor]
    replaced[poor[better]] = True
    row = np.arange(found.plans.n_plans)
    row[poor[better]] = found.plans.n_plans + np.flatnonzero(better)
    return PolicyFront(
        found.weights,
        concatenate([found.plans, other.plans])[row],
        np.concatenate([found.objectives, other.objectives])[row],
        found.seconds + other.seconds,
    ), replaced
