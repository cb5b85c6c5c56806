"""What no plan of the published model leaves: ranges of prices, newcomers, points of interest and distances.

Of a plan only this is used: so many villages start, each with one of its options, and the newcomers number between a
least and a most. Each range is the sum of the villages that add most to it, or least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.bench.published.model import PublishedModel
from optimizers.bench.published.terms import AROUND, POI_ELASTICITY, PRICE_GROWTH, around

N_CELLS = 1_000
"""Cells that are worked on at once."""
DISTANCE_ROUNDS = 2
"""Steps of Dinkelbach's (1967) method from the distance as it is; each gives a bound, and the best counts."""
Interval = tuple[float, float]


@dataclass(frozen=True, eq=False)
class DistanceRanges:
    """Of every cell, shape (n_rows_around, n_columns_around) each.

    Attributes:
        residents: least and most.
        weight: least and most of the sum under the fraction (Travel).
        distance: least and most of the mean distance to the others [cells of 1 km].
    """

    residents: tuple[FloatArray, FloatArray]
    weight: tuple[FloatArray, FloatArray]
    distance: tuple[FloatArray, FloatArray]


def most_of(worth: FloatArray, n: int) -> FloatArray:
    """Largest sum of exactly n entries of each row, shape (n_rows,)."""
    first = worth.shape[1] - n
    largest: FloatArray = np.partition(worth, first, axis=1)[:, first:].sum(axis=1)
    return largest


def newcomers_range(model: PublishedModel) -> Interval:
    """Least and most newcomers of a plan."""
    residents = model.amounts[1]
    n = int(model.quota.sum())
    return -float(most_of(-_least(model, residents)[None], n)[0]), float(most_of(_most(model, residents)[None], n)[0])


def _least(model: PublishedModel, amount: FloatArray) -> FloatArray:
    """Least that each village adds if it starts, shape (n_villages,)."""
    return np.where(model.option_mask, amount, np.inf).min(axis=1)


def _most(model: PublishedModel, amount: FloatArray) -> FloatArray:
    return np.where(model.option_mask, amount, -np.inf).max(axis=1)


def most_added(model: PublishedModel) -> FloatArray:
    """Most value, newcomers and POI that each village adds, shape (3, n_villages)."""
    return np.stack([_most(model, amount) for amount in model.amounts])


def price_level_range(model: PublishedModel) -> tuple[FloatArray, FloatArray]:
    """Least and most of each year's prices relative to the first's, (plan_years,) and (n_villages, plan_years).

    Points of interest only grow, so that their growths r by year are at least 0 and multiply to 1 + R. As log(1 + e r)
    is convex in log(1 + r), the product of all 1 + e r is at most 1 + e R: all growth in one year moves prices most.
    """
    city, poi = model.city, model.amounts[2]
    rows, columns = (abs(np.subtract.outer(place, place)) <= AROUND for place in (city.row, city.column))
    is_near = rows & columns
    opened = np.where(is_near, _most(model, poi), 0.0)
    before = around(city.poi[None])[0][city.row, city.column]
    first = np.where(before > 0.0, before, np.where(is_near, _least(model, poi), np.inf).min(axis=1))
    started = np.concatenate([[0], np.cumsum(model.quota)[:-1]])
    opened = np.cumsum(-np.sort(-opened, axis=1), axis=1)
    after = before[:, None] + np.insert(opened, 0, 0.0, axis=1)[:, np.minimum(started, len(opened))]
    growth = np.maximum(after / first[:, None] - 1.0, 0.0)
    least: FloatArray = PRICE_GROWTH ** np.arange(model.quota.size, dtype=np.float64)
    most: FloatArray = least * (1.0 + POI_ELASTICITY * growth)
    return least, most


