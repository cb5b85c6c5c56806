"""What mending is measured against: changes drawn at random, local search, and the best single change one at a time."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.mending.exchanges import drawn_neighbors, neighbors
from optimizers.mending.moves import linearized
from optimizers.mending.plan_model import Judged, Mending


def random_mending(mending: Mending, changes: int, evaluations: int, seed: int = 0) -> Judged:
    """The best of so many plans with up to so many random changes, at report precision (one row)."""
    rng, plans = np.random.default_rng(seed), [(mending.start_year, mending.option)]
    for _ in range(evaluations):
        start_year, option = mending.start_year, mending.option
        for _ in range(changes):
            starts, options = drawn_neighbors(mending, start_year, option, rng, changes=changes, most=1)
            if len(starts):
                start_year, option = starts[0], options[0]
        plans.append((start_year, option))
    return _best(mending, plans)


def local_mending(mending: Mending, changes: int, evaluations: int, seed: int = 0, *, at_once: int = 16) -> Judged:
    """The end of a local search by random changes and exchanges of years, at report precision (one row).

    Args:
        mending: the plan to mend.
        changes: villages that may differ from it.
        evaluations: plans that it may evaluate.
        seed: of the changes.
        at_once: neighbors drawn before the best of them is taken, if it is better.
    """
    rng, start_year, option = np.random.default_rng(seed), mending.start_year, mending.option
    reached = mending.judged(start_year[None], option[None], None, exact=False)
    floor = None if mending.may_lose or reached.excess[0] > 0.0 else reached.values[0]
    while evaluations > 0:
        starts, options = drawn_neighbors(mending, start_year, option, rng, changes=changes, most=at_once)
        evaluations -= at_once
        if len(starts) == 0:
            continue
        judged = mending.judged(starts, options, floor, exact=False)
        best = int(judged.order()[0])
        if judged.key(best) < reached.key(0):
            start_year, option, reached = starts[best], options[best], judged.rows(np.array([best]))
    return _best(mending, [(mending.start_year, mending.option), (start_year, option)])


def greedy_mending(mending: Mending, changes: int, each: int, *, single: bool = True) -> list[Judged]:
    """The best of `each` single changes after another, by exact evaluation; a row for each step from 0 on.

    Args:
        mending: the plan to mend; its model needs slopes.
        changes: villages that may differ from the plan in the end, and steps at most.
        each: changes evaluated at every step, those first that the linear model ranks first.
        single: of one village; False = of one or two, as where a village enters a full year only for another.
    """
    alike = np.full((1, len(mending.model.objectives)), 1.0 / len(mending.model.objectives))
    reached = _best(mending, [(mending.start_year, mending.option)])
    floor: FloatArray | None = None if mending.may_lose or reached.excess[0] > 0.0 else reached.values[0]
    start_year, option, found = mending.start_year, mending.option, [reached]
    for _ in range(changes):
        at = linearized(mending, start_year, option, reached.values[0])
        starts, options = neighbors(mending, at, floor, alike, changes=changes, most=each, single=single)
        if len(starts) == 0:
            break
        judged = mending.judged(starts, options, floor, exact=True)
        best = int(judged.order()[0])
        if judged.key(best) >= reached.key(0):
            break
        start_year, option, reached = starts[best], options[best], judged.rows(np.array([best]))
        found.append(reached)
    return found


def _best(mending: Mending, plans: list[tuple[IntArray, IntArray]]) -> Judged:
    starts, options = (np.stack(genes) for genes in zip(*plans, strict=True))
    original = mending.judged(starts[:1], options[:1], None, exact=True)
    floor = None if mending.may_lose or original.excess[0] > 0.0 else original.values[0]
    judged = mending.judged(starts, options, floor, exact=True)
    return judged.rows(judged.order()[:1])
