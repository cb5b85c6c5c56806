"""Exact polishing: one or two changes at a time, foretold by the linear model, kept where the evaluation agrees."""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from optimizers.mending.gap import gap_to_front
from optimizers.mending.moves import Linearized, Moves, moves_to, plan_use, promising_moves
from optimizers.mending.plan_model import Mending, year_counts

EACH, OVERALL = 2, 30
"""Changes considered of each pair of years, and besides, by each weight."""
PRESELECTED = 2_000
"""Pairs whose gap is foretold, those first that gain most by a weight."""


def neighbors(
    mending: Mending,
    at: Linearized,
    original: FloatArray | None,
    weights: FloatArray,
    *,
    changes: int,
    most: int,
    single: bool = False,
) -> tuple[IntArray, IntArray]:
    """Plans one or two changes away from a plan, those first that the linear model finds best.

    A loss that it foretells counts as much as a gap: it is often wrong, and what is evaluated shows.


    Args:
        mending: the plan to mend.
        at: linear model at the plan to change.
        original: values of the original that none may fall below; None = any may.
        weights: by which changes are picked, shape (n_weights, n_objectives).
        changes: most villages that may differ from the original.
        most: plans.
        single: one change only.

    Returns:
        Start years and options, shape (n_plans, n_villages) each.
    """
    picked = promising_moves(mending, at, at.start_year, at.option, weights, each=EACH, overall=OVERALL, floor=original)
    moves = _with_ways_back(mending, at, picked)
    one, other = _pairs(len(moves), single=single)
    fits = _fits(mending, at, moves, one, other, changes)
    one, other = one[fits], other[fits]
    effect = _both(moves.effect, one, other)
    best = np.unique(np.concatenate([np.argsort(-(effect @ w), kind="stable")[:PRESELECTED] for w in weights]))
    one, other, effect = one[best], other[best], effect[best]
    values = at.values + effect
    excess = np.zeros(len(values))
    if mending.limits is not None:
        room = mending.limits.rows.limit - plan_use(mending, at.start_year, at.option)
        excess = np.clip(_both(moves.use, one, other) - room, 0.0, None).sum(axis=1)
    loss = np.zeros(len(values)) if original is None else np.clip(original - values, 0.0, None).max(axis=1)
    order = np.lexsort((gap_to_front(values, mending.front) + loss, excess))[:most]
    starts, options = (np.tile(genes, (order.size, 1)) for genes in (at.start_year, at.option))
    for row, pair in enumerate(order):
        for move in (one[pair], other[pair]):
            if move >= 0:
                starts[row, moves.village[move]] = moves.year[move]
                options[row, moves.village[move]] = moves.option[move]
    return starts, options


def _with_ways_back(mending: Mending, at: Linearized, moves: Moves) -> Moves:
    """The changes, and those that undo what was changed."""
    changed = np.flatnonzero(mending.differs(at.start_year[None], at.option[None])[0])
    back = mending.start_year[changed], mending.option[changed]
    undone = moves_to(mending, at, (at.start_year, at.option), changed, *back)
    columns = ("village", "year", "option", "effect", "use")
    return Moves(*(np.concatenate([getattr(moves, name), getattr(undone, name)]) for name in columns))


def _pairs(n: int, *, single: bool) -> tuple[IntArray, IntArray]:
    """Every change alone (the other is -1), then every two of them."""
    alone = np.arange(n)
    if single:
        return alone, np.full(n, -1)
    one, other = np.triu_indices(n, 1)
    return np.concatenate([alone, one]), np.concatenate([np.full(n, -1), other])


def _both(table: FloatArray, one: IntArray, other: IntArray) -> FloatArray:
    """Sum of the rows of two changes, shape (n_pairs, n_columns)."""
    return table[one] + np.where((other >= 0)[:, None], table[other], 0.0)


def _fits(mending: Mending, at: Linearized, moves: Moves, one: IntArray, other: IntArray, changes: int) -> BoolArray:
    """True for pairs of different villages that keep the quotas and the number of changes, shape (n_pairs,)."""
    quota = np.asarray(mending.model.quota)
    fills = np.zeros((len(moves), quota.size + 1))
    row = np.arange(len(moves))
    np.add.at(fills, (row, moves.year), 1)
    np.add.at(fills, (row, at.start_year[moves.village]), -1)
    room = quota - year_counts(at.start_year[None], quota.size)[0]
    filled = _both(fills[:, 1:], one, other)
    full = np.abs(room - filled) <= np.abs(room)
    keeps = full if mending.model.exact_quota else filled <= np.maximum(room, 0)
    before = mending.differs(at.start_year[None], at.option[None])[0]
    after = (moves.year != mending.start_year[moves.village]) | (
        (moves.year > 0) & (moves.option != mending.option[moves.village])
    )
    more = (after.astype(np.float64) - before[moves.village])[:, None]
    n_changed = before.sum() + _both(more, one, other)[:, 0]
    different = moves.village[one] != np.where(other >= 0, moves.village[other], -1)
    return np.asarray(keeps.all(axis=1) & (n_changed <= changes) & different)


def drawn_neighbors(
    mending: Mending, start_year: IntArray, option: IntArray, rng: np.random.Generator, *, changes: int, most: int
) -> tuple[IntArray, IntArray]:
    """Plans one random change or exchange of years away, for models without slopes; shape (n_plans, n_villages)."""
    starts, options = (np.tile(genes, (most, 1)) for genes in (start_year, option))
    for row in range(most):
        one, other = rng.integers(0, start_year.size, 2)
        year = rng.choice(np.flatnonzero(mending.model.start_mask[one]))
        full = year > 0 and (starts[row] == year).sum() >= mending.model.quota[year - 1]
        if (full or mending.model.exact_quota) and year != start_year[one]:
            there = np.flatnonzero(start_year == year)
            if there.size == 0:
                continue
            other = rng.choice(there)
            starts[row, other] = start_year[one]
            options[row, other] = _drawn_option(mending, other, rng)
        starts[row, one], options[row, one] = year, _drawn_option(mending, one, rng)
    kept = mending.differs(starts, options).sum(axis=1) <= changes
    return starts[kept], options[kept]


def _drawn_option(mending: Mending, village: int, rng: np.random.Generator) -> int:
    legal = np.flatnonzero(mending.model.option_mask[village])
    return int(rng.choice(legal)) if legal.size else 0
