"""Preference weights for a front: an even grid on the simplex, then more where neighboring plans differ most."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import comb

import numpy as np

from data.arrays import FloatArray

Planned = Callable[[FloatArray], FloatArray]
"""Weights (n, n_objectives) -> objectives of their plans in anchor ranges, same shape."""
MOST_FIRST = 36
"""The first grid has at most so many preferences."""
ROUNDS = 4
DIGITS = 9
"""Weights that agree in so many digits are the same."""


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
    return preference_grid(_most_parts(most, n_objectives), n_objectives)


def _most_parts(most: int, n_objectives: int) -> int:
    n_parts = 1
    while comb(n_parts + n_objectives, n_objectives - 1) <= most:
        n_parts += 1
    return n_parts


def spread_preferences(n: int, n_objectives: int, planned: Planned) -> FloatArray:
    """Preferences whose plans spread over the front: a grid, whose widest sides are halved again and again.

    A side joins two preferences that are neighbors; how wide it is, the plans say: by how much they differ in some
    objective.

    Args:
        n: how many, at least 1.
        n_objectives: how many objectives they weigh.
        planned: plans for weights, and says what their objectives are.

    Returns:
        Weights in the order they were planned for, shape (n, n_objectives).
    """
    if n == 1:
        weights = np.full((1, n_objectives), 1.0 / n_objectives)
        planned(weights)
        return weights
    n_parts = _most_parts(min(n, MOST_FIRST), n_objectives)
    weights = preference_grid(n_parts, n_objectives)[:n]
    sides = _sides(weights, 1.0 / n_parts)
    objectives = planned(weights)
    at_once = max(1, -(-(n - len(weights)) // ROUNDS))
    while len(weights) < n:
        width = {side: float(np.abs(np.subtract(*objectives[list(side)])).max()) for side in sorted(sides)}
        following = _halved(weights, sides, width, min(at_once, n - len(weights)))
        weights = np.concatenate([weights, following])
        objectives = np.concatenate([objectives, planned(following)])
    return weights


def _sides(weights: FloatArray, step: float) -> set[tuple[int, int]]:
    """Pairs of neighbors on a grid: one step of weight lies between them, from one objective to another."""
    apart = np.abs(weights[:, None] - weights[None]).sum(axis=2)
    one, other = np.nonzero(np.triu(np.abs(apart - 2.0 * step) < 0.5 * step))
    return set(zip(one.tolist(), other.tolist(), strict=True))


def _halved(
    weights: FloatArray, sides: set[tuple[int, int]], width: dict[tuple[int, int], float], n: int
) -> FloatArray:
    """Middles of the n widest sides, shape (<= n, n_objectives), at least one; `sides` is brought up to date.

    The middle of a side is joined to its ends, and to those that are neighbors of both: the triangles beside it are
    halved.
    """
    known = {tuple(row) for row in weights.round(DIGITS).tolist()}
    middles: list[FloatArray] = []
    for one, other in sorted(width, key=lambda side: -width[side]):
        middle = 0.5 * (weights[one] + weights[other])
        sides.discard((one, other))
        if tuple(middle.round(DIGITS).tolist()) in known:  # sides that cross share their middle
            continue
        known.add(tuple(middle.round(DIGITS).tolist()))
        new = len(weights) + len(middles)
        sides |= {(k, new) for k in {one, other} | (_neighbors(sides, one) & _neighbors(sides, other))}
        middles.append(middle)
        if len(middles) == n:
            break
    return np.array(middles)


def _neighbors(sides: set[tuple[int, int]], one: int) -> set[int]:
    return {sum(side) - one for side in sides if one in side}
