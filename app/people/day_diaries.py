"""Days of single drawn residents of a village, trip by trip, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.people.portrait_tables import SEED, TextTable
from data.catalogue import text
from data.city import City
from envs.kernel import REPORT, ResolvedScenario
from envs.kernel.plans import canonical, empty_plan
from envs.kernel.trace import Trace
from envs.people.categories import AGE_BANDS, GROUPS
from envs.people.day.activities import HOURS, KIND_OF, MODES, PURPOSES
from envs.people.day.destinations import choices_of
from envs.people.day.diary import Trip, draw_diary
from envs.people.day.habits import habits_of
from envs.people.day.situation import situation_of, ways_of
from envs.people.drawing import draw_residents
from envs.people.people_model import people_model
from envs.people.residents import Persons

MOST_DIARIES = 6
COLUMNS = ("leaves", "arrives", "purposes", "where", "modes", "km")


def village_diaries(resolved: ResolvedScenario, village: int, language: str) -> tuple[TextTable, ...]:
    """Days of some drawn residents in the base year, no two alike in age and work.

    Args:
        resolved: scenario resolved against a city.
        village: position among the villages.
        language: en or zh.

    Raises:
        InputError: the book's margins contradict each other.
    """
    city, home = resolved.city, resolved.city.n_zones + village
    persons = draw_residents(people_model(resolved), SEED, [home]).persons
    habits, ways = habits_of(resolved.book), ways_of(resolved)
    last = resolved.clock.horizon  # every year of the empty plan is the base year
    today = situation_of(Trace(resolved, canonical(empty_plan(city.n_villages)), REPORT, from_year=last), last)
    choices = choices_of(habits, today, ways)
    tables = []
    for row, kind in _different_people(persons):
        trips = draw_diary(
            home,
            kind,
            int(persons.work_zone_idx[row]),
            habits=habits,
            choices=choices,
            ways=ways,
            generator=np.random.Generator(np.random.Philox(key=[SEED, int(persons.person_id[row])])),
        )
        tables.append(_table(persons, row, trips, city, language))
    return tuple(tables)


def _different_people(persons: Persons) -> Iterator[tuple[int, int]]:
    """One person of each kind, and the kind: the first in a random order, so that groups are mixed."""
    shuffled = np.random.default_rng(SEED).permutation(len(persons))
    kinds = KIND_OF[persons.is_employed.astype(int), persons.age_idx][shuffled]
    found, first = np.unique(kinds, return_index=True)
    order = np.argsort(first)[:MOST_DIARIES]
    yield from zip(shuffled[first[order]].tolist(), found[order].tolist(), strict=True)


def _table(persons: Persons, row: int, trips: tuple[Trip, ...], city: City, language: str) -> TextTable:
    title = text(
        "day_diary_works" if persons.is_employed[row] else "day_diary_idle",
        language,
        group=text(f"people_group_{GROUPS[persons.group_idx[row]]}", language),
        age=AGE_BANDS[persons.age_idx[row]],
    )
    header = tuple(text(f"day_column_{name}", language) for name in COLUMNS)
    if not trips:
        stays = text("day_stays_home", language)
        return TextTable(title, header, (("-", "-", stays, "-", "-", "-"),))
    return TextTable(title, header, tuple(_row(trip, city, language) for trip in trips))


def _row(trip: Trip, city: City, language: str) -> tuple[str, ...]:
    return (
        _clock(trip.leaves_h),
        _clock(trip.arrives_h),
        text(f"day_purposes_{PURPOSES[trip.purpose]}", language),
        _place(city, trip.place),
        text(f"day_modes_{MODES[trip.mode]}", language),
        f"{trip.km:.1f}",
    )


def _clock(hour: float) -> str:
    minutes = round(60.0 * hour) % (60 * HOURS)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _place(city: City, place: int) -> str:
    """Name of a zone or village."""
    names = np.concatenate([city.zones.name, city.villages.name])
    return str(names[place]) or str(city.place_id[place])
