"""Outcomes that are sums over villages, or such a sum over what no plan changes: each village's share is its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from data.arrays import FloatArray
from envs.kernel.capital import net_present_value_cny
from envs.kernel.indicators.floors import legal_floor_m2
from envs.kernel.indicators.indicator import VillageSum
from envs.kernel.indicators.people import displaced_registered_persons, displaced_tenants_persons
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.trace import Trace
from envs.reasons.secants import over

OwnAmounts = Callable[[Trace], FloatArray]
"""Trace -> what each village has of an outcome, shape (n_plans, n_villages)."""


def _displaced_tenants_share(trace: Trace) -> FloatArray:
    return over(np.asarray(displaced_tenants_persons(trace)), np.asarray(trace.constants.base.tenants.sum()))


def _social_tie_share(trace: Trace) -> FloatArray:
    return -over(np.asarray(displaced_registered_persons(trace)), np.asarray(trace.constants.base.registered.sum()))


def _demolished_legal_share(trace: Trace) -> FloatArray:
    legal_m2 = np.asarray(legal_floor_m2(trace))
    return over(trace.form.rebuilt_share * legal_m2, legal_m2.sum())


def _rental_subsidy_cny(trace: Trace) -> FloatArray:
    book = trace.resolved.book
    present = net_present_value_cny(trace.profile("completion"), book.number("finance.discount_rate"))
    subsidy_cny = book.number("policy.rental_subsidy") * trace.form.rental
    return np.asarray(subsidy_cny * present[trace.calendar_row])


SUMS: Mapping[str, OwnAmounts] = {
    name: item.value.by_village for name, item in INDICATORS.items() if isinstance(item.value, VillageSum)
} | {
    "displaced_tenants_share": _displaced_tenants_share,
    "social_tie_share": _social_tie_share,
    "demolished_legal_share": _demolished_legal_share,
    "rental_subsidy_cny": _rental_subsidy_cny,
}
"""Outcome -> what each village has of it."""
