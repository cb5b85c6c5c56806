"""Plans against the same futures: what each is worth in each of them, block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from envs.futures.market_paths import FUTURES_PER_BLOCK, block_of_paths, market_model
from envs.futures.money_ledger import money_ledger
from envs.futures.money_measures import MEASURES, money_of
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.computing.parallel_chunks import in_parallel
from envs.kernel.plans import canonical
from envs.kernel.trace import REPORT, Trace

FUTURES_IN_FANS = 20 * FUTURES_PER_BLOCK
"""Futures of which the yearly flows are kept."""


@dataclass(frozen=True, eq=False)
class StressedPlans:
    """Plans in futures.

    Attributes:
        seed: of the futures.
        measures: indicator -> its value, shape (n_plans, n_futures).
        flows_cny: net cash flow of the first futures, at most FUTURES_IN_FANS, (n_plans, n_kept, n_years).
        expected: indicator -> its value without shocks, as the evaluator has it, shape (n_plans,).
    """

    seed: int
    measures: dict[str, FloatArray]
    flows_cny: FloatArray
    expected: dict[str, FloatArray]

    @property
    def n_futures(self) -> int:
        """Number of futures."""
        return int(next(iter(self.measures.values())).shape[1])


def stress_plans(
    resolved: ResolvedScenario, plans: Plans, *, n_futures: int, seed: int, threads: int = 1
) -> StressedPlans:
    """Measure every plan in every future; all plans meet the same ones.

    Args:
        resolved: scenario resolved against a city.
        plans: shape (n_plans, n_villages), on NumPy.
        n_futures: the first so many of the seed.
        seed: 0..LARGEST_SEED.
        threads: worker threads.
    """
    trace = Trace(resolved, canonical(plans), REPORT)
    ledger, model = money_ledger(trace), market_model(resolved.book)
    n_plans, n_districts, n_years = ledger.sales_cny.shape
    measures = {name: np.empty((n_plans, n_futures)) for name in MEASURES}
    flows = np.empty((n_plans, min(n_futures, FUTURES_IN_FANS), n_years))

    def fill(block: int) -> None:
        paths = block_of_paths(model, seed, block, n_districts=n_districts, n_years=n_years)
        first = block * FUTURES_PER_BLOCK
        n, n_kept = (min(FUTURES_PER_BLOCK, most - first) for most in (n_futures, flows.shape[1]))
        for plan in range(n_plans):
            moved = ledger.flows_in(plan, paths)
            for name, values in money_of(ledger, moved).items():
                measures[name][plan, first : first + n] = values[:n]
            if n_kept > 0:
                flows[plan, first : first + n_kept] = moved["net_cash_flow_cny"][:n_kept]

    in_parallel(fill, range(-(-n_futures // FUTURES_PER_BLOCK)), threads=threads)
    measured = evaluate(resolved, plans, indicators=list(MEASURES))
    return StressedPlans(seed, measures, flows, {name: np.asarray(measured[name]) for name in MEASURES})


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
