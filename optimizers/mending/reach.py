"""How far so few changes can lead at most: an estimate by the linear model at the plan, and by how much it errs.

For weights of the objectives, what k changes gain is at most what the k best villages gain, each for itself, less the
prices of the starts that they take; any prices give a bound of the linear model (Lagrangian relaxation, Geoffrion
1974). The model itself is not linear: what promises most is evaluated alone and counts no more than that, and what
was foretold too low of the plans evaluated is added. So it is no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.mending.corners import open_corners
from optimizers.mending.gap import ON_FRONT
from optimizers.mending.moves import ILLEGAL, Linearized
from optimizers.mending.plan_model import Mending, year_counts

MOST_WEIGHTS = 50
"""Weights by which reach is bounded."""
PRICINGS, SHRINKS = 60, 0.93
"""Prices of the starts tried for each number of changes, and by how much one step is shorter than the last."""
BEYOND = (2, 4)
"""Multiples of the last number of changes for which reach is bounded tightly, too."""
MOST_ROUNDS = 6
"""Rounds in which the villages that promise most to an objective are evaluated."""
ANYTHING = -1e3
"""An objective that may be anything [ranges]."""
GAPS, BISECTIONS = (-20.0, 20.0), 40
"""Gaps looked among [ranges]."""


@dataclass(frozen=True, eq=False)
class Reach:
    """What no plan within so many changes exceeds, by the linear model.

    Attributes:
        weights: of the objectives, each row adds up to 1, shape (n_weights, n_objectives).
        most: weighted values within 0, 1, 2, ... changes, shape (n_weights, n_villages + 1) [ranges].
        errors: by how much plans that were evaluated exceed what the model foretold, shape (n_plans, n_objectives).
        changes: of these plans, shape (n_plans,).
    """

    weights: FloatArray
    most: FloatArray
    errors: FloatArray
    changes: IntArray

    def within(self, changes: int) -> FloatArray:
        """Weighted values that no plan is expected to exceed, the largest error met added, shape (n_weights,).

        Beyond the changes of the plans that were evaluated errors are taken to grow in proportion.
        """
        return np.asarray(self.most[:, changes] + self.error(changes))

    def error(self, changes: int) -> FloatArray:
        """The largest error met within so many changes, shape (n_weights,) [ranges]."""
        wrong = (self.errors[self.changes <= changes] @ self.weights.T).max(axis=0, initial=0.0)
        return np.asarray(wrong * max(1.0, changes / max(int(self.changes.max(initial=0)), 1)))


@dataclass(frozen=True, eq=False)
class Estimate:
    """What the linear model says of a ladder; an estimate, not a proof.

    Attributes:
        least_gap: for each rung, a gap below which no plan of so few changes is expected [ranges].
        least_changes: number of changes below which none is expected within the gap that counts as the front; None =
            none is expected with any number, by the same model.
        largest_error: by how much plans within the last rung exceed what was foretold of them at most [ranges].
    """

    least_gap: tuple[float, ...]
    least_changes: int | None
    largest_error: float


def estimated(
    mending: Mending, reach: Reach, values: FloatArray, steps: Sequence[int], floor: FloatArray | None
) -> Estimate:
    """What the linear model says of the rungs of a ladder.

    Args:
        mending: the plan to mend.
        reach: of its changes.
        values: of the plan, shape (n_objectives,) [ranges].
        steps: numbers of changes.
        floor: values that no objective may fall below, shape (n_objectives,); None = any may.
    """
    lead = (mending.front - values).min(axis=1)
    corners = open_corners(mending.front[np.argsort(-lead, kind="stable")])
    n_villages = reach.most.shape[1] - 1
    gaps = tuple(least_gap(reach, corners, min(k, n_villages), floor) for k in steps)
    low, high = 0, n_villages + 1
    while low < high:
        middle = (low + high) // 2
        enough = middle > n_villages or least_gap(reach, corners, middle, floor) <= ON_FRONT
        low, high = (low, middle) if enough else (middle + 1, high)
    error = float(reach.error(min(steps[-1], n_villages)).max())
    return Estimate(gaps, low if low <= n_villages else None, error)


def least_gap(reach: Reach, corners: FloatArray, changes: int, floor: FloatArray | None) -> float:
    """A gap to the front below which no plan of so few changes is expected [ranges].

    Args:
        reach: of the changes.
        corners: of what the front leaves open, shape (n_corners, n_objectives).
        changes: at most.
        floor: values that no objective may fall below, shape (n_objectives,); None = any may.
    """
    most, lowest = reach.within(changes), np.full(corners.shape[1], ANYTHING) if floor is None else floor
    low, high = (np.full(len(corners), end) for end in GAPS)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        asked = np.maximum(np.maximum(corners, ANYTHING) - middle[:, None], lowest)
        reached = (asked @ reach.weights.T <= most).all(axis=1)
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return float(low.min())


def reach_of(mending: Mending, at: Linearized, steps: Sequence[int], errors: FloatArray, changes: IntArray) -> Reach:
    """What changes of a plan reach at most, by the linear model there.

    Args:
        mending: the plan to mend.
        at: the linear model at it.
        steps: numbers of changes for which the bound is made tight.
        errors: see Reach.
        changes: see Reach.
    """
    weights, n_villages = lattice(at.values.size), mending.start_year.size
    tight = [k for k in (*steps, *(times * steps[-1] for times in BEYOND)) if k <= n_villages]
    gain = np.stack([_gain_by_year(mending, at, weight) for weight in weights])
    most = _most_by(gain, mending.start_year, _room(mending), tight or [n_villages])
    return Reach(weights, most + (weights @ at.values)[:, None], errors, changes)


def capped(mending: Mending, at: Linearized, most: int) -> tuple[Linearized, int]:
    """The linear model in which no village is worth more to an objective than it is alone.

    Of the villages that promise most to an objective the best choice is evaluated, the plan otherwise as it is; less
    than that, or beside other changes, it is taken to be worth no more. Only those that may be among the best are
    (lazy greedy, Minoux 1978).

    Args:
        mending: the plan to mend.
        at: the linear model at it.
        most: changes.

    Returns:
        The model, and how many plans were evaluated.
    """
    tables, own = at.tables.copy(), at.of_plan(mending.start_year, mending.option)
    evaluated, model = 0, replace(at, tables=tables)
    for objective, alone in enumerate(np.eye(at.values.size)):
        known = np.zeros(mending.start_year.size, dtype=np.bool_)
        for _ in range(MOST_ROUNDS):
            gain = _gain_by_year(mending, model, alone)
            first = np.argsort(-gain.max(axis=1), kind="stable")[:most]
            asked = first[~known[first] & (gain[first].max(axis=1) > 0.0)]
            if asked.size == 0:
                break
            starts, options = (np.tile(genes, (asked.size, 1)) for genes in (mending.start_year, mending.option))
            year, row = np.argmax(gain[asked], axis=1), np.arange(asked.size)
            starts[row, asked] = year
            options[row, asked] = np.argmax(tables[objective, asked, np.maximum(year - 1, 0)], axis=1)
            rise = mending.judged(starts, options, None, exact=False).values[:, objective] - at.values[objective]
            limit = (own[asked, objective] + np.maximum(rise, 0.0)).astype(np.float32)
            tables[objective, asked] = np.minimum(tables[objective, asked], limit[:, None, None])
            known[asked], evaluated = True, evaluated + asked.size
    return model, evaluated


def lattice(n_objectives: int, most: int = MOST_WEIGHTS) -> FloatArray:
    """Weights spread evenly over those that add up to 1 (Das and Dennis 1998), shape (n_weights, n_objectives).

    Example:
        >>> lattice(2, 3)
        array([[0. , 1. ],
               [0.5, 0.5],
               [1. , 0. ]])
    """
    spread = np.eye(n_objectives)
    for parts in range(2, most):
        bars = np.array(list(combinations(range(parts + n_objectives - 1), n_objectives - 1)), dtype=np.int64)
        if len(bars) > most:
            break
        ends = np.full((len(bars), 1), -1), np.full((len(bars), 1), parts + n_objectives - 1)
        spread = (np.diff(np.hstack([ends[0], bars, ends[1]]), axis=1) - 1) / parts
    return np.asarray(spread, dtype=np.float64)


def _most_by(
    gain: FloatArray, before: IntArray, room: tuple[FloatArray, FloatArray], steps: Sequence[int]
) -> FloatArray:
    """The most that 0, 1, 2, ... changes gain by each weight, shape (n_weights, n_villages + 1).

    Args:
        gain: of each village by the year to which it changes, shape (n_weights, n_villages, plan_years + 1).
        before: year in which it starts in the plan, shape (n_villages,).
        room: fewest and most starts that each year may gain, shape (plan_years,) each.
        steps: numbers of changes for which prices of the starts are sought.
    """
    (n_weights, n_villages, n_rows), row = gain.shape, np.arange(len(gain))[:, None]
    best = np.full((n_weights, n_villages + 1), np.inf)
    for k in steps:
        price = np.zeros((n_weights, n_rows))
        for turn in range(PRICINGS):
            priced = gain - price[:, None] + price[:, before, None]
            year = np.argmax(priced, axis=2)
            worth = np.clip(np.take_along_axis(priced, year[..., None], axis=2)[..., 0], 0.0, None)
            order = np.argsort(-worth, axis=1, kind="stable")
            worth = np.take_along_axis(worth, order, axis=1)
            binding = np.where(price[:, 1:] >= 0.0, room[1], room[0])
            rent = (binding * price[:, 1:]).sum(axis=1, keepdims=True)
            best[:, 1:] = np.minimum(best[:, 1:], rent + np.cumsum(worth, axis=1))
            first, taken = order[:, :k], worth[:, :k] > 0.0
            fill = np.zeros((n_weights, n_rows))
            np.add.at(fill, (row, np.take_along_axis(year, first, axis=1)), taken)
            np.add.at(fill, (row, before[first]), -1.0 * taken)
            over = fill[:, 1:] - binding
            size = worth[:, :k].mean(axis=1, keepdims=True) * SHRINKS**turn
            price[:, 1:] += size * over / np.maximum(1.0, np.abs(over).max(axis=1, keepdims=True))
            price[:, 1:] = np.clip(price[:, 1:], np.where(np.isfinite(room[0]), -np.inf, 0.0), None)
    best[:, 0] = 0.0
    return best


def _gain_by_year(mending: Mending, at: Linearized, weight: FloatArray) -> FloatArray:
    """The most that villages gain by a weight if they start in each year (0 = keep), (n_villages, plan_years + 1)."""
    of_year = at.weighted(weight).max(axis=2).astype(np.float64)
    of_year = np.where(of_year > 0.5 * ILLEGAL, of_year, -np.inf)
    kept = np.where(mending.model.start_mask[:, 0], 0.0, -np.inf)
    own = at.of_plan(mending.start_year, mending.option) @ weight
    gain = np.concatenate([kept[:, None], of_year], axis=1) - own[:, None]
    return np.asarray(np.where(mending.fixed_mask[:, None], -np.inf, gain))


def _room(mending: Mending) -> tuple[FloatArray, FloatArray]:
    """Fewest and most starts that each year may gain; a year that breaks its quota may go on doing so."""
    quota = np.asarray(mending.model.quota)
    room = (quota - year_counts(mending.start_year[None], quota.size)[0]).astype(np.float64)
    fewest = np.minimum(room, 0.0) if mending.model.exact_quota else np.full(quota.size, -np.inf)
    return fewest, np.maximum(room, 0.0)
