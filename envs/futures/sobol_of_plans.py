"""Which uncertainty moves what a plan is worth: Sobol indices over the shocks of markets, and over worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.special import ndtri
from scipy.stats import triang

from data.arrays import FloatArray
from envs.futures.met_worlds import Measure, MetWorld, met_in_world, met_without_worlds
from envs.futures.money_measures import money_in
from envs.futures.policy_events import PolicyEvents
from envs.futures.variance_shares import VarianceShares, n_rows, variance_shares
from envs.futures.worlds import N_DECAYS, WorldDraws, decay_range, draw_worlds, triangular
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.futures.market_paths import FUTURES_PER_BLOCK, block_of_shocks, paths_of

SHOCKS = ("shocks_common", "shocks_of_costs", "shocks_of_rents", "shocks_of_districts")
"""Of markets: what all districts have in common, costs', rents' and districts' own."""
POOL = 64
"""Draws of delays, of households and of events among which a sample chooses."""
IN_WORLDS = ("markets", "commuting_decay", "delays", "households", "events")
"""Groups of worlds that are not chapters of the book."""
Shares = list[list[VarianceShares]]
"""By plan, then by outcome."""


def shares_of_markets(
    resolved: ResolvedScenario, plans: Plans, outcomes: Sequence[str], *, n: int, seed: int
) -> Shares:
    """Shares of the groups SHOCKS, people standing still.

    Args:
        resolved: scenario resolved against a city.
        plans: on NumPy.
        outcomes: indicators of money.
        n: base sample, a power of two.
        seed: of the sample.

    Returns:
        For each plan and outcome.
    """
    met = met_without_worlds(resolved, plans, {})
    _, n_districts, n_years = met.ledger.sales_cny.shape
    shape = (3 + n_districts, n_years - 1)
    groups = [SHOCKS[min(k, 3)] for k in range(shape[0]) for _ in range(shape[1])]

    def evaluate(rows: FloatArray) -> FloatArray:
        worth = []
        for some in chunks(len(rows), FUTURES_PER_BLOCK):
            paths = paths_of(met.model, ndtri(rows[some]).reshape(-1, *shape))
            told = [money_in(met.ledger, plan, paths) for plan in range(plans.n_plans)]
            worth.append(np.column_stack([of_plan[name] for of_plan in told for name in outcomes]))
        return np.concatenate(worth)

    return _by_plan(variance_shares(groups, evaluate, n=n, seed=seed), len(outcomes))


def shares_of_worlds(
    resolved: ResolvedScenario,
    plans: Plans,
    measures: Mapping[str, Measure | None],
    *,
    n: int,
    seed: int,
    threads: int = 1,
) -> Shares:
    """Shares of the book's chapters, of commuting's decay, delays, households, events and markets; all evaluated whole.

    Delays, households, events and markets are each one of POOL draws (of a block of futures), chosen by one number.

    Args:
        resolved: scenario resolved against a city.
        plans: on NumPy.
        measures: outcome -> how a trace measures it; None = of money.
        n: base sample, a power of two.
        seed: of the sample.
        threads: worker threads.

    Returns:
        For each plan and outcome. Rows whose numbers cannot work together count as the mean of the others.
    """
    pool = draw_worlds(resolved, plans, n=POOL, seed=seed)
    groups = groups_of_worlds(pool)

    def evaluate(rows: FloatArray) -> FloatArray:
        draws, market = _drawn_by(pool, resolved, rows)
        return _worth(draws, market, measures, seed, threads)

    return _by_plan(variance_shares(groups, evaluate, n=n, seed=seed), len(measures))


def groups_of_worlds(pool: WorldDraws) -> list[str]:
    """Group of each number that a row of a sample of worlds has."""
    return [*(key.partition(".")[0] for key in pool.keys), *IN_WORLDS]


def evaluations_of_worlds(pool: WorldDraws, n: int) -> int:
    """Whole evaluations of each plan: rows that differ in their markets alone share one."""
    return n_rows(groups_of_worlds(pool), n) - n


def _drawn_by(
    pool: WorldDraws, resolved: ResolvedScenario, rows: FloatArray
) -> tuple[WorldDraws, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Worlds of the rows of a sample, and the future of each in the first block."""
    k, low_high = len(pool.keys), decay_range(resolved)
    markets, decay, delays, households, events = rows[:, k:].T
    low, high = low_high
    middle = (np.floor(decay * N_DECAYS) + 0.5) / N_DECAYS
    happened: list[PolicyEvents] = [pool.events[number] for number in (events * POOL).astype(np.int64)]
    draws = replace(
        pool,
        values=np.column_stack([triangular(resolved.book, key, rows[:, j]) for j, key in enumerate(pool.keys)]),
        delay_yr=pool.delay_yr[(delays * POOL).astype(np.int64)],
        pivotal_ratio=pool.pivotal_ratio[(households * POOL).astype(np.int64)],
        decay_factor=np.asarray(triang.ppf(middle, (1.0 - low) / (high - low), loc=low, scale=high - low)),
        events=happened,
    )
    return draws, (markets * FUTURES_PER_BLOCK).astype(np.int64)


def _worth(
    draws: WorldDraws,
    market: np.ndarray[tuple[int], np.dtype[np.int64]],
    measures: Mapping[str, Measure | None],
    seed: int,
    threads: int,
) -> FloatArray:
    """Outcomes of the rows, shape (n_rows, n_plans x n_outcomes)."""
    also = {name: measure for name, measure in measures.items() if measure is not None}
    worth = np.full((len(market), draws.plans.n_plans * len(measures)), np.nan)
    shocks: list[FloatArray] = []
    for factor, numbers in draws.by_decay().items():
        alike: dict[bytes, list[int]] = {}
        for number in numbers:
            alike.setdefault(_content(draws, number), []).append(number)
        of_world = list(alike.values())
        meet = partial(met_in_world, draws, also=also, commuting=draws.commuting(factor), others=())
        firsts = [rows[0] for rows in of_world]
        for rows, met in zip(of_world, in_parallel(meet, firsts, threads=threads), strict=True):
            if met is None:
                continue
            if not shocks:
                _, n_districts, n_years = met.ledger.sales_cny.shape
                shocks.append(block_of_shocks(seed, 0, n_districts=n_districts, n_years=n_years))
            worth[rows] = _outcomes(met, shocks[0][market[rows]], measures)
    return np.where(np.isnan(worth), np.nanmean(worth, axis=0), worth)


def _outcomes(met: MetWorld, shocks: FloatArray, measures: Mapping[str, Measure | None]) -> FloatArray:
    paths = paths_of(met.model, shocks)
    columns = []
    for plan in range(met.ledger.n_plans):
        money = money_in(met.ledger, plan, paths)
        for name, measure in measures.items():
            columns.append(money[name] if measure is None else np.full(len(shocks), met.also[name][plan]))
    return np.column_stack(columns)


def _content(draws: WorldDraws, number: int) -> bytes:
    """All of a world but its markets: equal for equal worlds alone."""
    events = np.concatenate(list(draws.events[number].before.values()))
    parts = (draws.values[number], draws.delay_yr[number], draws.pivotal_ratio[number], events)
    return b"|".join(np.ascontiguousarray(part).tobytes() for part in parts)


def _by_plan(shares: list[VarianceShares], n_outcomes: int) -> Shares:
    return [shares[first : first + n_outcomes] for first in range(0, len(shares), n_outcomes)]
