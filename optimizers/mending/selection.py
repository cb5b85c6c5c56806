"""The best few changes by the linear model: an integer program with quotas, limits, and no objective made worse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import block_array, coo_array, csr_array, eye_array

from data.arrays import BoolArray, FloatArray, IntArray
from optimizers.mending.integer_program import Program, chosen_columns
from optimizers.mending.moves import Moves

BESIDES = 40
"""Changes among which whole ones are chosen, besides those that the relaxation takes in part or wholly."""
BROKEN_LIMIT, BROKEN_QUOTA, LOST = 1e3, 10.0, 1e2
"""Cost of a limit exceeded by 100 %, of a village beyond a quota or left where it may not be, of a range lost."""
MOST_TOGETHER = 1e3
"""Bound of what all objectives gain together [ranges]."""


@dataclass(frozen=True, eq=False)
class Room:
    """What changes must respect.

    Attributes:
        from_year: start year of each village in the plan that changes, shape (n_villages,).
        must_change: True for villages whose choice is not legal, shape (n_villages,).
        year_room: villages that may still start in each year, below 0 where too many do, shape (plan_years,).
        exact_quota: whether each year must be filled.
        limit_room: of each limit, shape (n_limits,).
        may_fall: what each objective may lose by the linear model, shape (n_objectives,) [ranges]; inf = anything.
    """

    from_year: IntArray
    must_change: BoolArray
    year_room: IntArray
    exact_quota: bool
    limit_room: FloatArray
    may_fall: FloatArray


def select(moves: Moves, weight: FloatArray | None, most: int, room: Room) -> IntArray:
    """Positions of the changes, of at most `most` villages, that gain most by the linear model.

    Args:
        moves: to choose from, of each village one.
        weight: of the objectives, shape (n_objectives,); None = as much as all of them gain together.
        most: changes.
        room: what they must respect; what cannot be respected is broken as little as possible.
    """
    n, n_objectives = moves.effect.shape
    n_years, n_limits = room.year_room.size, room.limit_room.size
    gain = np.zeros(n) if weight is None else moves.effect @ weight
    gain = gain + BROKEN_QUOTA * room.must_change[moves.village]
    # columns: changes, years overfilled, years left open, limits exceeded, objectives lost, gained together
    upper = [np.ones(n), np.full(n_years, np.inf), np.full(n_years, np.inf if room.exact_quota else 0.0)]
    upper += [np.full(n_limits + n_objectives, np.inf), np.full(1, MOST_TOGETHER)]
    cost = [-gain, np.full(2 * n_years, BROKEN_QUOTA), np.full(n_limits, BROKEN_LIMIT), np.full(n_objectives, LOST)]
    cost += [np.full(1, -1.0 if weight is None else 0.0)]
    years, limits, objectives = eye_array(n_years), eye_array(n_limits), eye_array(n_objectives)
    together = csr_array(np.ones((n_objectives, 1)))
    of_village, of_year = _incidence(moves.village), _year_changes(moves, room)
    use, effect = csr_array(moves.use.T), csr_array(moves.effect.T)
    matrix = block_array(
        [
            [of_village, None, None, None, None, None],
            [csr_array(np.ones((1, n))), None, None, None, None, None],
            [of_year, -years, years, None, None, None],
            [use, None, None, -limits, None, None],
            [effect, None, None, None, objectives, None],
            [effect, None, None, None, None, -together],
        ],
        format="csr",
    )
    nothing = np.full(of_village.shape[0] + 1, -np.inf)
    low = [nothing, room.year_room if room.exact_quota else np.full(n_years, -np.inf), np.full(n_limits, -np.inf)]
    low += [-room.may_fall, np.zeros(n_objectives)]
    high = [np.ones(of_village.shape[0]), np.full(1, most), room.year_room, room.limit_room]
    high += [np.full(2 * n_objectives, np.inf)]
    lower = np.zeros(matrix.shape[1])
    lower[-1] = -MOST_TOGETHER
    program = Program(
        np.concatenate(cost), lower, np.concatenate(upper), matrix, np.concatenate(low), np.concatenate(high), n
    )
    return chosen_columns(program, BESIDES)


def _incidence(village: IntArray) -> csr_array:
    """One row per village that has a change, a 1 for each of its changes."""
    _, row = np.unique(village, return_inverse=True)
    return coo_array((np.ones(row.size), (row, np.arange(row.size)))).tocsr()


def _year_changes(moves: Moves, room: Room) -> csr_array:
    """By how many villages each change fills each year, shape (plan_years, n_moves)."""
    before, after, column = room.from_year[moves.village], moves.year, np.arange(len(moves))
    joins, leaves = np.flatnonzero(after > 0), np.flatnonzero(before > 0)
    values = np.concatenate([np.ones(joins.size), -np.ones(leaves.size)])
    rows = np.concatenate([after[joins], before[leaves]]) - 1
    columns = np.concatenate([column[joins], column[leaves]])
    return coo_array((values, (rows, columns)), shape=(room.year_room.size, len(moves))).tocsr()
