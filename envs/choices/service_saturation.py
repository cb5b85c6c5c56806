"""What the facilities of an option still serve: a village's own floor fills the standard of its surroundings.

A linear model takes each square meter of an option for as useful as the first. Near a village that is untrue: what it
builds may meet the standard there several times over, and beyond it nothing is gained. Here the supply of each option
is replaced by the supply that would serve as much at the slope of the first square meter, in the base year and with
nobody else building. What others build the slopes at later plans tell.
"""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import CATEGORIES, LAND_CATEGORIES
from envs.kernel.adjoint.accessibility import share_below_standard
from envs.kernel.computing.backend import SparseMatrix, to_numpy
from envs.kernel.plans import empty_plan
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.services.accessibility import met_share, per_person_reached
from envs.kernel.trace import SEARCH, Trace

N_LEVELS = 12
"""Supplies of a village, evenly spaced up to the largest of its options, at which it is found what they serve; between
them it is interpolated."""


def serving_supply(resolved: ResolvedScenario, supply_m2: FloatArray, *, is_land: bool, cap_width: float) -> FloatArray:
    """The supply of options as it serves: what would serve as much at the slope of the first square meter.

    Args:
        resolved: scenario resolved against a city.
        supply_m2: new facility floor, or new green and sports land, shape (n_villages, n_options) [m2].
        is_land: which of the two.
        cap_width: of the slopes it will meet (envs.kernel.adjoint.accessibility_slope).

    Returns:
        Same shape [m2]; as it is where it serves nobody.
    """
    trace = Trace(resolved, empty_plan(resolved.city.n_villages), SEARCH)
    model = trace.constants.access
    residents = to_numpy(trace.columns(trace.residents))[:, -1].astype(np.float64)
    split = to_numpy(model.land_split if is_land else model.floor_split)
    levels_m2 = np.linspace(0.0, 1.0, N_LEVELS + 1) * supply_m2.max(axis=1, keepdims=True)
    served, slope = np.zeros_like(levels_m2), np.zeros(len(levels_m2))
    for category, scale in enumerate(model.scale_idx):
        if (CATEGORIES[category] in LAND_CATEGORIES) is not is_land:
            continue
        standard, weight = float(model.standard[category]), float(model.weights[category])
        access = to_numpy(trace.access[category])[:, -1].astype(np.float64)
        by_level, first = _served(
            model.decay[scale], residents, access / standard, split[:, [category]] / standard * levels_m2, cap_width
        )
        served += weight * by_level
        slope += weight * first * split[:, category] / standard
    serves_m2 = np.where(slope[:, None] > 0.0, served / np.where(slope > 0.0, slope, 1.0)[:, None], levels_m2)
    rows = zip(supply_m2, levels_m2, serves_m2, strict=True)
    return np.stack([np.interp(of_options, levels, serves) for of_options, levels, serves in rows])


def _served(
    decay: SparseMatrix, residents: FloatArray, met: FloatArray, persons: FloatArray, cap_width: float
) -> tuple[FloatArray, FloatArray]:
    """Residents whose standard of one category is met besides by each village alone, and the slope at its beginning.

    Args:
        decay: of the category, shape (n_places, n_places).
        residents: shape (n_places,).
        met: supply that they reach, in standards, same shape.
        persons: for whom the supplies of a village would be the standard, shape (n_villages, n_levels).
        cap_width: of the slope.

    Returns:
        shapes (n_villages, n_levels) [persons] and (n_villages,) [persons per person's standard].
    """
    place = residents.size - len(persons) + np.arange(len(persons))
    per_person = per_person_reached(decay.product(residents[:, None]))[place]
    share = decay.matrix[place].multiply(per_person).tocoo()
    village, near = share.coords
    more = np.empty_like(persons)
    for level, supplied in enumerate(persons.T):
        reached = met_share(met[near] + share.data * supplied[village], 1.0) - met_share(met[near], 1.0)
        more[:, level] = np.bincount(village, residents[near] * reached, minlength=len(persons))
    below = share_below_standard(met[near], cap_width)
    slope = np.bincount(village, residents[near] * share.data * below, minlength=len(persons))
    return more, slope.astype(np.float64)
