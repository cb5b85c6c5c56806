"""Household types by district: a seed table of the book fitted to the district's margins."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from data.city import City
from data.parameter_book import Book
from envs.kernel.people.ages import age_shares
from envs.people.categories import (
    AGE_BANDS,
    CLASSES,
    COLLECTIVE,
    GROUPS,
    OTHER,
    OWNED,
    REGISTERED,
    RENTED,
    SIZES,
    TABLE_SHAPE,
    TENANT,
    TENURES,
)
from envs.people.fitting import Margin, fit_table

SIZE_NAMES = ("one", "two", "three", "four", "five")


def persons_by_place(city: City) -> IntArray:
    """Whole residents of every place by group, the city's numbers rounded half up; shape (n_places, 3) [persons]."""
    persons = np.zeros((city.n_places, len(GROUPS)), dtype=np.int64)
    persons[: city.n_zones, OTHER] = np.floor(city.zones.residents + 0.5)
    persons[city.n_zones :, REGISTERED] = np.floor(city.villages.registered_residents + 0.5)
    persons[city.n_zones :, TENANT] = np.floor(city.villages.tenants + 0.5)
    return persons


def persons_by_district(city: City, persons: IntArray) -> IntArray:
    """Residents of every district by group, shape (n_districts, 3) [persons]."""
    total = np.zeros((len(city.districts), len(GROUPS)), dtype=np.int64)
    np.add.at(total, city.place_district_idx, persons)
    return total


def tenure_shares(book: Book) -> FloatArray:
    """Persons by tenure within a group, shape (3, 3); rows sum to 1."""
    rented = book.number("market.rented_share")
    shares = np.zeros((len(GROUPS), len(TENURES)))
    shares[REGISTERED, COLLECTIVE] = shares[TENANT, RENTED] = 1.0
    shares[OTHER, OWNED], shares[OTHER, RENTED] = 1.0 - rented, rented
    return shares


def size_shares(book: Book, key: str = "household.size") -> FloatArray:
    """Persons by the size of their household, shape (5,); the book has households by size."""
    persons = SIZES * _shares(book, key)
    return persons / persons.sum()


def district_margins(persons: IntArray, book: Book) -> tuple[Margin, ...]:
    """Persons of a district by group and tenure, by group and age, and by household size.

    Args:
        persons: by group, shape (3,).
        book: the parameter book.
    """
    by_group = persons.astype(np.float64)[:, None]
    return (
        ((0, 1), by_group * tenure_shares(book)),
        ((0, 3), by_group * age_shares(book)),
        ((2,), persons.sum() * size_shares(book)),
    )


def seed_table(book: Book) -> FloatArray:
    """What goes with what: persons by household size in each tenure, times ages in each size; shape TABLE_SHAPE."""
    tenures = {OWNED: "owner", RENTED: "tenant", COLLECTIVE: "member"}
    ages = np.array([_shares(book, f"household.age_in_{name}", AGE_BANDS) for name in SIZE_NAMES])
    seed = np.zeros(TABLE_SHAPE)
    for group, tenure in CLASSES:
        seed[group, tenure] = size_shares(book, f"household.size_of_{tenures[tenure]}")[:, None] * ages
    return seed


def household_types(persons: IntArray, book: Book) -> FloatArray:
    """Fitted persons of a district by group, tenure, household size and age band.

    Args:
        persons: of the district by group, shape (3,).
        book: the parameter book.

    Returns:
        Shape TABLE_SHAPE [persons].

    Raises:
        InputError: the book's margins contradict each other, as children where everybody lives alone.
    """
    return fit_table(seed_table(book), district_margins(persons, book))


def _shares(book: Book, key: str, names: tuple[str, ...] = ()) -> FloatArray:
    """A table of the book, its sum made 1 exactly; in the order of `names`."""
    table = book.table(key)
    values = np.array([table[name] for name in names or table])
    return values / values.sum()
