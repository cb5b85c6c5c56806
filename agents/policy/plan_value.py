"""Values of plans and policies: the weighted gain over renewing nothing, its mean over cities and preferences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.policy.network import Parameters
from agents.policy.preferences import even_preferences
from agents.policy.rollout import rollout
from agents.policy.shortlist import Outlook, outlook
from data.arrays import FloatArray
from envs.environment_core import Setup


def worth(setup: Setup, objectives: FloatArray, weights: FloatArray) -> FloatArray:
    """What plans are worth to preferences: their weighted gain over renewing nothing, in anchor ranges.

    Args:
        setup: city and scenario.
        objectives: of the plans, natural units, shape (n_plans, n_objectives).
        weights: a preference for each, same shape, sum 1.

    Returns:
        shape (n_plans,).
    """
    change = objectives - np.asarray(setup.initial_state.objectives)
    return np.sum(setup.scale.vector(change) * weights, axis=1)


@dataclass(frozen=True, eq=False)
class Judge:
    """Cities and preferences to judge policies by.

    Attributes:
        setups: cities.
        outlooks: of each.
        weights: preferences in each, shape (n, n_objectives).
    """

    setups: Sequence[Setup]
    outlooks: Sequence[Outlook]
    weights: Sequence[FloatArray]

    def weighted_values(self, parameters: Parameters) -> FloatArray:
        """Mean weighted gain over the base year in each city, in anchor ranges, shape (n_cities,)."""
        values = []
        for setup, outlook_of_city, weights in zip(self.setups, self.outlooks, self.weights, strict=True):
            objectives = rollout(outlook_of_city, parameters, weights).objectives
            values.append(np.mean(worth(setup, objectives, weights)))
        return np.array(values)


def judge(setups: Sequence[Setup], n_preferences: int = 21) -> Judge:
    """A judge over some cities, in each with an even grid of at most so many preferences of its objectives."""
    weights = [even_preferences(n_preferences, len(setup.game.objectives)) for setup in setups]
    return Judge(setups, [outlook(setup) for setup in setups], weights)
