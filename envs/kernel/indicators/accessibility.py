"""Indicators of service accessibility."""

from __future__ import annotations

from dataclasses import dataclass

from data.city import CATEGORIES
from envs.kernel.computing.backend import Array
from envs.kernel.indicators.indicator import mean_over_years, of_plans
from envs.kernel.indicators.measures import district_membership
from envs.kernel.services.accessibility import gini, mean_over_residents, met_share, village_supply
from envs.kernel.services.nearest import nearest_facility_km
from envs.kernel.trace import Trace


def service_accessibility(trace: Trace) -> Array:
    """Residents' mean of the category-weighted met share by year; shape (n_plans, n_years) [0..1]."""
    return trace.accessibility


def service_accessibility_by_district(trace: Trace) -> Array:
    """The same for the residents of each district, mean over years; shape (n_plans, n_districts)."""
    xp, weights = trace.xp, trace.year_weights
    residents = xp.astype(trace.residents, xp.float64)
    met = xp.reshape(xp.astype(trace.met, xp.float64), residents.shape)
    member = district_membership(trace)
    above = member @ xp.sum(met * residents * weights, axis=2)
    return xp.permute_dims(above / (member @ xp.sum(residents * weights, axis=2)), (1, 0))


def service_accessibility_villages(trace: Trace) -> Array:
    """Mean of the villages' series over the years 1..horizon in which somebody lives there; NaN if none does."""
    xp, series = trace.xp, trace.xp.astype(accessibility_of_villages(trace), trace.xp.float64)
    absent = xp.isnan(series)
    total = xp.where(absent, xp.zeros_like(series), series) @ trace.year_weights
    weight = xp.where(absent, xp.zeros_like(series), xp.ones_like(series)) @ trace.year_weights
    inhabited = weight > 0.0
    mean = total / xp.where(inhabited, weight, xp.ones_like(weight))
    return xp.where(inhabited, mean, xp.full_like(mean, float("nan")))


def accessibility_of_villages(trace: Trace) -> Array:
    """Met share of the villages' residents by year; NaN in a year in which nobody lives there (but for rounding)."""
    xp, n_zones = trace.xp, trace.resolved.city.n_zones
    residents = trace.columns(trace.residents)[n_zones:]
    mean = mean_over_residents(trace.met[n_zones:], residents)
    inhabited = xp.sum(residents, axis=0) > 1e-6 * float(xp.sum(trace.constants.base.residents[n_zones:]))
    return trace.series(xp.where(inhabited, mean, xp.full_like(mean, float("nan"))))


@dataclass(frozen=True)
class CategoryAccessibility:
    """Residents' mean met share of one category's standard by year.

    Attributes:
        category: index into data.city.CATEGORIES.
    """

    category: int

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans, n_years) [0..1]."""
        share = met_share(trace.access[self.category], trace.constants.access.standard[self.category])
        return trace.series(mean_over_residents(share, trace.columns(trace.residents)))


def accessibility_gini(trace: Trace) -> Array:
    """Gini coefficient over residents of the met share in the last state year."""
    return gini(_last_year(trace, trace.met), trace.residents[:, :, -1])


def all_categories_met_share(trace: Trace) -> Array:
    """Share of residents who have every category's standard by year [0..1]."""
    standard = trace.constants.access.standard
    every = trace.access[0] >= standard[0]
    for category in range(1, len(CATEGORIES)):
        every = every & (trace.access[category] >= standard[category])
    return trace.series(mean_over_residents(trace.xp.astype(every, trace.dtype), trace.columns(trace.residents)))


def mean_facility_distance_km(trace: Trace) -> Array:
    """Residents' mean distance to the nearest facility, category-weighted, last state year."""
    xp = trace.xp
    residents = xp.astype(trace.residents[:, :, -1], xp.float64)
    states = trace.facility_states.each(lambda columns: _last_year(trace, columns))
    model, mean = trace.constants.access, 0.0
    for category in range(len(CATEGORIES)):
        supply = village_supply(category, model, states)
        distance = nearest_facility_km(category, trace.constants.nearest, supply)
        mean = mean + float(model.weights[category]) * mean_over_residents(distance, residents)
    return xp.where(xp.isfinite(mean), mean, xp.full_like(mean, float("nan")))


def _last_year(trace: Trace, columns: Array) -> Array:
    """The last state year of columns: (n_places, n_columns) to (n_places, n_plans)."""
    return trace.xp.reshape(columns, (columns.shape[0], trace.plans.n_plans, trace.n_years))[:, :, -1]


ACCESSIBILITY = (
    mean_over_years(service_accessibility, by_district=service_accessibility_by_district),
    of_plans(service_accessibility_villages, yearly=accessibility_of_villages),
    *(
        mean_over_years(CategoryAccessibility(category), name=f"accessibility_{name}")
        for category, name in enumerate(CATEGORIES)
    ),
    of_plans(accessibility_gini),
    mean_over_years(all_categories_met_share),
    of_plans(mean_facility_distance_km),
)
