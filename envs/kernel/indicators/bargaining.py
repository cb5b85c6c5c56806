"""Indicators of bargaining: what the parties of the projects would make of a plan; NaN where bargaining is off.

They speak of the plan as it was asked for: every village counts whole, however likely it is agreed on.
"""

from __future__ import annotations

from envs.kernel.computing.backend import Array
from envs.kernel.indicators.indicator import of_plans
from envs.kernel.indicators.measures import over_villages, ratio
from envs.kernel.trace import Trace

AT_RISK_BELOW = 0.5
"""Probability of agreement below which a village is at risk: it is more likely not to come than to come."""


def _weighted_mean(trace: Trace, by_village: Array, weight: Array) -> Array:
    """Mean where the quantity is known, (n_plans, n_villages) to (n_plans,); NaN where it is nowhere."""
    xp = trace.xp
    known = ~xp.isnan(by_village)
    nothing = xp.zeros_like(by_village)
    total = over_villages(weight * xp.where(known, by_village, nothing))
    return ratio(total, over_villages(xp.where(known, weight, nothing)))


def _undefined(trace: Trace) -> Array:
    return trace.xp.full_like(trace.chosen[:, 0], float("nan"))


def agreed_site_share(trace: Trace) -> Array:
    """Site area of the renewed villages that is expected to be agreed on, over all of it; shape (n_plans,)."""
    terms = trace.bargained
    if terms is None:
        return _undefined(trace)
    return _weighted_mean(trace, terms.probability, trace.chosen * trace.constants.base.site_area_m2)


def agreed_registered_share(trace: Trace) -> Array:
    """Registered residents of the renewed villages that are expected to agree, over all of them; shape (n_plans,)."""
    terms = trace.bargained
    if terms is None:
        return _undefined(trace)
    return _weighted_mean(trace, terms.probability, trace.chosen * trace.constants.base.registered)


def bargained_multiplier(trace: Trace) -> Array:
    """Expected multiplier of the cash offered where it is agreed; shape (n_plans,) [x]."""
    terms = trace.bargained
    if terms is None:
        return _undefined(trace)
    agreed = trace.chosen * terms.probability * trace.constants.base.registered
    return _weighted_mean(trace, terms.compensation_multiplier, agreed)


def bargaining_delay_yr(trace: Trace) -> Array:
    """Expected delay where it is agreed; shape (n_plans,) [yr]."""
    terms = trace.bargained
    if terms is None:
        return _undefined(trace)
    agreed = trace.chosen * terms.probability * trace.constants.base.site_area_m2
    return _weighted_mean(trace, terms.delay_yr, agreed)


def villages_at_risk(trace: Trace) -> Array:
    """Renewed villages that more likely than not are not agreed on; shape (n_plans,)."""
    terms = trace.bargained
    if terms is None:
        return _undefined(trace)
    return over_villages(trace.chosen * trace.xp.astype(terms.probability < AT_RISK_BELOW, trace.xp.float64))


BARGAINING = (
    of_plans(agreed_site_share),
    of_plans(agreed_registered_share),
    of_plans(bargained_multiplier),
    of_plans(bargaining_delay_yr),
    of_plans(villages_at_risk),
)
