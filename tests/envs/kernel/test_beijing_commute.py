"""Commuting in the embedded Beijing: as observed in the central six, and nowhere farther than a planner believes."""

from __future__ import annotations

from functools import cache

import numpy as np

from data.build.beijing_sources import CENTRAL_DISTRICTS
from environment_fixtures import setup_of


@cache
def _base_year() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Commuters and distance [km] of every pair in the base year, and the district of every place."""
    constants = setup_of("beijing").game.resolved.constants
    base, gravity = constants.base, constants.gravity
    weight = gravity.base_balance[:, 0] * base.jobs * (base.workers.sum() / base.jobs.sum())
    commuters = gravity.kernel * weight
    commuters *= (base.workers / commuters.sum(axis=1))[:, None]
    return commuters, gravity.kernel_km / gravity.kernel, np.asarray(base.place_district_idx)


def test_the_central_six_commute_as_observed() -> None:
    """The mean is the target of the calibration; the share above 25 km (12 % observed) is a check: 11.4 %."""
    commuters, distance_km, district_idx = _base_year()
    central = district_idx < len(CENTRAL_DISTRICTS)
    mean_km = np.average(distance_km[central], weights=commuters[central])
    far = commuters[central][distance_km[central] > 25.0].sum() / commuters[central].sum()
    assert abs(mean_km - 13.2) < 1e-3
    assert 0.10 <= far <= 0.13


def test_no_district_commutes_farther_than_29_km() -> None:
    """Mentougou 28.1, Yanqing 26.5, Fangshan 26.3 (Yanqing 43.6 with the jobs of legal units alone); the aim is 25."""
    commuters, distance_km, district_idx = _base_year()
    mean_km = [
        np.average(distance_km[district_idx == idx], weights=commuters[district_idx == idx]) for idx in range(16)
    ]
    assert max(mean_km) <= 29.0
    assert sum(km > 25.0 for km in mean_km) <= 3
