"""Documented projects most like a village: by size, households, residents and floor, each on a standardized scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from data.city import City
from data.diagnosis.cases import FEATURES, Case
from data.parameter_book import Book
from envs.diagnosis.conditions import M2_PER_HA

LEAST_SHARED = 2
"""Features that two must share to be called like each other before others."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """How like each village documented projects are.

    Attributes:
        distance: root mean square of the differences in the features that both know, in standard deviations of the
            cases' logarithms, shape (n_villages, n_cases); inf where they share none.
        n_shared: features that both know, same shape.
    """

    distance: FloatArray
    n_shared: IntArray

    def nearest(self, village: int, most: int) -> list[int]:
        """Cases most like a village, the nearest first; those that share but one feature come after all others."""
        order = np.lexsort((self.distance[village], self.n_shared[village] < LEAST_SHARED))
        return [int(k) for k in order[:most] if np.isfinite(self.distance[village, k])]


def case_features(cases: Sequence[Case]) -> FloatArray:
    """Features of cases for one village each, shape (n_cases, n_features); NaN where not known."""
    return np.array([[case.per_village(name) for name in FEATURES] for case in cases]).reshape(len(cases), -1)


def village_features(city: City, book: Book) -> FloatArray:
    """The same of villages, shape (n_villages, n_features); households are registered ones of the book's mean size."""
    villages = city.villages
    columns = {
        "area_ha": villages.site_area_m2 / M2_PER_HA,
        "households": villages.registered_residents / book.number("built.household_size"),
        "residents": villages.registered_residents + villages.tenants,
        "floor_before_m2": villages.gross_floor_area_m2,
    }
    return np.column_stack([columns[name] for name in FEATURES])


def likeness(villages: FloatArray, cases: FloatArray) -> Likeness:
    """Distance between villages and cases; sizes are compared by their logarithms, for they differ by powers of ten.

    Args:
        villages: shape (n_villages, n_features); what is not above 0 is not known.
        cases: shape (n_cases, n_features); same.
    """
    log_villages, log_cases = _logarithm(villages), _logarithm(cases)
    spread = np.array([_spread(column) for column in log_cases.T])
    difference = (log_villages[:, None, :] - log_cases[None, :, :]) / spread
    shared = ~np.isnan(difference)
    n_shared = shared.sum(axis=2)
    squares = np.where(shared, difference, 0.0) ** 2
    mean = squares.sum(axis=2) / np.maximum(n_shared, 1)
    return Likeness(np.where(n_shared > 0, np.sqrt(mean), np.inf), n_shared)


def _logarithm(values: FloatArray) -> FloatArray:
    return np.log(np.where(values > 0.0, values, np.nan))


def _spread(column: FloatArray) -> float:
    """Standard deviation of what is known; 1 where fewer than two differ."""
    known = column[~np.isnan(column)]
    return float(known.std()) if known.size > 1 and known.std() > 0.0 else 1.0
