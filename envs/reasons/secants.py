"""Differences between the ends of panels, exactly: a nonlinear function by its secant, a product by means.

Arrays hold a quantity at consecutive points of a path along one axis; between two points lies a panel. What the
functions return has one entry fewer along that axis.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from data.arrays import FloatArray

TINY_CHANGE = 1e-5
"""Change relative to the quantity below which the secant is the slope in the middle, which loses less than rounding."""


def below(points: FloatArray, axis: int) -> FloatArray:
    """The quantity at the lower end of every panel."""
    return np.take(points, np.arange(points.shape[axis] - 1), axis=axis)


def above(points: FloatArray, axis: int) -> FloatArray:
    """The quantity at the upper end of every panel."""
    return np.take(points, np.arange(1, points.shape[axis]), axis=axis)


def mean(points: FloatArray, axis: int = 1) -> FloatArray:
    """Mean of both ends: the factor by which the change of the other factor of a product counts."""
    return 0.5 * (below(points, axis) + above(points, axis))


def change(points: FloatArray, axis: int = 1) -> FloatArray:
    """Upper less lower end."""
    return above(points, axis) - below(points, axis)


def secant(x: FloatArray, y: FloatArray, slope: Callable[[FloatArray], FloatArray], axis: int = 1) -> FloatArray:
    """Change of y over change of x; the slope in the middle where x hardly changes.

    Args:
        x: argument at the points.
        y: function of it, element by element, same shape.
        slope: the function's derivative, of arguments in the middle of panels.
        axis: of the points.

    Example:
        >>> secant(np.array([[1.0, 3.0, 3.0]]), np.array([[1.0, 9.0, 9.0]]), lambda x: 2.0 * x)
        array([[4., 6.]])
    """
    run, rise = change(x, axis), change(y, axis)
    changes = np.abs(run) > TINY_CHANGE * (np.abs(below(x, axis)) + np.abs(above(x, axis)))
    return np.where(changes, rise / np.where(changes, run, 1.0), slope(mean(x, axis)))


def share_below(x: FloatArray, cap: FloatArray | float, axis: int = 1) -> FloatArray:
    """Secant of min(x, cap): the share of the way between the ends that lies below the cap.

    Args:
        x: argument at the points.
        cap: of the panels, or a number.
        axis: of the points.

    Example:
        >>> share_below(np.array([[0.5, 0.9, 1.4, 2.0]]), 1.0).round(9)
        array([[1. , 0.2, 0. ]])
    """
    low, high = np.minimum(below(x, axis), above(x, axis)), np.maximum(below(x, axis), above(x, axis))
    way = high - low
    return np.where(high <= cap, 1.0, np.where(low >= cap, 0.0, (cap - low) / np.where(way > 0.0, way, 1.0)))


def over(above_line: FloatArray | float, below_line: FloatArray) -> FloatArray:
    """Quotient; 0 where the lower one is 0, because then nothing depends on it. Shapes as they broadcast."""
    exists = below_line != 0.0
    return np.where(exists, above_line / np.where(exists, below_line, 1.0), 0.0)
