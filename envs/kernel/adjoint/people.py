"""Slopes by people who leave, return and come, wherever they settle, and by what stands from a year on."""

from __future__ import annotations

import numpy as np

from envs.kernel.adjoint.choice_calendars import choice_clocks
from envs.kernel.adjoint.quantities import DELAYED, PHYSICAL
from envs.kernel.computing.backend import Array, product
from envs.kernel.people.zone_room import settled_slope
from envs.kernel.trace import Trace


def people_slope(trace: Trace, by_place: Array, rates: tuple[float, float, float]) -> dict[str, Array]:
    """Slopes by people who leave, return and come, given the slope by a person (or worker) of each place."""
    xp, settlement = trace.xp, trace.constants.settlement
    registered, tenant, other = rates
    n_zones = trace.resolved.city.n_zones
    zones, villages = by_place[:n_zones], by_place[n_zones:]
    by_count, by_person = _settled_slope(trace, zones, (registered, tenant))
    moved_out = by_count - villages
    moved_in = villages - product(xp.permute_dims(settlement.newcomer_share, (1, 0)), zones)
    return {
        "registered_left": registered * moved_out + by_person,
        "registered_back": -registered * moved_out - by_person,
        "tenants_left": tenant * moved_out + by_person,
        "tenants_back": -tenant * moved_out - by_person,
        "newcomers_due": other * moved_in,
    }


def _settled_slope(trace: Trace, zones: Array, rates: tuple[float, float]) -> tuple[Array, Array]:
    """Slopes by what a leaver of a village counts, and by any leaver, wherever he settles; (n_villages, n_columns)."""
    xp, settlement, overflow = trace.xp, trace.constants.settlement, trace.away.overflow
    share = xp.permute_dims(settlement.leaver_share, (1, 0))
    if overflow is None:
        return product(share, zones), xp.zeros_like(zones[:1])
    some = xp.take(zones, overflow.columns, axis=1)
    by_count, by_person = settled_slope(some, overflow, settlement.overflow_weight, rates)
    asked = xp.asarray(zones, copy=True)
    asked[:, overflow.columns] = by_count
    leaving = product(share, asked)
    besides = xp.zeros_like(leaving)
    besides[:, overflow.columns] = product(share, by_person)
    return leaving, besides


def over_start_years(trace: Trace, slope: dict[str, Array]) -> dict[str, Array]:
    """Sum the yearly slopes over the held years a start year touches, with the weights of the mean over years.

    Returns:
        Quantity -> shape (n_plans, n_villages, n_rows): a row for each start year, 0 = kept, of every calendar that
        choices may follow, one calendar after another; of the first alone where no delay moves the quantity.
    """
    xp, clocks = trace.xp, choice_clocks(trace.resolved)
    by_start_year = {}
    for name, table in PHYSICAL:
        if name not in slope:
            continue
        years = [getattr(clock, table) for clock in (clocks if name in DELAYED else clocks[:1])]
        held = trace.held(np.concatenate(years)) * trace.held_weights
        series = xp.reshape(slope[name], (slope[name].shape[0], trace.plans.n_plans, trace.n_years))
        series = xp.astype(xp.permute_dims(series, (1, 0, 2)), xp.float64)
        by_start_year[name] = series @ xp.permute_dims(held, (1, 0))
    return by_start_year
