"""How many households of which kind, and people of which age, live at each place: whole numbers.

The places of a district are gone through in order. What rounding one place left over is handed to the next, so that the
district keeps its margins; nobody else's draw is needed to know a place but those before it in its district.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.people.ages import age_shares
from envs.people.categories import (
    AGE_BANDS,
    CHILDREN,
    CLASSES,
    GROUPS,
    REGISTERED,
    SIZES,
    TABLE_SHAPE,
    TENANT,
    TENURES,
    WORKING_AGE,
)
from envs.people.fitting import whole_numbers
from envs.people.generator import Stream, place_generator
from envs.people.people_model import PeopleModel

MOST_HANDED_ON = 2.0 * float(SIZES[-1])
"""What a place hands on of a cell, at most [persons]: where every place is tiny, large households fit nowhere."""


@dataclass(frozen=True, eq=False)
class Composition:
    """Whole numbers of one place.

    Attributes:
        households: by group, tenure and size, shape (3, 3, 5).
        persons: by group, tenure, size and age band, shape TABLE_SHAPE.
        long_stay: households of long stay by group and tenure, shape (3, 3).
        registered: registered households, same shape.
        men: persons.
        workers: by group, shape (3,).
        work_start: start of the systematic sampling of work zones, 0..1.
    """

    households: IntArray
    persons: IntArray
    long_stay: IntArray
    registered: IntArray
    men: int
    workers: IntArray
    work_start: float


def compositions(model: PeopleModel, seed: int, places: Iterable[int]) -> dict[int, Composition]:
    """Compositions of places.

    Args:
        model: residents on average.
        seed: of the draw.
        places: positions among zones, then villages.

    Returns:
        By place. Each is the same whichever other places are asked for.
    """
    wanted = frozenset(places)
    district_of = model.city.place_district_idx
    found: dict[int, Composition] = {}
    for district in sorted({int(district_of[place]) for place in wanted}):
        members = np.flatnonzero(district_of == district).tolist()
        last = max(place for place in members if place in wanted)
        walk = _DistrictWalk(model, district, _generator(model, members[0], seed, Stream.WORKERS).random())
        for place in members[: members.index(last) + 1]:
            composed = walk.next_place(place, seed)
            if place in wanted:
                found[place] = composed
    return found


def _generator(model: PeopleModel, place: int, seed: int, stream: Stream) -> np.random.Generator:
    return place_generator(seed, str(model.city.place_id[place]), stream)


class _DistrictWalk:
    """A district on the way from place to place, with what rounding left over."""

    def __init__(self, model: PeopleModel, district: int, work_start: float) -> None:
        self.model = model
        self.work_start = work_start
        self.registered_workers_left = 0.0
        types = model.types_of_district(district)
        by_size = types.sum(axis=3)
        by_group = by_size.sum(axis=(1, 2), keepdims=True)
        self.size_share = np.divide(by_size, by_group, out=np.zeros_like(by_size), where=by_group > 0.0)
        self.age_share = _ages_within(types, model)
        self.households_left = np.zeros(TABLE_SHAPE[:3])
        self.persons_left = np.zeros((len(GROUPS), len(TENURES), len(AGE_BANDS)))
        self.mark_share = np.stack(np.broadcast_arrays(model.long_share, model.registered_share))
        self.marks_left = np.zeros(self.mark_share.shape)
        self.men_left = 0.0

    def next_place(self, place: int, seed: int) -> Composition:
        """The composition of the next place of the district."""
        persons = self.model.persons[place]
        generator = _generator(self.model, place, seed, Stream.COMPOSITION)
        size_starts, age_starts = generator.random((2, *TABLE_SHAPE[:3]))
        households = self._households(persons, size_starts)
        ages = self._ages(households * SIZES, age_starts)
        long_stay, registered = self._marks(households.sum(axis=2), generator.random(self.mark_share.shape))
        work_start = self.work_start
        workers = self._workers(self.model.workers[place], persons, float(generator.random()))
        return Composition(
            households=households,
            persons=_grown_up(ages, households, persons - workers),
            long_stay=long_stay,
            registered=registered,
            men=self._men(int(persons.sum()), float(generator.random())),
            workers=workers,
            work_start=work_start,
        )

    def _households(self, persons: IntArray, starts: FloatArray) -> IntArray:
        asked = persons[:, None, None] * self.size_share + self.households_left
        found = np.zeros(asked.shape, dtype=np.int64)
        for group in np.flatnonzero(persons).tolist():
            tenures = [tenure for member, tenure in CLASSES if member == group]
            expected, start = asked[group, tenures].tolist(), starts[group, tenures].tolist()
            found[group, tenures] = whole_households(expected, int(persons[group]), start)
        at_home = (persons > 0)[:, None, None]
        left = np.where(at_home, asked - found * SIZES, self.households_left)
        self.households_left = np.clip(left, -MOST_HANDED_ON, MOST_HANDED_ON)
        return found

    def _ages(self, persons: IntArray, starts: FloatArray) -> IntArray:
        """Ages size by size; what rounding leaves of a band goes to the next size, from the last to the next place."""
        found = np.zeros(TABLE_SHAPE, dtype=np.int64)
        for size in range(len(SIZES)):
            total, share = persons[:, :, size], self.age_share[:, :, size]
            asked = np.where(share > 0.0, np.maximum(total[..., None] * share + self.persons_left, 0.0), 0.0)
            asked = np.where(asked.any(axis=-1, keepdims=True), asked, share)
            asked *= (total / asked.sum(axis=-1))[..., None]
            found[:, :, size] = whole_numbers(asked, total, starts[:, :, size])
            self.persons_left += total[..., None] * share - found[:, :, size]
        self.persons_left = np.clip(self.persons_left, -MOST_HANDED_ON, MOST_HANDED_ON)
        return found

    def _marks(self, households: IntArray, starts: FloatArray) -> IntArray:
        """Households of long stay, and registered ones."""
        asked = households * self.mark_share + self.marks_left
        found = np.clip(np.floor(asked + starts), 0, households).astype(np.int64)
        self.marks_left = asked - found
        return found

    def _men(self, persons: int, start: float) -> int:
        asked = persons * self.model.book.number("sex.male_share") + self.men_left
        found = min(max(floor(asked + start), 0), persons)
        self.men_left = asked - found
        return found

    def _workers(self, expected: FloatArray, persons: IntArray, start: float) -> IntArray:
        """Whole workers by group: those of the place are sampled systematically along the places of the district."""
        reached = float(expected.sum()) + self.work_start
        self.work_start = reached % 1.0
        whole = min(floor(reached), int(persons.sum()))
        asked = float(expected[REGISTERED]) + self.registered_workers_left
        least, most = max(whole - int(persons.sum() - persons[REGISTERED]), 0), min(whole, int(persons[REGISTERED]))
        registered = min(max(floor(asked + start), least), most)
        self.registered_workers_left = asked - registered
        tenants = min(whole - registered, int(persons[TENANT]))
        return np.array([registered, tenants, whole - registered - tenants])


def whole_households(expected: list[list[float]], persons: int, start: list[list[float]]) -> list[list[int]]:
    """Households of a group with exactly so many persons in them; the largest are placed first.

    Whoever is left at the end lives alone, in the tenure that most have.

    Args:
        expected: persons by tenure and size; an excess or shortage is made up by the smaller sizes.
        persons: of the group.
        start: of the rounding of each cell, 0..1; same shape.

    Returns:
        Households, same shape.
    """
    households = [[0] * len(SIZES) for _ in expected]
    due, placed = 0.0, 0
    for size in reversed(SIZES.tolist()):
        for tenure, by_size in enumerate(expected):
            due += by_size[size - 1]
            if by_size[size - 1] <= 0.0:
                continue
            count = floor((due - placed) / size + start[tenure][size - 1])
            count = min(max(count, 0), (persons - placed) // size)
            households[tenure][size - 1] = count
            placed += count * size
    usual = max(range(len(expected)), key=lambda tenure: sum(expected[tenure]))
    households[usual][0] += persons - placed
    return households


def _ages_within(types: FloatArray, model: PeopleModel) -> FloatArray:
    """Ages of those of a group, tenure and size; where the district has none, the group's, and no child alone."""
    usual = np.broadcast_to(age_shares(model.book)[:, None, None, :], TABLE_SHAPE).copy()
    usual[:, :, 0, CHILDREN] = 0.0
    found = types.sum(axis=-1, keepdims=True)
    return np.where(found > 0.0, types / np.where(found > 0.0, found, 1.0), usual / usual.sum(axis=-1, keepdims=True))


def _grown_up(persons: IntArray, households: IntArray, idle: IntArray) -> IntArray:
    """Every household has an adult, and every worker is one: children who are too many belong to the next band.

    Args:
        persons: shape TABLE_SHAPE.
        households: shape (3, 3, 5).
        idle: persons who do not work, by group, shape (3,).

    Returns:
        Shape TABLE_SHAPE.
    """
    most = households * (SIZES - 1)
    children = np.minimum(persons[..., CHILDREN], most)
    flat = children.reshape(len(GROUPS), -1)
    within = np.minimum(np.cumsum(flat, axis=1), idle[:, None])
    children = np.diff(within, axis=1, prepend=0).reshape(len(GROUPS), len(TENURES), len(SIZES))
    grown = persons.copy()
    grown[..., WORKING_AGE] += persons[..., CHILDREN] - children
    grown[..., CHILDREN] = children
    return grown
