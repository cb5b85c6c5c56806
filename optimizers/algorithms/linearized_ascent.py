"""Linearized ascent: climb from a plan along a weight vector by solving the linear model of the city as it then is.

At a plan, the marginal gain of every open choice is known (envs.choices.marginal_gain). The best plan of that linear
model under the yearly quota is an assignment of villages to years (envs.choices.year_assignment). Because gains hold
for small changes only, each choice a plan has already made gets a bonus, its inertia: the higher it is, the fewer
villages change. Several inertias, and random parts of the villages, are tried at once and evaluated; the best one is
the next plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, Quota, SingleArray
from envs.choices.limit_prices.building_up import built_up
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.price_moves import LimitPrices, best_by_year, moved_prices, no_prices
from envs.choices.linear_model import LinearGains
from envs.choices.year_assignment import assign_years

INERTIA_STEPS = (0.3, 1.0, 3.0)
"""Inertias tried, relative to the subproblem's own."""
FIRST_INERTIA, LEAST_INERTIA = 0.01, 1e-5
FEWEST_VILLAGES = 3
"""A partial proposal may change at least so many, on average."""
FIXED = 1e3
"""Inertia, relative to the largest gain, of a village that is not to change."""


@dataclass
class Pace:
    """How boldly the plan of one weight vector is changed.

    Attributes:
        inertia: bonus of a choice already made, relative to the largest gain of a change.
        share: of the villages that a partial proposal may change.
        prices: of the limits on the whole plan; None before their first step.
    """

    inertia: float = FIRST_INERTIA
    share: float = 1.0
    prices: LimitPrices | None = None

    def learn(self, best: int | None, n_villages: int, *, changes: bool) -> None:
        """Adapt to which proposal won (None = none): bolder where boldness paid, more careful where nothing did.

        Args:
            best: position among the proposals, as `proposals` orders them.
            n_villages: number of villages.
            changes: whether the middle inertia changed any village.
        """
        n_steps = len(INERTIA_STEPS)
        if best is None:
            self.inertia *= 2.0 if changes else 0.5
            self.share *= 0.6
        elif best < n_steps:
            self.inertia *= (0.4, 1.0, 2.5)[best]
        else:
            self.share *= (1.5, 1.2, 0.8)[best - n_steps]
        self.inertia = min(max(self.inertia, LEAST_INERTIA), 1.0)
        self.share = min(max(self.share, FEWEST_VILLAGES / n_villages), 1.0)

    def proposals(self, n_villages: int, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
        """Inertia of each proposal, shape (n_proposals,), and the villages it may change, (n_proposals, n_villages)."""
        steps = np.array(INERTIA_STEPS)
        inertia = self.inertia * np.concatenate([steps, [0.0, *steps[:-1]]])
        share = np.concatenate([np.ones(steps.size), [self.share, self.share, 0.3 * self.share]])
        return inertia, rng.random((share.size, n_villages)) < share[:, None]


def climb(
    gains: LinearGains,
    slopes: SingleArray,
    start_year: IntArray,
    option: IntArray,
    *,
    quota: Quota,
    pace: Pace,
    rng: np.random.Generator,
    limits: LinearLimits | None = None,
    exactly: bool = False,
) -> tuple[IntArray, IntArray]:
    """Propose better plans for one weight vector.

    Args:
        gains: linear model of the scenario.
        slopes: of the weighted objectives at the plan, shape (n_villages, plan_years, n_quantities).
        start_year: of the plan, shape (n_villages,).
        option: of the plan, same shape.
        quota: villages per year, or of each year.
        pace: how boldly.
        rng: random state.
        limits: on the whole plan; their prices are the pace's, and move towards what the limits are worth.
        exactly: the quota must be met in every year; plans are then not trimmed to the limits.

    Returns:
        Start years and options of the proposals, shape (n_proposals, n_villages) each, in the order of the pace.
    """
    village = np.arange(start_year.size)
    if limits is not None:
        pace.prices = moved_prices(pace.prices or no_prices(limits), gains, slopes, limits, quota, exactly=exactly)
        slopes = limits.priced(slopes, pace.prices.price)
    worth, best_option = best_by_year(gains, slopes)
    planned_gain = np.where(gains.fixed_mask, 0.0, gains.of_plan(slopes, start_year, option))
    scale = _largest_gain(worth, planned_gain)
    inertia, may_change = pace.proposals(village.size, rng)
    starts, options, price = [], [], None
    for bonus, mask in zip(inertia, may_change, strict=True):
        kept = planned_gain + scale * np.where(mask, bonus, FIXED)
        row = worth.copy()
        stays = kept >= row[village, start_year]
        row[village, start_year] = np.maximum(row[village, start_year], kept)
        year, price = assign_years(row, quota, price, exactly=exactly)
        chosen = best_option[village, np.maximum(year - 1, 0)]
        chosen = np.where((year == 0) | ((year == start_year) & stays), option, chosen)
        if limits is not None and not exactly:
            year, chosen = built_up(limits, gains, slopes, quota, year, chosen)
            year = limits.trimmed(gains, year, chosen, gains.of_plan(slopes, year, chosen))
        starts.append(year)
        options.append(chosen)
    return np.stack(starts), np.stack(options)


def _largest_gain(worth: FloatArray, planned_gain: FloatArray) -> float:
    """Largest gain of a change by a single village; 1 where none gains."""
    change = worth.max(axis=1) - planned_gain
    change = change[np.isfinite(change)]
    largest = float(change.max(initial=0.0))
    return largest if largest > 0.0 else 1.0
