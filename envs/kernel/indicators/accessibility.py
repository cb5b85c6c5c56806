"""Indicators of service accessibility."""

from __future__ import annotations

from data.city import CATEGORIES
from envs.kernel.accessibility import gini, mean_over_residents, met_share, village_supply
from envs.kernel.backend import Array
from envs.kernel.indicators.measures import (
    district_membership,
    yearly_mean,
)
from envs.kernel.indicators.registry import Measure, register
from envs.kernel.nearest import nearest_facility_km
from envs.kernel.trace import Trace


def _by_district_of_residents(trace: Trace, by_place: Array) -> Array:
    """Residents' mean of a place quantity by district, mean over years."""
    xp, weights = trace.xp, trace.year_weights
    residents = xp.astype(trace.residents, xp.float64)
    value = xp.reshape(xp.astype(by_place, xp.float64), residents.shape)
    member = district_membership(trace)
    above = member @ xp.sum(value * residents * weights, axis=2)
    return xp.permute_dims(above / (member @ xp.sum(residents * weights, axis=2)), (1, 0))


def _villages_accessibility(trace: Trace) -> Array:
    """By year; NaN in a year in which nobody lives in a village (but for rounding)."""
    xp, n_zones = trace.xp, trace.resolved.city.n_zones
    residents = trace.columns(trace.residents)[n_zones:]
    mean = mean_over_residents(trace.met[n_zones:], residents)
    inhabited = xp.sum(residents, axis=0) > 1e-6 * float(xp.sum(trace.constants.base.residents[n_zones:]))
    return trace.series(xp.where(inhabited, mean, xp.full_like(mean, float("nan"))))


def _mean_of_inhabited_years(yearly: Measure) -> Measure:
    """Mean over years 1..horizon without the years in which the series is absent; NaN if it always is."""

    def value(trace: Trace) -> Array:
        xp, series = trace.xp, trace.xp.astype(yearly(trace), trace.xp.float64)
        absent = xp.isnan(series)
        total = xp.where(absent, xp.zeros_like(series), series) @ trace.year_weights
        weight = xp.where(absent, xp.zeros_like(series), xp.ones_like(series)) @ trace.year_weights
        some = weight > 0.0
        mean = total / xp.where(some, weight, xp.ones_like(weight))
        return xp.where(some, mean, xp.full_like(mean, float("nan")))

    return value


def _category_accessibility(category: int) -> Measure:
    def yearly(trace: Trace) -> Array:
        share = met_share(trace.access[category], trace.constants.access.standard[category])
        return trace.series(mean_over_residents(share, trace.columns(trace.residents)))

    return yearly


def _all_met(trace: Trace) -> Array:
    standard = trace.constants.access.standard
    every = trace.access[0] >= standard[0]
    for category in range(1, len(CATEGORIES)):
        every = every & (trace.access[category] >= standard[category])
    return trace.series(mean_over_residents(trace.xp.astype(every, trace.dtype), trace.columns(trace.residents)))


def _last_year(trace: Trace, columns: Array) -> Array:
    """The last state year of columns: (n_places, n_columns) to (n_places, n_plans)."""
    return trace.xp.reshape(columns, (columns.shape[0], trace.plans.n_plans, trace.n_years))[:, :, -1]


def _gini(trace: Trace) -> Array:
    return gini(_last_year(trace, trace.met), trace.residents[:, :, -1])


def mean_facility_distance_km(trace: Trace) -> Array:
    """Residents' mean distance to the nearest facility, category-weighted, last state year."""
    xp, n_zones = trace.xp, trace.resolved.city.n_zones
    residents = xp.astype(trace.residents[:, :, -1], xp.float64)
    state = {name: _last_year(trace, columns) for name, columns in trace.facility_states.items()}
    model, mean = trace.constants.access, 0.0
    for category in range(len(CATEGORIES)):
        supply = village_supply(category, model, n_zones=n_zones, **state)
        distance = nearest_facility_km(category, trace.constants.nearest, supply)
        mean = mean + float(model.weights[category]) * mean_over_residents(distance, residents)
    return xp.where(xp.isfinite(mean), mean, xp.full_like(mean, float("nan")))


ACCESS_BIAS = (
    "The met share is capped at 1, so surplus in one place does not offset shortage in another; places are areas, so "
    "large zones smooth the result: `renewal bench` prints what halving the zones changes."
)
register(
    "service_accessibility",
    "0..1",
    "max",
    "Service accessibility",
    "公共服务设施可达性",
    "Residents' mean of the category-weighted met share of the standard (two-step floating catchment), mean over years "
    "1..horizon.",
    yearly_mean(lambda trace: trace.accessibility),
    bias=ACCESS_BIAS,
    yearly=lambda trace: trace.accessibility,
    by_district=lambda trace: _by_district_of_residents(trace, trace.met),
)
register(
    "service_accessibility_villages",
    "0..1",
    "max",
    "Service accessibility in the villages",
    "城中村公共服务可达性",
    "The same over the residents of the villages only; years in which nobody lives there are left out.",
    _mean_of_inhabited_years(_villages_accessibility),
    bias=ACCESS_BIAS,
    yearly=_villages_accessibility,
)
_CATEGORY_ZH = ("教育", "医疗", "养老", "文化", "体育", "便民商业", "绿地")
for _k, _category in enumerate(CATEGORIES):
    _yearly = _category_accessibility(_k)
    register(
        f"accessibility_{_category}",
        "0..1",
        "max",
        f"Met share of the standard: {_category.replace('_', ' ')}",
        f"达标率：{_CATEGORY_ZH[_k]}",
        f"Residents' mean met share of std.{_category}, mean over years 1..horizon.",
        yearly_mean(_yearly),
        bias=ACCESS_BIAS,
        yearly=_yearly,
    )
register(
    "accessibility_gini",
    "0..1",
    "min",
    "Inequality of accessibility (Gini)",
    "可达性基尼系数",
    "Gini coefficient over residents of the category-weighted met share, last state year.",
    _gini,
    bias="Residents of one place are alike; the cap narrows the spread.",
)
register(
    "all_categories_met_share",
    "share",
    "max",
    "Residents with every category met",
    "各类设施全部达标居民占比",
    "Share of residents whose supply meets the standard in every category, mean over years 1..horizon.",
    yearly_mean(_all_met),
    bias="A place just below one standard counts as not met.",
    yearly=_all_met,
)
register(
    "mean_facility_distance_km",
    "km",
    "min",
    "Mean distance to facilities",
    "设施距离",
    "Residents' and category-weighted mean distance to the nearest place with supply, last state year.",
    mean_facility_distance_km,
    bias="Ignores capacity; inside a place the distance is that between two points of its disc.",
)
