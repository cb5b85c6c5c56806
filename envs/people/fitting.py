"""Tables fitted to margins (Deming & Stephan 1940), and integers drawn from tables (Lovelace & Ballas 2013)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refuse

TOLERANCE = 1e-11
"""Largest error of a margin's total, relative to the sum of the table."""
MOST_ROUNDS = 5_000

Margin = tuple[tuple[int, ...], FloatArray]
"""Axes that a margin keeps, and its totals."""


def fit_table(seed: FloatArray, margins: Sequence[Margin]) -> FloatArray:
    r"""Iterative proportional fitting: the table nearest to the seed, in the sense of entropy, that has the margins.

    $$ x \leftarrow x \cdot m_k / \sum_{\bar k} x $$ for each margin in turn; ratios of odds stay the seed's.

    Args:
        seed: any shape, not negative; its zeros stay.
        margins: at least one; all with the same sum.

    Returns:
        The shape of the seed.

    Raises:
        InputError: the margins contradict each other, or the zeros of the seed.

    Example:
        >>> rows, columns = ((0,), np.array([50.0, 50.0])), ((1,), np.array([40.0, 60.0]))
        >>> fit_table(np.array([[1.0, 2.0], [3.0, 4.0]]), [rows, columns]).round(4)
        array([[17.5765, 32.4235],
               [22.4235, 27.5765]])
    """
    table = seed.astype(np.float64)
    whole = max(float(np.sum(margins[0][1])), 1.0)
    shaped = [_spread(axes, totals, seed.ndim) for axes, totals in margins]
    for _ in range(MOST_ROUNDS):
        worst = 0.0
        for others, totals in shaped:
            found = table.sum(axis=others, keepdims=True)
            worst = max(worst, float(np.max(np.abs(found - totals))))
            table = table * np.divide(totals, found, out=np.zeros_like(found), where=found > 0.0)
        if worst <= TOLERANCE * whole:
            return table
    raise refuse("people_margins_contradict", missed=worst, whole=whole)


def _spread(axes: tuple[int, ...], totals: FloatArray, n_axes: int) -> tuple[tuple[int, ...], FloatArray]:
    """The axes that a margin sums over, and its totals shaped to meet the table."""
    others = tuple(axis for axis in range(n_axes) if axis not in axes)
    return others, np.expand_dims(totals, others)


def whole_numbers(expected: FloatArray, total: int | IntArray, start: float | FloatArray) -> IntArray:
    r"""Integers along the last axis: truncated, replicated, and the rest sampled systematically.

    $$ n_j = \lfloor C_j + u \rfloor - \lfloor C_{j-1} + u \rfloor $$ with C the cumulative sum and u the start, so that
    each number is its expectation rounded down or up, up with the chance of its remainder.

    Args:
        expected: not negative, shape (..., n_cells).
        total: what the integers add up to: the sum rounded down or up; shape (...).
        start: of the sampling, 0..1, 1 excluded; shape (...).

    Returns:
        Shape (..., n_cells).

    Example:
        >>> whole_numbers(np.array([1.5, 0.7, 2.8]), 5, 0.3)
        array([1, 1, 3])
    """
    start = np.asarray(start)[..., None]
    reached = np.floor(np.cumsum(expected, axis=-1) + start).astype(np.int64)
    reached[..., -1] = total
    reached = np.minimum(reached, np.asarray(total)[..., None])
    reached[..., 1:] -= reached[..., :-1].copy()
    return reached
