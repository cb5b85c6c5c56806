"""Plans against the same futures: what each is worth in each of them, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.futures.met_worlds import Measure, MetWorld, met_in_worlds, met_without_worlds
from envs.futures.money_ledger import MoneyLedger
from envs.futures.money_measures import MEASURES, money_of
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.computing.backend import to_numpy
from envs.kernel.computing.parallel_chunks import in_parallel
from envs.kernel.futures.market_paths import FUTURES_PER_BLOCK, MarketPaths, block_of_shocks, paths_of

FUTURES_IN_FANS = 20 * FUTURES_PER_BLOCK
"""Futures of which the yearly flows are kept."""
MARKETS = ("price_level", "cost_level", "rent_level")
"""What tells markets: an index beside its expected path, weighted by what a plan sells, pays or lets."""
MOST_KEPT_CELLS = 40_000_000
"""Plans x futures x years of which flows are kept: fewer futures of many plans."""


@dataclass(frozen=True, eq=False)
class StressedPlans:
    """Plans in futures.

    Attributes:
        seed: of the futures.
        measures: indicator of money -> its value, shape (n_plans, n_futures).
        moved: any other indicator -> its value in each world, shape (n_plans, n_worlds); empty where only prices move.
        world: of each future, shape (n_futures,); all 0 where only prices move.
        n_refused: worlds whose numbers could not work together, not among these.
        flows_cny: net cash flow of the first futures, at most FUTURES_IN_FANS, (n_plans, n_kept, n_years).
        expected: indicator -> its value without shocks, as the evaluator has it, shape (n_plans,).
        costs_cny: gross cost of the same futures, same shape as flows_cny.
        keeps: capital limit of the scenario -> whether each year keeps it as events have left it, (n_plans, n_futures).
        also: what else was asked for -> its value in each world, one where only prices move, shape (n_plans, n).
        yearly: indicator -> its series in each world, shape (n_plans, n_worlds, n_years); empty without worlds.
        markets: MARKETS as each plan meets them in the first futures, shape (n_plans, n_kept, 3) [x].
        inputs: what else differs between worlds -> its value in each, shape (n_worlds,); empty without worlds.
    """

    seed: int
    measures: dict[str, FloatArray]
    moved: dict[str, FloatArray]
    world: IntArray
    n_refused: int
    flows_cny: FloatArray
    expected: dict[str, FloatArray]
    costs_cny: FloatArray
    keeps: dict[str, BoolArray]
    also: dict[str, FloatArray]
    yearly: dict[str, FloatArray]
    markets: FloatArray
    inputs: dict[str, FloatArray] = field(default_factory=dict)

    @property
    def n_futures(self) -> int:
        """Number of futures."""
        return int(self.world.size)

    @property
    def n_worlds(self) -> int:
        """Number of worlds; 0 where only prices move."""
        return next((int(values.shape[1]) for values in self.moved.values()), 0)


@dataclass(frozen=True, eq=False)
class _Futures:
    """What is filled in, future by future."""

    measures: dict[str, FloatArray]
    keeps: dict[str, BoolArray]
    flows_cny: FloatArray
    costs_cny: FloatArray
    markets: FloatArray


def stress_plans(
    resolved: ResolvedScenario,
    plans: Plans,
    *,
    n_futures: int,
    seed: int,
    n_worlds: int = 0,
    threads: int = 1,
    also: Mapping[str, Measure] | None = None,
) -> StressedPlans:
    """Measure every plan in every future; all plans meet the same ones.

    Args:
        resolved: scenario resolved against a city.
        plans: shape (n_plans, n_villages), on NumPy.
        n_futures: the first so many of the seed.
        seed: 0..LARGEST_SEED.
        n_worlds: worlds among which the futures are dealt out in turn; 0 = prices move alone.
        threads: worker threads.
        also: name -> what else is measured of a trace, shape (n_plans,).
    """
    also = also or {}
    if n_worlds:
        met = met_in_worlds(resolved, plans, n=n_worlds, seed=seed, threads=threads, also=also)
    else:
        met = [met_without_worlds(resolved, plans, also)]
    world = np.arange(n_futures) % len(met)
    filled = _fill(met, world, seed=seed, threads=threads)
    return StressedPlans(
        seed=seed,
        measures=filled.measures,
        moved={name: np.stack([one.moved[name] for one in met], axis=1) for name in met[0].moved},
        world=world,
        n_refused=max(0, n_worlds - len(met)) if n_worlds else 0,
        flows_cny=filled.flows_cny,
        expected={name: to_numpy(values) for name, values in evaluate(resolved, plans).values.items()},
        costs_cny=filled.costs_cny,
        keeps=filled.keeps,
        also={name: np.stack([one.also[name] for one in met], axis=1) for name in also},
        yearly=_of_same_years([one.yearly for one in met], resolved.clock.horizon + 1),
        markets=filled.markets,
        inputs={name: np.array([one.inputs[name] for one in met]) for name in met[0].inputs},
    )


def _of_same_years(series: list[dict[str, FloatArray]], n_years: int) -> dict[str, FloatArray]:
    """Series of worlds, whose calendars differ, over the years of the scenario's: after the last nothing changes."""

    def fitted(values: FloatArray) -> FloatArray:
        return values[:, np.minimum(np.arange(n_years), values.shape[1] - 1)]

    return {name: np.stack([fitted(of_world[name]) for of_world in series], axis=1) for name in series[0]}


