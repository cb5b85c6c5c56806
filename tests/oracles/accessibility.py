"""Section 7, service accessibility: enhanced two-step floating catchment (Luo & Qi 2009) against the standard.

Read where the pages leave room:
- a place has "every category met" where A >= standard in each of the seven;
- the Gini coefficient is over residents, of the category-weighted met share of their place;
- the distance to the nearest facility is the place-to-place distance (detour x root mean square of two discs), also to
  the place itself; where the whole city lacks a category in the last year it is absent;
- entropy weights: the cases are the places where somebody lives in the base year, every one counting once; the criteria
  are A / standard, not capped.
"""

from __future__ import annotations

import math

from data.city import CATEGORIES, LAND_CATEGORIES, City
from data.scenario import CategoryWeights
from oracles.form import Choice, Form, Parameter
from oracles.timing import Phases
from oracles.travel import Matrix, centroid_distance_km, place_distance_km, radius_km

FLOOR_IDX = [k for k, name in enumerate(CATEGORIES) if name not in LAND_CATEGORIES]
LAND_IDX = [k for k, name in enumerate(CATEGORIES) if name in LAND_CATEGORIES]


def expected_decay(distance_km: float, r_i_km: float, r_j_km: float, scale_km: float, catchment_sigmas: float) -> float:
    """g: expected Gaussian decay between two areas, 0 beyond the catchment; distance_km carries the detour."""
    spread = scale_km**2 + (r_i_km**2 + r_j_km**2) / 4.0
    if distance_km > catchment_sigmas * math.sqrt(spread):
        return 0.0
    return scale_km**2 / spread * math.exp(-(distance_km**2) / (2.0 * spread))


def catchment(
    persons: list[float], supply_m2: list[float], g: Matrix, standard: float
) -> tuple[list[float], list[float]]:
    """Accessibility A [m2 per 1,000 persons] and met share m of each place in one category.

    Args:
        persons: P_i.
        supply_m2: S_j.
        g: decay, (places, facilities).
        standard: m2 per 1,000 persons.
    """
    reached = [0.0 for _ in persons]
    for j, supply in enumerate(supply_m2):
        demand = sum(p * g[i][j] for i, p in enumerate(persons))
        if demand > 0.0:
            for i in range(len(persons)):
                reached[i] += supply / demand * g[i][j] * 1000.0
    return reached, [min(1.0, a / standard) for a in reached]


def decay_tables(city: City, parameter: Parameter) -> list[Matrix]:
    """g of every category between all pairs of places."""
    radius = [radius_km(float(a)) for a in city.place_area_km2]
    tables = []
    for name in CATEGORIES:
        table = []
        for i in range(city.n_places):
            row = []
            for j in range(city.n_places):
                d_km = parameter("travel.detour") * centroid_distance_km(city, i, j)
                scale = parameter(f"access.scale.{name}")
                row.append(expected_decay(d_km, radius[i], radius[j], scale, parameter("access.catchment_sigmas")))
            table.append(row)
        tables.append(table)
    return tables


def base_supply(city: City) -> Matrix:
    """Existing supply by category and place [m2]."""
    supply = [[0.0] * city.n_places for _ in CATEGORIES]
    for f in range(len(city.facilities)):
        k, place = int(city.facilities.category_idx[f]), int(city.facilities.place_idx[f])
        supply[k][place] += float(city.facilities.supply_m2[f])
    return supply


def category_split(city: City, n: int, base_access: Matrix, parameter: Parameter) -> list[float]:
    """Shares of a village's new supply: the floor categories add up to 1, and so do the land categories.

    Args:
        city: the city.
        n: index of the village.
        base_access: A of the base year, (n_categories, n_places) [m2 per 1,000 persons].
        parameter: the parameter book.
    """
    place = city.n_zones + n
    persons = float(city.villages.registered_residents[n]) + float(city.villages.tenants[n])
    shares = [0.0] * len(CATEGORIES)
    for members in (FLOOR_IDX, LAND_IDX):
        standard = {k: float(parameter(f"std.{CATEGORIES[k]}")) for k in members}
        shortage = {k: max(0.0, standard[k] - base_access[k][place]) * persons / 1000.0 for k in members}
        basis = shortage if sum(shortage.values()) > 0.0 else standard
        for k in members:
            shares[k] = basis[k] / sum(basis.values())
    return shares


