"""Trips on the legs of a day: how many, how far and how long, by mode."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.arrays import FloatArray
from envs.people.day.activities import AT_HOME, KM, MINUTES, OWN_FORCE, TRIPS
from envs.people.day.destinations import Choice
from envs.people.day.habits import Habits, Leg


def leg_bands(leg: Leg, choices: Sequence[Choice], habits: Habits) -> FloatArray:
    """Distance bands of a leg, as `Choice.bands`: to or from home, or between two stops."""
    there, back = leg
    if AT_HOME in leg:
        return choices[back if there == AT_HOME else there].bands
    return bands_between(choices[there].bands, choices[back].bands, habits.bounds_km)


def bands_between(first: FloatArray, second: FloatArray, bounds_km: FloatArray) -> FloatArray:
    r"""Distance bands of ways between two stops that are both chosen from home.

    The directions of the two from home are independent, so that a way between them is $\sqrt{d_1^2 + d_2^2}$ long in
    the root of the mean square. It is as fast as the longer of the two.

    Args:
        first: bands of the one, shape (3, n_places, n_bands).
        second: bands of the other, same shape.
        bounds_km: between the bands, shape (n_bands - 1,) [km].

    Returns:
        The same shape.
    """
    share = first[TRIPS][:, :, None] * second[TRIPS][:, None, :]
    one, other = (_means(bands) for bands in (first, second))
    km_one, km_other = one[KM][:, :, None], other[KM][:, None, :]
    km = np.hypot(km_one, km_other)
    is_first_longer = km_one >= km_other
    longer_km = np.where(is_first_longer, km_one, km_other)
    longer_min = np.where(is_first_longer, one[MINUTES][:, :, None], other[MINUTES][:, None, :])
    minutes = longer_min * np.divide(km, longer_km, out=np.ones_like(km), where=longer_km > 0.0)
    band = np.digitize(km, bounds_km, right=True)
    amounts = np.stack([share, share * km, share * minutes])
    inside = [np.where(band == k, amounts, 0.0).sum(axis=(2, 3)) for k in range(first.shape[2])]
    return np.stack(inside, axis=2)


def _means(bands: FloatArray) -> FloatArray:
    """Means of those in each band; 0 where nobody is."""
    share = bands[TRIPS]
    return np.divide(bands, share, out=np.zeros_like(bands), where=share > 0.0)


def by_mode(bands: FloatArray, habits: Habits) -> FloatArray:
    """Trips, km and minutes by mode of one who makes the way.

    Who walks or cycles is as fast as the book says; who rides is as fast as travel between the places.

    Args:
        bands: of the way, shape (3, n_places, n_bands).
        habits: modes by distance band, speeds.

    Returns:
        Shape (3, n_places, n_modes) [trips, km, min].
    """
    amounts = bands @ habits.mode_share
    own_km = amounts[KM, :, :OWN_FORCE]
    amounts[MINUTES, :, :OWN_FORCE] = 60.0 * own_km / habits.speed_km_per_h
    return amounts
