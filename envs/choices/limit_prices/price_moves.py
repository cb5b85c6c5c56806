"""Prices of limits move step by step towards where the limits are just used by the best plan of the gains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, Quota, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.linear_model import LinearGains
from envs.choices.year_assignment import assign_years

PRICE_STEP, FIRST_ROUNDS, ROUNDS = 0.02, 12, 2
"""Steps of the prices, in sums of gains without limits, falling with the root of their count."""
LEAST_BOUND_STEP = 10.0
"""A least area or number is missed wholly by plans that do not heed it: its price moves so much faster."""


@dataclass(frozen=True, eq=False)
class LimitPrices:
    """Where the prices of one direction of search stand.

    Attributes:
        price: of the whole of each limit, in units of the gains, shape (n_limits,).
        steps: that the prices have taken.
        worth: sum of gains where the limits cost nothing, the scale of the steps; 0 before the first.
    """

    price: FloatArray
    steps: int = 0
    worth: float = 0.0


@dataclass(frozen=True, eq=False)
class Remainder:
    """What is still to be decided of a plan in the making.

    Attributes:
        may: True where a village may still start in the year (column 0 = keep), shape (n_villages, plan_years + 1);
            of a village that is decided, column 0 alone.
        used: of each limit by what is decided, shape (n_limits,).
    """

    may: BoolArray
    used: FloatArray

    def open_gain(self, gain: FloatArray) -> FloatArray:
        """Gains by village and start year where they may still be had, -inf elsewhere; same shape."""
        decided = ~self.may[:, 1:].any(axis=1)
        gain = np.where(self.may, gain, -np.inf)
        gain[decided, 0] = 0.0
        return gain


def no_prices(limits: LinearLimits) -> LimitPrices:
    """Prices before their first step."""
    return LimitPrices(np.zeros(limits.n_limits))


def moved_prices(
    prices: LimitPrices,
    gains: LinearGains,
    slopes: SingleArray,
    limits: LinearLimits,
    quota: Quota,
    *,
    rounds: int | None = None,
    remainder: Remainder | None = None,
    exactly: bool = False,
) -> LimitPrices:
    """Prices a few steps nearer to where the best plan of the gains less prices just uses the limits.

    Args:
        prices: as they stand.
        gains: linear model.
        slopes: of the weighted objectives at a plan, shape (n_villages, plan_years, n_quantities).
        limits: on the whole plan.
        quota: villages per year, or of each year.
        rounds: steps; None = FIRST_ROUNDS from the beginning, ROUNDS later.
        remainder: of a plan in the making; None = the whole plan may change. The quota is what is left of it.
        exactly: the quota must be met in every year.
    """
    village = np.arange(slopes.shape[0])
    pull = np.where(limits.limit < 0.0, LEAST_BOUND_STEP, 1.0)
    price, steps, worth = prices.price, prices.steps, prices.worth
    for _ in range(rounds or (ROUNDS if steps else FIRST_ROUNDS)):
        gain, best_option = best_by_year(gains, limits.priced(slopes, price))
        if remainder is not None:
            gain = remainder.open_gain(gain)
        year, _ = assign_years(gain, quota, exactly=exactly)
        chosen = best_option[village, np.maximum(year - 1, 0)]
        if worth == 0.0:
            gained = gain[village, year]
            worth = float((np.abs(gained) if exactly else gained.clip(0.0)).sum())
        steps += 1
        excess = limits.excess(limits.use(gains, year, chosen)) + (0.0 if remainder is None else remainder.used)
        excess = np.clip(excess, -1.0, 1.0)
        price = np.maximum(price + PRICE_STEP * worth / np.sqrt(steps) * pull * excess, 0.0)
    return LimitPrices(price, steps, worth)


def best_by_year(gains: LinearGains, slopes: SingleArray) -> tuple[FloatArray, IntArray]:
    """Best gain by village and start year with keeping first, (n_villages, plan_years + 1), and its options."""
    table = gains.table(slopes)
    best_option = np.argmax(table, axis=2)
    gain = np.take_along_axis(table, best_option[..., None], axis=2)[..., 0].astype(np.float64)
    is_fixed = gains.fixed_mask
    gain[is_fixed] = np.where(gains.start_mask[is_fixed, 1:], 0.0, -np.inf)
    keep = np.where(gains.start_mask[:, 0], 0.0, -np.inf)
    return np.concatenate([keep[:, None], gain], axis=1), best_option
