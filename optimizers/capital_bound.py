"""A certified upper bound of the net present value, prices and their feedback included."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from envs.kernel.resolved import ResolvedScenario
from optimizers.capital_terms import capital_objective, linear_limits, priced_sales
from optimizers.choice_amounts import ChoiceTable, choice_table
from optimizers.choice_program import MONEY, ChoiceProgram, Multipliers, PricedSales, Solution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ROUNDS = 20
WORTH_ANOTHER = 1e-4
"""Relative gain of a round below which tightening ends."""


def tightened(program: ChoiceProgram, multipliers: Multipliers, floor: float) -> PricedSales:
    """Ranges of sales and net new housing that every plan worth at least `floor` respects.

    In the Lagrangian every village earns its own score; a plan that is worth `floor` loses in any one district at most
    the difference between the bound and `floor` against that district's best. Within that loss a district's sum is at
    most $\\sum_v \\max (q + m \\cdot score) - m (best - loss)$ for every m >= 0.

    Args:
        program: a program with priced sales.
        multipliers: where it is linearized.
        floor: value that is known to be reached [bn CNY].

    Returns:
        The terms with tighter ranges; factor ranges are left to priced_sales.
    """
    assert program.sales is not None
    s, table = program.sales, program.table
    weights = program.weights_at(multipliers)
    loss = max(program.bound_at(multipliers) - floor, 0.0)
    sold, net = s.sold_range.copy(), s.net_range.copy()
    for district in np.unique(s.district):
        villages = np.intersect1d(table.villages_of[district], program.villages)
        part = replace(program, villages=villages)
        score = table.scores(weights, villages)
        least = float(part.best_by_village(score).sum()) - loss
        for k in np.flatnonzero(s.district == district):
            for ranges, weight in ((sold, s.sold[k]), (net, s.net[k])):
                sums = table.scores(weight + table.weights(), villages)
                for side, sign in enumerate((-1.0, 1.0)):
                    most = _most(part, sign * sums, score, least, ranges[1, k] - ranges[0, k])
                    ranges[side, k] = sign * min(sign * ranges[side, k], most)
    return replace(s, sold_range=sold, net_range=net)


def _most(program: ChoiceProgram, sums: FloatArray, score: FloatArray, least: float, scale: float) -> float:
    """Least of the bounds over a grid of multipliers, refined around its best."""
    if scale <= 0.0:
        return np.inf
    sums = np.where(np.isfinite(score), sums, 0.0)

    def bound(exponent: float) -> float:
        m = scale * 10.0**exponent
        return float(program.best_by_village(sums + m * score).sum()) - m * least

    grid = np.linspace(-3.0, 1.0, 7)
    found = [bound(e) for e in grid]
    best = int(np.argmin(found))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return min(*found, *(bound(e) for e in np.linspace(low, high, 6)[1:-1]))
