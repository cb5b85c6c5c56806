"""Plans against the same futures: what each is worth in each of them, block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from envs.futures.money_ledger import MoneyLedger, money_ledger, together
from envs.futures.money_measures import MEASURES, money_of
from envs.futures.worlds import draw_worlds
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.computing.backend import to_numpy
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.futures.market_paths import FUTURES_PER_BLOCK, MarketModel, block_of_shocks, market_model, paths_of
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, Trace

FUTURES_IN_FANS = 20 * FUTURES_PER_BLOCK
"""Futures of which the yearly flows are kept."""
PLANS_AT_ONCE = 8
"""Plans that are evaluated together in a world."""


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
    """

    seed: int
    measures: dict[str, FloatArray]
    moved: dict[str, FloatArray]
    world: IntArray
    n_refused: int
    flows_cny: FloatArray
    expected: dict[str, FloatArray]

    @property
    def n_futures(self) -> int:
        """Number of futures."""
        return int(self.world.size)

    @property
    def n_worlds(self) -> int:
        """Number of worlds; 0 where only prices move."""
        return next((int(values.shape[1]) for values in self.moved.values()), 0)


@dataclass(frozen=True, eq=False)
class _Met:
    """What plans meet in a world: their ledger, how its markets move, and their other indicators (n_plans,) each."""

    ledger: MoneyLedger
    model: MarketModel
    moved: dict[str, FloatArray]


def stress_plans(
    resolved: ResolvedScenario, plans: Plans, *, n_futures: int, seed: int, n_worlds: int = 0, threads: int = 1
) -> StressedPlans:
    """Measure every plan in every future; all plans meet the same ones.

    Args:
        resolved: scenario resolved against a city.
        plans: shape (n_plans, n_villages), on NumPy.
        n_futures: the first so many of the seed.
        seed: 0..LARGEST_SEED.
        n_worlds: worlds among which the futures are dealt out in turn; 0 = prices move alone.
        threads: worker threads.
    """
    if n_worlds:
        met = _met_in_worlds(resolved, plans, n_worlds, seed, threads)
    else:
        met = [_Met(money_ledger(Trace(resolved, canonical(plans), REPORT)), market_model(resolved.book), {})]
    n_districts, n_years = met[0].ledger.sales_cny.shape[1:]
    measures = {name: np.empty((plans.n_plans, n_futures)) for name in MEASURES}
    flows = np.empty((plans.n_plans, min(n_futures, FUTURES_IN_FANS), n_years))
    world = np.arange(n_futures) % len(met)

    def fill(block: int) -> None:
        shocks = block_of_shocks(seed, block, n_districts=n_districts, n_years=n_years)
        of_block = np.arange(block * FUTURES_PER_BLOCK, min((block + 1) * FUTURES_PER_BLOCK, n_futures))
        for k, one in enumerate(met):
            future = of_block[world[of_block] == k]
            paths = paths_of(one.model, shocks[future - of_block[0]])
            kept = future < flows.shape[1]
            for plan in range(plans.n_plans):
                moved = one.ledger.flows_in(plan, paths)
                for name, values in money_of(one.ledger, moved).items():
                    measures[name][plan, future] = values
                flows[plan, future[kept]] = moved["net_cash_flow_cny"][kept]

    in_parallel(fill, range(-(-n_futures // FUTURES_PER_BLOCK)), threads=threads)
    expected = evaluate(resolved, plans)
    return StressedPlans(
        seed=seed,
        measures=measures,
        moved={name: np.stack([one.moved[name] for one in met], axis=1) for name in met[0].moved},
        world=world,
        n_refused=max(0, n_worlds - len(met)) if n_worlds else 0,
        flows_cny=flows,
        expected={name: to_numpy(values) for name, values in expected.values.items()},
    )


def _met_in_worlds(resolved: ResolvedScenario, plans: Plans, n_worlds: int, seed: int, threads: int) -> list[_Met]:
    """The worlds whose numbers work together.

    Raises:
        InputError: none does.
    """
    draws = draw_worlds(resolved, plans, n=n_worlds, seed=seed)

    def meet(number: int) -> _Met | None:
        world = draws.world(number)
        if world is None:
            return None
        parts = [_met_by(world.resolved, world.plans[rows]) for rows in chunks(plans.n_plans, PLANS_AT_ONCE)]
        moved = {name: np.concatenate([part.moved[name] for part in parts]) for name in parts[0].moved}
        return _Met(together([part.ledger for part in parts]), parts[0].model, moved)

    met = [one for one in in_parallel(meet, range(n_worlds), threads=threads) if one is not None]
    if not met:
        raise refuse("stress_no_world", n=n_worlds)
    return met


def _met_by(resolved: ResolvedScenario, plans: Plans) -> _Met:
    trace = Trace(resolved, plans, REPORT)
    others = [name for name in INDICATORS if name not in MEASURES]
    moved = {name: np.asarray(to_numpy(INDICATORS[name].value(trace)), dtype=np.float64) for name in others}
    return _Met(money_ledger(trace), market_model(resolved.book), moved)


def best_share(values: FloatArray, *, more_is_better: bool) -> FloatArray:
    """Share of the futures in which each plan is the best, equals sharing it; (n_plans, n_futures) to (n_plans,).

    Example:
        >>> best_share(np.array([[10.0, 0.0, 1.0], [4.0, 4.0, 1.0]]), more_is_better=True)
        array([0.5, 0.5])
    """
    signed = values if more_is_better else -values
    is_best = signed == signed.max(axis=0)
    return (is_best / is_best.sum(axis=0)).mean(axis=1)


def regret(values: FloatArray, *, more_is_better: bool) -> FloatArray:
    """What each plan falls short of the best plan of each future; same shape, 0 or more.

    Example:
        Futures page, by hand 3.

        >>> regret(np.array([[10.0, 0.0], [4.0, 4.0]]), more_is_better=True).tolist()
        [[0.0, 4.0], [6.0, 0.0]]
    """
    signed = values if more_is_better else -values
    return signed.max(axis=0) - signed
