"""The fewest changes where a rule is a sum over villages: proven by an integer program, and picked at least cost."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from data.arrays import FloatArray, IntArray
from optimizers.mending.integer_program import Program, solved_wholly
from optimizers.whatif.relief import Relief
from optimizers.whatif.standing import Standing

SECONDS = 10.0
"""Of the solver, for each program."""
SLACK = 1e-6
"""Relative: sums of quantities are in single precision."""
MORE = 3
"""Changes beyond the proven number that are tried, where the cheapest choices of villages do not add up to enough."""


def fewest_by_sums(standing: Standing, relief: Relief) -> int:
    """A number of changes below which no plan keeps the rule, whatever options its villages take.

    Every village may give each row of the rule the most that any of its choices gives; villages come only as far as the
    quotas have room or others leave. That is a relaxation, so that the number is proven.

    Args:
        standing: of the plan.
        relief: of the rule, of the kind `sum`.

    Returns:
        The number; -1 where no number of changes suffices.
    """
    renewed = standing.start_year > 0
    kinds = ((relief.leaving, renewed, -1.0), (relief.largest, renewed, 0.0), (relief.largest, ~renewed, 1.0))
    village, gain, comes = (list[IntArray](), list[FloatArray](), list[FloatArray]())
    for table, among, step in kinds:
        rows = np.flatnonzero(among & np.isfinite(table).all(axis=1))
        village.append(rows)
        gain.append(table[rows])
        comes.append(np.full(rows.size, step))
    who, gains, steps = np.concatenate(village), np.concatenate(gain), np.concatenate(comes)
    room = float(np.maximum(standing.room, 0).sum())
    matrix = vstack([_by_village(who), csr_array(gains.T), csr_array(steps[None])]).tocsr()
    n_rows, n_villages = relief.needed.size, matrix.shape[0] - relief.needed.size - 1
    low = np.concatenate([np.full(n_villages, -np.inf), relief.needed * (1.0 - SLACK), [-np.inf]])
    high = np.concatenate([np.ones(n_villages), np.full(n_rows, np.inf), [room]])
    ones = np.ones(who.size)
    solved = solved_wholly(Program(ones, 0.0 * ones, ones, matrix, low, high, who.size), seconds=SECONDS)
    return -1 if np.isinf(solved.bound) else max(1, int(np.ceil(solved.bound - 1e-6)))


def cheapest_by_sums(standing: Standing, relief: Relief, n_changes: int) -> IntArray:
    """Positions of as many changes that suffice and cost least by the linear model; a few more where they must be.

    Args:
        standing: of the plan.
        relief: of the rule, of the kind `sum`.
        n_changes: proven to be needed; below 1 = none suffice.

    Returns:
        Positions in relief.changes; empty where none were found.
    """
    if n_changes < 1 or not relief.changes:
        return np.zeros(0, dtype=np.int64)
    village = np.array([change.village for change in relief.changes])
    years = _by_year(standing, relief)
    one_each, ones = _by_village(village), np.ones(village.size)
    matrix = vstack([one_each, csr_array(relief.relief.T), years, csr_array(ones[None])]).tocsr()
    for n in range(n_changes, n_changes + MORE + 1):
        low = np.concatenate(
            [np.full(one_each.shape[0], -np.inf), relief.needed * (1.0 + SLACK), np.full(years.shape[0], -np.inf), [n]]
        )
        high = np.concatenate(
            [np.ones(one_each.shape[0]), np.full(relief.needed.size, np.inf), np.maximum(standing.room, 0), [n]]
        )
        program = Program(-relief.worth, 0.0 * ones, ones, matrix, low, high, village.size)
        solved = solved_wholly(program, seconds=SECONDS)
        if solved.is_feasible:
            return np.flatnonzero(solved.values > 0.5)
    return np.zeros(0, dtype=np.int64)


def _by_village(village: IntArray) -> csr_array:
    """One row per village, a 1 for each of its columns."""
    _, row = np.unique(village, return_inverse=True)
    return coo_array((np.ones(row.size), (row, np.arange(row.size)))).tocsr()


def _by_year(standing: Standing, relief: Relief) -> csr_array:
    """By how many villages each change fills each year, shape (plan_years, n_changes)."""
    before = standing.start_year[[change.village for change in relief.changes]]
    after = np.array([change.start_year for change in relief.changes])
    table = np.zeros((standing.room.size, after.size))
    column = np.arange(after.size)
    for year, step in ((after, 1.0), (before, -1.0)):
        moves = year > 0
        table[year[moves] - 1, column[moves]] += step
    return csr_array(table)
