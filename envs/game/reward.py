"""Reward: the change of each objective in anchor units, and what a broken rule costs at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from data.errors import refuse
from envs.choices.anchors import Anchors
from envs.kernel.computing.backend import Array, array_namespace, like
from envs.kernel.indicators.registry import objective_signs

PENALTY = 1.0
"""A rule exceeded by 100 % costs one anchor range in every objective, as in a search."""
Weights = Mapping[str, float] | Sequence[float] | FloatArray


@dataclass(frozen=True, eq=False)
class RewardScale:
    """From natural units to reward; the only place of the environment where signs change.

    Attributes:
        objectives: names.
        per_unit: reward of one natural unit more, shape (n_objectives,).
        source: where the anchors come from: "given", "stored" or "quick".
    """

    objectives: tuple[str, ...]
    per_unit: FloatArray
    source: str

    def vector(self, change: Array) -> Array:
        """Change of the objectives in anchor units, positive = better.

        Args:
            change: natural units, shape (n, n_objectives).

        Returns:
            The same shape, float64.
        """
        return change * like(self.per_unit, change) + 0.0  # no negative zero


def reward_scale(anchors: Anchors, source: str) -> RewardScale:
    """The scale of some anchors: best less worst is worth 1."""
    signs = np.array(objective_signs(anchors.objectives))
    return RewardScale(anchors.objectives, signs / anchors.ranges, source)


def weight_vector(weights: Weights, objectives: Sequence[str]) -> FloatArray:
    """Preference weights that sum to 1, in the order of the objectives.

    Args:
        weights: by name (objectives not named weigh 0), or in order.
        objectives: names.

    Returns:
        shape (n_objectives,).

    Raises:
        InputError: an unknown name, a wrong number of weights, a negative one, or none above zero.
    """
    if isinstance(weights, Mapping):
        unknown = sorted(set(weights) - set(objectives))
        if unknown:
            raise refuse("weight_of_unknown_objective", layer="weights", names=unknown, objectives=list(objectives))
        values = np.array([float(weights.get(name, 0.0)) for name in objectives])
    else:
        values = np.asarray(weights, dtype=np.float64)
    if values.shape != (len(objectives),):
        raise refuse("weights_of_wrong_number", layer="weights", n=len(objectives), shape=str(values.shape))
    with np.errstate(over="ignore"):
        total = values.sum()
    if not (np.isfinite(total) and (values >= 0.0).all() and total > 0.0):
        raise refuse("weights_not_usable", layer="weights", weights=values.tolist())
    return values / total


def penalty(excess: Array) -> Array:
    """What finished plans lose in every objective; relative excess (n_plans, n_rules) to (n_plans,)."""
    return PENALTY * array_namespace(excess).sum(excess, axis=1)
