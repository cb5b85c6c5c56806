"""Ages of the resident groups, who of them works, and what they have: averages of the parameter book."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from data.arrays import FloatArray
from data.parameter_book import Book

RESIDENT_GROUPS = ("registered", "tenant", "other")
"""Registered villagers, tenants of villages, residents outside the villages."""
REGISTERED, TENANT, OTHER = range(3)
ELDERLY_BANDS = ("60-69", "70+")
"""Age bands from 60 on, of the parameter book; who does not work draws a pension."""
LARGEST_LOG_ODDS = 50.0


def age_shares(book: Book) -> FloatArray:
    """Ages by group, shape (3, n_bands), bands as the book orders them; rows sum to 1."""
    shares = np.array([list(book.table(f"age.{group}").values()) for group in RESIDENT_GROUPS])
    return shares / shares.sum(axis=1, keepdims=True)


def by_age_band(book: Book, key: str) -> FloatArray:
    """A table of the book by age band, 0 of bands that it does not have, as children; shape (n_bands,)."""
    table = book.table(key)
    return np.array([table.get(band, 0.0) for band in book.table("age.other")])


def employment_rates(book: Book) -> FloatArray:
    r"""Workers per person by group and age, whose mean over the group's ages is the group's employment rate.

    $$ r_{ga} = f_g r_a / (1 - r_a + f_g r_a) $$ One factor f on the odds of the book's rates fits each group.

    Returns:
        Shape (3, n_bands); children do not work.
    """
    rates = by_age_band(book, "employment.by_age")
    fitted = []
    for group, ages in zip(RESIDENT_GROUPS, age_shares(book), strict=True):
        wanted = book.number(f"employment.{group}")

        def with_odds(log_factor: float) -> FloatArray:
            odds = np.exp(log_factor) * rates
            return odds / (1.0 - rates + odds)

        def excess(log_factor: float, ages: FloatArray = ages, wanted: float = wanted) -> float:
            return float(ages @ with_odds(log_factor)) - wanted

        reachable = excess(-LARGEST_LOG_ODDS) < 0.0 < excess(LARGEST_LOG_ODDS)
        end = LARGEST_LOG_ODDS if excess(0.0) < 0.0 else -LARGEST_LOG_ODDS
        fitted.append(with_odds(brentq(excess, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS) if reachable else end))
    return np.array(fitted)


def elderly_shares(book: Book) -> FloatArray:
    """Persons of 60 and more by group, shape (3,) [0..1]."""
    return age_shares(book) @ _is_elderly(book)


def wages_cny_per_month(book: Book) -> FloatArray:
    """Mean wage of a worker by group, shape (3,)."""
    return np.array([book.number(f"income.worker_{group}") for group in RESIDENT_GROUPS])


def pensions_cny_per_month(book: Book) -> FloatArray:
    """Mean pension of an elderly person without work by group, shape (3,)."""
    return np.array([book.number(f"income.pension_{group}") for group in RESIDENT_GROUPS])


def pension_per_head_cny_per_month(book: Book) -> FloatArray:
    """Pensions of a group over all its persons, shape (3,)."""
    without_work = age_shares(book) * (1.0 - employment_rates(book))
    return pensions_cny_per_month(book) * (without_work @ _is_elderly(book))


def _is_elderly(book: Book) -> FloatArray:
    return np.array([float(band in ELDERLY_BANDS) for band in book.table("age.other")])
