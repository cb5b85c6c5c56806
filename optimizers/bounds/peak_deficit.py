"""The deficit that no plan can avoid: what must have begun by a year, against all that others can have earned by then.

The cumulative deficit at the end of a year is a sum over villages. Each takes the option and the beginning with which
it is least in that year; sales count at the largest price factor there can be, rents at the base year's. Villages that
have not begun owe nothing. So no plan of the options has a smaller one in any of the years looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import Refusal, refuse
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.rule import TOLERANCE
from optimizers.bounds.capital_terms import factor, growth, sold_weights, unpriced_flow
from optimizers.bounds.forced_villages import ForcedVillages, enough, least_of, money, only_refusal
from optimizers.bounds.least_costs import least_costs_cny

YEARS_LOOKED_AT = 8
"""Besides the years of given beginnings; more show little more, and each takes time in a large city."""


class LeastDeficit(NamedTuple):
    """The largest of the deficits that no plan can avoid.

    Attributes:
        year: at the end of which it is there.
        cny: how large it is at the least.
        n_begun: villages that must have begun by then.
    """

    year: int
    cny: float
    n_begun: int


def deficit_beyond(forced: ForcedVillages, limit: float, layer: str) -> Iterator[Refusal]:
    """A limit of the deepest deficit that what must begin exceeds, whatever else is done.

    Args:
        forced: villages that must begin.
        limit: of the cumulative deficit [CNY].
        layer: field of the scenario that sets it.
    """
    most = limit * (1.0 + TOLERANCE)
    if forced.n_must == 0 or forced.has_own_terms or not _may_exceed(forced, most):
        return
    found = least_deficit(forced)
    if found is not None and found.cny > most:
        yield only_refusal(
            refuse(
                "deficit_beyond", layer=layer, n=found.n_begun, year=found.year,
                need=money(found.cny), limit=money(limit), least=enough(found.cny),
            )
        )  # fmt: skip


def _may_exceed(forced: ForcedVillages, most: float) -> bool:
    """Whether the cheapest choice costs more than the limit in all; else there is a plan without such a deficit."""
    return float(forced.cheapest(least_costs_cny(forced)[1]).sum()) > most


def least_deficit(forced: ForcedVillages) -> LeastDeficit | None:
    """The largest deficit that no plan can avoid in any of the years looked at; None where prices are not bounded."""
    factors = largest_price_factor(forced)
    if factors is None:
        return None
    years = _years(forced)
    owed = _least_owed_cny(forced, factors, years)
    found = []
    for k, year in enumerate(years):
        able = np.isfinite(owed[k])
        must = forced.must & able & (forced.last_year <= year)
        at_least = max(int(must.sum()), forced.least_begun(int(year)))
        cny = least_of(owed[k], must, able, at_least, forced.places(int(year)))
        found.append(LeastDeficit(int(year), cny, at_least))
    return max(found, key=lambda deficit: deficit.cny)


def _years(forced: ForcedVillages) -> IntArray:
    """Years looked at: spread over the account, and those by which given beginnings have spent most."""
    clock = forced.resolved.clock
    lag = clock.phases.rebuild_lag_yr
    given = np.unique(forced.last_year[forced.must])
    after = np.concatenate([given + delay for delay in {0, lag - 1}]) if given.size <= YEARS_LOOKED_AT else given[:0]
    spread = np.linspace(1, clock.last_flow_year, YEARS_LOOKED_AT).round()
    around = [clock.plan_years, clock.plan_years + lag - 1]
    years = np.unique(np.concatenate([after, spread, around]).astype(np.int64))
    return years[years <= clock.last_flow_year]


def largest_price_factor(forced: ForcedVillages) -> FloatArray | None:
    """Largest sale price relative to the base year, (n_flow_years, n_districts); None where markets answer upside down.

    All that can be torn down is gone and nothing is built, and nobody else sells in the year.
    """
    resolved, table = forced.resolved, forced.table
    markets = resolved.constants.markets
    if min(markets.stock.elasticity, markets.flow.elasticity) < 0.0:
        return None
    torn_m2 = np.where(table.mask, table.amount("demolished"), 0.0).max(axis=1)
    lost_m2 = np.bincount(table.district_idx, weights=torn_m2, minlength=table.n_districts)
    gone = np.broadcast_to(-markets.rooms_as_housing * lost_m2, (resolved.clock.last_flow_year + 1, table.n_districts))
    nothing = np.zeros(gone.shape)
    return growth(resolved)[:, None] * factor(markets.stock, gone) * factor(markets.flow, nothing)


def _least_owed_cny(forced: ForcedVillages, factors: FloatArray, years: IntArray) -> FloatArray:
    """Least cumulative deficit of each village that has begun by a year, shape (n_years, n_villages) [CNY].

    Infinite where it cannot have begun.
    """
    table = forced.table
    net = net_weights(forced.resolved, factors)
    owed = -np.cumsum(net, axis=0)[years]  # (n_years, n_districts, plan_years, n_amounts)
    used = np.flatnonzero(owed.any(axis=(0, 1, 2)))
    amounts, owed = table.amounts[:, :, used], owed[..., used]
    least = np.full((years.size, table.mask.shape[0]), np.inf)
    for village in np.flatnonzero(forced.able):
        starts = np.flatnonzero(table.start_mask[village])
        legal = amounts[village][table.mask[village]]
        weights = owed[:, table.district_idx[village]][:, starts]  # (n_years, n_starts, n_used)
        best = (weights.reshape(-1, used.size) @ legal.T).min(axis=1).reshape(years.size, starts.size)
        begun = starts[None, :] + 1 <= years[:, None]
        least[:, village] = np.where(begun, best, np.inf).min(axis=1)
    return least


def net_weights(resolved: ResolvedScenario, factors: FloatArray) -> FloatArray:
    """Weights of each year's net flow with sales at given price factors and rents at the base year's.

    Args:
        resolved: scenario resolved against a city.
        factors: sale price relative to the base year, shape (n_flow_years, n_districts).

    Returns:
        shape (n_flow_years, n_districts, plan_years, n_amounts).
    """
    return unpriced_flow(resolved, signed=True) + factors[:, :, None, None] * sold_weights(resolved)[:, None]
