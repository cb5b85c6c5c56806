"""Robust indicators: what money is worth over the scenario's futures of prices, costs and rents.

Each is a measure of money (envs.kernel.futures.robust_names.MEASURES) and what is read of it: its mean, the mean of its
worst tail, its worst decile, or how likely the scenario's target for it is met.
"""

from __future__ import annotations

from dataclasses import dataclass

from envs.kernel.computing.backend import Array
from envs.kernel.futures.over_futures import chance, read_over_futures
from envs.kernel.futures.robust_names import CHANCE, ROBUST, wanted_of
from envs.kernel.indicators.indicator import indicator_texts, of_plans
from envs.kernel.trace import Trace


@dataclass(frozen=True)
class OverFutures:
    """What is read of a measure over the futures of a trace's scenario.

    Attributes:
        measure: one of MEASURES.
        statistic: one of STATISTICS.
    """

    measure: str
    statistic: str

    @property
    def more_is_better(self) -> bool:
        """Which side of the measure is the good one."""
        return bool(indicator_texts()[self.measure]["sense"] == "max")

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans,); NaN for a chance where the scenario has no target for a measure of cost."""
        values, scenario = trace.in_futures(self.measure), trace.resolved.scenario
        if self.statistic == CHANCE:
            return chance(values, wanted_of(scenario, self.measure))
        share = scenario.futures.tail_share
        return read_over_futures(values, self.statistic, tail_share=share, more_is_better=self.more_is_better)


FUTURES = tuple(of_plans(OverFutures(measure, statistic), name=name) for name, (measure, statistic) in ROBUST.items())
