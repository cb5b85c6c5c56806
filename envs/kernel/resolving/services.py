"""Services of the base year: what is reached, what is missing, and what each category weighs."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import CATEGORIES, LAND_CATEGORIES, City
from data.parameter_book import Book
from data.scenario import Scenario
from envs.kernel.services.accessibility import AccessModel, access_per_person, decay_matrices, shortage_split
from envs.kernel.services.weights import category_weights


def base_supply_m2(city: City) -> FloatArray:
    """Existing supply by place and category; shape (n_places, n_categories) [m2]."""
    supply = np.zeros((city.n_places, len(CATEGORIES)))
    np.add.at(supply, (city.facilities.place_idx, city.facilities.category_idx), city.facilities.supply_m2)
    return supply


def access_model(city: City, scenario: Scenario, book: Book, residents: FloatArray) -> AccessModel:
    """What is within reach of every place, with the weights of the categories that the scenario chooses.

    Args:
        city: the city.
        scenario: its choice of weights.
        book: scales, standards and detour.
        residents: of the base year, shape (n_places,) [persons].
    """
    scales = [book.number(f"access.scale.{category}") for category in CATEGORIES]
    distinct = tuple(sorted(set(scales)))
    decay = decay_matrices(
        city.place_x_km,
        city.place_y_km,
        city.place_area_km2,
        scales_km=distinct,
        detour=book.number("travel.detour"),
        n_sigmas=book.number("access.catchment_sigmas"),
    )
    scale_idx = tuple(distinct.index(scale) for scale in scales)
    standard = np.array([book.number(f"std.{category}") for category in CATEGORIES]) / 1000.0
    supply = base_supply_m2(city)
    reached = [matrix.product(residents[:, None]) for matrix in decay]
    access = np.column_stack(
        [access_per_person(supply[:, k : k + 1], reached[s], decay[s])[:, 0] for k, s in enumerate(scale_idx)]
    )
    shortage = (np.clip(standard - access, 0.0, None) * residents[:, None])[city.n_zones :]
    land = np.array([category in LAND_CATEGORIES for category in CATEGORIES])
    return AccessModel(
        decay=decay,
        scale_idx=scale_idx,
        standard=standard,
        weights=category_weights(scenario.category_weights, access / standard, residents),
        supply=supply,
        floor_split=shortage_split(shortage, standard, ~land),
        land_split=shortage_split(shortage, standard, land),
    )