def _fill(met: list[MetWorld], world: IntArray, *, seed: int, threads: int) -> _Futures:
    """Every plan in every future, a block of futures at a time."""
    n_plans, n_districts, n_years = met[0].ledger.sales_cny.shape
    n_futures, affordable = world.size, max(FUTURES_PER_BLOCK, MOST_KEPT_CELLS // (n_plans * n_years))
    kept_shape = (n_plans, min(n_futures, FUTURES_IN_FANS, affordable), n_years)
    filled = _Futures(
        measures={name: np.empty((n_plans, n_futures)) for name in MEASURES},
        keeps={name: np.empty((n_plans, n_futures), dtype=bool) for name in met[0].limits_cny},
        flows_cny=np.empty(kept_shape),
        costs_cny=np.empty(kept_shape),
        markets=np.empty((*kept_shape[:2], len(MARKETS))),
    )

    def fill(block: int) -> None:
        shocks = block_of_shocks(seed, block, n_districts=n_districts, n_years=n_years)
        of_block = np.arange(block * FUTURES_PER_BLOCK, min((block + 1) * FUTURES_PER_BLOCK, n_futures))
        for k, one in enumerate(met):
            future = of_block[world[of_block] == k]
            paths = paths_of(one.model, shocks[future - of_block[0]])
            for plan in range(n_plans):
                _fill_plan(filled, one, plan, future, paths)

    in_parallel(fill, range(-(-n_futures // FUTURES_PER_BLOCK)), threads=threads)
    return filled


def _fill_plan(filled: _Futures, met: MetWorld, plan: int, future: IntArray, paths: MarketPaths) -> None:
    """One plan in some futures of one world."""
    flows = met.ledger.flows_in(plan, paths)
    for name, values in money_of(met.ledger, flows).items():
        filled.measures[name][plan, future] = values
    for name, limit_cny in met.limits_cny.items():
        filled.keeps[name][plan, future] = (LIMITED[name](flows) <= limit_cny).all(axis=1)
    kept = future < filled.flows_cny.shape[1]
    filled.flows_cny[plan, future[kept]] = flows["net_cash_flow_cny"][kept]
    filled.costs_cny[plan, future[kept]] = flows["gross_cost_cny"][kept]
    filled.markets[plan, future[kept]] = market_levels(met.ledger, plan, paths)[kept]


def _deficit_cny(flows: dict[str, FloatArray]) -> FloatArray:
    return -np.cumsum(flows["net_cash_flow_cny"], axis=1)


LIMITED = {"capital_limit_annual_cny": lambda flows: flows["gross_cost_cny"], "capital_limit_peak_cny": _deficit_cny}
"""Limit of a scenario -> what of each year it limits, shape (n_futures, n_years) [CNY]."""


def market_levels(ledger: MoneyLedger, plan: int, paths: MarketPaths) -> FloatArray:
    """MARKETS as a plan meets them in some futures, shape (n_futures, 3) [x].

    An index beside its expected path, averaged over years (and districts) by the present value of what the plan
    sells, pays or lets there at expected prices; 1 where it does nothing of the kind.
    """
    present = (1.0 + ledger.discount_rate_per_yr) ** -np.arange(paths.cost.shape[1])
    sales = ledger.sales_cny[plan] * ledger.expected_price * present  # (n_districts, n_years)
    costs = ledger.costs_cny[plan] * ledger.expected_cost * present
    district, year = np.nonzero(sales)
    price = paths.price[:, district, year] / ledger.expected_price[year]
    return np.column_stack(
        [
            _weighted(price, sales[district, year]),
            _weighted(paths.cost / ledger.expected_cost, costs),
            _weighted(paths.rent, ledger.rents_cny[plan] * present),
        ]
    )


def _weighted(levels: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean of levels, (n_futures, n) to (n_futures,); 1 without weight."""
    whole = weights.sum()
    return levels @ (weights / whole) if whole > 0.0 else np.ones(len(levels))


def best_share(values: FloatArray, *, more_is_better: bool) -> FloatArray:
    """1 where a plan is the best of a future, 0 elsewhere, equals sharing it; shape (n_plans, n_futures).

    Example:
        >>> best_share(np.array([[10.0, 0.0, 1.0], [4.0, 4.0, 1.0]]), more_is_better=True).tolist()
        [[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]
    """
    signed = values if more_is_better else -values
    is_best = signed == signed.max(axis=0)
    shares: FloatArray = is_best / is_best.sum(axis=0)
    return shares


def regret(values: FloatArray, *, more_is_better: bool) -> FloatArray:
    """What each plan falls short of the best plan of each future; same shape, 0 or more.

    Example:
        Futures page, by hand 3.

        >>> regret(np.array([[10.0, 0.0], [4.0, 4.0]]), more_is_better=True).tolist()
        [[0.0, 4.0], [6.0, 0.0]]
    """
    signed = values if more_is_better else -values
    return signed.max(axis=0) - signed
