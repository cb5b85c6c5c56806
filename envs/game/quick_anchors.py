"""Anchors for an environment: shipped or cached where they are known, else a documented quick set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.arrays import FloatArray, IntArray
from data.scenario import RuleMode
from envs.choices.anchors import Anchors, anchor_digest, stored_anchors
from envs.choices.baselines import keep_plan
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.price_moves import best_by_year, moved_prices, no_prices
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.choices.options import OptionSpace
from envs.choices.year_assignment import assign_years
from envs.game.constants import GameConstants
from envs.game.option_tables import COLUMNS, SERIES
from envs.kernel import evaluate
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.markets import yearly_index
from envs.kernel.plans import Plans, canonical, concatenate, empty_plan
from envs.kernel.trace import SEARCH
from envs.rules.check import active_rules

QUICK_PLANS = 64
"""Most uniform plans that a quick set evaluates."""
ENDS = 3
"""Plans of a quick set towards each end of the front."""
PRICE_ROUNDS = 20
"""Steps of the limits' prices before each of them."""


def environment_anchors(game: GameConstants, *, cache: Path | None = None) -> tuple[Anchors, str]:
    """Anchors of the scenario, and where they come from.

    Args:
        game: constants, on NumPy.
        cache: folder to read stored anchors from besides the shipped one.

    Returns:
        The anchors, and "stored" or "quick".
    """
    stored = stored_anchors(game.resolved, cache=cache)
    return (stored, "stored") if stored is not None else (quick_anchors(game), "quick")


def quick_anchors(game: GameConstants) -> Anchors:
    """A scale for rewards within seconds, as a search would find it in minutes.

    Two kinds of plans are evaluated. Uniform ones: each of at most QUICK_PLANS options, evenly spaced over the
    scenario's, is given to every village that may take it, those with the best present value of their own first, as
    many as the quota allows and as early; and every village's best own option likewise. And ends of the front: for each
    objective the best plan of the linear model, ENDS times, each at the plan found before. Villages are left out until
    the limits that add up hold. Best is taken over all of these plans, worst over the empty plan and those that are
    best in an objective, as for anchors that are searched. A search finds better plans, so values beyond 1 occur.

    Args:
        game: constants, on NumPy.

    Returns:
        Anchors whose `evaluations` is the number of plans.
    """
    resolved, names = game.resolved, game.objectives
    signs = np.array(objective_signs(names))
    plans = concatenate([empty_plan(resolved.city.n_villages), _plans(game, signs)])
    outcomes = evaluate(resolved, plans, indicators=(), precision=SEARCH, threads=game.threads)
    table = outcomes.objective_matrix() * signs
    ends = table[np.concatenate([[0], np.nanargmax(table, axis=0)])]
    return Anchors(
        objectives=names,
        base=tuple((table[0] * signs).tolist()),
        best=tuple((np.nanmax(table, axis=0) * signs).tolist()),
        worst=tuple((np.nanmin(ends, axis=0) * signs).tolist()),
        evaluations=plans.n_plans,
        seed=0,
        digest=anchor_digest(resolved, names),
    )


def standalone_value_cny(game: GameConstants) -> np.ndarray:
    """Present value of each village and option on its own, started in year 1 where no plan moves the markets.

    Args:
        game: constants, on NumPy.

    Returns:
        shape (n_villages, n_options) [CNY]; -inf where the option is not legal.
    """
    market, tables = game.market, game.market.tables
    years = tables.years[1 :: tables.n_starts].reshape(
        -1, len(COLUMNS), len(SERIES), tables.years.shape[2] // len(SERIES)
    )
    flow = dict(zip(SERIES, np.moveaxis(years, 2, 0), strict=True))
    price = yearly_index(market.districts.price_growth_per_yr, years)
    yearly = flow["net"] + (flow["sales"] - flow["sales_cost"]) * price + flow["housing_rents"]
    worth = market.present_value_cny(yearly)  # of a unit of each column, by calendar
    value = tables.amounts @ worth[0]
    if tables.calendar is not None:
        for position in range(1, len(worth)):
            follows = tables.calendar == position
            value[follows] = tables.amounts[follows] @ worth[position]
    return np.where(game.space.option_mask, value, -np.inf)


