"""Services along a path: what facilities and residents are worth to accessibility, caps of the standard included."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import CATEGORIES, LAND_CATEGORIES
from envs.kernel.computing.backend import SparseMatrix
from envs.kernel.services.accessibility import met_share, per_person_reached, village_supply
from envs.reasons.path import PathTrace
from envs.reasons.people import people_slope
from envs.reasons.secants import above, below, change, mean, over, share_below

FACILITIES = (
    ("rebuilt_share", "started"),
    ("facility_new", "completed"),
    ("facility_converted", "rehabilitated"),
    ("green_land", "completed"),
)


def accessibility_slope(path: PathTrace, weights: FloatArray | None = None) -> dict[str, FloatArray]:
    """What a unit that a village contributes is worth to the residents' mean of the weighted met share.

    Args:
        path: between two plans.
        weights: of the categories, shape (n_categories,); None = the scenario's.

    Returns:
        Quantity -> shape (n_villages,) [0..1 per unit].
    """
    model, residents = path.constants.access, path.residents
    weights = model.weights if weights is None else weights
    reached = [path.at_points(decay.product(path.columns(residents))) for decay in model.decay]
    inverse = [per_person_reached(each) for each in reached]
    total = residents.sum(axis=0, keepdims=True)
    worth = {name: np.zeros_like(mean(residents)[model.n_zones :]) for name in ("rebuilt_share", "floor", "green_land")}
    by_inverse, met = [np.zeros_like(mean(residents)) for _ in model.decay], np.zeros_like(residents)
    for category in np.flatnonzero(weights).tolist():
        scale, supply = model.scale_idx[category], _supply(path, category)
        share, by_ratio = _met(path, category, supply * inverse[scale])
        met += weights[category] * share
        by_ratio *= weights[category]
        by_inverse[scale] += mean(supply) * by_ratio
        _add_supply(path, category, (mean(inverse[scale]) * by_ratio)[model.n_zones :], worth)
    outcome = (met * residents).sum(axis=0, keepdims=True) / total
    by_person = (mean(met) - mean(outcome)) / mean(total)
    for decay, persons, each, by_each in zip(model.decay, reached, inverse, by_inverse, strict=True):
        by_person += _reaching(decay, by_each * _inverse_secant(persons, each))
    floor = worth.pop("floor")
    worth |= {"facility_new": floor, "facility_converted": floor}
    facilities = {name: path.through_years(worth[name], table) for name, table in FACILITIES}
    return facilities | people_slope(path, by_person, (1.0, 1.0, 1.0))


def _met(path: PathTrace, category: int, ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Met share of a category everywhere at the points, and worth of supply per person of each place to the mean."""
    model, residents = path.constants.access, path.residents
    decay, standard = model.decay[model.scale_idx[category]], model.standard[category]
    access = path.at_points(decay.product(path.columns(ratio)))
    per_resident = mean(residents) / mean(residents.sum(axis=0, keepdims=True))
    by_access = per_resident * share_below(access, standard) / standard
    return met_share(access, standard), _reaching(decay, by_access)


def _reaching(decay: SparseMatrix, worth: FloatArray) -> FloatArray:
    """Product with the decay, which is symmetric, over places: (n_places, n_panels, n_years) to the same."""
    return np.asarray(decay.product(worth.reshape(len(worth), -1)).reshape(worth.shape))


def _inverse_secant(persons: FloatArray, inverse: FloatArray) -> FloatArray:
    """Secant of 1 / persons: minus the product of both ends; where nobody is at one end, what the convention makes."""
    product = -below(inverse, 1) * above(inverse, 1)
    return np.where(product == 0.0, over(change(inverse), change(persons)), product)


def _supply(path: PathTrace, category: int) -> FloatArray:
    """Supply of one category in every place at the points, (n_places, n_points, n_years) [m2]."""
    model = path.constants.access
    villages = path.at_points(village_supply(category, model, path.facility_states))
    zones = np.broadcast_to(
        model.supply[: model.n_zones, category][:, None, None], (model.n_zones, *villages.shape[1:])
    )
    return np.concatenate([zones, villages])


def _add_supply(path: PathTrace, category: int, by_supply: FloatArray, worth: dict[str, FloatArray]) -> None:
    """Add the worth of a category's supply in the villages to that of what makes it."""
    model = path.constants.access
    is_land = CATEGORIES[category] in LAND_CATEGORIES
    split, name = (model.land_split, "green_land") if is_land else (model.floor_split, "floor")
    worth["rebuilt_share"] -= by_supply * model.supply[model.n_zones :, category][:, None, None]
    worth[name] += by_supply * split[:, category][:, None, None]
