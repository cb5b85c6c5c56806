"""Indicators of consent: how many registered households agree, and what their agreement costs."""

from __future__ import annotations

from envs.kernel.computing.backend import Array
from envs.kernel.indicators.indicator import of_plans, sum_over_villages
from envs.kernel.indicators.measures import over_villages, ratio
from envs.kernel.trace import Trace


def _voting(trace: Trace) -> Array:
    """1 where something is rebuilt, so that registered households vote, as it counts; (n_plans, n_villages)."""
    return trace.renewed * trace.xp.astype(trace.option_form.rebuilt_share > 0.0, trace.xp.float64)


def _mean_over_voters(trace: Trace, by_village: Array) -> Array:
    """Mean over registered residents of voting villages; (n_plans, n_villages) to (n_plans,), NaN where none votes."""
    voters = _voting(trace) * trace.constants.base.registered
    return ratio(over_villages(voters * by_village), over_villages(voters))


def consent_share(trace: Trace) -> Array:
    """Consent at the offered multiplier; shape (n_plans,) [0..1]."""
    return _mean_over_voters(trace, trace.consent)


def consent_flagged_villages(trace: Trace) -> Array:
    """1 where even the largest multiplier misses the threshold; shape (n_plans, n_villages)."""
    missed = trace.consent < trace.resolved.book.number("consent.threshold") - 1e-9
    return _voting(trace) * trace.xp.astype(missed, trace.xp.float64)


def consent_multiplier(trace: Trace) -> Array:
    """Multiplier of the cash offer; shape (n_plans,) [x]."""
    return _mean_over_voters(trace, trace.consent_multiplier)


CONSENT = (
    of_plans(consent_share),
    sum_over_villages(consent_flagged_villages),
    of_plans(consent_multiplier),
)
