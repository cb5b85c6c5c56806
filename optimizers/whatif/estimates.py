"""The least value of a lever before anything is searched: by evaluated exchanges, or by assigning years anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.year_assignment import assign_years
from optimizers.whatif.entries import Entries, entries_of, gains_of
from optimizers.whatif.lever import Lever
from optimizers.whatif.standing import ILLEGAL, Standing
from optimizers.whatif.wish import Wish

STEPS = (0.05, 0.12, 0.22, 0.38, 0.6, 1.0)
"""Parts of the way to an end at which a factor is tried, on a scale of logarithms."""
BISECTIONS = 5
MARGIN = 1e-6
"""A gain below this is a tie [ranges]."""
TRIED = 8
"""Ways in that are followed from value to value of a lever."""
YEARS = 3


@dataclass(frozen=True)
class Estimate:
    """A value of a lever that grants a wish by an estimate, and one nearer to what is that does not."""

    below: float
    value: float
    variant: int
    evaluations: int = 0


def estimate(standing: Standing, wish: Wish, lever: Lever) -> Estimate | None:
    """The least value of any variant that grants the wish; None where none does.

    Price and density limit are tried by evaluating the plan with the best ways in, in the place of whoever gains least;
    places and weights by assigning years to all villages anew in the linear model at the plan.
    """
    if lever.name in ("price", "density"):
        found = [_least_factor(standing, wish, lever, end) for end, _ in lever.ends]
    elif lever.name == "places":
        found = list(_least_places(standing, wish, lever))
    else:
        found = [_least_share(standing, wish, lever, k) for _, k in lever.ends]
    known = [one for one in found if one is not None]
    return min(known, key=lambda one: lever.distance(one.value)) if known else None


def _least_factor(standing: Standing, wish: Wish, lever: Lever, end: float) -> Estimate | None:
    entries, below, evaluations = entries_of(standing, wish), lever.start, 0
    if not len(entries):
        return None
    for part in STEPS:
        value = float(end**part)
        gain = gains_of(entries, standing, model=lever.model_at(value, 0))
        evaluations += len(entries) + 1
        if gain.max() > MARGIN:
            break
        entries, below = entries.only(_hopeful(gain, entries)), value
    else:
        return None
    for _ in range(BISECTIONS):
        middle = lever.between(below, value)
        gain = gains_of(entries, standing, model=lever.model_at(middle, 0))
        evaluations += len(entries) + 1
        below, value = (below, middle) if gain.max() > MARGIN else (middle, value)
    return Estimate(below, value, 0, evaluations)


def _hopeful(gain: FloatArray, entries: Entries) -> IntArray:
    """The best rows, among them the best of several options: a higher price favors other ones."""
    order = np.argsort(-gain, kind="stable")
    _, first = np.unique(entries.option[order], return_index=True)
    return np.unique(np.concatenate([order[: TRIED // 2], order[np.sort(first)][:TRIED]]))


def _least_places(standing: Standing, wish: Wish, lever: Lever) -> list[Estimate]:
    """The fewest places in each of the years in which the village gains most; none where it gains in no year."""
    own = np.where(wish.cells(standing.model), standing.table[wish.village].astype(np.float64), -np.inf).max(axis=1)
    now = standing.gain[wish.village] if wish.start_year else 0.0
    quota, found, fewest = (
        np.asarray(standing.model.quota),
        list[Estimate](),
        max((end for end, _ in lever.ends), default=0.0),
    )
    gain = _gain_by_year(standing, wish, standing.preference.weights)
    for year in np.argsort(-own, kind="stable")[:YEARS] + 1:
        if own[year - 1] <= now:
            continue
        low, high = 0.0, 1.0
        while high < fewest and not _grants(standing, wish, gain, _raised(quota, int(year), high)):
            low, high = high, min(2.0 * high, fewest)
        if not _grants(standing, wish, gain, _raised(quota, int(year), high)):
            continue
        while high - low > 1.0:
            middle = lever.between(low, high)
            grants = _grants(standing, wish, gain, _raised(quota, int(year), middle))
            low, high = (low, middle) if grants else (middle, high)
        found.append(Estimate(low, high, int(year)))
        fewest = high
    return found


def _least_share(standing: Standing, wish: Wish, lever: Lever, objective: int) -> Estimate | None:
    quota = np.asarray(standing.model.quota)

    def grants(share: float) -> bool:
        weights = lever.preference_at(share, objective).weights
        return _grants(standing, wish, _gain_by_year(standing, wish, weights), quota)

    if not grants(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS + 2):
        middle = lever.between(low, high)
        low, high = (low, middle) if grants(middle) else (middle, high)
    return Estimate(low, high, objective)


def _gain_by_year(standing: Standing, wish: Wish, weights: FloatArray) -> FloatArray:
    """Gain of keeping (0) and of each village's best choice in each year, shape (n_villages, plan_years + 1).

    The village that the wish is of has only the choices that grant it where they are as good as its others.
    """
    best, _ = standing.best_by_year(weights)
    wanted = np.where(wish.cells(standing.model), standing.table_by(weights)[wish.village].astype(np.float64), -np.inf)
    if wish.kind == "denser":
        granting = wanted.max(axis=1)
        best[wish.village] = np.where(granting >= best[wish.village], granting, -np.inf)
    best = np.where(best > 0.5 * ILLEGAL, best, -np.inf)
    may_stay = standing.model.start_mask[:, 0]
    return np.column_stack([np.where(may_stay, 0.0, -np.inf), best])


def _grants(standing: Standing, wish: Wish, gain: FloatArray, quota: IntArray) -> bool:
    """Whether the best assignment of years by the linear model grants the wish."""
    del standing
    year = int(assign_years(gain, quota)[0][wish.village])
    return bool(year > 0 and (wish.kind != "earlier" or year < wish.start_year))


def _raised(quota: IntArray, year: int, more: float) -> IntArray:
    raised = quota.copy()
    raised[year - 1] += int(more)
    return raised
