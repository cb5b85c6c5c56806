"""Who is where at which hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from scipy import special

from data.arrays import FloatArray
from envs.people.day.activities import ACTIVITIES, AT_HOME, HOURS, VISIT
from envs.people.day.destinations import Choice
from envs.people.day.habits import Habits, Leg, legs_of

DAYS_H = np.array([-24.0, 0.0, 24.0])
"""The day before, this day and the next: each day is like the other, so that who comes home after midnight is away."""


def away_by_hour(habits: Habits, persons_by_chain: FloatArray, minutes: Mapping[Leg, FloatArray]) -> FloatArray:
    """Persons of every home at each activity on the full hours 0..23.

    Somebody under way counts where he set out from. Hours of arrival are normal: spreads of leaving and of stays add
    up along the chain.

    Args:
        habits: hours.
        persons_by_chain: by home, shape (n_places, n_chains).
        minutes: mean minutes of each leg by home, shape (n_places,) each [min].

    Returns:
        Shape (n_activities, n_places, 24) [persons].
    """
    away = np.zeros((len(ACTIVITIES), len(persons_by_chain), HOURS))
    for position, chain in enumerate(habits.chains):
        arrived = arrived_shares(chain, habits, minutes)
        for stop, (here, gone) in zip(chain, pairwise(arrived), strict=False):
            if stop != AT_HOME:
                away[stop] += persons_by_chain[:, position, None] * (here - gone)
    return away


def arrived_shares(chain: Sequence[int], habits: Habits, minutes: Mapping[Leg, FloatArray]) -> list[FloatArray]:
    """Share of people who have reached each stop by each full hour, all days added up, (n_places, 24) each."""
    if not chain:
        return []
    hour = (np.arange(HOURS)[:, None] + DAYS_H).ravel()
    legs = legs_of(chain)
    mean_h = habits.leave_h[chain[0]] + minutes[legs[0]] / 60.0
    variance = habits.leave_spread_h[chain[0]] ** 2
    arrived = [_before(hour, mean_h, variance)]
    for stop, leg in zip(chain, legs[1:], strict=False):
        mean_h = mean_h + habits.stay_h[stop] + minutes[leg] / 60.0
        variance += habits.stay_spread_h[stop] ** 2
        arrived.append(np.minimum(arrived[-1], _before(hour, mean_h, variance)))  # nobody leaves before he came
    return [share.reshape(len(share), HOURS, len(DAYS_H)).sum(axis=2) for share in arrived]


def _before(hour: FloatArray, mean_h: FloatArray, variance: float) -> FloatArray:
    """Share whose hour has come, shape (n_places, n_hours)."""
    return special.ndtr((hour - mean_h[:, None]) / np.sqrt(variance))


def present_by_hour(residents: FloatArray, away: FloatArray, choices: Sequence[Choice]) -> FloatArray:
    """Persons present at every place on the full hours.

    Args:
        residents: by place, shape (n_places,).
        away: by activity and home, shape (n_activities, n_places, 24).
        choices: where the activities lead.

    Returns:
        Shape (n_places, 24); every hour adds up to the residents.
    """
    present = residents[:, None] - away.sum(axis=0)
    for at, choice in zip(away, choices, strict=True):
        arrived = choice.share.T @ at
        present[: len(arrived)] += arrived
        if choice.elsewhere.any():
            visiting = choices[VISIT].share[choice.elsewhere].T @ at[choice.elsewhere]
            present[: len(visiting)] += visiting
    return present
