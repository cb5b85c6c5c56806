"""Corners of what a front leaves open: the least that a plan must reach so that no plan of it is better throughout."""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray

MOST_CORNERS = 600


def open_corners(front: FloatArray, most: int = MOST_CORNERS) -> FloatArray:
    """The least values that lie on a front or beyond it (local bounds of the open region; Klamroth et al. 2015).

    A plan is within a gap of the front where it reaches some corner less the gap in every objective.

    Args:
        front: more is better, shape (n_front, n_objectives); those that matter most first.
        most: corners at most; plans of the front that would make more are left out, so that the region only grows.

    Returns:
        shape (n_corners, n_objectives); -inf where an objective may be anything.

    Example:
        >>> open_corners(np.array([[1.0, 0.0], [0.0, 1.0]]))
        array([[  1., -inf],
               [  0.,   0.],
               [-inf,   1.]])
    """
    corners = np.full((1, front.shape[1]), -np.inf)
    for plan in front:
        beaten = (corners < plan).all(axis=1)
        if not beaten.any():
            continue
        raised = np.repeat(corners[beaten], plan.size, axis=0)
        objective = np.tile(np.arange(plan.size), int(beaten.sum()))
        raised[np.arange(len(raised)), objective] = plan[objective]
        grown = _least(np.unique(np.concatenate([corners[~beaten], raised]), axis=0))
        if len(grown) <= most:
            corners = grown
    return corners[::-1]


def _least(corners: FloatArray) -> FloatArray:
    """Those that no other lies below."""
    return corners[np.array([not _above_another(corners, k) for k in range(len(corners))], dtype=np.bool_)]


def _above_another(corners: FloatArray, k: int) -> bool:
    below: BoolArray = (corners <= corners[k]).all(axis=1)
    return int(below.sum()) > 1
