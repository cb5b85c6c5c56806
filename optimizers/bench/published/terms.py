"""The published model's money and services with their slopes, for plans by the batch.

A plan enters by what it adds to the cells of the grid: the value of a village's project at the prices of its start
year, new residents, and points of interest (POI). Each term is exact; its slope by these amounts is its derivative.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve

from data.arrays import BoolArray, FloatArray, IntArray

PRICE_GROWTH = 1.03 / 1.015
"""Of a year, over the discount."""
POI_ELASTICITY = 1.0 / 50.0
"""Of prices, per relative growth of the POI around in a year."""
AROUND = 3
"""Rows and columns around a cell whose POI move its prices: a window of 7 x 7."""
REACH = 3
"""Manhattan distance within which POI serve a resident, in cells."""
SERVED = (np.add.outer(abs(np.arange(-REACH, REACH + 1)), abs(np.arange(-REACH, REACH + 1))) <= REACH).astype(float)


def around(cells: FloatArray) -> FloatArray:
    """Sum over the window around each cell of the grid; nothing lies beyond. Shape (..., n_rows, n_columns)."""
    by_row, by_column = (_neighbors(n).astype(cells.dtype) for n in cells.shape[-2:])
    return by_row @ cells @ by_column


def _neighbors(n: int) -> FloatArray:
    """1 where two of n rows lie in one window, shape (n, n)."""
    return (abs(np.subtract.outer(np.arange(n), np.arange(n))) <= AROUND).astype(np.float64)


def within_reach(cells: FloatArray) -> FloatArray:
    """Sum over the cells within reach of each cell of the grid, shape (..., n_rows, n_columns)."""
    return convolve(cells, SERVED.reshape(*(1,) * (cells.ndim - 2), *SERVED.shape), mode="constant")


def price_levels(poi: FloatArray) -> FloatArray:
    """Prices of each year, relative to those of the first.

    Args:
        poi: at the beginning of each year, shape (n_plans, n_years, n_rows, n_columns).

    Returns:
        Same shape.
    """
    served = around(poi)
    growth = PRICE_GROWTH * (1.0 + POI_ELASTICITY * _relative_growth(served))
    return np.cumprod(np.concatenate([np.ones_like(poi[:, :1]), growth], axis=1), axis=1)


def _relative_growth(served: FloatArray) -> FloatArray:
    """Growth of POI from each year to the next; none where there were none."""
    before, after = served[:, :-1], served[:, 1:]
    return np.divide(after - before, before, out=np.zeros_like(after), where=before > 0.0)


def money_slope_of_poi(poi: FloatArray, value: FloatArray) -> FloatArray:
    """What a point of interest, opened in the course of each year, adds to the money of later starts.

    Args:
        poi: at the beginning of each year, shape (n_years, n_rows, n_columns).
        value: of the starts of each year at the prices of the first, same shape [CNY].

    Returns:
        CNY per point, same shape.
    """
    served = around(poi)
    money = value * price_levels(poi[None])[0]
    later = np.cumsum(money[::-1], axis=0)[::-1]  # money of this year's starts and of all later ones
    growth = 1.0 + POI_ELASTICITY * _relative_growth(served[None])[0]
    before, after = served[:-1], served[1:]
    by_growth = POI_ELASTICITY * later[1:] / growth
    slope = np.zeros_like(served)
    slope[1:] += np.divide(by_growth, before, out=np.zeros_like(before), where=before > 0.0)
    slope[:-1] -= np.divide(by_growth * after, before**2, out=np.zeros_like(before), where=before > 0.0)
    from_year = np.cumsum(slope[::-1], axis=0)[::-1]
    return around(np.concatenate([from_year[1:], np.zeros_like(slope[:1])]))


def services(residents: FloatArray, poi: FloatArray) -> FloatArray:
    """Mean over residents of the POI that serve their cell; both of shape (..., n_rows, n_columns)."""
    served = (residents * within_reach(poi)).sum(axis=(-2, -1), dtype=np.float64)
    mean: FloatArray = served / residents.sum(axis=(-2, -1), dtype=np.float64)
    return mean


def services_slopes(residents: FloatArray, poi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivatives of `services` by residents and by POI of each cell, shape (n_rows, n_columns) each."""
    total = residents.sum()
    serving = within_reach(poi)
    mean = (residents * serving).sum() / total
    return (serving - mean) / total, within_reach(residents) / total


def cell_sums(amount: FloatArray, cell: IntArray, n_cells: int, where: BoolArray) -> FloatArray:
    """Amounts of villages summed by cell; amount and where of shape (n_plans, n_villages)."""
    n_plans = len(amount)
    place = np.arange(n_plans)[:, None] * n_cells + cell
    weights = amount[where].astype(np.float64)
    sums: FloatArray = np.bincount(place[where], weights=weights, minlength=n_plans * n_cells).astype(np.float64)
    return sums.reshape(n_plans, n_cells)
