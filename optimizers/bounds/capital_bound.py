"""A certified upper bound of the net present value, the feedback of new housing on prices included."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.bounds.amounts import ChoiceTable
from optimizers.bounds.branch_and_bound import split_districts
from optimizers.bounds.capital_terms import (
    capital_objective,
    linear_limits,
    net_housing_range,
    net_housing_weights,
    price_factor,
    sale_years,
)
from optimizers.bounds.column_generation import MONEY, ChoiceProgram, Limits, Solution
from optimizers.bounds.elimination import worthwhile
from optimizers.bounds.price_pairs import PricePairs, chord, price_pairs, sale_kernels, sum_weights
from optimizers.bounds.sum_ranges import tightened

ROUNDS = 6
"""Most rounds of tightening."""
WORTH_ANOTHER = 5e-4
"""Relative gain of a round below which tightening ends."""
ROUNDING = 1e-9
"""Relative margin for the rounding of sums."""
NODES = 300
"""Most programs of the search that splits ranges."""


def capital_bound_cny(
    resolved: ResolvedScenario,
    table: ChoiceTable,
    plan: Plans,
    value_cny: float,
    *,
    nodes: int = NODES,
    seconds: float = 600.0,
) -> float:
    """No valid plan of the table's choices has a larger net present value.

    The bound covers whole and split villages alike, and the price feedback: sales are valued on a chord above the price
    factor, what villages gain from each other is bounded by products of sums (price_pairs.py), and the products within
    ranges that every better plan respects.

    Args:
        resolved: scenario resolved against a city.
        table: choices: of choice_table, every legal density and facility ratio; of option_table, those of searches.
        plan: a good valid plan, batch of one; the better it is, the tighter the bound.
        value_cny: its net present value [CNY]; -inf where no valid plan is known (then `plan` may be any).
        nodes: most programs of the last step.
        seconds: time after which no further step begins.

    Returns:
        The bound [CNY]; at least value_cny.
    """
    most_cny = most_above_cny(resolved, table, plan, value_cny, nodes=nodes, seconds=seconds)
    return max(most_cny + ROUNDING * abs(most_cny), value_cny)


def most_above_cny(
    resolved: ResolvedScenario, table: ChoiceTable, plan: Plans, value_cny: float, *, nodes: int, seconds: float
) -> float:
    """No plan that is worth at least `value_cny` is worth more than this; below `value_cny`, there is no such plan.

    Arguments as of capital_bound_cny; `value_cny` need not be reached by any plan.
    """
    began = time.perf_counter()
    table = worthwhile(resolved, table)
    relaxation = _Relaxation.of(resolved, table, plan)
    floor = MONEY * value_cny
    program = relaxation.program(resolved)
    solution = program.solve()
    bound = solution.bound
    for _ in range(ROUNDS):
        if bound <= floor or not np.isfinite(floor) or time.perf_counter() - began > seconds:
            break
        relaxation = relaxation.within(resolved, program, solution, floor)
        program = relaxation.program(resolved, program.columns)
        solution = program.solve()
        gain, bound = bound - solution.bound, min(bound, solution.bound)
        if gain <= WORTH_ANOTHER * abs(bound):
            break
    if program.products is not None and bound > floor:
        left = max(seconds - (time.perf_counter() - began), 0.0)
        bound = min(bound, split_districts(program, solution.multipliers, floor, nodes=nodes, seconds=left))
    return bound / MONEY


@dataclass(frozen=True, eq=False)
class _Relaxation:
    """What is known of every plan that is better than the known one.

    Attributes:
        pairs: products that bound what villages give each other.
        ranges: of their sums, shape (2, 2, n_products).
        net_range: of net new housing to last year, shape (2, n_flow_years, n_districts) [m2].
    """

    pairs: PricePairs
    ranges: FloatArray
    net_range: FloatArray

    @classmethod
    def of(cls, resolved: ResolvedScenario, table: ChoiceTable, plan: Plans) -> _Relaxation:
        """Ranges that villages may add up to, each for itself."""
        pairs = price_pairs(resolved, table, plan)
        return cls(pairs, pairs.ranges(), net_housing_range(resolved, table))

    def program(self, resolved: ResolvedScenario, columns: IntArray | None = None) -> ChoiceProgram:
        """The program within these ranges."""
        table = self.pairs.table
        intercept, slope = chord(resolved, np.stack([self.net_range[0].min(axis=0), self.net_range[1].max(axis=0)]))
        sales = sum_weights(sale_kernels(resolved).whole, "sales")
        return ChoiceProgram(
            table=table,
            villages=np.arange(table.district_idx.size),
            objective=capital_objective(resolved, table) + intercept[:, None, None] * sales,
            limits=self.limits(resolved),
            products=self.pairs.products(slope, self.ranges) if slope.any() else None,
            columns=np.zeros((3, 0), dtype=np.int64) if columns is None else columns,
        )

    def limits(self, resolved: ResolvedScenario) -> Limits:
        """Linear limits at the price factors that these ranges leave."""
        least, most = price_factor(resolved, self.net_range[1]), price_factor(resolved, self.net_range[0])
        return linear_limits(resolved, self.pairs.table, least, most)

    def within(
        self, resolved: ResolvedScenario, program: ChoiceProgram, solution: Solution, floor: float
    ) -> _Relaxation:
        """Tighter ranges, for plans worth at least `floor` [bn CNY]."""
        pairs, weights = self.pairs, net_housing_weights(resolved)
        ranges = [
            tightened(program, solution.multipliers, floor, district=pairs.district, weights=w, ranges=r)
            for w, r in zip(pairs.weights, self.ranges, strict=True)
        ]
        places, years = np.unique(pairs.district), sale_years(resolved)
        district, year = np.repeat(places, years.size), np.tile(years, places.size)
        net = self.net_range.copy()
        net[:, year, district] = tightened(
            program,
            solution.multipliers,
            floor,
            district=district,
            weights=weights[year],
            ranges=net[:, year, district],
        )
        return replace(self, ranges=np.stack(ranges), net_range=net)
