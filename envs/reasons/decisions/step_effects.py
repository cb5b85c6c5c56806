"""What single decisions change: objectives measured since the year of a decision, for many plans at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import FloatArray
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.evaluate import LEAST_CELLS_PER_CHUNK, PLANS_PER_CHUNK, measure_plans
from envs.kernel.indicators.indicator import Measure, VillageSum, YearlyMean
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Precision, Trace

STEP_PRECISION = Precision(dtype="float64", rounds=500, tolerance=1e-5, all_years=False)
"""Balanced until the margins err by 1e-5 at most. The mean commute errs by the square of that, since the first-order
effect of what is left is taken out; everything else is as exact as at report precision."""
OF_MONEY = ("net_present_value_cny", "total_profit_cny", "total_cost_cny", "max_annual_cost_cny", "peak_funding_cny")
"""Objectives that read the account alone, whose years are always all held."""


def measured_since(resolved: ResolvedScenario, plans: Plans, year: int, *, threads: int = 1) -> FloatArray:
    """Objectives of plans that are equal before a year, so that their differences are exact.

    Means over years count only the years from `year` on: what lies before is the same for all and left out. State years
    after the last change repeat it, so that a few years are computed instead of all.

    Args:
        resolved: scenario resolved against a city.
        plans: canonical; no village starts after `year`.
        year: programme year, 1..plan_years.
        threads: worker threads.

    Returns:
        shape (n_plans, n_objectives), natural units; meaningful as differences between rows.
    """
    values = [indicator(name).value for name in resolved.scenario.objectives]
    since = [k for k, name in enumerate(resolved.scenario.objectives) if _is_told_since(name)]
    found = np.empty((plans.n_plans, len(values)))
    size = max(PLANS_PER_CHUNK, LEAST_CELLS_PER_CHUNK // resolved.city.n_places)

    def measure(rows: slice) -> None:
        trace = _trace_since(resolved, plans[rows], year)
        for k in since:
            found[rows, k] = _since(values[k], trace)

    in_parallel(measure, chunks(plans.n_plans, size, threads=threads), threads=threads)
    others = [k for k in range(len(values)) if k not in since]
    if others:
        measures = [values[k] for k in others]
        whole = measure_plans(resolved, plans, measures, precision=STEP_PRECISION, threads=threads)
        found[:, others] = np.stack(whole, axis=1)
    return found


def _is_told_since(name: str) -> bool:
    """Whether an objective can be told by the years since a decision: means over years, sums over villages, money."""
    return name in OF_MONEY or isinstance(indicator(name).value, YearlyMean | VillageSum)


def _trace_since(resolved: ResolvedScenario, plans: Plans, year: int) -> Trace:
    trace = Trace(resolved, plans, STEP_PRECISION, keeps_access=False, from_year=year, last_start_year=year)
    if not trace.away.waiting:
        return trace
    every = replace(STEP_PRECISION, all_years=True)
    return Trace(resolved, plans, every, keeps_access=False, from_year=year, last_start_year=year)


def _since(measure: Measure, trace: Trace) -> FloatArray:
    if isinstance(measure, YearlyMean):
        return np.asarray(measure.yearly(trace), dtype=np.float64) @ np.asarray(trace.held_weights)
    return np.asarray(measure(trace), dtype=np.float64)
