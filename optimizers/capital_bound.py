"""A certified upper bound of the net present value, prices and their feedback included."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.scenario import RuleMode
from envs.kernel.resolved import ResolvedScenario
from envs.rules import active_rules
from optimizers.capital_terms import (
    capital_objective,
    extremes,
    linear_limits,
    net_housing_range,
    net_housing_weights,
    price_factor,
)
from optimizers.choice_amounts import AMOUNTS, ChoiceTable, choice_table
from optimizers.choice_program import MONEY, ChoiceProgram, Multipliers
from optimizers.price_pairs import PricePairs, chord, price_pairs, sale_kernels, sum_weights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def largest_sum(program: ChoiceProgram, sums: FloatArray, score: FloatArray, least: float, scale: float) -> float:
    r"""Most that the villages of a program add up to while their scores add up to at least `least`.

    $\sum_v \max (q + m \cdot score) - m \cdot least$ for every m >= 0; the best of a few.

    Args:
        program: over the villages.
        sums: what is added up, shape (n_villages, plan_years, n_choices).
        score: same shape; -inf where not legal.
        least: least sum of the scores.
        scale: order of magnitude of the sum.

    Returns:
        The bound; inf where scale is 0.
    """
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


def tightened(
    program: ChoiceProgram,
    multipliers: Multipliers,
    floor: float,
    *,
    district: IntArray,
    weights: FloatArray,
    ranges: FloatArray,
) -> FloatArray:
    """Ranges of sums that every plan worth at least `floor` respects.

    In the Lagrangian every village earns its own score; a plan that is worth `floor` loses in any one district at most
    the difference between the bound and `floor` against that district's best.

    Args:
        program: the program.
        multipliers: where it is linearized.
        floor: value that is known to be reached [bn CNY].
        district: of each sum, shape (n,).
        weights: of each sum, shape (n, plan_years, n_amounts).
        ranges: known so far, shape (2, n).

    Returns:
        Tighter ranges, same shape.
    """
    table, found = program.table, ranges.copy()
    lagrangian = program.weights_at(multipliers)
    loss = max(program.bound_at(multipliers) - floor, 0.0)
    for place in np.unique(district):
        part = replace(program, villages=table.villages_of[place])
        score = table.scores(lagrangian, part.villages)
        least = float(part.best_by_village(score).sum()) - loss
        for k in np.flatnonzero(district == place):
            sums = table.scores(weights[k] + table.weights(), part.villages)
            width = ranges[1, k] - ranges[0, k]
            for side, sign in enumerate((-1.0, 1.0)):
                most = largest_sum(part, sign * sums, score, least, width)
                found[side, k] = sign * min(sign * ranges[side, k], most)
    return found


REMOVABLE = {"yearly_quota", "commodity_cap", "displacement", "consent", "minimum_facility_ratio"}
"""Hard rules that a plan still respects when one of its villages is kept instead."""


def worthwhile(resolved: ResolvedScenario, table: ChoiceTable) -> ChoiceTable:
    r"""Without what no best plan does: renewals that lose more than they can give to their neighbors.

    Keeping a village instead takes at most $-\phi'(N_{min}) m$ from the price factor of its district, for it demolishes m,
    and so at most that times all sales of the district. A choice whose own value at the highest factor falls short of
    it even so is in no best plan, as long as keeping a village breaks no hard rule. What is left narrows the ranges,
    and more may go.

    Args:
        resolved: scenario resolved against a city.
        table: choices.

    Returns:
        The table with fewer choices and years; the same where another hard rule stands.
    """
    rules = {rule.name for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in}
    if not rules <= REMOVABLE:
        return table
    kernels, objective = sale_kernels(resolved), capital_objective(resolved, table)
    stock = np.maximum(np.asarray(resolved.constants.base.housing_stock_m2), 1.0)
    everyone = np.arange(table.district_idx.size)
    while True:
        lowest = net_housing_range(resolved, table)[0].min(axis=0)
        factor = price_factor(resolved, lowest[None, :])[0]
        steepest = resolved.book.number("price.elasticity") * factor / (stock * np.maximum(1.0 + lowest / stock, 0.05))
        sales = extremes(table, np.arange(table.n_districts), np.stack([sum_weights(kernels.whole, "sales")] * table.n_districts))[1]
        weights = objective + factor[:, None, None] * sum_weights(kernels.whole, "sales")
        weights[:, :, AMOUNTS.index("demolished")] += (steepest * sales)[:, None]
        left = _with_some_worth(table, table.scores(weights, everyone))
        if left.mask.sum() == table.mask.sum() and left.start_mask.sum() == table.start_mask.sum():
            return left
        table = left


def _with_some_worth(table: ChoiceTable, score: FloatArray) -> ChoiceTable:
    """Years, and whole intensities and land uses, in which a village that may be kept is worth something."""
    must = ~table.keep_mask
    year = table.start_mask & ((score.max(axis=2) >= 0.0) | must[:, None])
    by_choice = score.max(axis=1)
    kinds = np.stack([np.asarray(table.plans.intensity)[:, 0], np.asarray(table.plans.land_use)[:, 0]])
    mask = table.mask.copy()
    for kind in np.unique(kinds, axis=1).T:
        same = (kinds == kind[:, None]).all(axis=0)
        mask[:, same] &= ((by_choice[:, same].max(axis=1) >= 0.0) | must)[:, None]
    return replace(table, mask=mask, start_mask=year)
