"""Single changes of a plan that the linear model finds promising, and what each would do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray, SingleArray
from optimizers.mending.plan_model import Mending

ILLEGAL = -1e6
"""Gain of what is not legal, in ranges; finite, so that a weight of 0 leaves it a number."""
RELIEF = (1.0, 100.0)
"""Worth of relieving a broken limit wholly, in ranges, by which changes are picked besides their gains."""


CARE = 3.0
"""Cost of a loss where changes are picked that lose nothing."""


@dataclass(frozen=True, eq=False)
class Linearized:
    """The linear model at a plan.

    Attributes:
        slopes: of each objective by quantity, shape (n_objectives, n_villages, plan_years, n_quantities) [ranges].
        tables: gain of each choice over keeping the village, shape (n_objectives, n_villages, plan_years, n_options)
            [ranges]; ILLEGAL where it is not legal.
        values: of the plan itself, shape (n_objectives,) [ranges].
        start_year: of the plan, shape (n_villages,).
        option: of the plan, same shape.
    """

    slopes: SingleArray
    tables: SingleArray
    values: FloatArray
    start_year: IntArray
    option: IntArray

    def gain(self, village: IntArray, year: IntArray, option: IntArray) -> FloatArray:
        """Gain of choices over keeping, shape (n_choices, n_objectives); 0 where kept or not legal."""
        found = self.tables[:, village, np.maximum(year - 1, 0), option].astype(np.float64).T
        return np.where(((year > 0) & (found > 0.5 * ILLEGAL).all(axis=1))[:, None], found, 0.0)

    def weighted(self, weight: FloatArray) -> SingleArray:
        """Weighted gain of each choice over keeping, shape (n_villages, plan_years, n_options)."""
        parts = [np.float32(w) * table for w, table in zip(weight, self.tables, strict=True) if w != 0.0]
        total = parts[0]
        for part in parts[1:]:
            total += part
        return total

    def of_plan(self, start_year: IntArray, option: IntArray) -> FloatArray:
        """Gain of every choice of a plan over keeping, shape (n_villages, n_objectives)."""
        return self.gain(np.arange(start_year.size), start_year, option)

    def foretold(self, start_year: IntArray, option: IntArray) -> FloatArray:
        """What the linear model says that a plan reaches, shape (n_objectives,)."""
        here = self.of_plan(self.start_year, self.option)
        return self.values + (self.of_plan(start_year, option) - here).sum(axis=0)


def linearized(
    mending: Mending, start_year: IntArray, option: IntArray, values: FloatArray, past: SingleArray | None = None
) -> Linearized:
    """The linear model at a plan whose values are known; the model must have slopes.

    Args:
        mending: the plan to mend, with its model.
        start_year: of the plan, shape (n_villages,).
        option: same shape.
        values: of the plan, shape (n_objectives,) [ranges].
        past: slopes met before, with which those of the plan are averaged: what many changes do together lies between
            what the first and the last of them promise (dual averaging, Nesterov 2009).
    """
    linear = mending.linear
    assert linear is not None
    slopes = linear.slopes_by_term(start_year, option, np.asarray(mending.model.signs) / mending.ranges)
    slopes = slopes if past is None else np.float32(0.5) * (slopes + past)
    tables = np.stack([np.maximum(linear.table(of_one), ILLEGAL) for of_one in slopes])
    return Linearized(slopes, tables, values, start_year, option)


@dataclass(frozen=True, eq=False)
class Moves:
    """Changes of single villages, from one plan.

    Attributes:
        village: shape (n_moves,).
        year: start year that it changes to, same shape.
        option: same shape.
        effect: on the objectives, shape (n_moves, n_objectives) [ranges].
        use: of each limit, beyond what the plan uses, shape (n_moves, n_limits).
    """

    village: IntArray
    year: IntArray
    option: IntArray
    effect: FloatArray
    use: FloatArray

    def __len__(self) -> int:
        """How many."""
        return self.village.size


def promising_moves(
    mending: Mending,
    at: Linearized,
    start_year: IntArray,
    option: IntArray,
    weights: FloatArray,
    *,
    each: int,
    overall: int,
    floor: FloatArray | None = None,
) -> Moves:
    """Changes of a plan that gain most by some weights, among them those of every pair of years.

    Args:
        mending: the plan to mend.
        at: linear model.
        start_year: of the plan that changes, shape (n_villages,).
        option: same shape.
        weights: shape (n_weights, n_objectives).
        each: changes of each pair of years (from, to), by each weight.
        overall: changes besides, by each weight.
        floor: values that no objective may fall below: changes that lose nothing are picked besides; None = any may.
    """
    own, relief = at.of_plan(start_year, option), relief_table(mending, start_year, option)
    worths: list[tuple[SingleArray, FloatArray]] = []
    for weight in np.unique(weights, axis=0):
        gain, own_gain = at.weighted(weight), own @ weight
        worths.append((gain, own_gain))
        if relief is not None:
            relieved = _at(relief, start_year, option)
            worths += [(gain + np.float32(price) * relief, own_gain + price * relieved) for price in RELIEF]
    if floor is not None:
        worths.append(_without_losses(at, own, at.foretold(start_year, option) - floor))
    chosen = [_best(mending, *worth, start_year, option, each=each, overall=overall) for worth in worths]
    village, year, wanted = np.unique(np.concatenate(chosen), axis=0).T
    free = ~mending.fixed_mask[village]
    return moves_to(mending, at, (start_year, option), village[free], year[free], wanted[free])


def moves_to(
    mending: Mending,
    at: Linearized,
    plan: tuple[IntArray, IntArray],
    village: IntArray,
    year: IntArray,
    option: IntArray,
) -> Moves:
    """Changes of a plan (start years and options) to given choices, with what they do by the linear model."""
    before_year, before_option = (genes[village] for genes in plan)
    effect = at.gain(village, year, option) - at.gain(village, before_year, before_option)
    use = limit_use(mending, village, year, option) - limit_use(mending, village, before_year, before_option)
    return Moves(village, year, option, effect, use)


def _without_losses(at: Linearized, own: FloatArray, slack: FloatArray) -> tuple[SingleArray, FloatArray]:
    """What changes gain in all objectives alike, less what they lose beyond the slack of each."""
    gain = at.tables.mean(axis=0)
    for table, mine, room in zip(at.tables, own.T, slack, strict=True):
        lost = np.float32(-room) - (table - mine[:, None, None].astype(np.float32))
        gain -= np.float32(CARE) * np.maximum(lost, np.float32(0.0))
    return np.maximum(gain, np.float32(ILLEGAL)), own.mean(axis=1)


def _at(table: SingleArray, start_year: IntArray, option: IntArray) -> FloatArray:
    """Entries of a plan in a table, 0 where it keeps or where they are not legal; shape (n_villages,)."""
    found = table[np.arange(start_year.size), np.maximum(start_year - 1, 0), option].astype(np.float64)
    return np.where((start_year > 0) & (found > 0.5 * ILLEGAL), found, 0.0)


def _best(
    mending: Mending,
    worth: SingleArray,
    own: FloatArray,
    start_year: IntArray,
    option: IntArray,
    *,
    each: int,
    overall: int,
) -> IntArray:
    """Village, year and option of the changes worth most, shape (n_changes, 3)."""
    village, renewed = np.arange(start_year.size), start_year > 0
    worth = worth.copy()
    worth[village[renewed], start_year[renewed] - 1, option[renewed]] = 10.0 * ILLEGAL  # no change
    best_option = np.argmax(worth, axis=2)
    of_year = np.take_along_axis(worth, best_option[..., None], axis=2)[..., 0].astype(np.float64)
    kept = np.where(mending.model.start_mask[:, 0] & renewed, 0.0, 10.0 * ILLEGAL)
    gain = np.concatenate([kept[:, None], of_year], axis=1) - own[:, None]
    wanted = np.concatenate([np.zeros_like(start_year)[:, None], best_option], axis=1)
    cells: list[IntArray] = [_top(gain.ravel(), overall)]
    for before in np.unique(start_year):
        rows = np.flatnonzero(start_year == before)
        for after in range(gain.shape[1]):
            cells.append(rows[_top(gain[rows, after], each)] * gain.shape[1] + after)
    cell = np.concatenate(cells)
    cell = cell[gain.ravel()[cell] > 0.5 * ILLEGAL]
    rows, years = np.divmod(cell, gain.shape[1])
    return np.stack([rows, years, wanted[rows, years]], axis=1)


def _top(values: FloatArray, most: int) -> IntArray:
    """Positions of the largest values."""
    return np.argpartition(-values, most - 1)[:most] if 0 < most < values.size else np.arange(values.size)[: most or 0]


def limit_use(mending: Mending, village: IntArray, year: IntArray, option: IntArray) -> FloatArray:
    """What choices use of each limit, shape (n_choices, n_limits); 0 where kept, no columns without limits."""
    limits, linear = mending.limits, mending.linear
    if limits is None or linear is None:
        return np.zeros((village.size, 0))
    use = np.zeros((village.size, limits.n_limits))
    for start in np.unique(year[year > 0]):
        rows = np.flatnonzero(year == start)
        amounts = linear.quantities[village[rows], :, option[rows]].astype(np.float64)
        use[rows] = amounts @ limits.rows.slope[:, start - 1, :].T
    counts = (limits.rows.district < 0) | (limits.rows.district == limits.village_district[village][:, None])
    return np.where(counts, use, 0.0)


def plan_use(mending: Mending, start_year: IntArray, option: IntArray) -> FloatArray:
    """What a plan uses of each limit, shape (n_limits,)."""
    return limit_use(mending, np.arange(start_year.size), start_year, option).sum(axis=0)


def relief_table(mending: Mending, start_year: IntArray, option: IntArray) -> SingleArray | None:
    """By how much each choice relieves the limits that a plan breaks; None where it breaks none that adds up."""
    limits, linear = mending.limits, mending.linear
    if limits is None or linear is None:
        return None
    broken = plan_use(mending, start_year, option) > limits.rows.limit
    if not broken.any():
        return None
    slopes = limits.priced(np.zeros(linear.slopes_shape, dtype=np.float32), broken.astype(np.float64))
    return np.maximum(linear.table(slopes.astype(np.float32)), ILLEGAL)
