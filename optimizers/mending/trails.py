"""Trails: each follows one goal, from linear model to linear model, by the changes that an integer program picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.arrays import FloatArray
from optimizers.mending.found_plans import FoundPlans, Trail
from optimizers.mending.moves import Linearized, Moves, plan_use, promising_moves
from optimizers.mending.plan_model import Mending, differs, year_counts
from optimizers.mending.selection import Room, select

MIXED = 0.7
"""Weight of the objective that a mixed goal favors."""
OVERALL, MOST_EACH = 4, 12
"""Changes that the integer program chooses from: by change allowed, and of each pair of years at most."""


def goals_of(n_objectives: int) -> list[FloatArray | None]:
    """Goals to try: each objective alone, each favored, all alike, and all together (None)."""
    alone, alike = np.eye(n_objectives), np.full(n_objectives, 1.0 / n_objectives)
    return [*alone, *(MIXED * alone + (1.0 - MIXED) * alike), alike, None]


def followed(found: FoundPlans, k: int, trails: list[Trail]) -> list[Trail]:
    """Each trail one step farther: the k changes of the original that its goal asks for; the best trail first."""
    if found.mending.linear is None:
        return trails
    room: Room | None = None
    moves: Moves | None = None
    plans = []
    for trail in trails:
        if trail.arrived:
            plans.append(trail)
            continue
        if moves is None or room is None or trail.slopes is not None:
            at = found.linearized(trail)
            moves, room = _to_choose_from(found, at, k), room_of(found.mending, at, found.original)
        plans.append(_step(found.mending, trail, at, moves, room, k))
    judged, _ = found.offer(np.stack([t.start_year for t in plans]), np.stack([t.option for t in plans]))
    return [replace(plans[row], values=judged.values[row]) for row in judged.order()]


def _to_choose_from(found: FoundPlans, at: Linearized, k: int) -> Moves:
    """Changes of the original among which k are chosen, whatever the goal."""
    mending, weights = found.mending, weights_of(goals_of(at.values.size), at.values.size)
    each, overall = min(MOST_EACH, 1 + k // 5), OVERALL * k
    return promising_moves(
        mending,
        at,
        mending.start_year,
        mending.option,
        weights,
        each=each,
        overall=overall,
        floor=found.original,
    )


def _step(mending: Mending, trail: Trail, at: Linearized, moves: Moves, room: Room, k: int) -> Trail:
    """The trail at the plan that the k best changes make of the original; arrived where it stood there before."""
    start_year, option = mending.start_year.copy(), mending.option.copy()
    if len(moves):
        chosen = select(moves, trail.goal, k, room)
        start_year[moves.village[chosen]], option[moves.village[chosen]] = moves.year[chosen], moves.option[chosen]
    arrived = not differs(trail.start_year, trail.option, start_year, option).any()
    return Trail(trail.goal, start_year, option, trail.values, at.slopes, arrived)


def weights_of(goals: Sequence[FloatArray | None], n_objectives: int) -> FloatArray:
    """Weights by which goals pick changes, shape (n_goals, n_objectives)."""
    return np.stack([np.full(n_objectives, 1.0 / n_objectives) if goal is None else goal for goal in goals])


def room_of(mending: Mending, at: Linearized, floor: FloatArray | None) -> Room:
    """What changes of the original must respect, by the linear model.

    Args:
        mending: the plan to mend.
        at: linear model.
        floor: values that no objective may fall below, shape (n_objectives,); None = any may.
    """
    village, quota = np.arange(mending.start_year.size), np.asarray(mending.model.quota)
    legal = mending.model.start_mask[village, mending.start_year]
    legal &= (mending.start_year == 0) | mending.model.option_mask[village, mending.option] | mending.fixed_mask
    limit_room = np.zeros(0)
    if mending.limits is not None:
        rows, used = mending.limits.rows, plan_use(mending, mending.start_year, mending.option)
        limit_room = rows.limit - np.maximum(0.002 * np.abs(rows.limit), 1e-5) - used
    here = at.foretold(mending.start_year, mending.option)
    return Room(
        from_year=mending.start_year,
        must_change=~legal,
        year_room=quota - year_counts(mending.start_year[None], quota.size)[0],
        exact_quota=mending.model.exact_quota,
        limit_room=limit_room,
        may_fall=np.full(here.size, np.inf) if floor is None else here - floor,
    )
