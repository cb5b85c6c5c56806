"""Where each activity leads: to work as the commute has it, to facilities as the catchments choose, else by gravity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from data.arrays import BoolArray, FloatArray
from data.city import CATEGORIES
from envs.people.day.activities import ACTIVITIES, CATEGORY, KM, MINUTES, TRIPS
from envs.people.day.habits import Habits
from envs.people.day.situation import Situation, Ways


@dataclass(frozen=True, eq=False)
class Choice:
    """Destinations of an activity by home.

    Attributes:
        share: of those who live at a place by destination, (n_places, n_zones) or (n_places, n_places), dense or
            sparse; rows sum to 1, those of `elsewhere` to 0.
        bands: shares by distance band, and these times km and times minutes, shape (3, n_places, n_bands).
        elsewhere: places without any destination of its own; their people go where visits go. Shape (n_places,).
    """

    share: FloatArray | sparse.csr_array
    bands: FloatArray
    elsewhere: BoolArray


def choices_of(habits: Habits, situation: Situation, ways: Ways) -> tuple[Choice, ...]:
    """Destinations of every activity, in the order of ACTIVITIES."""
    visits = zone_choice(visit_shares(situation.attraction, ways.km, habits.visit_decay_per_km), ways, habits)
    work = zone_choice(situation.work_share, ways, habits)
    by_category = {
        name: facility_choice(CATEGORIES.index(name), situation, ways, habits, visits)
        for name in dict.fromkeys(CATEGORY.values())
    }
    of_zone = {"work": work, "study": visits, "visit": visits}
    return tuple(by_category[CATEGORY[name]] if name in CATEGORY else of_zone[name] for name in ACTIVITIES)


def visit_shares(attraction: FloatArray, km: FloatArray, decay_per_km: float) -> FloatArray:
    r"""Gravity held at its origins: $A_j e^{-\beta d_{ij}} / \sum_j A_j e^{-\beta d_{ij}}$.

    Args:
        attraction: shape (n_zones,).
        km: shape (n_places, n_zones) [km].
        decay_per_km: beta [1/km].

    Returns:
        Same shape; rows sum to 1.
    """
    nearest = km.min(axis=1, keepdims=True)  # where all is far, the nearest still counts
    weight = attraction * np.exp(-decay_per_km * (km - nearest))
    return weight / weight.sum(axis=1, keepdims=True)


def zone_choice(share: FloatArray, ways: Ways, habits: Habits) -> Choice:
    """Destinations among the zones."""
    band = np.digitize(ways.km, habits.bounds_km, right=True)
    bands = np.zeros((3, len(share), len(habits.mode_share)))
    for k in range(bands.shape[2]):
        inside = share * (band == k)
        bands[TRIPS, :, k] = inside.sum(axis=1)
        bands[KM, :, k] = (inside * ways.km).sum(axis=1)
        bands[MINUTES, :, k] = (inside * ways.minutes).sum(axis=1)
    return Choice(share, bands, np.zeros(len(share), dtype=bool))


def facility_choice(category: int, situation: Situation, ways: Ways, habits: Habits, visits: Choice) -> Choice:
    r"""Destinations among the facilities of a category: $g_{ij} S_j / \sum_j g_{ij} S_j$, the catchment's first step.

    Args:
        category: position in CATEGORIES.
        situation: its facilities.
        ways: catchments.
        habits: distance bands.
        visits: where those go who have none within reach.
    """
    reach, n_places = ways.catchments[category], len(situation.supply_m2)
    attracted = reach.decay * situation.supply_m2[reach.place_idx, category]
    total = np.bincount(reach.home_idx, attracted, minlength=n_places)
    elsewhere = total <= 0.0
    weight = attracted / np.where(elsewhere, 1.0, total)[reach.home_idx]
    minutes = ways.intercept_min + ways.slope_min_per_km * reach.km
    n_bands = len(habits.mode_share)
    cell = reach.home_idx * n_bands + np.digitize(reach.km, habits.bounds_km, right=True)
    bands = np.stack(
        [
            np.bincount(cell, weight * each, minlength=n_places * n_bands).reshape(n_places, n_bands)
            for each in (1.0, reach.km, minutes)
        ]
    ).astype(np.float64)
    bands[:, elsewhere] = visits.bands[:, elsewhere]
    share = sparse.csr_array((weight, (reach.home_idx, reach.place_idx)), shape=(n_places, n_places))
    return Choice(share, bands, elsewhere)
