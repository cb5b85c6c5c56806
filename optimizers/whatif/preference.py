"""What a plan is judged by: weights of the objectives, given or those under which the plan is best on its front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from data.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Preference:
    """Weights of objectives.

    Attributes:
        objectives: names.
        weights: of the objectives in anchor ranges, not below 0, adding up to 1, shape (n_objectives,).
        ranges: natural units of an anchor range, shape (n_objectives,).
        signs: 1 where more is better, -1 where less is, shape (n_objectives,).
        regret: by how much the best plan of the front is better under these weights than the plan that they were
            sought for [ranges]; 0 where they are given or the plan is best.
    """

    objectives: tuple[str, ...]
    weights: FloatArray
    ranges: FloatArray
    signs: FloatArray
    regret: float = 0.0

    @property
    def per_unit(self) -> FloatArray:
        """Worth of a natural unit of each objective, signed so that more is better, shape (n_objectives,)."""
        return self.weights * self.signs / self.ranges

    def worth(self, values: FloatArray) -> FloatArray:
        """Weighted sum of objectives or of differences in them (natural units, last axis) [ranges]."""
        return np.asarray(values @ self.per_unit)


def weights_of_plan(scaled: FloatArray, front: FloatArray) -> tuple[FloatArray, float]:
    """The weights under which a plan is best on a front by the widest margin, or falls short of it by least.

    A linear program: the largest t with w (plan - other) >= t for every other plan, w on the simplex.

    Args:
        scaled: objectives of the plan in ranges, more is better, shape (n_objectives,).
        front: of the others, shape (n_front, n_objectives).

    Returns:
        The weights, and what the plan falls short of the best under them [ranges], 0 where it is best.

    Example:
        >>> weights, regret = weights_of_plan(np.array([0.9, 0.6]), np.array([[1.0, 0.0], [0.0, 1.0]]))
        >>> weights.round(3), regret
        (array([0.5, 0.5]), 0.0)
    """
    n = scaled.size
    lead = scaled - front
    lead = lead[np.abs(lead).max(axis=1, initial=0.0) > 0.0] if len(lead) else lead
    if not len(lead):
        return np.full(n, 1.0 / n), 0.0
    found = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.column_stack([-lead, np.ones(len(lead))]),
        b_ub=np.zeros(len(lead)),
        A_eq=np.append(np.ones(n), 0.0)[None],
        b_eq=np.ones(1),
        bounds=[(0.0, 1.0)] * n + [(None, None)],
        method="highs",
    )
    weights = np.clip(found.x[:n], 0.0, None)
    return weights / weights.sum(), max(0.0, -float(found.x[n]))
