"""How far a plan is from a front: what all objectives could gain at once, and which plans are better in everything.

All values are in ranges of the objectives, more is better: natural units x sign / range.
"""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray

ON_FRONT = 0.01
"""A plan is on the front where no plan of it is better by this part of a range in every objective."""
CELLS_PER_CHUNK = 4_000_000


def gap_to_front(values: FloatArray, front: FloatArray) -> FloatArray:
    """What every objective could gain at once by taking a plan of the front instead.

    It is the directional distance to the attained region (free disposal hull): above 0 where some plan of the front is
    better in every objective, 0 on the front, below 0 where the plan itself lies beyond it.

    Args:
        values: shape (n_plans, n_objectives).
        front: shape (n_front, n_objectives), at least one plan.

    Returns:
        shape (n_plans,) [ranges].

    Example:
        >>> gap_to_front(np.array([[0.2, 0.5], [0.9, 0.9]]), np.array([[0.6, 0.6], [0.0, 1.0]])).round(2)
        array([ 0.1, -0.3])
    """
    rows = max(1, CELLS_PER_CHUNK // front.size)
    gaps = [
        (front[None] - values[first : first + rows, None]).min(axis=2).max(axis=1)
        for first in range(0, len(values), rows)
    ]
    return np.concatenate(gaps) if gaps else np.zeros(0)


def dominating(values: FloatArray, front: FloatArray) -> BoolArray:
    """True for plans of the front that are nowhere worse than a plan and somewhere better.

    Args:
        values: of the plan, shape (n_objectives,).
        front: shape (n_front, n_objectives).
    """
    lead = front - values
    return np.asarray((lead >= 0.0).all(axis=1) & (lead > 0.0).any(axis=1))
