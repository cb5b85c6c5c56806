"""Ranges of sums over villages that every plan worth at least a known value respects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.bounds.column_generation import ChoiceProgram, Multipliers


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
    bounds = [bound(e) for e in grid]
    best = int(np.argmin(bounds))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return min(*bounds, *(bound(e) for e in np.linspace(low, high, 6)[1:-1]))


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
    table, tightened = program.table, ranges.copy()
    lagrangian = program.weights_at(multipliers)
    loss = max(program.bound_at(multipliers) - floor, 0.0)
    for place in np.unique(district):
        place_program = replace(program, villages=table.villages_of[place])
        score = table.scores(lagrangian, place_program.villages)
        least = float(place_program.best_by_village(score).sum()) - loss
        for k in np.flatnonzero(district == place):
            sums = table.scores(weights[k] + table.weights(), place_program.villages)
            width = ranges[1, k] - ranges[0, k]
            for side, sign in enumerate((-1.0, 1.0)):
                most = largest_sum(place_program, sign * sums, score, least, width)
                tightened[side, k] = sign * min(sign * ranges[side, k], most)
    return tightened
