"""The fewest changes that suffice: what is found by undoing changes that are not needed, and what is proven needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.mending.gap import ON_FRONT
from optimizers.mending.ladder import Ladder, Rung
from optimizers.mending.moves import limit_use, plan_use
from optimizers.mending.plan_model import HOLDS, UNCHANGED, Judged, Mending, year_counts


def suffices(rung: Rung, gap: float) -> bool:
    """Whether a plan keeps the rules, loses nothing that may not be lost, and is within a gap to the front."""
    return rung.excess <= HOLDS and rung.loss <= UNCHANGED and rung.gap <= gap


def fewest_found(mending: Mending, ladder: Ladder, *, gap: float = ON_FRONT) -> Rung | None:
    """A plan of few changes that suffices: the first rung that does, less the changes that it can do without.

    The changes that are missed least are undone, as many of them together as the plan can do without, and so on.

    Args:
        mending: the plan to mend.
        ladder: what was found.
        gap: to the front that suffices [ranges]; inf = the rules alone.

    Returns:
        The plan; None where no rung suffices.
    """
    rungs = (ladder.original, *ladder.rungs)
    first = next((rung for rung in rungs if suffices(rung, gap)), None)
    if first is None or first.changes == 0:
        return first
    floor = None if mending.may_lose or ladder.original.excess > HOLDS else ladder.original.values
    kept = first
    while True:
        shorter = _without_some(mending, kept, floor, gap)
        if shorter is None:
            return kept
        kept = shorter


def _without_some(mending: Mending, rung: Rung, floor: FloatArray | None, gap: float) -> Rung | None:
    """The plan with the most changes undone, those first that are missed least; None where it can do without none."""
    changed = np.flatnonzero(mending.differs(rung.start_year[None], rung.option[None])[0])
    alone = mending.judged(*_undone(mending, rung, changed[:, None]), floor, exact=False)
    order = [int(row) for row in alone.order() if alone.excess[row] <= HOLDS and alone.gap[row] <= gap]
    together = [changed[order[: n + 1]] for n in range(len(order))]
    if not together:
        return None
    judged = mending.judged(*_undone(mending, rung, together), floor, exact=False)
    fits = [n for n in range(len(order)) if judged.excess[n] <= HOLDS and judged.gap[n] <= gap]
    tried = sorted({*fits[-2:], 0}, reverse=True)
    for n in tried:
        starts, options = _undone(mending, rung, [together[n]])
        exact = mending.judged(starts, options, floor, exact=True)
        shorter = _rung_of(rung, rung.changes - n - 1, starts[0], options[0], exact)
        if suffices(shorter, gap):
            return shorter
    return None


def _undone(mending: Mending, rung: Rung, without: Sequence[IntArray] | IntArray) -> tuple[IntArray, IntArray]:
    """Plans of a rung without the changes of some villages each, start years and options."""
    starts, options = (np.tile(genes, (len(without), 1)) for genes in (rung.start_year, rung.option))
    for row, villages in enumerate(without):
        starts[row, villages], options[row, villages] = mending.start_year[villages], mending.option[villages]
    return starts, options


def _rung_of(rung: Rung, changes: int, start_year: IntArray, option: IntArray, judged: Judged) -> Rung:
    return replace(
        rung,
        most=changes,
        changes=changes,
        start_year=start_year,
        option=option,
        values=judged.values[0],
        excess=float(judged.excess[0]),
        loss=float(judged.loss[0]),
        gap=float(judged.gap[0]),
    )


def fewest_for_limits(mending: Mending) -> int:
    """A number of changes below which no plan keeps the limits that add up by option, the quotas and the masks.

    Of each broken limit it counts the largest reliefs that single villages can give until the excess is gone, whatever
    else they do. It is a proof for limits that do not depend on the year of start; the others are left out.
    """
    n_years, village = np.asarray(mending.model.quota).size, np.arange(mending.start_year.size)
    count = year_counts(mending.start_year[None], n_years)[0]
    over = np.clip(count - np.asarray(mending.model.quota), 0, None).sum()
    illegal = ~mending.model.start_mask[village, mending.start_year]
    return max(int(over), int(illegal.sum()), *_fewest_of_limits(mending), 0)


def _fewest_of_limits(mending: Mending) -> list[int]:
    limits, linear = mending.limits, mending.linear
    if limits is None or linear is None:
        return []
    rows, total = limits.rows, plan_use(mending, mending.start_year, mending.option)
    own = limit_use(mending, np.arange(mending.start_year.size), mending.start_year, mending.option)
    needed = []
    for k in np.flatnonzero(total > rows.limit * (1.0 + HOLDS) + HOLDS):
        if np.ptp(rows.slope[k], axis=0).any():
            continue  # it depends on when villages begin
        counts = (rows.district[k] < 0) | (limits.village_district == rows.district[k])
        use = np.tensordot(linear.quantities.astype(np.float64), rows.slope[k, 0], axes=([1], [0]))
        least = np.where(linear.option_mask, use, np.inf).min(axis=1, initial=np.inf)
        least = np.minimum(least, np.where(linear.start_mask[:, 0], 0.0, np.inf))
        relief = np.where(counts & np.isfinite(least) & ~mending.fixed_mask, own[:, k] - least, 0.0)
        gained = np.cumsum(np.sort(np.clip(relief, 0.0, None))[::-1])
        needed.append(1 + int(np.searchsorted(gained, (total[k] - rows.limit[k]) * (1.0 - 1e-6))))
    return needed
