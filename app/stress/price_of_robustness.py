"""A robust front beside a plain one of the same question, in the same futures: what robustness costs and saves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from app.runs.run_folder import Run
from app.stress.stress_of_run import MOST_CELLS
from data.arrays import FloatArray, IntArray
from data.dictionary import table_columns
from data.errors import refuse
from data.scenario import FuturesSample
from envs.futures.robust_price import RobustPrices, matched_pairs, robust_prices
from envs.futures.spread import tail_mean
from envs.futures.stress import stress_plans
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.computing.backend import to_numpy
from envs.kernel.evaluate import measure_plans
from envs.kernel.futures.robust_names import MEASURES, ROBUST, measures_named
from envs.kernel.indicators.registry import INDICATORS, objective_signs
from envs.kernel.plans import canonical, concatenate
from envs.kernel.trace import REPORT

TENTH = 0.1
MOST_SAMPLED = 4096
"""Futures that the kernel holds as matrices; more are read off the ledger, block by block."""


@dataclass(frozen=True, eq=False)
class PriceOfRobustness:
    """Two fronts in the same futures.

    Attributes:
        measure: indicator of money that the robust front is robust in.
        robust_ids: plans of the robust front.
        plain_ids: of the plain front.
        robust: the measure in each future, a good worth 1, shape (n_robust, n_futures).
        plain: same of the plain plans.
        prices: pairs of plans as good in every other objective.
    """

    measure: str
    robust_ids: tuple[str, ...]
    plain_ids: tuple[str, ...]
    robust: FloatArray
    plain: FloatArray
    prices: RobustPrices

    @property
    def sign(self) -> float:
        """1 where more of the measure is better, else -1."""
        return objective_signs([self.measure])[0]

    def ends(self) -> tuple[int, int]:
        """The robust plan that is best in its worst tenth, and the plain plan that is best on average."""
        tails = [tail_mean(values, TENTH) for values in self.robust]
        return int(np.argmax(tails)), int(np.argmax(self.plain.mean(axis=1)))


def price_of_robustness(robust: Run, plain: Run, *, n_futures: int, seed: int, threads: int = 1) -> PriceOfRobustness:
    """Measure both fronts in the same futures and pair their plans.

    Args:
        robust: run with a robust objective.
        plain: run of the same city and scenario with the plain objective in its place.
        n_futures: how many.
        seed: of the futures; another one than the search's is a test on futures it has not seen.
        threads: worker threads.

    Raises:
        InputError: the first has no robust objective, the second has one or asks something else, or there are too many
            plans and futures for the memory.
    """
    measure, others = compared_by(robust, plain)
    n_plans = len(robust.plan_ids) + len(plain.plan_ids)
    if n_plans * n_futures > MOST_CELLS:
        raise refuse("stress_too_many", layer="--futures", n=n_futures, plans=n_plans, most=MOST_CELLS // n_plans)
    sign, n_robust = objective_signs([measure])[0], len(robust.plan_ids)
    together = concatenate([robust.plans, plain.plans])
    values = sign * _values(robust.resolved, together, measure, n_futures, seed, threads)
    pairs = _pairs(robust, plain, others, values[n_robust:].mean(axis=1))
    prices = robust_prices(values[:n_robust], values[n_robust:], pairs)
    return PriceOfRobustness(measure, robust.plan_ids, plain.plan_ids, values[:n_robust], values[n_robust:], prices)


def _values(
    resolved: ResolvedScenario, plans: Plans, measure: str, n_futures: int, seed: int, threads: int
) -> FloatArray:
    """A measure in each future, shape (n_plans, n_futures); by the kernel where it holds so many futures."""
    if n_futures > MOST_SAMPLED:
        stressed = stress_plans(resolved, plans, n_futures=n_futures, seed=seed, threads=threads)
        return stressed.measures[measure]
    sample = FuturesSample(number=n_futures, seed=seed)
    sampled = replace(resolved, scenario=resolved.scenario.model_copy(update={"futures": sample}))
    (values,) = measure_plans(
        sampled, canonical(plans), [lambda trace: trace.in_futures(measure)], precision=REPORT, threads=threads
    )
    return np.asarray(to_numpy(values), dtype=np.float64)


def compared_by(robust: Run, plain: Run) -> tuple[str, tuple[str, ...]]:
    """The measure that one front is robust in, and the objectives that both have besides.

    Raises:
        InputError: see price_of_robustness.
    """
    measures = measures_named(robust.record.objectives)
    if not measures:
        raise refuse("price_no_robust_objective", layer="--run", run=robust.folder.name, known=list(ROBUST)[:4])
    others = tuple(n for n in robust.record.objectives if n not in ROBUST and n not in MEASURES)
    plain_others = tuple(n for n in plain.record.objectives if n not in MEASURES)
    if measures_named(plain.record.objectives) or set(others) != set(plain_others):
        raise refuse("price_of_other_objectives", layer="--plain", run=plain.folder.name, wanted=[measures[0], *others])
    if _asked(robust.resolved) != _asked(plain.resolved):
        raise refuse("price_of_another_question", layer="--plain", run=plain.folder.name, other=robust.folder.name)
    return measures[0], others


def _asked(resolved: ResolvedScenario) -> tuple[object, ...]:
    """City, parameters and bounds: what must agree for the two fronts to answer one question."""
    bounds = resolved.scenario.digested(frozenset(("name", "label", "objectives", "preferences", "targets", "futures")))
    return resolved.city.digest, resolved.book.digest, resolved.book.futures_digest, bounds


def _pairs(robust: Run, plain: Run, others: tuple[str, ...], plain_mean: FloatArray) -> IntArray:
    signs = np.array(objective_signs(others))

    def values(run: Run) -> FloatArray:
        return signs * run.front[list(others)].to_numpy(dtype=np.float64).reshape(len(run.plan_ids), len(others))

    return matched_pairs(values(robust), values(plain), plain_mean)


def price_frame(price: PriceOfRobustness | None) -> pd.DataFrame:
    """A row for each pair: plans, means, worst tenths, what is given up and saved; money in its own sign.

    Args:
        price: None = no plain front was given, so no rows.
    """
    if price is None:
        return pd.DataFrame(columns=list(table_columns("stress", "price")))
    pairs, sign = price.prices, price.sign
    robust, plain = price.robust[pairs.robust], price.plain[pairs.plain]
    return pd.DataFrame(
        {
            "plan_id": [price.robust_ids[k] for k in pairs.robust],
            "plain_plan_id": [price.plain_ids[k] for k in pairs.plain],
            "indicator": price.measure,
            "unit": INDICATORS[price.measure].unit,
            "n_futures": price.robust.shape[1],
            "mean": sign * robust.mean(axis=1),
            "plain_mean": sign * plain.mean(axis=1),
            "given_up": pairs.given_up,
            "given_up_se": pairs.given_up_error,
            "tail_mean": sign * np.array([tail_mean(values, TENTH) for values in robust]),
            "plain_tail_mean": sign * np.array([tail_mean(values, TENTH) for values in plain]),
            "saved": pairs.saved,
            "saved_se": pairs.saved_error,
        }
    )