def distance_ranges(model: PublishedModel, newcomers: Interval) -> DistanceRanges:
    """Ranges over all plans with so many newcomers.

    Args:
        model: the published model.
        newcomers: least and most of all newcomers together.

    Returns:
        See DistanceRanges; cells where nobody ever lives have ranges that mean nothing.
    """
    low, high = _residents(model, newcomers)
    shape = high.shape
    weight, distance = np.ones((2, *shape)), np.zeros((2, *shape))
    lived_in = np.flatnonzero(high > 0.0)
    for first in range(0, lived_in.size, N_CELLS):
        cells = lived_in[first : first + N_CELLS]
        sums = _CellSums(model, newcomers, *np.unravel_index(cells, shape))
        for ranges, found in zip((weight, distance), sums.ranges(), strict=True):
            for side, values in zip(ranges, found, strict=True):
                side.flat[cells] = values
    return DistanceRanges((low, high), (weight[0], weight[1]), (distance[0], distance[1]))


def _residents(model: PublishedModel, newcomers: Interval) -> tuple[FloatArray, FloatArray]:
    """Least and most residents of every cell."""
    city, n = model.city, int(model.quota.sum())
    outside = city.residents_around[city.outside].sum()
    low, high = (city.residents_around * np.where(city.outside, 1.0 - q / outside, 1.0) for q in newcomers[::-1])
    most, n_cells = _most(model, model.amounts[1]), city.residents.size
    order = np.lexsort((-most, model.cell))
    rank = np.arange(order.size) - np.searchsorted(model.cell[order], model.cell[order])
    added = np.bincount(model.cell[order], most[order] * (rank < n), minlength=n_cells)
    high[city.grid_in_all] += added.reshape(city.residents.shape)
    return low, high


class _CellSums:
    """Sums over the villages that start, at some cells.

    A sum at a cell is that before, plus what newcomers add near it, less what leaves with them.
    """

    def __init__(self, model: PublishedModel, newcomers: Interval, row: IntArray, column: IntArray) -> None:
        """Prepare."""
        city, travel = model.city, model.travel[np.float64]
        self.n, self.newcomers = int(model.quota.sum()), newcomers
        self.least, self.most = _least(model, model.amounts[1]), _most(model, model.amounts[1])
        distance = np.hypot(row[:, None] - city.row - city.corner[0], column[:, None] - city.column - city.corner[1])
        inverse = np.divide(1.0, distance, out=np.zeros_like(distance), where=distance > 0.0)
        self.near = inverse, inverse**2
        self.before = tuple(cells[row, column] for cells in travel.before)
        self.leaving = tuple(cells[row, column] / travel.n_outside for cells in travel.outside)

    def _most_added(self, near: FloatArray, leaving: FloatArray) -> FloatArray:
        """Most that newcomers add; the better of two bounds: they are counted one by one, or leave all together."""
        few, many = self.newcomers
        apart = self._largest(near - leaving[:, None])
        together = self._largest(near) + np.maximum(-leaving * few, -leaving * many)
        return np.minimum(apart, together)

    def _largest(self, weight: FloatArray) -> FloatArray:
        return most_of(np.maximum(weight * self.least, weight * self.most), self.n)

    def ranges(self) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
        """Of the sum under the fraction, and of the distance."""
        (_, before), (_, near), (_, leaving) = self.before, self.near, self.leaving
        low = before - self._most_added(-near, -leaving)
        high = before + self._most_added(near, leaving)
        return (low, high), (-self._farthest(-1.0, low, high), self._farthest(1.0, low, high))

    def _farthest(self, sign: float, low: FloatArray, high: FloatArray) -> FloatArray:
        """Most of the distance times the sign.

        Where no plan's (over - distance x under) is above an excess, none is farther than distance + excess / under.
        """
        distance, best = sign * self.before[0] / self.before[1], np.full(len(low), np.inf)
        for _ in range(DISTANCE_ROUNDS):
            excess = self._over(sign, distance)
            best = np.minimum(best, distance + np.where(excess > 0.0, excess / low, excess / high))
            distance = distance + np.where(excess > 0.0, excess / high, excess / low)
        return best

    def _over(self, sign: float, distance: FloatArray) -> FloatArray:
        """Most of sign x over - distance x under."""
        before, leaving = (sign * over - distance * under for over, under in (self.before, self.leaving))
        over, under = self.near
        return before + self._most_added(sign * over - distance[:, None] * under, leaving)
