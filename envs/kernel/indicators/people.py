"""Indicators of people: who lives in the renewed villages, who is displaced, what tenants pay.

A function without another shape in its docstring measures villages, shape (n_plans, n_villages).
"""

from __future__ import annotations

from envs.kernel.computing.backend import Array, like
from envs.kernel.indicators.indicator import of_plans, sum_over_villages
from envs.kernel.indicators.measures import of_every_plan, over_villages, ratio
from envs.kernel.trace import Trace


def population_before_persons(trace: Trace) -> Array:
    """Registered residents and tenants of the renewed villages in the base year."""
    return trace.renewed * (trace.constants.base.registered + trace.constants.base.tenants)


def population_after_persons(trace: Trace) -> Array:
    """Residents of the renewed villages in the last state year."""
    last = trace.of_renewed_villages(1.0, 1.0, 1.0)[:, :, -1]
    return trace.xp.astype(trace.xp.permute_dims(last, (1, 0)), trace.xp.float64)


def population_by_year_persons(trace: Trace) -> Array:
    """Residents of the renewed villages by year; shape (n_plans, n_years)."""
    return trace.xp.sum(trace.of_renewed_villages(1.0, 1.0, 1.0), axis=0)


def displaced_registered_persons(trace: Trace) -> Array:
    """Registered residents who leave less those who return."""
    return trace.moves.registered_left - trace.moves.registered_back


def displaced_tenants_persons(trace: Trace) -> Array:
    """Tenants who leave less those who return."""
    return trace.moves.tenants_left - trace.moves.tenants_back


def displaced_tenants_share(trace: Trace) -> Array:
    """Displaced tenants over the tenants of all villages; shape (n_plans,)."""
    tenants = trace.xp.sum(trace.constants.base.tenants)
    return ratio(over_villages(displaced_tenants_persons(trace)), of_every_plan(tenants, trace))


def unhoused_by_year_persons(trace: Trace) -> Array:
    """Displaced people for whom no zone has room, by year; shape (n_plans, n_years)."""
    return trace.away.unhoused


def unhoused_persons(trace: Trace) -> Array:
    """Displaced people for whom no zone has room, in the year with most of them; shape (n_plans,)."""
    return trace.xp.max(trace.xp.astype(unhoused_by_year_persons(trace), trace.xp.float64), axis=1)


def newcomers_persons(trace: Trace) -> Array:
    """Newcomers once the new housing is absorbed."""
    return trace.moves.newcomers_due


def social_tie_share(trace: Trace) -> Array:
    """Registered residents of all villages who stay or return, over all of them; shape (n_plans,)."""
    return 1.0 - over_villages(displaced_registered_persons(trace)) / trace.xp.sum(trace.constants.base.registered)


def tenant_rent_ratio(trace: Trace) -> Array:
    """Monthly rent after over before, mean over tenants in the year they return; shape (n_plans,), NaN without any."""
    book, prices = trace.resolved.book, trace.constants.prices
    room = like(trace.resolved.city.villages.rent_cny_per_m2_month, trace.renewed)
    before_cny = room * book.number("uv.floor_per_migrant")
    after_cny = prices.market_rent_cny_per_m2_month * book.number("density.rental_m2")
    returned = trace.moves.tenants_back
    at_base_rents = trace.yearly(returned * (after_cny / before_cny), "completion")
    return ratio(trace.xp.sum(at_base_rents * trace.rent_factor, axis=(1, 2)), over_villages(returned))


def rent_growth_per_yr(trace: Trace) -> Array:
    """Largest yearly growth of housing rents in any district, as they follow the rental places; shape (n_plans,)."""
    factor = trace.rent_factor
    return trace.xp.max(factor[..., 1:] / factor[..., :-1] - 1.0, axis=(1, 2))


PEOPLE = (
    sum_over_villages(population_before_persons),
    sum_over_villages(population_after_persons, yearly=population_by_year_persons),
    sum_over_villages(displaced_registered_persons),
    sum_over_villages(displaced_tenants_persons),
    of_plans(displaced_tenants_share),
    of_plans(unhoused_persons, yearly=unhoused_by_year_persons),
    sum_over_villages(newcomers_persons),
    of_plans(social_tie_share),
    of_plans(tenant_rent_ratio),
    of_plans(rent_growth_per_yr),
)
