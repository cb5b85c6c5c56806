"""The rows of every rule: how its limit reads as sums over villages.

Areas, numbers, shares and people add up by option alone (envs.choices.additive_limits). Capital of a year, the deficit
so far and the growth of rents add up by year of start as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.additive_limits import AdditiveLimit
from envs.choices.limit_prices.linear_limits import CITY, LinearLimits, Rows
from envs.choices.limit_prices.target_rows import targets_with_slopes
from envs.choices.marginal_gain import MarginalGains, limit_column
from envs.kernel.adjoint import COST_PROFILES, PROFILES, choice_clocks
from envs.kernel.markets import until_last_year, yearly_index
from envs.kernel.timing import Clock
from envs.rules.rule import Rule

SHARE_SCALE = 0.2
"""A limit of 0 (on a share) is relative to this part of what the whole city may use: prices then take like steps."""
LEAST_GROWTH = 0.01
"""Least growth of rents, as a share of the places, that the use of this limit is relative to."""


def linear_limits(gains: MarginalGains, rules: list[Rule]) -> LinearLimits | None:
    """The limits among rules that add up over villages.

    Args:
        gains: linear model with its limited quantities.
        rules: hard rules of the scenario.

    Returns:
        The limits, with the targets that are linear at a plan; None where there are none.
    """
    found = [_additive(gains, limit) for limit in gains.limits]
    found += [BY_YEAR[rule.name](gains, rule) for rule in rules if rule.name in BY_YEAR]
    found = [rows for rows in found if rows.limit.size]
    targets = targets_with_slopes(gains)
    if not found and targets is None:
        return None
    found = found or [_no_rows(gains)]
    rows = Rows(
        np.concatenate([rows.slope for rows in found]),
        np.concatenate([rows.limit for rows in found]),
        np.concatenate([rows.district for rows in found]),
        np.concatenate([rows.rule for rows in found]),
    )
    return LinearLimits(rows, gains.resolved.city.villages.district_idx, targets)


def _additive(gains: MarginalGains, limit: AdditiveLimit) -> Rows:
    """A limit that counts what options need, whenever they begin."""
    district = CITY if not limit.local or limit.district is None else limit.district
    column = gains.names.index(limit_column(gains.limits, limit))
    slope = np.zeros((int(np.isfinite(limit.most)), gains.resolved.clock.plan_years, len(gains.names)))
    scale = abs(limit.most) or _scale_of_share(gains, column, district)
    slope[..., column] = gains.unit[column] / scale
    return _rows(limit.rule, slope, limit.most / scale, np.full(len(slope), district))


def _scale_of_share(gains: MarginalGains, column: int, district: int) -> float:
    """What a limit of 0 is relative to: a part of what the options use that use most, as far as the quota goes."""
    villages = gains.resolved.city.villages.district_idx
    among = np.ones(villages.size, dtype=bool) if district == CITY else villages == district
    most = np.abs(gains.quantities[among, column]).max(axis=1, initial=0.0)
    share = min(1.0, sum(gains.resolved.scenario.yearly_quotas) / max(villages.size, 1))
    return float(gains.unit[column]) * max(SHARE_SCALE * share * float(most.sum()), 1e-6)


Used = Iterator[tuple[str, FloatArray]]
"""Quantity, and what a unit of it uses by start year and flow year, shape (plan_years, n_flow_years)."""


def _profiles(clock: Clock) -> dict[str, FloatArray]:
    """Profiles of a calendar by start year from 1 on, (plan_years, n_flow_years)."""
    return {name: table[1 : clock.plan_years + 1] for name, table in clock.flow_profiles.items()}


def _indices(gains: MarginalGains) -> tuple[FloatArray, FloatArray]:
    """Indices of costs and of sale prices that no market moves, (n_flow_years,)."""
    markets, years = gains.resolved.constants.markets, gains.resolved.clock.flow_profiles["sale"]
    costs, prices = (
        yearly_index(growth, years) for growth in (markets.cost_growth_per_yr, markets.price_growth_per_yr)
    )
    return costs, prices


def _by_column(gains: MarginalGains, used: Callable[[dict[str, FloatArray]], Used]) -> Iterator[tuple[int, FloatArray]]:
    """Column of a quantity, and what a unit of it uses; by every calendar that options may follow."""
    for calendar, clock in enumerate(choice_clocks(gains.resolved)):
        for name, by_year in used(_profiles(clock)):
            columns = gains.columns_of(name)
            if calendar < len(columns):
                yield columns[calendar], by_year


def _rows(rule: str, slope: FloatArray, limit: float, district: IntArray) -> Rows:
    """Rows of one rule that share a limit."""
    return Rows(slope, np.full(len(slope), limit), district, np.full(len(slope), rule))


def _no_rows(gains: MarginalGains) -> Rows:
    slope = np.zeros((0, gains.resolved.clock.plan_years, len(gains.names)))
    return _rows("", slope, 0.0, np.zeros(0, dtype=np.int64))


def _by_year(gains: MarginalGains, rule: Rule, used: Callable[[dict[str, FloatArray]], Used]) -> Rows:
    """Rows by flow year from what a unit of each quantity uses by the profiles of a calendar."""
    n_years = gains.resolved.clock.last_flow_year + 1
    slope = np.zeros((n_years, gains.resolved.clock.plan_years, len(gains.names)))
    for column, by_year in _by_column(gains, used):
        slope[:, :, column] = gains.unit[column] * by_year.T / _limit(gains, rule)
    return _rows(rule.name, slope, 1.0, np.full(n_years, CITY))


def _annual_capital(gains: MarginalGains, rule: Rule) -> Rows:
    """Gross cost of each year; the cost of sales at prices that no market moves, which are the highest."""
    costs, prices = _indices(gains)

    def used(profiles: dict[str, FloatArray]) -> Used:
        return ((f"cost_{name}", profiles[name] * (prices if name == "sale" else costs)) for name in COST_PROFILES)

    return _by_year(gains, rule, used)


def _peak_capital(gains: MarginalGains, rule: Rule) -> Rows:
    """What has been spent beyond what came in, year by year."""
    costs, prices = _indices(gains)

    def used(profiles: dict[str, FloatArray]) -> Used:
        for name in PROFILES:
            moved = profiles[name] * (costs if name in COST_PROFILES else 1.0)
            yield f"flow_{name}", -np.cumsum(moved, axis=1)
        rents = profiles["operation"] + profiles["terminal"] / gains.resolved.unit_costs.cap_rate_rental_per_yr
        yield "housing_rent", -np.cumsum(rents, axis=1)
        yield "net_sales", -np.cumsum(profiles["sale"] * prices, axis=1)

    return _by_year(gains, rule, used)


def _rent_growth(gains: MarginalGains, rule: Rule) -> Rows:
    r"""Rents of a district grow by at most g where $(1 + N_{t-2}/P) (1+g)^{-1/e} - (1 + N_{t-1}/P) \le 0$."""
    market = gains.resolved.constants.markets.rent
    if market.elasticity == 0.0:
        return _no_rows(gains)
    kept = (1.0 + _limit(gains, rule)) ** (-1.0 / market.elasticity)

    def lost(years: FloatArray) -> FloatArray:
        up_to = until_last_year(years)
        return kept * until_last_year(up_to) - up_to

    def used(profiles: dict[str, FloatArray]) -> Used:
        return iter((("rental_places", lost(profiles["operation"])), ("tenants_left", -lost(profiles["standing"]))))

    by_column = list(_by_column(gains, used))
    years = np.flatnonzero(np.any([(by_year > 0.0).any(axis=0) for _, by_year in by_column], axis=0))
    scale = max(1.0 - kept, LEAST_GROWTH)
    slope = np.zeros((market.size.size, years.size, gains.resolved.clock.plan_years, len(gains.names)))
    for column, by_year in by_column:
        per_unit = gains.unit[column] * market.per_unit / scale
        slope[..., column] = per_unit[:, None, None] * by_year.T[years]
    district = np.arange(market.size.size)
    if market.without is not None:
        district = np.where(market.without, CITY, district)
    return _rows(rule.name, slope.reshape(-1, *slope.shape[2:]), (1.0 - kept) / scale, np.repeat(district, years.size))


def _limit(gains: MarginalGains, rule: Rule) -> float:
    limit = rule.limit(gains.resolved)
    assert limit is not None
    return limit


BY_YEAR: dict[str, Callable[[MarginalGains, Rule], Rows]] = {
    "annual_capital": _annual_capital,
    "peak_capital": _peak_capital,
    "rent_growth": _rent_growth,
}
"""Limits that depend on when villages begin."""
