"""The ladder of mending: the best plan within 1, 5, 10, 20, 60 changes of a plan that somebody brings.

At a plan the linear model says what each change would do; an integer program picks the best few of them (selection),
the plan they make is evaluated, the linear model is drawn up anew there, and what is best in the end is polished
exchange by exchange. Nothing is told that was not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.mending.effort import EVALUATIONS, Effort
from optimizers.mending.exchanges import drawn_neighbors, neighbors
from optimizers.mending.found_plans import FoundPlans, Trail
from optimizers.mending.plan_model import Judged, Mending
from optimizers.mending.reach import Estimate
from optimizers.mending.trails import followed, goals_of, weights_of

STEPS = (1, 5, 10, 20, 60)
ROUNDS = 4
"""Linear models drawn up on the way to each rung."""
GOALS_KEPT = 4
"""Goals followed after the first round, those that led farthest."""
NEIGHBORS, AT_ONCE, MOST_POLISHES = 48, 16, 12
"""Plans evaluated for each exchange, so many of them before the first that helps is taken, and exchanges of a rung."""
FARTHER = 4
"""Times as many neighbors are looked at while not one change that helps is known."""
FOLLOWING = 0.6
"""Share of the effort for following goals; the rest is for exchanges."""


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
        evaluations: plans evaluated, a linear model counted as eight.
        seconds: wall time.
        stopped_by_time: whether the wall time, and not the evaluations, ended it: another load finds another ladder.
        estimate: how far so few changes can lead at most; None for models without slopes, or where the rules suffice.
    """

    original: Rung
    rungs: tuple[Rung, ...]
    evaluations: int
    seconds: float
    stopped_by_time: bool
    estimate: Estimate | None = None


def mend(
    mending: Mending,
    *,
    steps: Sequence[int] = STEPS,
    evaluations: int = EVALUATIONS,
    seconds: float = 45.0,
    seed: int = 0,
    enough: float | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Ladder:
    """Find the ladder.

    Args:
        mending: the plan, its model and the front.
        steps: numbers of changes, ascending.
        evaluations: that it may take, a linear model counted as eight; the last step is finished.
        seconds: wall time after which it stops all the same.
        enough: gap at which a rung is good enough, and is not improved any more; inf = once the rules hold.
        seed: of random changes, which models without slopes need.
        progress: told the rung and its gap after each step.

    Returns:
        The ladder; every rung is evaluated at report precision, and none is worse than the one below.
    """
    effort = Effort(evaluations, seconds)
    found, rng = FoundPlans(mending, steps), np.random.default_rng(seed)
    first = found.best(0)
    trails = {k: [Trail(goal, *first[1:]) for goal in goals_of(first[3].size)] for k in steps}
    for turn in range(ROUNDS):
        for k in steps:
            late = turn > 0 and not effort.allows(found.evaluations, FOLLOWING)
            if late or found.is_enough(k, enough):
                continue
            trails[k] = followed(found, k, trails[k])[:GOALS_KEPT]
            if progress is not None:
                progress(k, found.best(k)[0][2])
    for position, k in enumerate(steps):
        share = FOLLOWING + (1.0 - FOLLOWING) * (position + 1) / len(steps)
        weights = weights_of([trail.goal for trail in trails[k]], first[3].size)
        _polish(found, k, weights, rng, effort, share=share, enough=enough)
        if progress is not None:
            progress(k, found.best(k)[0][2])
    return _exact(found, effort, None if enough == np.inf else found.estimate())


def _polish(
    found: FoundPlans,
    k: int,
    weights: FloatArray,
    rng: np.random.Generator,
    effort: Effort,
    *,
    share: float,
    enough: float | None,
) -> None:
    """Exchange one or two changes at a time while that helps."""
    mending = found.mending
    for _ in range(MOST_POLISHES):
        before, start_year, option, values = found.best(k)
        if found.is_enough(k, enough) or not effort.allows(found.evaluations, share):
            return
        at = None if mending.linear is None else found.linearized(Trail(None, start_year, option, values))
        if at is None:
            plans = drawn_neighbors(mending, start_year, option, rng, changes=k, most=NEIGHBORS)
        else:
            untouched = not mending.differs(start_year[None], option[None]).any()
            most = FARTHER * NEIGHBORS if untouched else NEIGHBORS
            plans = neighbors(mending, at, found.original, weights, changes=k, most=most)
        for first in range(0, len(plans[0]), AT_ONCE):
            found.offer(*(genes[first : first + AT_ONCE] for genes in plans))
            if at is not None and found.best(k)[0] != before:
                break
        if at is not None and found.best(k)[0] == before:
            return


def _exact(found: FoundPlans, effort: Effort, estimate: Estimate | None) -> Ladder:
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
        seconds=effort.spent_seconds,
        stopped_by_time=effort.stopped_by_time,
        estimate=estimate,
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
