"""Anchors for an environment: shipped or cached where they are known, else a documented quick set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from envs.choices.anchors import Anchors, anchor_digest, stored_anchors
from envs.choices.options import OptionSpace
from envs.game.constants import GameConstants
from envs.game.option_tables import COLUMNS, SERIES
from envs.kernel import evaluate
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.markets import yearly_index
from envs.kernel.plans import Plans, canonical, concatenate, empty_plan
from envs.kernel.trace import SEARCH

QUICK_PLANS = 64
"""Most uniform plans that a quick set evaluates."""


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
    """A scale for rewards within seconds, from plans that do the same everywhere.

    Each of at most QUICK_PLANS options, evenly spaced over the scenario's, is given to every village that may take it,
    those with the best present value of their own first, as many as the quota allows and as early. Best and worst are
    taken over these plans, the plan that gives every village its best own option, and the empty plan. A search finds
    better plans, so values beyond 1 occur; hard rules beyond quota and options are not looked at.

    Args:
        game: constants, on NumPy.

    Returns:
        Anchors whose `evaluations` is the number of plans.
    """
    resolved, names = game.resolved, game.objectives
    plans = concatenate([empty_plan(resolved.city.n_villages), _uniform_plans(game)])
    outcomes = evaluate(resolved, plans, indicators=(), precision=SEARCH, threads=game.threads)
    signs = np.array(objective_signs(names))
    table = outcomes.objective_matrix() * signs
    return Anchors(
        objectives=names,
        base=tuple((table[0] * signs).tolist()),
        best=tuple((np.nanmax(table, axis=0) * signs).tolist()),
        worst=tuple((np.nanmin(table, axis=0) * signs).tolist()),
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
    years = tables.years[1].reshape(len(COLUMNS), len(SERIES), -1)
    flow = dict(zip(SERIES, np.moveaxis(years, 1, 0), strict=True))
    price = yearly_index(market.districts.price_growth_per_yr, years)
    yearly = flow["net"] + (flow["sales"] - flow["sales_cost"]) * price + flow["housing_rents"]
    return np.where(game.space.option_mask, tables.amounts @ market.present_value_cny(yearly), -np.inf)


def _uniform_plans(game: GameConstants) -> Plans:
    value, space = standalone_value_cny(game), game.space
    n_options = min(QUICK_PLANS, space.n_options)
    chosen = np.unique(np.linspace(0, space.n_options - 1, n_options).astype(np.int64))
    options = np.broadcast_to(chosen[:, None], (chosen.size, game.n_villages))
    options = np.concatenate([options, np.argmax(value, axis=1)[None, :]])
    worth = value[np.arange(game.n_villages), options]
    worth[-1] = np.where(worth[-1] > 0.0, worth[-1], -np.inf)
    start = np.stack([_early(game, space, row) for row in worth])
    return canonical(space.decode(start, options))


def _early(game: GameConstants, space: OptionSpace, worth: np.ndarray) -> np.ndarray:
    """Start years by quota, the most worthy first; 0 where the option is not legal or the quota is used up."""
    able = np.isfinite(worth) & space.start_mask[:, 1:].any(axis=1)
    order = np.argsort(np.where(able, -worth, np.inf), kind="stable")
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    year = np.searchsorted(np.cumsum(game.yearly_quota), rank, side="right")
    return np.where(able & (year <= game.plan_years), year, 0)
