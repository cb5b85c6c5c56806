"""The day of all residents in one year of a plan, in expectation over kinds of people at every place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from envs.people.categories import GROUPS
from envs.people.day.activities import AT_HOME, HOURS, KINDS, MINUTES, MODES, PURPOSES
from envs.people.day.destinations import choices_of
from envs.people.day.habits import Habits, Leg
from envs.people.day.presence import away_by_hour, present_by_hour
from envs.people.day.situation import Situation, Ways
from envs.people.day.trips import by_mode, leg_bands


@dataclass(frozen=True, eq=False)
class Day:
    """A working day.

    Attributes:
        persons: by resident group and kind, shape (3, n_kinds).
        travel: trips, km and minutes by purpose, mode, group and kind, shape (3, n_purposes, n_modes, 3, n_kinds).
        present: persons by place on the full hours, shape (n_places, 24).
        doing: persons by what they do on the full hours, home last, shape (n_purposes, 24).
    """

    persons: FloatArray
    travel: FloatArray
    present: FloatArray
    doing: FloatArray


def day_of(habits: Habits, situation: Situation, ways: Ways) -> Day:
    """The day.

    Args:
        habits: of the book.
        situation: where people live and work, and what serves them.
        ways: of the city.
    """
    choices = choices_of(habits, situation, ways)
    modes = {leg: by_mode(leg_bands(leg, choices, habits), habits) for leg in habits.legs}
    minutes = {leg: amounts[MINUTES].sum(axis=1) for leg, amounts in modes.items()}
    of_group = habits.kind_share @ habits.chain_share
    away = away_by_hour(habits, situation.persons @ of_group, minutes)
    residents = situation.persons.sum(axis=1)
    doing = np.zeros((len(PURPOSES), HOURS))
    doing[:AT_HOME] = away.sum(axis=1)
    doing[AT_HOME] = residents.sum() - doing[:AT_HOME].sum(axis=0)
    return Day(
        persons=situation.persons.sum(axis=0)[:, None] * habits.kind_share,
        travel=_travel(habits, situation.persons, modes),
        present=present_by_hour(residents, away, choices),
        doing=doing,
    )


def _travel(habits: Habits, persons: FloatArray, modes: dict[Leg, FloatArray]) -> FloatArray:
    """Trips, km and minutes of everybody: by the home's ways, the group's kinds and the kind's chains."""
    travel = np.zeros((3, len(PURPOSES), len(MODES), len(GROUPS), len(KINDS)))
    for position, leg in enumerate(habits.legs):
        of_group = np.einsum("pg,qpm->qmg", persons, modes[leg])
        rate = habits.kind_share * habits.legs_of_kind[:, position]
        travel[:, leg[1]] += of_group[..., None] * rate
    return travel
