"""The published model's travel: every resident's mean distance to the others, as their gravity weighs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import fftconvolve

from data.arrays import FloatArray
from optimizers.bench.published.city import PublishedCity

POWERS = (1, 2)
"""Of the distance, over and under the fraction."""
Spectrum = NDArray[np.complexfloating[Any, Any]]


def _inverse_distance(n_rows: int, n_columns: int, row: int, column: int) -> FloatArray:
    """1 / distance of every cell to the cell (row, column), 0 there, shape (n_rows, n_columns)."""
    distance = np.hypot(np.arange(n_rows)[:, None] - row, np.arange(n_columns)[None] - column)
    distance[row, column] = np.inf
    return 1.0 / distance


def _total(cells: FloatArray) -> FloatArray:
    """Sum over cells, in double precision."""
    total: FloatArray = cells.sum(axis=(-2, -1), dtype=np.float64)
    return total


@dataclass(frozen=True, eq=False)
class Travel:
    """Mean distance of all residents to the others [cells of 1 km].

    d_i = sum_j p_j / |i - j| over sum_j p_j / |i - j|^2, j not i, over all cells: two convolutions. What a plan adds
    lies in the grid and what it takes is in proportion, so that only the grid is transformed for each plan.

    Attributes:
        city: the published city.
        dtype: of the transforms; what a plan does not touch is in double precision before it is cut to this.
    """

    city: PublishedCity
    dtype: type[np.floating[Any]] = np.float64

    @cached_property
    def _shape(self) -> tuple[int, int]:
        """Of the transforms: the cells around and the grid side by side."""
        around, grid = self.city.residents_around.shape, self.city.residents.shape
        n_rows, n_columns = (fft.next_fast_len(a + g - 1, real=True) for a, g in zip(around, grid, strict=True))
        return n_rows, n_columns

    @cached_property
    def _transforms(self) -> list[Spectrum]:
        """Of the weights by displacement from a cell of the grid to a cell around, for each of POWERS."""
        (n_rows, n_columns), (top, left) = self.city.residents.shape, self.city.corner
        rows, columns = (a + g - 1 for a, g in zip(self.city.residents_around.shape, (n_rows, n_columns), strict=True))
        inverse = _inverse_distance(rows, columns, top + n_rows - 1, left + n_columns - 1)
        return [fft.rfft2((inverse**power).astype(self.dtype), s=self._shape) for power in POWERS]

    @cached_property
    def before(self) -> list[FloatArray]:
        """Weighted sums over the residents of all cells before any plan."""
        return self._sums_over(self.city.residents_around)

    @cached_property
    def outside(self) -> list[FloatArray]:
        """The part of them that is due to residents outside the grid."""
        return self._sums_over(np.where(self.city.outside, self.city.residents_around, 0.0))

    def _sums_over(self, residents: FloatArray) -> list[FloatArray]:
        rows, columns = residents.shape
        inverse = _inverse_distance(2 * rows - 1, 2 * columns - 1, rows - 1, columns - 1)
        sums = [fftconvolve(residents, inverse**power, mode="full") for power in POWERS]
        return [cells[rows - 1 : 2 * rows - 1, columns - 1 : 2 * columns - 1].astype(self.dtype) for cells in sums]

    @cached_property
    def _residents(self) -> FloatArray:
        return self.city.residents_around.astype(self.dtype)

    @cached_property
    def residents_outside(self) -> FloatArray:
        """Residents of the cells outside the grid, 0 in it."""
        return np.where(self.city.outside, self._residents, self.dtype(0))

    @cached_property
    def n_outside(self) -> float:
        """How many they are."""
        return float(self.city.residents_around[self.city.outside].sum())

    def _left(self, added: FloatArray) -> FloatArray:
        """Share of the residents outside that leave for the grid, shape (..., 1, 1)."""
        return (added.sum(axis=(-2, -1), keepdims=True) / self.n_outside).astype(self.dtype)

    def residents(self, added: FloatArray) -> FloatArray:
        """Residents of all cells when the grid's cells have taken in people from the cells outside, in proportion.

        Args:
            added: new residents of the grid's cells, shape (..., n_rows, n_columns).

        Returns:
            shape (..., n_rows_around, n_columns_around).
        """
        residents = self._residents - self._left(added) * self.residents_outside
        residents[(..., *self.city.grid_in_all)] += added
        return residents

    def sums(self, added: FloatArray) -> list[FloatArray]:
        """Weighted sums over all residents at every cell, shape (..., n_rows_around, n_columns_around) each."""
        n_rows, n_columns = self.city.residents.shape
        rows, columns = self.city.residents_around.shape
        spectrum, left = fft.rfft2(added, s=self._shape), self._left(added)
        sums = []
        for before, outside, transform in zip(self.before, self.outside, self._transforms, strict=True):
            spread = fft.irfft2(spectrum * transform, s=self._shape)
            spread = spread[..., n_rows - 1 : n_rows - 1 + rows, n_columns - 1 : n_columns - 1 + columns]
            sums.append(spread + (before - left * outside))
        return sums

    def mean_km(self, added: FloatArray) -> FloatArray:
        """Mean distance when new residents are added, shape as `added` without its last two axes."""
        residents = self.residents(added)
        one, two = self.sums(added)
        return _total(residents * (one / two)) / _total(residents)

    @cached_property
    def before_km(self) -> float:
        """Mean distance before any plan."""
        return float(self.mean_km(np.zeros(self.city.residents.shape, dtype=self.dtype)))

    def slope(self, added: FloatArray) -> FloatArray:
        """Derivative of the mean distance by new residents of each cell of the grid, shape (n_rows, n_columns)."""
        residents = self.residents(added)
        one, two = self.sums(added)
        distance = one / two
        by_sum = residents / two, -residents / two * distance
        gradient = distance[self.city.grid_in_all] + self.gathered(by_sum)
        leaving = self.residents_outside * distance
        for slope, outside in zip(by_sum, self.outside, strict=True):
            leaving += slope * outside
        return (gradient - leaving.sum() / self.n_outside) / residents.sum()

    def gathered(self, by_sum: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Slopes by the two sums at all cells, brought back to the grid's residents who enter them."""
        n_rows, n_columns = self.city.residents.shape
        gathered = np.zeros((n_rows, n_columns))
        for slope, transform in zip(by_sum, self._transforms, strict=True):
            placed = np.pad(slope, ((n_rows - 1, 0), (n_columns - 1, 0)))
            back = fft.irfft2(fft.rfft2(placed, s=self._shape) * transform.conj(), s=self._shape)
            gathered += back[:n_rows, :n_columns]
        return gathered
