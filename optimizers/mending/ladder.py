"""The ladder of mending: the best plan within 1, 5, 10, 20, 60 changes of a plan that somebody brings.

At a plan the linear model says what each change would do; an integer program picks the best few of them (selection),
the plan they make is evaluated, the linear model is drawn up anew there, and what is best in the end is polished
exchange by exchange. Nothing is told that was not evaluated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray, IntArray, SingleArray
from optimizers.mending.exchanges import drawn_neighbors, neighbors
from optimizers.mending.moves import Linearized, linearized, plan_use, promising_moves
from optimizers.mending.plan_model import Judged, Mending, year_counts
from optimizers.mending.selection import Room, select

STEPS = (1, 5, 10, 20, 60)
ROUNDS = 4
"""Linear models drawn up on the way to each rung."""
GOALS_KEPT = 4
"""Goals followed after the first round, those that led farthest."""
MIXED = 0.7
"""Weight of the objective that a mixed goal favors."""
EACH, OVERALL, MOST_EACH = 1, 4, 12
NEIGHBORS, MOST_POLISHES = 48, 12
LINEARIZATION = 2
"""What a linear model counts in evaluations: one, and its adjoint."""
FINALISTS = 4
"""Plans of each rung that are evaluated at report precision."""


@dataclass(frozen=True, eq=False)
class Rung:
    """The best plan found within a number of changes.

    Attributes:
        most: changes allowed.
        changes: villages that it decides otherwise than the original.
        start_year: shape (n_villages,).
        option: same shape.
        values: objectives at report precision in ranges, more is better, shape (n_objectives,).
        excess: sum of relative excesses over hard rules, 0 = all hold.
        loss: largest loss of an objective that may not fall [ranges].
        gap: to the front [ranges].
    """

    most: int
    changes: int
    start_year: IntArray
    option: IntArray
    values: FloatArray
    excess: float
    loss: float
    gap: float


@dataclass(frozen=True, eq=False)
class Ladder:
    """What mending found.

    Attributes:
        original: the plan as it is, as a rung of no change.
        rungs: one per number of changes, ascending.
        evaluations: plans evaluated, a linear model counted as two.
        seconds: wall time.
    """

    original: Rung
    rungs: tuple[Rung, ...]
    evaluations: int
    seconds: float


_Entry = tuple[tuple[float, ...], IntArray, IntArray, FloatArray]
"""Key, start years, options and values of a plan."""


class _Found:
    """The best plans within each number of changes, and what they cost."""

    def __init__(self, mending: Mending, steps: Sequence[int]) -> None:
        self.mending, self.steps, self.evaluations = mending, tuple(steps), 0
        self.plans: dict[int, list[_Entry]] = {k: [] for k in (0, *steps)}
        self.latest: tuple[bytes, Linearized | None] | None = None
        first = self._judged(mending.start_year[None], mending.option[None], None)
        self.breaks_rules = bool(first.excess[0] > 0.0)
        self.original = None if mending.may_lose or self.breaks_rules else first.values[0]
        self.offer(mending.start_year[None], mending.option[None])

    def _judged(self, starts: IntArray, options: IntArray, original: FloatArray | None) -> Judged:
        self.evaluations += len(starts)
        return self.mending.judged(starts, options, original, exact=False)

    def offer(self, starts: IntArray, options: IntArray) -> tuple[Judged, IntArray]:
        """Evaluate plans and keep the best of each rung; the judgment and the changes of each."""
        judged = self._judged(starts, options, self.original)
        changes = self.mending.differs(starts, options).sum(axis=1)
        for row in range(len(starts)):
            entry = (judged.key(row), starts[row], options[row], judged.values[row])
            for k in self.plans:
                if changes[row] <= k and all(entry[0] != kept[0] for kept in self.plans[k]):
                    self.plans[k] = sorted([*self.plans[k], entry], key=lambda kept: kept[0])[:FINALISTS]
        return judged, changes

    def best(self, k: int) -> _Entry:
        """Key, start years, options and values of the best plan within k changes."""
        return self.plans[k][0]

    def linearized(self, trail: _Trail) -> Linearized | None:
        """The linear model where a trail stands, averaged with what it met before."""
        key = trail.start_year.tobytes() + trail.option.tobytes()
        if trail.slopes is None and self.latest is not None and self.latest[0] == key:
            return self.latest[1]
        self.evaluations += LINEARIZATION
        at = linearized(self.mending, trail.start_year, trail.option, trail.values, trail.slopes)
        self.latest = (key, at) if trail.slopes is None else None
        return at


def mend(
    mending: Mending,
    *,
    steps: Sequence[int] = STEPS,
    seconds: float = 45.0,
    seed: int = 0,
    progress: Callable[[int, float], None] | None = None,
) -> Ladder:
    """Find the ladder.

    Args:
        mending: the plan, its model and the front.
        steps: numbers of changes, ascending.
        seconds: after which no new step is begun.
        seed: of random changes, which models without slopes need.
        progress: told the rung and its gap after each step.

    Returns:
        The ladder; every rung is evaluated at report precision, and none is worse than the one below.
    """
    began = time.perf_counter()
    found, rng = _Found(mending, steps), np.random.default_rng(seed)
    first = found.best(0)
    trails = {k: [_Trail(goal, *first[1:]) for goal in goals_of(first[3].size)] for k in steps}
    for _ in range(ROUNDS):
        for k in steps:
            if time.perf_counter() - began > 0.6 * seconds:
                break
            trails[k] = _followed(found, k, trails[k])[:GOALS_KEPT]
            if progress is not None:
                progress(k, found.best(k)[0][2])
    for position, k in enumerate(steps):
        share = 0.6 + 0.4 * (position + 1) / len(steps)
        _polish(
            found, k, _weights([trail.goal for trail in trails[k]], first[3].size), rng, until=began + share * seconds
        )
        if progress is not None:
            progress(k, found.best(k)[0][2])
    return _exact(found, began)


def goals_of(n_objectives: int) -> list[FloatArray | None]:
    """Goals to try: each objective alone, each favored, all alike, and all together (None)."""
    alone, alike = np.eye(n_objectives), np.full(n_objectives, 1.0 / n_objectives)
    return [*alone, *(MIXED * alone + (1.0 - MIXED) * alike), alike, None]


@dataclass(frozen=True, eq=False)
class _Trail:
    """Where following one goal has led.

    Attributes:
        goal: weights of the objectives; None = all together.
        start_year: of the plan that it stands at, shape (n_villages,).
        option: same shape.
        values: of that plan, shape (n_objectives,).
        slopes: mean of the slopes met; None before the first.
    """

    goal: FloatArray | None
    start_year: IntArray
    option: IntArray
    values: FloatArray
    slopes: SingleArray | None = None


def _followed(found: _Found, k: int, trails: list[_Trail]) -> list[_Trail]:
    """Each trail one step farther: the k changes of the original that its goal asks for; the best trail first."""
    mending, plans = found.mending, []
    for trail in trails:
        at = found.linearized(trail)
        if at is None:
            return trails
        weights = _weights(goals_of(at.values.size), at.values.size)
        moves = promising_moves(
            mending, at, mending.start_year, mending.option, weights, each=min(MOST_EACH, EACH + k), overall=OVERALL * k
        )
        start_year, option = mending.start_year.copy(), mending.option.copy()
        if len(moves):
            chosen = select(moves, trail.goal, k, room_of(mending, at, found.original))
            start_year[moves.village[chosen]] = moves.year[chosen]
            option[moves.village[chosen]] = moves.option[chosen]
        plans.append(_Trail(trail.goal, start_year, option, at.values, at.slopes))
    judged, _ = found.offer(np.stack([t.start_year for t in plans]), np.stack([t.option for t in plans]))
    return [replace(plans[row], values=judged.values[row]) for row in judged.order()]


def _weights(goals: Sequence[FloatArray | None], n_objectives: int) -> FloatArray:
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


def _polish(found: _Found, k: int, weights: FloatArray, rng: np.random.Generator, *, until: float) -> None:
    """Exchange one or two changes at a time while that helps."""
    mending = found.mending
    for _ in range(MOST_POLISHES):
        if time.perf_counter() > until:
            return
        before, start_year, option, values = found.best(k)
        at = found.linearized(_Trail(None, start_year, option, values))
        if at is None:
            plans = drawn_neighbors(mending, start_year, option, rng, changes=k, most=NEIGHBORS)
        else:
            plans = neighbors(mending, at, found.original, weights, changes=k, most=NEIGHBORS)
        if len(plans[0]):
            found.offer(*plans)
        if at is not None and found.best(k)[0] == before:
            return


def _exact(found: _Found, began: float) -> Ladder:
    """The finalists at report precision; each rung takes the best within its changes."""
    mending, one = found.mending, (found.mending.start_year[None], found.mending.option[None])
    original = mending.judged(*one, None, exact=True)
    floor = None if found.original is None else original.values[0]
    plans = [entry for k in found.steps for entry in found.plans[k]]
    starts, options = (np.stack([entry[column] for entry in plans]) for column in (1, 2))
    judged = mending.judged(starts, options, floor, exact=True)
    changes, order = mending.differs(starts, options).sum(axis=1), judged.order()
    rungs = []
    for k in found.steps:
        row = next(int(row) for row in order if changes[row] <= k)
        rungs.append(_rung(k, int(changes[row]), starts[row], options[row], judged, row))
    return Ladder(
        original=_rung(0, 0, mending.start_year, mending.option, original, 0),
        rungs=tuple(rungs),
        evaluations=found.evaluations + 1 + len(plans),
        seconds=time.perf_counter() - began,
    )


def _rung(most: int, changes: int, start_year: IntArray, option: IntArray, judged: Judged, row: int) -> Rung:
    return Rung(
        most=most,
        changes=changes,
        start_year=start_year,
        option=option,
        values=judged.values[row],
        excess=float(judged.excess[row]),
        loss=float(judged.loss[row]),
        gap=float(judged.gap[row]),
    )
