"""Preference weights for a front: an even grid on the simplex, then more where neighboring plans differ most."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import comb

import numpy as np
from scipy.spatial import Delaunay

from data.arrays import FloatArray

Planned = Callable[[FloatArray], FloatArray]
"""Weights (n, 3) -> objectives of their plans in anchor ranges (n, 3)."""
FIRST_PARTS = 7
"""The first grid has 36 preferences; smaller fronts begin with a smaller one."""
ROUNDS = 4


def preference_grid(n_parts: int, n_objectives: int = 3) -> FloatArray:
    """All weights that are multiples of 1 / n_parts and sum to 1 (Das and Dennis 1998), shape (n, n_objectives).

    Example:
        >>> preference_grid(2, 2)
        array([[0. , 1. ],
               [0.5, 0.5],
               [1. , 0. ]])
    """
    multiples = [row for row in product(range(n_parts + 1), repeat=n_objectives - 1) if sum(row) <= n_parts]
    first = np.array(multiples)
    return np.concatenate([first, n_parts - first.sum(axis=1, keepdims=True)], axis=1) / n_parts


def even_preferences(most: int, n_objectives: int) -> FloatArray:
    """The largest even grid of at most `most` preferences, the corners at least, shape (n, n_objectives)."""
    n_parts = 1
    while comb(n_parts + n_objectives, n_objectives - 1) <= most:
        n_parts += 1
    return preference_grid(n_parts, n_objectives)


def spread_preferences(n: int, planned: Planned) -> FloatArray:
    """Preferences whose plans spread over the front.

    Args:
        n: how many, at least 1.
        planned: plans for weights, and says what their objectives are.

    Returns:
        Weights in the order they were planned for, shape (n, 3).
    """
    weights = _first_preferences(n)
    objectives = planned(weights)
    at_once = max(1, -(-(n - len(weights)) // ROUNDS))
    while len(weights) < n:
        following = _midpoints(weights, objectives, min(at_once, n - len(weights)))
        weights = np.concatenate([weights, following])
        objectives = np.concatenate([objectives, planned(following)])
    return weights


def _first_preferences(n: int) -> FloatArray:
    """The middle, two corners, or the largest even grid of at most `n` preferences and FIRST_PARTS parts."""
    if n == 1:
        return np.full((1, 3), 1.0 / 3.0)
    n_parts = max(k for k in range(1, FIRST_PARTS + 1) if k == 1 or (k + 1) * (k + 2) // 2 <= n)
    return preference_grid(n_parts)[:n]


def _midpoints(weights: FloatArray, objectives: FloatArray, n: int) -> FloatArray:
    """Between the neighbors in weight space whose plans differ most in some objective, shape (<= n, 3), >= 1 row."""
    corners = Delaunay(weights[:, :2]).simplices
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    difference = np.abs(objectives[sides[:, 0]] - objectives[sides[:, 1]]).max(axis=1)
    chosen = sides[np.argsort(-difference, kind="stable")[:n]]
    return 0.5 * (weights[chosen[:, 0]] + weights[chosen[:, 1]])
