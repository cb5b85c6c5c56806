"""Habits of the book: chains of activities by kind of person, hours, modes by distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from data.arrays import FloatArray
from data.errors import refuse
from data.parameter_book import Book
from envs.kernel.people.ages import age_shares, employment_rates
from envs.people.categories import AGE_BANDS, GROUPS
from envs.people.day.activities import (
    ACTIVITIES,
    AT_HOME,
    BANDS,
    HOME,
    KIND_OF,
    KINDS,
    MODES,
    OWN_FORCE,
    PURPOSES,
)

Leg = tuple[int, int]
"""A way from one activity to the next, positions in PURPOSES."""


@dataclass(frozen=True, eq=False)
class Habits:
    """What people do on a working day, wherever they live.

    Attributes:
        chains: stops after leaving home, the last at home again, positions in PURPOSES; empty for a day at home.
        chain_share: by kind, shape (n_kinds, n_chains); rows sum to 1.
        kind_share: by resident group, shape (3, n_kinds); rows sum to 1, workers' to the group's employment rate.
        leave_h: mean hour of leaving home first, by the first stop, shape (n_activities,) [h].
        leave_spread_h: its standard deviation, same shape [h].
        stay_h: mean length of a stay, shape (n_purposes,); at home between two tours [h].
        stay_spread_h: its standard deviation, same shape [h].
        bounds_km: between distance bands, shape (n_bands - 1,) [km].
        mode_share: by distance band, shape (n_bands, n_modes); rows sum to 1.
        speed_km_per_h: of walking and cycling, shape (2,).
        visit_decay_per_km: of visits with distance [1/km].
    """

    chains: tuple[tuple[int, ...], ...]
    chain_share: FloatArray
    kind_share: FloatArray
    leave_h: FloatArray
    leave_spread_h: FloatArray
    stay_h: FloatArray
    stay_spread_h: FloatArray
    bounds_km: FloatArray
    mode_share: FloatArray
    speed_km_per_h: FloatArray
    visit_decay_per_km: float

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        """Every way that some chain has."""
        return tuple(sorted({leg for chain in self.chains for leg in legs_of(chain)}))

    @cached_property
    def legs_of_kind(self) -> FloatArray:
        """Ways of a person and day, shape (n_kinds, n_legs)."""
        counts = [[legs_of(chain).count(leg) for leg in self.legs] for chain in self.chains]
        return self.chain_share @ np.array(counts, dtype=np.float64)

    @property
    def trips_of_kind(self) -> FloatArray:
        """Trips of a person and day, shape (n_kinds,)."""
        return self.legs_of_kind.sum(axis=1)


def legs_of(chain: Sequence[int]) -> list[Leg]:
    """Ways of a chain, the first from home.

    Example:
        >>> legs_of((0, 4, AT_HOME)) == [(AT_HOME, 0), (0, 4), (4, AT_HOME)]
        True
    """
    return list(pairwise((AT_HOME, *chain))) if chain else []


def habits_of(book: Book) -> Habits:
    """Habits as the book has them.

    Args:
        book: parameters `day.*`, ages and employment.

    Raises:
        InputError: distances between modes do not rise.
    """
    tables = [book.table(f"day.chains_{kind}") for kind in KINDS]
    names = tuple(dict.fromkeys(name for table in tables for name in table))
    bounds = book.series("day.mode_bounds")
    if any(near >= far for near, far in pairwise(bounds)):
        raise refuse("day_bounds_rise", layer="day.mode_bounds", bounds=", ".join(f"{bound:g}" for bound in bounds))
    return Habits(
        chains=tuple(_stops(name) for name in names),
        chain_share=_shares([[table.get(name, 0.0) for name in names] for table in tables]),
        kind_share=kind_shares(book),
        leave_h=_by_name(book, "day.leave_home", ACTIVITIES),
        leave_spread_h=_by_name(book, "day.leave_home_spread", ACTIVITIES),
        stay_h=_by_name(book, "day.stay", PURPOSES),
        stay_spread_h=_by_name(book, "day.stay_spread", PURPOSES),
        bounds_km=np.array(bounds),
        mode_share=_shares([_by_name(book, f"day.modes_{band}", MODES) for band in BANDS]),
        speed_km_per_h=np.array([book.number(f"day.speed_{mode}") for mode in MODES[:OWN_FORCE]]),
        visit_decay_per_km=book.number("day.visit_decay"),
    )


def kind_shares(book: Book) -> FloatArray:
    """Kinds of people by group; workers make the group's employment rate exactly. Shape (3, n_kinds)."""
    ages = age_shares(book)
    working = ages * employment_rates(book)
    wanted = np.array([book.number(f"employment.{group}") for group in GROUPS])[:, None]
    working *= wanted / working.sum(axis=1, keepdims=True)
    idle = np.clip(ages - working, 0.0, None)
    idle *= (1.0 - wanted) / np.where(idle.any(axis=1, keepdims=True), idle.sum(axis=1, keepdims=True), 1.0)
    shares = np.zeros((len(GROUPS), len(KINDS)))
    for band in range(len(AGE_BANDS)):
        shares[:, KIND_OF[1, band]] += working[:, band]
        shares[:, KIND_OF[0, band]] += idle[:, band]
    return shares


def _stops(name: str) -> tuple[int, ...]:
    """Stops of a chain by its name, home last."""
    return () if name == HOME else tuple(PURPOSES.index(word) for word in (*name.split("-"), HOME))


def _by_name(book: Book, key: str, names: Sequence[str]) -> FloatArray:
    table = book.table(key)
    return np.array([table[name] for name in names])


def _shares(rows: Sequence[Sequence[float]] | Sequence[FloatArray]) -> FloatArray:
    """Rows whose sums are made 1 exactly."""
    values = np.array(rows)
    return values / values.sum(axis=1, keepdims=True)
