"""Prices that the plans in the making of a policy pay: of the limits on the whole plan, and of a start in each year.

Both are kept per episode and renewed at each look, from where they stood: those of the limits move towards where the
best plan for what is left just uses them (envs.choices.limit_prices), those of the years follow from the quotas. They
are few numbers, computed on the host in NumPy wherever the game lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.price_moves import LimitPrices, Remainder, moved_prices
from envs.choices.linear_model import LinearGains, LinearModel
from envs.choices.year_assignment import NEVER, year_prices
from envs.game.batched_arrays import Batched

FIRST_ROUNDS, ROUNDS = 40, 6
"""Steps of the limits' prices at the first look and at each that follows: more than a search takes, which looks again
and again before it decides."""


@dataclass(eq=False)
class Prices(Batched):
    """Prices of some episodes, one row each; NumPy.

    Attributes:
        limits: of the whole of each limit, in weighted anchor ranges, shape (n_envs, n_limits).
        steps: that they have taken, shape (n_envs,).
        worth: sum of gains where limits cost nothing, the scale of the steps, shape (n_envs,).
        years: of a start in each year, in weighted anchor ranges, shape (n_envs, plan_years).
        looks: at which they were renewed, shape (n_envs,).
    """

    limits: FloatArray
    steps: IntArray
    worth: FloatArray
    years: FloatArray
    looks: IntArray


def no_prices(n_envs: int, n_limits: int, plan_years: int) -> Prices:
    """Prices of episodes that begin."""
    return Prices(
        limits=np.zeros((n_envs, n_limits)),
        steps=np.zeros(n_envs, dtype=np.int64),
        worth=np.zeros(n_envs),
        years=np.zeros((n_envs, plan_years)),
        looks=np.zeros(n_envs, dtype=np.int64),
    )


@dataclass(frozen=True, eq=False)
class Ahead:
    """What is still to be decided in some episodes; NumPy.

    Attributes:
        year: open year, shape (n_envs,).
        may: True where a village may still start in a year (column 0 = keep), of a village that is decided column 0
            alone, shape (n_envs, n_villages, plan_years + 1).
        room: villages that may still start in each year, shape (n_envs, plan_years).
    """

    year: IntArray
    may: BoolArray
    room: IntArray


def corner_options(gains: LinearGains, kind: SingleArray, levels: SingleArray) -> LinearModel:
    """The linear model of the options that prices are found with: of each kind those at an end of every level.

    What an option gains is nearly linear in its levels, so that the best of a kind stands at a corner of their ranges.

    Args:
        gains: linear model.
        kind: of each option, shape (n_options, n_attributes).
        levels: of each option within its kind (density, facilities), shape (n_options, n_levels).
    """
    corners = np.zeros(len(kind), dtype=bool)
    for one in np.unique(kind, axis=0):
        (members,) = np.nonzero((kind == one).all(axis=1))
        some = levels[members]
        corners[members] = ((some == some.min(axis=0)) | (some == some.max(axis=0))).all(axis=1)
    return LinearModel(
        quantities=np.ascontiguousarray(gains.quantities[:, :, corners]),
        option_mask=gains.option_mask[:, corners],
        start_mask=gains.start_mask,
        slopes=gains.slopes_at,
    )


def move_limit_prices(
    prices: Prices,
    gains: LinearGains,
    slopes: SingleArray,
    limits: LinearLimits,
    ahead: Ahead,
    used: FloatArray,
) -> None:
    """Renew the prices of the limits, in place.

    Args:
        prices: of the episodes.
        gains: linear model.
        slopes: of the weighted objectives at each plan, shape (n_envs, n_villages, plan_years, n_quantities).
        limits: on the whole plan.
        ahead: what is still to be decided.
        used: of each limit by what is decided, shape (n_envs, n_limits).
    """
    for row in range(len(slopes)):
        before = LimitPrices(prices.limits[row], int(prices.steps[row]), float(prices.worth[row]))
        remainder = Remainder(ahead.may[row], used[row])
        rounds = ROUNDS if before.steps else FIRST_ROUNDS
        after = moved_prices(before, gains, slopes[row], limits, ahead.room[row], rounds=rounds, remainder=remainder)
        prices.limits[row], prices.steps[row], prices.worth[row] = after.price, after.steps, after.worth


def move_year_prices(prices: Prices, gain: SingleArray, ahead: Ahead) -> None:
    """Renew the prices of a start in each year left, in place.

    Args:
        prices: of the episodes.
        gain: best gain less the prices of limits by village and start year, shape (n_envs, n_villages, plan_years).
        ahead: what is still to be decided.
    """
    for row, year in enumerate(ahead.year):
        room, may = ahead.room[row, year - 1 :], ahead.may[row][:, year:]
        open_village = may.any(axis=1)
        prices.years[row] = 0.0
        if not room.any() or not open_village.any():
            continue
        over_keep = gain[row, open_village, year - 1 :].astype(np.float64)
        scale = float(np.abs(over_keep).max(initial=0.0)) or 1.0
        worth = np.where(may[open_village], over_keep, NEVER * scale)
        kept = np.where(ahead.may[row, open_village, :1], 0.0, NEVER * scale)
        prices.years[row, year - 1 :] = year_prices(np.concatenate([kept, worth], axis=1), room)
    prices.looks += 1
