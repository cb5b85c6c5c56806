"""Days of single persons: on average they are the day of all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from envs.people.day.activities import AT_HOME, HOURS, KINDS, MODES, PURPOSES, WORK
from envs.people.day.destinations import choices_of
from envs.people.day.diary import Trip, draw_diary
from envs.people.day.habits import Habits
from envs.people.day.situation import Situation, Ways
from envs.people.day.trips import by_mode, leg_bands

N = 2000
HOME = 2


def _diaries(kind: str, habits: Habits, after: Situation, ways: Ways) -> list[tuple[Trip, ...]]:
    choices, generator = choices_of(habits, after, ways), np.random.default_rng(5)
    zones = generator.choice(after.work_share.shape[1], N, p=after.work_share[HOME])
    return [
        draw_diary(HOME, KINDS.index(kind), int(zone), habits=habits, choices=choices, ways=ways, generator=generator)
        for zone in zones
    ]


def test_many_days_are_the_day_of_all(habits: Habits, after: Situation, ways: Ways) -> None:
    """Trips and km by mode of young workers of one home, within four standard errors of the expectation."""
    kind = KINDS.index("younger_worker")
    choices = choices_of(habits, after, ways)
    legs = [by_mode(leg_bands(leg, choices, habits), habits)[:2, HOME] for leg in habits.legs]
    expected = np.tensordot(habits.legs_of_kind[kind], np.array(legs), axes=1)
    found = np.zeros((N, 2, len(MODES)))
    for person, diary in enumerate(_diaries("younger_worker", habits, after, ways)):
        for trip in diary:
            found[person, :, trip.mode] += (1.0, trip.km)
    error = found.std(axis=0) / np.sqrt(N)
    assert (np.abs(found.mean(axis=0) - expected) < 4.0 * error + 0.01 * expected).all()


def test_a_day_hangs_together(habits: Habits, after: Situation, ways: Ways) -> None:
    """Everybody comes home, hours rise, and a tour of one stop goes back by the mode and the way it came."""
    for diary in _diaries("older_worker", habits, after, ways)[:500]:
        assert diary[-1].purpose == AT_HOME
        assert diary[-1].place == HOME
        assert [trip.purpose for trip in diary].count(WORK) == 1
        hours = [hour for trip in diary for hour in (trip.leaves_h, trip.arrives_h)]
        assert hours == sorted(hours)
        assert 0.0 < hours[0] < hours[-1] < 2.0 * HOURS
        for out, back in pairwise(diary):
            if out.purpose != AT_HOME and back.purpose == AT_HOME and out is diary[0]:
                assert (out.mode, out.km) == (back.mode, back.km)


def test_children_do_not_work_and_some_stay_at_home(habits: Habits, after: Situation, ways: Ways) -> None:
    diaries = _diaries("child", habits, after, ways)
    assert any(not diary for diary in diaries)
    done = {PURPOSES[trip.purpose] for diary in diaries for trip in diary}
    assert done == {"school", "park", "sports", "culture", "home"}
