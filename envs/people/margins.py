"""What a draw was to meet and what it met: its margins, counted from the drawn rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import CodeArray, FloatArray, IntArray
from envs.people.categories import GROUPS, SEXES, SIZES, TABLE_SHAPE, TENURES
from envs.people.people_model import PeopleModel
from envs.people.residents import Residents

TOLERANCE_SHARE, TOLERANCE_PERSONS = 0.01, 1.0
"""A margin holds where every cell is missed by no more than the larger of the two."""


@dataclass(frozen=True, eq=False)
class Margin:
    """One margin of a draw.

    Attributes:
        name: its texts are `people_margin_NAME`.
        given: by cell [persons, households or CNY].
        drawn: same shape.
        is_sampled: a sum of sampled pairs, which nothing holds to what is given.
    """

    name: str
    given: FloatArray
    drawn: FloatArray
    is_sampled: bool = False

    @property
    def missed(self) -> FloatArray:
        """Absolute error by cell."""
        return np.abs(self.drawn - self.given)

    @property
    def missed_share(self) -> FloatArray:
        """Error by cell as a share of what is given; 0 where one person or less is missed."""
        beyond = self.missed > TOLERANCE_PERSONS + 1e-6
        return np.where(beyond, self.missed / np.where(self.given > 0.0, self.given, 1.0), 0.0)

    @property
    def holds(self) -> bool:
        """Whether every cell is within one percent or one."""
        return bool(np.all(self.missed_share <= TOLERANCE_SHARE))


class Tally:
    """Counts of drawn residents, batch after batch.

    Attributes:
        persons: by place and group, shape (n_places, 3).
        types: persons by district and household type, shape (n_districts, *TABLE_SHAPE).
        workers: by district and group, shape (n_districts, 3).
        wages_cny: of those workers, same shape [CNY/month].
        sexes: persons by district, shape (n_districts, 2).
        households: by district, group and tenure, shape (n_districts, 3, 3).
        long_stay: households of them of long stay, same shape.
        registered: households of them registered, same shape.
        arrivals: workers by work zone, shape (n_zones,).
        widest_trip_gap: largest difference between a pair's count and T_ij [workers].
    """

    def __init__(self, model: PeopleModel) -> None:
        """Count nobody yet."""
        n_districts = len(model.city.districts)
        self.model = model
        self.persons = np.zeros((model.city.n_places, len(GROUPS)), dtype=np.int64)
        self.types = np.zeros((n_districts, *TABLE_SHAPE), dtype=np.int64)
        self.workers = np.zeros((n_districts, len(GROUPS)), dtype=np.int64)
        self.wages_cny = np.zeros((n_districts, len(GROUPS)))
        self.sexes = np.zeros((n_districts, len(SEXES)), dtype=np.int64)
        self.households, self.long_stay, self.registered = np.zeros(
            (3, n_districts, len(GROUPS), len(TENURES)), dtype=np.int64
        )
        self.arrivals = np.zeros(model.city.n_zones, dtype=np.int64)
        self.widest_trip_gap = 0.0

    def add(self, residents: Residents) -> None:
        """Count a batch of whole places."""
        persons, households = residents.persons, residents.households
        district = self.model.city.place_district_idx
        home = district[persons.place_idx]
        tenure, size = (np.repeat(column, households.size) for column in (households.tenure_idx, households.size))
        self.persons += _counts(self.persons.shape, persons.place_idx, persons.group_idx)
        self.types += _counts(self.types.shape, home, persons.group_idx, tenure, size - 1, persons.age_idx)
        self.sexes += _counts(self.sexes.shape, home, persons.sex_idx)
        at_work = persons.is_employed
        works = (home[at_work], persons.group_idx[at_work])
        self.workers += _counts(self.workers.shape, *works)
        self.wages_cny += _counts(self.wages_cny.shape, *works, weights=persons.income_cny_per_month[at_work])
        lives = (district[households.place_idx], households.group_idx, households.tenure_idx)
        self.households += _counts(self.households.shape, *lives)
        self.long_stay += _counts(self.long_stay.shape, *(column[households.is_long_stay] for column in lives))
        self.registered += _counts(self.registered.shape, *(column[households.is_registered] for column in lives))
        self._add_trips(persons.place_idx[at_work], persons.work_zone_idx[at_work])

    def _add_trips(self, home: CodeArray, zone: CodeArray) -> None:
        self.arrivals += np.bincount(zone, minlength=len(self.arrivals))
        ends = np.flatnonzero(np.diff(home)) + 1
        for start, end in zip([0, *ends], [*ends, len(home)], strict=True):
            if end > start:
                counted = np.bincount(zone[start:end], minlength=len(self.arrivals))
                gap = float(np.max(np.abs(counted - self.model.trips(int(home[start])))))
                self.widest_trip_gap = max(self.widest_trip_gap, gap)


def _counts(shape: tuple[int, ...], *columns: CodeArray, weights: CodeArray | None = None) -> IntArray:
    """How many rows each combination of the columns has, or the sum of their weights."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for length, column in zip(shape, columns, strict=True):
        code = code * length + column
    return np.bincount(code, weights=weights, minlength=int(np.prod(shape))).reshape(shape)


