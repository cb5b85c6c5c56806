"""Indicators of the commute: yearly series, whose means over years 1..horizon are shown."""

from __future__ import annotations

from envs.kernel.computing.backend import Array
from envs.kernel.indicators.indicator import mean_over_years
from envs.kernel.indicators.measures import district_membership
from envs.kernel.trace import Trace


def mean_commute_km(trace: Trace) -> Array:
    """Mean distance of all workers by year; shape (n_plans, n_years) [km]."""
    return trace.commute_km


def mean_commute_km_by_district(trace: Trace) -> Array:
    """Mean distance of the workers of each district, over all years; shape (n_plans, n_districts) [km]."""
    xp, workers, weights = trace.xp, trace.workers, trace.year_weights
    km_total = xp.sum(xp.astype(trace.commute_km_by_place * workers, xp.float64) * weights, axis=2)
    total = xp.sum(xp.astype(workers, xp.float64) * weights, axis=2)
    member = district_membership(trace)
    return xp.permute_dims((member @ km_total) / (member @ total), (1, 0))


def mean_commute_min(trace: Trace) -> Array:
    """Mean door-to-door time of all workers by year [min]."""
    return trace.commute_mean("kernel_min", trace.workers)


def mean_commute_min_affected(trace: Trace) -> Array:
    """The same of the affected workers: villagers, tenants, newcomers."""
    return trace.commute_mean("kernel_min", trace.affected_workers)


def commute_over_45_min_share(trace: Trace) -> Array:
    """Share of all workers above 45 minutes by year [0..1]."""
    return trace.commute_mean("kernel_over_45", trace.workers)


def commute_over_45_min_share_affected(trace: Trace) -> Array:
    """The same of the affected workers."""
    return trace.commute_mean("kernel_over_45", trace.affected_workers)


def commute_over_60_min_share(trace: Trace) -> Array:
    """Share of all workers above 60 minutes by year [0..1]."""
    return trace.commute_mean("kernel_over_60", trace.workers)


def commute_over_60_min_share_affected(trace: Trace) -> Array:
    """The same of the affected workers."""
    return trace.commute_mean("kernel_over_60", trace.affected_workers)


def mean_commute_km_affected(trace: Trace) -> Array:
    """Mean distance of the affected workers by year [km]."""
    return trace.commute_mean("kernel_km", trace.affected_workers)


COMMUTE = (
    mean_over_years(mean_commute_km, by_district=mean_commute_km_by_district),
    mean_over_years(mean_commute_min),
    mean_over_years(mean_commute_min_affected),
    mean_over_years(commute_over_45_min_share),
    mean_over_years(commute_over_45_min_share_affected),
    mean_over_years(commute_over_60_min_share),
    mean_over_years(commute_over_60_min_share_affected),
    mean_over_years(mean_commute_km_affected),
)
