"""Conditions of the villages as they are in the base year: the indicators from which their need is told.

Nothing is estimated here: every number is one that the evaluator has of the empty plan, or a ratio of the city's own
columns. What is not known is NaN, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from data.arrays import FloatArray
from data.city import CATEGORIES
from envs.diagnosis.condition import CONDITIONS, GREEN, NAMES
from envs.kernel import ResolvedScenario
from envs.kernel.people.ages import TENANT
from envs.kernel.services.accessibility import FacilityStates, access_by_category, met_share
from envs.kernel.services.nearest import nearest_facility_km
from envs.kernel.wellbeing import MONTHS_PER_YR

M2_PER_HA = 1e4


@dataclass(frozen=True, eq=False)
class VillageConditions:
    """Conditions of every village, and the extents over which those of an area are averaged.

    Attributes:
        by_village: shape (n_villages, n_conditions), in the unit of each; NaN where it is not known.
        extents: name -> shape (n_villages,): residents, tenants and workers [persons], floor and site area [m2].
    """

    by_village: FloatArray
    extents: dict[str, FloatArray]


def village_conditions(resolved: ResolvedScenario) -> VillageConditions:
    """Every condition of every village in the base year.

    Args:
        resolved: scenario resolved against a city; nothing that the scenario allows or wants is read, only its book.
    """
    base, villages, n_zones = resolved.constants.base, resolved.city.villages, resolved.city.n_zones
    residents, floor = base.registered + base.tenants, np.asarray(base.existing_floor_m2)
    met, nearest = _met_shares(resolved), _nearest_km(resolved)
    columns = {f"met_share_{name}": met[:, k] for k, name in enumerate(CATEGORIES)} | {
        "nearest_facilities_km": _mean_of_others(nearest),
        "nearest_green_km": nearest[:, CATEGORIES.index(GREEN)],
        "floor_per_person_m2": _ratio(floor, residents),
        "residents_per_ha": _ratio(residents, base.site_area_m2 / M2_PER_HA),
        "illegal_share": np.where(floor > 0.0, 1.0 - villages.legal_share, np.nan),
        "rent_burden_share": np.where(base.tenants > 0.0, _rent_burden(resolved), np.nan),
        "commute_min": np.where(base.workers[n_zones:] > 0.0, resolved.constants.lives.minutes[n_zones:], np.nan),
        "rail_km": _rail_km(resolved),
    }
    extents = {
        "residents": np.asarray(residents),
        "tenants": np.asarray(base.tenants),
        "workers": np.asarray(base.workers[n_zones:]),
        "floor_m2": floor,
        "site_area_m2": np.asarray(base.site_area_m2),
    }
    return VillageConditions(np.column_stack([columns[name] for name in NAMES]), extents)


def area_conditions(known: VillageConditions, shares: FloatArray) -> FloatArray:
    """Conditions of areas that hold some share of each village: means over the extent of each condition.

    Args:
        known: of the villages.
        shares: of each village's land within each area, shape (n_areas, n_villages) [0..1].

    Returns:
        shape (n_areas, n_conditions); NaN where an area holds nothing of which it is known.
    """
    columns = []
    for k, item in enumerate(CONDITIONS):
        value = known.by_village[:, k]
        is_known = ~np.isnan(value)
        weight = shares * (known.extents[item.averaged_over] * is_known)
        columns.append(_ratio(weight @ np.where(is_known, value, 0.0), weight.sum(axis=1)))
    return np.column_stack(columns)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """NaN where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=np.asarray(below) > 0.0)


def _met_shares(resolved: ResolvedScenario) -> FloatArray:
    """Share of each category's standard that the villages' residents reach, shape (n_villages, n_categories)."""
    base, access = resolved.constants.base, resolved.constants.access
    standing = np.ones((resolved.city.n_villages, 1))
    states = FacilityStates(standing, 0.0 * standing, 0.0 * standing)
    reached = access_by_category(base.residents[:, None], access, states)
    return np.column_stack(
        [met_share(reached[k], access.standard[k])[resolved.city.n_zones :, 0] for k in range(len(CATEGORIES))]
    )


def _nearest_km(resolved: ResolvedScenario) -> FloatArray:
    """Distance to the nearest facility of each category, NaN where the city has none; (n_villages, n_categories)."""
    n_zones, supply = resolved.city.n_zones, resolved.constants.access.supply
    km = [
        nearest_facility_km(k, resolved.constants.nearest, supply[n_zones:, k : k + 1])[n_zones:, 0]
        for k in range(len(CATEGORIES))
    ]
    found = np.column_stack(km)
    return np.where(np.isfinite(found), found, np.nan)


def _mean_of_others(nearest_km: FloatArray) -> FloatArray:
    """Mean over the categories but green space; NaN where one of them is nowhere."""
    others = np.delete(nearest_km, CATEGORIES.index(GREEN), axis=1)
    return np.asarray(others.mean(axis=1))


def _rent_burden(resolved: ResolvedScenario) -> FloatArray:
    """Rent of a tenant's room over the mean income of a tenant's household per head, shape (n_villages,)."""
    room_m2 = resolved.book.number("uv.floor_per_migrant")
    income = float(resolved.person_types.income_cny_per_yr[TENANT].mean()) / MONTHS_PER_YR
    return np.asarray(resolved.city.villages.rent_cny_per_m2_month) * room_m2 / income


def _rail_km(resolved: ResolvedScenario) -> FloatArray:
    """Way to the nearest station from the middle of each village, NaN without any, shape (n_villages,)."""
    city = resolved.city
    if len(city.stations) == 0:
        return np.full(city.n_villages, np.nan)
    tree = cKDTree(np.column_stack([city.stations.x_km, city.stations.y_km]))
    straight_km, _ = tree.query(np.column_stack([city.villages.x_km, city.villages.y_km]))
    return resolved.book.number("travel.detour") * np.asarray(straight_km, dtype=np.float64)
