"""Limits on the whole plan that add up over villages: what every choice uses of them, and the price of using them.

Capital of a year, the cumulative deficit, the commodity-housing cap and the rental share are sums over villages (but
for the feedback of new housing on prices). A price per limit turns them into gains of single choices, so that
linearized ascent respects them; what still exceeds a limit is trimmed, least gain per relief first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.marginal_gain import MarginalGains
from envs.kernel.adjoint import COST_PROFILES, PROFILES
from envs.kernel.markets import yearly_index
from envs.rules.rule import Rule

LINEAR_RULES = ("annual_capital", "peak_capital", "commodity_cap", "rental_share")
MARGIN = 0.002
"""Trimmed plans stay this share below a limit: prices move a little with the plan."""


@dataclass(frozen=True, eq=False)
class LinearLimits:
    """Limits as sums over villages.

    Attributes:
        slope: use by quantity (in the units of the marginal gains) and start year, relative to the scale of the limit,
            shape (n_limits, plan_years, n_quantities).
        limit: most that may be used, relative to the same scale, shape (n_limits,).
    """

    slope: FloatArray
    limit: FloatArray

    def use(self, gains: MarginalGains, start_year: IntArray, option: IntArray) -> FloatArray:
        """What each village of a plan uses, shape (n_villages, n_limits); 0 where it is kept."""
        use = np.zeros((start_year.size, self.limit.size))
        for year in np.unique(start_year[start_year > 0]):
            village = np.flatnonzero(start_year == year)
            chosen = gains.quantities[village, :, option[village]].astype(np.float64)
            use[village] = chosen @ self.slope[:, year - 1, :].T
        return use

    def excess(self, use: FloatArray) -> FloatArray:
        """Use beyond each limit, shape (n_limits,); negative = room."""
        return use.sum(axis=0) - self.limit

    def trimmed(self, gains: MarginalGains, start_year: IntArray, option: IntArray, own_gain: FloatArray) -> IntArray:
        """Start years with villages dropped until every limit holds, those first that gain least per relief.

        Args:
            gains: linear model.
            start_year: shape (n_villages,).
            option: same shape.
            own_gain: of each village's choice over keeping it, same shape.

        Returns:
            shape (n_villages,); limits may stay broken where what may not be dropped exceeds them.
        """
        start_year = start_year.copy()
        use = self.use(gains, start_year, option)
        droppable = (start_year > 0) & gains.space.start_mask[:, 0]
        room = self.limit - MARGIN * np.maximum(np.abs(self.limit), 1e-3)
        total = use.sum(axis=0)
        while (total > room).any():
            worst = int(np.argmax(total - room))
            able = np.flatnonzero(droppable & (use[:, worst] > 0.0))
            able = able[np.argsort(own_gain[able] / use[able, worst], kind="stable")]
            relief = np.cumsum(use[able, worst])
            drop = able[: 1 + int(np.searchsorted(relief, total[worst] - room[worst]))]
            if drop.size == 0:
                break
            start_year[drop], droppable[drop] = 0, False
            total = total - use[drop].sum(axis=0)
            use[drop] = 0.0
        return start_year


def linear_limits(gains: MarginalGains, rules: list[Rule]) -> LinearLimits | None:
    """The limits among rules that add up over villages.

    Args:
        gains: linear model with its limited quantities.
        rules: hard rules of the scenario.

    Returns:
        The limits; None where there are none.
    """
    slopes, limits = [], []
    for rule in rules:
        if rule.name in LINEAR_RULES:
            slope, limit = _rows(gains, rule)
            slopes.append(slope)
            limits.append(limit)
    if not slopes:
        return None
    return LinearLimits(np.concatenate(slopes), np.concatenate(limits))


def _rows(gains: MarginalGains, rule: Rule) -> tuple[FloatArray, FloatArray]:
    """Slopes, shape (n_rows, plan_years, n_quantities), and limits of one rule."""
    clock, limit = gains.resolved.clock, rule.limit(gains.resolved)
    assert limit is not None
    profiles = {name: table[1:] for name, table in clock.flow_profiles.items()}
    n_years = clock.last_flow_year + 1 if rule.name in ("annual_capital", "peak_capital") else 1
    slope = np.zeros((n_years, clock.plan_years, len(gains.names)))
    markets = gains.resolved.constants.markets
    costs, prices = (
        yearly_index(growth, profiles["sale"]) for growth in (markets.cost_growth_per_yr, markets.price_growth_per_yr)
    )

    def put(name: str, by_start: FloatArray) -> None:
        column = gains.names.index(name)
        slope[:, :, column] = gains.unit[column] * by_start.T

    one = np.ones((clock.plan_years, 1))
    if rule.name == "annual_capital":
        for name in COST_PROFILES:
            put(f"cost_{name}", profiles[name] * (prices if name == "sale" else costs) / limit)
        return slope, np.ones(n_years)
    if rule.name == "peak_capital":
        for name in PROFILES:
            moved = profiles[name] * (costs if name in COST_PROFILES else 1.0)
            put(f"flow_{name}", -np.cumsum(moved, axis=1) / limit)
        rents = profiles["operation"] + profiles["terminal"] / gains.resolved.unit_costs.cap_rate_rental_per_yr
        put("housing_rent", -np.cumsum(rents, axis=1) / limit)
        put("net_sales", -np.cumsum(profiles["sale"] * prices, axis=1) / limit)
        return slope, np.ones(n_years)
    if rule.name == "commodity_cap":
        put("commodity", one / limit)
        return slope, np.ones(1)
    scale = float(gains.unit[gains.names.index("rental")] + gains.unit[gains.names.index("commodity")])
    put("rental", (limit - 1.0) * one / scale)
    put("commodity", limit * one / scale)
    return slope, np.zeros(1)
