"""Grades of values: equal numbers of villages (quantiles), or natural breaks (Fisher 1958, Jenks 1977), exactly."""

from __future__ import annotations

from typing import Literal

import numpy as np

from data.arrays import FloatArray, IntArray

Grading = Literal["quantile", "natural"]
GRADINGS: tuple[Grading, ...] = ("quantile", "natural")
N_GRADES = 5
LEAST_GRADES, MOST_GRADES = 2, 9
UNGRADED = -1


def grade_bounds(values: FloatArray, n_grades: int, grading: Grading) -> FloatArray:
    """Lower bounds of the grades above the lowest, rising; fewer where there are not so many different values.

    Args:
        values: shape (n,); NaN counts nowhere.
        n_grades: wanted.
        grading: `quantile` or `natural`.
    """
    known = values[~np.isnan(values)]
    if np.unique(known).size < 2:
        return np.zeros(0)
    return _quantile_bounds(known, n_grades) if grading == "quantile" else natural_bounds(known, n_grades)


def grades_of(values: FloatArray, bounds: FloatArray) -> IntArray:
    """Grade of each value: 0 below the first bound, then one more from each bound on; UNGRADED where it is NaN.

    Example:
        >>> grades_of(np.array([1.0, 2.0, np.nan, 9.0]), np.array([2.0, 5.0]))
        array([ 0,  1, -1,  2])
    """
    return np.where(np.isnan(values), UNGRADED, np.searchsorted(bounds, values, side="right"))


def _quantile_bounds(known: FloatArray, n_grades: int) -> FloatArray:
    """The value at the rank where each grade begins; equal values have one grade, bounds that fall together are one."""
    ordered = np.sort(known)
    first = np.ceil(np.arange(1, n_grades) * ordered.size / n_grades - 1e-9).astype(np.int64)
    bounds = np.unique(ordered[np.minimum(first, ordered.size - 1)])
    return np.asarray(bounds[bounds > ordered[0]])


def natural_bounds(known: FloatArray, n_grades: int) -> FloatArray:
    """Bounds with the least sum of squares within the grades, over all divisions (dynamic programming).

    Args:
        known: shape (n,), without NaN.
        n_grades: at most as many as there are different values are made.

    Returns:
        The lowest value of each grade but the first, rising.

    Example:
        >>> natural_bounds(np.array([1.0, 2.0, 10.0, 11.0, 12.0, 30.0]), 3)
        array([10., 30.])
    """
    level, count = np.unique(known, return_counts=True)
    n, k = level.size, min(n_grades, level.size)
    if k < 2:
        return np.zeros(0)
    centered = level - level.mean()  # small numbers lose fewer digits
    n_before = np.concatenate([[0.0], np.cumsum(count)])
    sum_before = np.concatenate([[0.0], np.cumsum(count * centered)])
    square_before = np.concatenate([[0.0], np.cumsum(count * centered**2)])

    def within(first: IntArray, end: int) -> FloatArray:
        """Sum of squares around the mean of levels first..end-1, for several firsts."""
        members = n_before[end] - n_before[first]
        total = sum_before[end] - sum_before[first]
        return np.maximum(square_before[end] - square_before[first] - total**2 / members, 0.0)

    least = np.array([np.inf, *(float(within(np.array([0]), end)[0]) for end in range(1, n + 1))])
    begins = np.zeros((k + 1, n + 1), dtype=np.int64)
    for grade in range(2, k + 1):
        longer = np.full(n + 1, np.inf)
        for end in range(grade, n + 1):
            first = np.arange(grade - 1, end)
            cost = least[first] + within(first, end)
            best = int(np.argmin(cost))
            longer[end], begins[grade, end] = cost[best], first[best]
        least = longer
    bounds, end = [], n
    for grade in range(k, 1, -1):
        end = int(begins[grade, end])
        bounds.append(float(level[end]))
    return np.array(bounds[::-1])
