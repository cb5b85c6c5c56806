"""Building blocks of indicators: means over years, sums over villages and districts, ratios."""

from __future__ import annotations

from dataclasses import dataclass

from envs.kernel.backend import Array
from envs.kernel.indicators.registry import Measure, register
from envs.kernel.trace import Trace

SCREENING = "Screening, not appraisal."


@dataclass(frozen=True)
class YearlyMean:
    """Mean over years 1..horizon of a yearly measure, which may be asked for alone."""

    yearly: Measure

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans,)."""
        return trace.mean_over_years(self.yearly(trace))


def yearly_mean(yearly: Measure) -> YearlyMean:
    """Mean over years 1..horizon of a yearly measure."""
    return YearlyMean(yearly)


def village_total(by_village: Measure) -> Measure:
    """Sum over villages of a measure of shape (n_plans, n_villages)."""
    return lambda trace: trace.xp.sum(by_village(trace), axis=1)


def district_totals(by_village: Measure) -> Measure:
    """Sums by district of a measure of shape (n_plans, n_villages)."""
    return lambda trace: trace.xp.sum(trace.by_start(by_village(trace)), axis=2)


def ratio_of(above: Measure, below: Measure) -> Measure:
    """Ratio of two measures; NaN where the lower one is zero."""

    def value(trace: Trace) -> Array:
        xp, low = trace.xp, below(trace)
        some = low > 0.0
        quotient = above(trace) / xp.where(some, low, xp.ones_like(low))
        return xp.where(some, quotient, xp.full_like(quotient, float("nan")))

    return value


def register_sum(
    name: str, unit: str, sense: str, en: str, zh: str, recipe: str, by_village: Measure, *, bias: str
) -> None:
    """Register a sum over villages, with its sums by district."""
    register(
        name, unit, sense, en, zh, recipe, village_total(by_village), bias=bias, by_district=district_totals(by_village)
    )


def district_membership(trace: Trace) -> Array:
    """1 where a place lies in a district, shape (n_districts, n_places)."""
    xp, district = trace.xp, trace.constants.base.place_district_idx
    index = xp.arange(len(trace.resolved.city.districts), dtype=district.dtype)
    return xp.astype(index[:, None] == district[None, :], xp.float64)
