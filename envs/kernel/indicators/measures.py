"""Building blocks of indicators: ratios that may be undefined, sums over villages, and places by district."""

from __future__ import annotations

from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.trace import Trace


def over_villages(by_village: Array) -> Array:
    """Sum over villages, (n_plans, n_villages) to (n_plans,)."""
    return array_namespace(by_village).sum(by_village, axis=1)


def of_every_plan(total: Array, trace: Trace) -> Array:
    """A number that no plan changes, once for every plan; shape (n_plans,)."""
    return total + trace.xp.zeros_like(trace.renewed[:, 0])


def ratio(above: Array, below: Array) -> Array:
    """Quotient of two measures of the same shape; NaN where the lower one is zero."""
    xp = array_namespace(below)
    defined = below > 0.0
    quotient = above / xp.where(defined, below, xp.ones_like(below))
    return xp.where(defined, quotient, xp.full_like(quotient, float("nan")))


def district_membership(trace: Trace) -> Array:
    """1 where a place lies in a district, shape (n_districts, n_places)."""
    xp, district = trace.xp, trace.constants.base.place_district_idx
    index = xp.arange(len(trace.resolved.city.districts), dtype=district.dtype, device=device(district))
    return xp.astype(index[:, None] == district[None, :], xp.float64)