def _plans(game: GameConstants, signs: FloatArray) -> Plans:
    """Uniform plans and ends of the front within the limits that add up."""
    space = game.space
    gains = marginal_gains(
        game.resolved, space, game.objectives, with_limits=game.has_plan_limits, threads=game.threads
    )
    limits = linear_limits(gains, active_rules(game.resolved, (RuleMode.HARD,))) if game.has_plan_limits else None
    start, options, worth = _uniform(game)
    if limits is not None:
        none = np.zeros_like(start[0])
        (limits,) = limits.at(none[None], none[None])
        start = np.stack([limits.trimmed(gains, *row) for row in zip(start, options, worth, strict=True)])
    ends = [_ends(game, gains, limits, weights) for weights in np.diag(signs)]
    start, options = (np.concatenate(rows) for rows in zip((start, options), *ends, strict=True))
    return canonical(space.decode(start, options))


def _ends(
    game: GameConstants, gains: MarginalGains, limits: LinearLimits | None, weights: FloatArray
) -> tuple[IntArray, IntArray]:
    """Plans towards one end of the front, each the best by the mean of the slopes met; (ENDS, n_villages) each.

    The mean settles where single slopes swing to and fro, as in searches of one objective.
    """
    village, quota = np.arange(game.n_villages), game.yearly_quota[1:]
    start, option = (rows[0] for rows in keep_plan(game.space, quota))
    mean, found = np.zeros(gains.slopes_shape, dtype=np.float32), []
    prices = None if limits is None else no_prices(limits)
    for n in range(ENDS):
        mean += (gains.slopes_at(start[None], option[None], weights[None])[0] - mean) / (n + 1)
        slopes = mean
        if limits is not None and prices is not None:
            prices = moved_prices(prices, gains, mean, limits, quota, rounds=PRICE_ROUNDS)
            slopes = limits.priced(mean, prices.price)
        gain, best_option = best_by_year(gains, slopes)
        start, _ = assign_years(gain, quota)
        option = best_option[village, np.maximum(start - 1, 0)]
        if limits is not None:
            start = limits.trimmed(gains, start, option, gains.of_plan(mean, start, option))
        found.append((start, option))
    starts, options = zip(*found, strict=True)
    return np.stack(starts), np.stack(options)


def _uniform(game: GameConstants) -> tuple[IntArray, IntArray, FloatArray]:
    """Start years and options of uniform plans, and what each village is worth by itself; (n_plans, n_villages)."""
    value, space = standalone_value_cny(game), game.space
    n_options = min(QUICK_PLANS, space.n_options)
    chosen = np.unique(np.linspace(0, space.n_options - 1, n_options).astype(np.int64))
    options = np.broadcast_to(chosen[:, None], (chosen.size, game.n_villages))
    options = np.concatenate([options, np.argmax(value, axis=1)[None, :]])
    worth = value[np.arange(game.n_villages), options]
    worth[-1] = np.where(worth[-1] > 0.0, worth[-1], -np.inf)
    start = np.stack([_early(game, space, row) for row in worth])
    return start, options, worth


def _early(game: GameConstants, space: OptionSpace, worth: np.ndarray) -> np.ndarray:
    """Start years by quota, the most worthy first; 0 where the option is not legal or the quota is used up."""
    able = np.isfinite(worth) & space.start_mask[:, 1:].any(axis=1)
    order = np.argsort(np.where(able, -worth, np.inf), kind="stable")
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    year = np.searchsorted(np.cumsum(game.yearly_quota), rank, side="right")
    return np.where(able & (year <= game.plan_years), year, 0)