def margins_of(tally: Tally, places: Sequence[int]) -> tuple[Margin, ...]:
    """Every margin that a draw of places was to meet.

    Args:
        tally: of all residents of the places.
        places: that were drawn.
    """
    model = tally.model
    types = expected_types(model, places)
    workers = _by_district(model, model.workers, places)
    long_share = np.broadcast_to(model.long_share, tally.households.shape)
    wages = np.divide(tally.wages_cny, tally.workers, out=np.zeros_like(tally.wages_cny), where=tally.workers > 0)
    male = model.book.number("sex.male_share")
    trips = np.sum([model.trips(place) for place in places], axis=0) if len(places) else np.zeros(model.city.n_zones)
    rows = list(places)
    return (
        _margin("residents", model.persons[rows], tally.persons[rows]),
        _margin("ages", types.sum(axis=(2, 3)), tally.types.sum(axis=(2, 3))),
        _margin("sizes", types.sum(axis=(1, 2, 4)), tally.types.sum(axis=(1, 2, 4))),
        _margin("tenures", types.sum(axis=(3, 4)), tally.types.sum(axis=(3, 4))),
        _margin("workers", workers, tally.workers),
        _margin("wages", np.where(tally.workers > 0, model.wage_cny, 0.0), wages),
        _margin("sexes", tally.sexes.sum(axis=1, keepdims=True) * np.array([1.0 - male, male]), tally.sexes),
        _margin("stays", tally.households * long_share, tally.long_stay),
        _margin("registrations", tally.households * model.registered_share, tally.registered),
        _margin("arrivals", trips, tally.arrivals, is_sampled=True),
    )


def _margin(
    name: str, given: CodeArray | FloatArray, drawn: CodeArray | FloatArray, *, is_sampled: bool = False
) -> Margin:
    return Margin(name, given.astype(np.float64), drawn.astype(np.float64), is_sampled)


def expected_types(model: PeopleModel, places: Sequence[int]) -> FloatArray:
    """Fitted household types by district, for the residents of the places alone; (n_districts, *TABLE_SHAPE)."""
    found = _by_district(model, model.persons.astype(float), places)
    types = np.zeros((len(found), *TABLE_SHAPE))
    for district in np.flatnonzero(found.sum(axis=1)).tolist():
        every = model.district_persons[district]
        share = np.divide(found[district], every, out=np.zeros(len(GROUPS)), where=every > 0)
        types[district] = model.types_of_district(district) * share[:, None, None, None]
    return types


def standardized_error(tally: Tally, places: Sequence[int]) -> FloatArray:
    r"""Standardized root mean square error of the table of household size x age x tenure, by district.

    $$ \sqrt{\overline{(n - x)^2}} / \overline{x} $$ over the cells of the fitted table x.

    Returns:
        Shape (n_districts,); NaN where nobody was drawn.
    """
    given = expected_types(tally.model, places).sum(axis=1).reshape(len(tally.types), -1)
    drawn = tally.types.sum(axis=1).reshape(given.shape)
    mean = given.mean(axis=1)
    error = np.sqrt(((drawn - given) ** 2).mean(axis=1))
    return np.divide(error, mean, out=np.full(len(mean), np.nan), where=mean > 0.0)


def _by_district(model: PeopleModel, by_place: FloatArray, places: Sequence[int]) -> FloatArray:
    total = np.zeros((len(model.city.districts), by_place.shape[1]))
    np.add.at(total, model.city.place_district_idx[list(places)], by_place[list(places)])
    return total


def mean_household_size(tally: Tally) -> float:
    """Persons per household of all that were drawn."""
    by_size = tally.types.sum(axis=(0, 1, 2, 4))
    return float(by_size.sum() / (by_size / SIZES).sum())
