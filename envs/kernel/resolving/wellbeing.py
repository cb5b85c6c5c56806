"""Types of persons: what residents of each group earn and have, in equal bands, and how much care they are owed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from data.city import City
from data.parameter_book import Book
from envs.kernel.people.ages import (
    RESIDENT_GROUPS,
    elderly_shares,
    pension_per_head_cny_per_month,
    wages_cny_per_month,
)
from envs.kernel.wellbeing import care_excess, care_weight, log_normal_means

N_BANDS = 5
"""Equal shares of the persons of a group, by wage."""


@dataclass(frozen=True, eq=False)
class PersonTypes:
    """Residents by group and wage band; groups as in RESIDENT_GROUPS, each array of shape (3, N_BANDS).

    Attributes:
        wage_cny_per_month: mean wage of a worker of the band.
        wage_per_head_cny_per_month: the same over all persons of the band, workers or not.
        income_cny_per_yr: wages and pensions per head.
        care_weight: expected, 1 = as everybody's.
    """

    wage_cny_per_month: FloatArray
    wage_per_head_cny_per_month: FloatArray
    income_cny_per_yr: FloatArray
    care_weight: FloatArray


def person_types(city: City, book: Book) -> PersonTypes:
    """Types of a city: its median income decides who is poor, the rest comes from the book."""
    rates = np.array([book.number(f"employment.{group}") for group in RESIDENT_GROUPS])
    wages = wages_cny_per_month(book)[:, None] * log_normal_means(N_BANDS, book.number("income.log_sd"))
    per_head = rates[:, None] * wages
    income = 12.0 * (per_head + pension_per_head_cny_per_month(book)[:, None])
    villages, zones = city.villages, city.zones
    persons = np.array([villages.registered_residents.sum(), villages.tenants.sum(), zones.residents.sum()])
    line = book.number("care.low_income") * weighted_median(income, np.broadcast_to(persons[:, None], income.shape))
    return PersonTypes(
        wage_cny_per_month=wages,
        wage_per_head_cny_per_month=per_head,
        income_cny_per_yr=income,
        care_weight=np.asarray(
            care_weight(
                elderly=elderly_household_shares(book)[:, None],
                low_income=(income < line).astype(np.float64),
                disabled=disabled_household_share(book),
                excess=care_excess(book),
            )
        ),
    )


def elderly_household_shares(book: Book) -> FloatArray:
    """Persons of each group who live with somebody of 60 and more, shape (3,) [0..1]."""
    return np.minimum(1.0, book.number("care.persons_per_elderly") * elderly_shares(book))


def disabled_household_share(book: Book) -> float:
    """Persons who live with somebody disabled, in a household of mean size [0..1]."""
    return float(1.0 - (1.0 - book.number("care.disabled_share")) ** book.number("built.household_size"))


def weighted_median(values: FloatArray, weights: FloatArray) -> float:
    """Least value that at least half of the weight does not exceed; any equal shapes.

    Example:
        >>> weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0]))
        2.0
    """
    order = np.argsort(values, axis=None)
    reached = np.cumsum(weights.ravel()[order])
    return float(values.ravel()[order][np.searchsorted(reached, 0.5 * reached[-1])])
