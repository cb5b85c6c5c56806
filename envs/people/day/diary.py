"""The day of one person, drawn from the habits whose mean is the day of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from scipy import sparse

from envs.people.day.activities import AT_HOME, CATEGORIES_OF, OWN_FORCE, VISIT, WORK
from envs.people.day.destinations import Choice
from envs.people.day.habits import Habits
from envs.people.day.situation import Ways

LEAST_STAY_H = 0.05
"""A normal stay can come out shorter, or negative [h]."""


@dataclass(frozen=True)
class Trip:
    """A trip of somebody's day.

    Attributes:
        purpose: what is done where it leads, position in PURPOSES.
        place: where it leads, among zones, then villages.
        mode: position in MODES.
        km: length [km].
        leaves_h: hour of leaving; from 24 on it is the next day [h].
        arrives_h: hour of arrival [h].
    """

    purpose: int
    place: int
    mode: int
    km: float
    leaves_h: float
    arrives_h: float


@dataclass(frozen=True)
class _Stop:
    """A place for an activity, and the way to it from home."""

    place: int
    km: float
    minutes: float


def draw_diary(
    home: int,
    kind: int,
    work_zone: int,
    *,
    habits: Habits,
    choices: Sequence[Choice],
    ways: Ways,
    generator: np.random.Generator,
) -> tuple[Trip, ...]:
    """Trips of one person; none of somebody who stays at home.

    A tour keeps its mode as long as its legs are about as long: one number between 0 and 1 picks the mode of each.

    Args:
        home: place.
        kind: position in KINDS.
        work_zone: of a worker; -1 of the others.
        habits: of the book.
        choices: where activities lead from every place.
        ways: of the city.
        generator: random numbers.
    """
    chain = habits.chains[int(generator.choice(len(habits.chains), p=habits.chain_share[kind]))]
    trips: list[Trip] = []
    at = _Stop(home, 0.0, 0.0)
    pick = generator.random()
    for here, purpose in pairwise((AT_HOME, *chain)):
        if here == AT_HOME:
            pick = generator.random()
        to = _stop(purpose, home, work_zone, choices, ways, generator)
        leaves_h = _leaving(here, purpose, trips, habits, generator)
        km, ride_min = _way(at, to)
        band = int(np.digitize(km, habits.bounds_km, right=True))
        mode = int(np.searchsorted(np.cumsum(habits.mode_share[band])[:-1], pick, side="right"))
        minutes = 60.0 * km / habits.speed_km_per_h[mode] if mode < OWN_FORCE else ride_min
        trips.append(Trip(purpose, to.place, mode, km, leaves_h, leaves_h + minutes / 60.0))
        at = to
    return tuple(trips)


def _leaving(here: int, purpose: int, trips: Sequence[Trip], habits: Habits, generator: np.random.Generator) -> float:
    """Hour of leaving: home first by the first stop, else after a stay."""
    if not trips:
        return float(generator.normal(habits.leave_h[purpose], habits.leave_spread_h[purpose]))
    stay_h = generator.normal(habits.stay_h[here], habits.stay_spread_h[here])
    return trips[-1].arrives_h + max(float(stay_h), LEAST_STAY_H)


def _stop(
    purpose: int, home: int, work_zone: int, choices: Sequence[Choice], ways: Ways, generator: np.random.Generator
) -> _Stop:
    """Where the activity is done, and the way there from home."""
    if purpose == AT_HOME:
        return _Stop(home, 0.0, 0.0)
    if purpose == WORK:
        return _Stop(work_zone, float(ways.km[home, work_zone]), float(ways.minutes[home, work_zone]))
    choice = choices[purpose]
    if purpose not in CATEGORIES_OF or choice.elsewhere[home]:
        share = np.asarray(choices[VISIT].share[home])
        zone = int(generator.choice(len(share), p=share))
        return _Stop(zone, float(ways.km[home, zone]), float(ways.minutes[home, zone]))
    reach, facilities = ways.catchments[CATEGORIES_OF[purpose]], cast("sparse.csr_array", choice.share)
    pairs = np.flatnonzero(reach.home_idx == home)
    weight = facilities[[home]].toarray()[0][reach.place_idx[pairs]]
    pair = int(generator.choice(pairs, p=weight / weight.sum()))
    km = float(reach.km[pair])
    return _Stop(int(reach.place_idx[pair]), km, ways.intercept_min + ways.slope_min_per_km * km)


def _way(one: _Stop, other: _Stop) -> tuple[float, float]:
    """Kilometers and minutes of a ride between two stops, of which home is one or none, as `bands_between`."""
    km = float(np.hypot(one.km, other.km))
    longer = one if one.km >= other.km else other
    return km, longer.minutes * (km / longer.km if longer.km > 0.0 else 1.0)
