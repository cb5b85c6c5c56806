"""Fronts: the non-dominated plans found, thinned, measured and compared by pymoo's own functions."""

from __future__ import annotations

import numpy as np
from pymoo.indicators.hv import HV
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from data.arrays import FloatArray, IntArray

REFERENCE = 1.1
"""Reference point of the hypervolume, in normalized units where 1 = worst anchor and 0 = best."""


def non_dominated(F: FloatArray) -> IntArray:
    """Positions of the non-dominated rows of F (minimized), in their order; of equal rows the first."""
    if len(F) == 0:
        return np.zeros(0, dtype=np.int64)
    _, first = np.unique(F, axis=0, return_index=True)
    first = np.sort(first)
    front = NonDominatedSorting().do(F[first], only_non_dominated_front=True)
    return np.sort(first[front])


def hypervolume(normalized: FloatArray) -> float:
    """Hypervolume of minimized, normalized objectives against REFERENCE, as a share of the box from 0.

    Args:
        normalized: (best - f) / (best - worst) per objective, shape (n_plans, n_objectives).

    Returns:
        Share; above 1 only where a plan beats an anchor.
    """
    inside = normalized[(normalized < REFERENCE).all(axis=1)]
    if len(inside) == 0:
        return 0.0
    return float(HV(ref_point=np.full(normalized.shape[1], REFERENCE))(inside)) / REFERENCE ** normalized.shape[1]


def thin(normalized: FloatArray, *, spacing: float, most: int | None = None) -> IntArray:
    """Keep plans that differ by at least `spacing` in some objective from every plan kept before.

    The best plan of each objective comes first, then always the plan farthest from those kept (in its largest
    objective difference), so that any beginning of the order is well spread.

    Args:
        normalized: shape (n_plans, n_objectives).
        spacing: least largest difference, in anchor ranges.
        most: stop at this many.

    Returns:
        Positions kept, in the order they were chosen.
    """
    if len(normalized) == 0:
        return np.zeros(0, dtype=np.int64)
    kept: list[int] = []
    distance = np.full(len(normalized), np.inf)
    extremes = [int(np.argmin(normalized[:, k])) for k in range(normalized.shape[1])]
    while most is None or len(kept) < most:
        pending = [i for i in extremes if distance[i] >= spacing and distance[i] > 0.0]
        chosen = pending[0] if pending else int(np.argmax(distance))
        if distance[chosen] < spacing or distance[chosen] == 0.0:
            break
        kept.append(chosen)
        distance = np.minimum(distance, np.abs(normalized - normalized[chosen]).max(axis=1))
    return np.array(kept, dtype=np.int64)