def supply_of_year(
    city: City,
    choices: list[Choice],
    forms: list[Form],
    splits: Matrix,
    phases: list[Phases],
    year: int,
) -> Matrix:
    """Supply by category and place in one year [m2]."""
    supply = base_supply(city)
    for n, choice in enumerate(choices):
        if not choice.renewed:
            continue
        place, form = city.n_zones + n, forms[n]
        completion = choice.start_year + phases[n].lag
        completion_rehabilitated = choice.start_year + phases[n].lag_rehabilitation
        for k in range(len(CATEGORIES)):
            if year >= choice.start_year:
                supply[k][place] *= 1.0 - choice.rho
            if k in LAND_IDX:
                if year >= completion:
                    supply[k][place] += splits[n][k] * form.green_sports_land_m2
                continue
            if year >= completion:
                supply[k][place] += splits[n][k] * form.facility_new_m2
            if year >= completion_rehabilitated:
                supply[k][place] += splits[n][k] * form.facility_converted_m2
    return supply


def access_of_year(
    persons: list[float], supply: Matrix, decays: list[Matrix], parameter: Parameter
) -> tuple[Matrix, Matrix]:
    """A and m of every category, (n_categories, n_places)."""
    access, met = [], []
    for k, name in enumerate(CATEGORIES):
        a, m = catchment(persons, supply[k], decays[k], float(parameter(f"std.{name}")))
        access.append(a)
        met.append(m)
    return access, met


def place_scores(met: Matrix, weights: list[float]) -> list[float]:
    """Category-weighted met share of each place."""
    return [sum(weights[k] * met[k][i] for k in range(len(weights))) for i in range(len(met[0]))]


def resident_mean(values: list[float], persons: list[float]) -> float:
    """Mean over residents; NaN where nobody is."""
    total = sum(persons)
    return sum(v * p for v, p in zip(values, persons, strict=True)) / total if total > 0.0 else math.nan


def weighted_gini(values: list[float], weights: list[float]) -> float:
    """Gini coefficient over persons: mean absolute difference of all pairs over twice the mean; 0 where all are 0."""
    total = sum(weights)
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / total
    if mean == 0.0:
        return 0.0
    difference = 0.0
    for v_i, w_i in zip(values, weights, strict=True):
        for v_j, w_j in zip(values, weights, strict=True):
            difference += w_i * w_j * abs(v_i - v_j)
    return difference / (2.0 * total**2 * mean)


def mean_facility_distance_km(
    city: City, persons: list[float], supply: Matrix, weights: list[float], parameter: Parameter
) -> float:
    """Residents' and categories' weighted mean distance to the nearest place with supply [km]."""
    total = 0.0
    for k, weight in enumerate(weights):
        offers = [j for j in range(city.n_places) if supply[k][j] > 0.0]
        if not offers:
            return math.nan
        nearest = [
            min(place_distance_km(city, i, j, parameter("travel.detour")) for j in offers) for i in range(city.n_places)
        ]
        total += weight * resident_mean(nearest, persons)
    return total


def _ahp(matrix: list[list[float]]) -> list[float]:
    weights = [1.0 / len(matrix)] * len(matrix)
    for _ in range(10_000):
        product = [sum(row[j] * weights[j] for j in range(len(weights))) for row in matrix]
        weights = [p / sum(product) for p in product]
    return weights


def _entropy(met: Matrix) -> list[float]:
    spread = []
    for row in met:
        total = sum(row)
        entropy = 1.0
        if total > 0.0:
            parts = [m / total for m in row if m > 0.0]
            entropy = -sum(p * math.log(p) for p in parts) / math.log(len(row))
        spread.append(max(0.0, 1.0 - entropy))
    if sum(spread) <= 0.0:
        return [1.0 / len(met)] * len(met)
    return [s / sum(spread) for s in spread]


def category_weights(chosen: CategoryWeights, base_ratios: Matrix) -> list[float]:
    """Weights of the categories, adding up to 1.

    Args:
        chosen: method and its data.
        base_ratios: A / standard of the base year where somebody lives, (n_categories, inhabited places), for the
            entropy method.
    """
    if chosen.method == "manual":
        manual = [float(chosen.weights.get(name, 0.0)) for name in CATEGORIES]
        return [w / sum(manual) for w in manual]
    if chosen.method == "ahp":
        return _ahp(chosen.comparisons)
    if chosen.method == "entropy":
        return _entropy(base_ratios)
    return [1.0 / len(CATEGORIES)] * len(CATEGORIES)
