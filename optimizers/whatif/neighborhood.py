"""All neighbors of a plan, measured and ranked: which single change would help most, which costs least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.changes.effects import Effects, measure_changes
from envs.changes.village_change import Change
from envs.kernel.plans import Plans
from envs.kernel.trace import REPORT
from envs.models.kernel_model import KernelModel
from optimizers.whatif.preference import Preference
from optimizers.whatif.standing import ILLEGAL, Standing

MEASURED, EXACT = 4_500, 24
"""Changes that are measured at search precision, and those of each ranking that are measured at report precision."""
CELLS_MEASURED = 8_500_000
"""Places x changes measured at most, about forty seconds of one processor."""


@dataclass(frozen=True, eq=False)
class Neighborhood:
    """The changes of a plan, every one of them once.

    Attributes:
        preference: what they are ranked by.
        changes: all of them.
        gain: in each objective, more is better, shape (n_changes, n_objectives) [natural units].
        how: 2 measured at report precision, 1 at search precision, 0 foretold by the linear model; (n_changes,).
        allowed: False where it breaks a hard rule that the plan keeps; True where it is only foretold.
        breaks: names of the rules that each newly breaks.
        keeps: names of the rules and targets that each newly meets.
    """

    preference: Preference
    changes: tuple[Change, ...]
    gain: FloatArray
    how: IntArray
    allowed: BoolArray
    breaks: tuple[tuple[str, ...], ...]
    keeps: tuple[tuple[str, ...], ...]

    @property
    def worth(self) -> FloatArray:
        """Gain by the preference, shape (n_changes,) [ranges]."""
        return np.asarray(self.gain / self.preference.ranges @ self.preference.weights)

    def ranked(self, objective: str | None = None) -> IntArray:
        """Positions of the allowed and measured changes, the best first.

        Args:
            objective: to rank by; None = by the preference.
        """
        by = self.worth if objective is None else self.gain[:, self.preference.objectives.index(objective)]
        return _best_of(by, self.allowed & (self.how > 0))


def all_changes(standing: Standing, *, by_objective: bool = True) -> list[Change]:
    """Every change of a renewed village, and the best beginnings of each kept one.

    A change into a full year has a partner: a village that starts in the other's year, or is kept instead.

    Args:
        standing: of the plan.
        by_objective: kept villages begin also as is best for each objective alone, not only for the preference.
    """
    found = [
        change for village in np.flatnonzero(standing.start_year > 0) for change in changes_of(standing, int(village))
    ]
    weights = [standing.preference.weights]
    if by_objective:
        weights += [row for row in np.eye(weights[0].size) if not np.array_equal(row, weights[0])]
    beginnings = [change for weight in weights for change in _beginnings(standing, weight)]
    return [*found, *dict.fromkeys(beginnings)]


def changes_of(standing: Standing, village: int) -> Iterator[Change]:
    """The changes of a village that the plan renews; into a full year it goes with a partner."""
    for change in standing.neighbors.of_village(village):
        if change.kind in ("earlier", "later") and standing.room[change.start_year - 1] <= 0:
            partner = standing.swap_partner(village, change.start_year)
            if partner >= 0:
                year = int(standing.start_year[village])
                yield replace(change, partner=partner, partner_year=year)
                continue
        yield change


def beginnings_of(standing: Standing, village: int, *, most: int = 4) -> list[Change]:
    """The best beginnings of a kept village by the preference, in different years or with different options."""
    gain = standing.table[village].astype(np.float64) - _price(standing)[:, None]
    found = list[Change]()
    for cell in np.argsort(-gain.ravel(), kind="stable")[: 20 * most]:
        year, option = divmod(int(cell), gain.shape[1])
        kinds = {(change.land_use, change.intensity, change.start_year) for change in found}
        change = _beginning(standing, village, year + 1, option)
        if gain[year, option] > 0.5 * ILLEGAL and (change.land_use, change.intensity, change.start_year) not in kinds:
            found.append(change)
        if len(found) == most:
            break
    return found


def _price(standing: Standing) -> FloatArray:
    """What a start in each year costs: the gain of the weakest village where it is full, shape (plan_years,)."""
    weakest = [standing.weakest_of_year(year) for year in range(1, standing.room.size + 1)]
    return np.array(
        [
            0.0 if room > 0 else standing.gain[who] if who >= 0 else np.inf
            for room, who in zip(standing.room, weakest, strict=True)
        ]
    )


def _beginnings(standing: Standing, weights: FloatArray) -> Iterator[Change]:
    """The best beginning of every kept village by some weights."""
    best, option = standing.best_by_year(weights)
    price = _price(standing)
    kept = (standing.start_year == 0) & ~standing.model.space.fixed_mask
    for village in np.flatnonzero(kept):
        net = best[village] - price
        year = int(np.argmax(net))
        if best[village, year] > 0.5 * ILLEGAL and np.isfinite(net[year]):
            yield _beginning(standing, int(village), year + 1, int(option[village, year]))


def _beginning(standing: Standing, village: int, year: int, option: int) -> Change:
    if standing.room[year - 1] > 0:
        return standing.neighbors.beginning(village, year, option)
    partner = standing.weakest_of_year(year)
    return standing.neighbors.beginning(village, year, option, kind="instead", partner=partner)


def neighborhood(
    model: KernelModel,
    plan: Plans,
    preference: Preference,
    *,
    threads: int = 1,
    measured: int | None = None,
    exact: int = EXACT,
) -> Neighborhood:
    """Measure all neighbors of a plan and rank them.

    Those that the linear model finds best by the preference or an objective are measured by the evaluator at search
    precision; the first of every ranking, and the first of those that cost least, are measured again at report
    precision.

    Args:
        model: of the scenario.
        plan: batch of one plan, of any method.
        preference: what they are ranked by.
        threads: worker threads.
        measured: changes measured; None = as many as a city of its size allows in about forty processor seconds.
        exact: of each ranking measured at report precision.
    """
    standing = Standing(model, plan, preference)
    changes = all_changes(standing)
    foretold = standing.foretold(changes)
    most = max(1, min(MEASURED, CELLS_MEASURED // model.resolved.city.n_places)) if measured is None else measured
    chosen = _promising(foretold, preference.weights, most)
    found = Neighborhood(
        preference,
        tuple(changes),
        foretold * preference.ranges,
        np.zeros(len(changes), dtype=np.int64),
        np.ones(len(changes), dtype=np.bool_),
        ((),) * len(changes),
        ((),) * len(changes),
    )
    found = _measured(found, model, plan, chosen, precise=False, threads=threads)
    shown = [found.ranked()[:exact], *(found.ranked(name)[:exact] for name in preference.objectives)]
    return _measured(found, model, plan, np.unique(np.concatenate(shown)), precise=True, threads=threads)


def _promising(foretold: FloatArray, weights: FloatArray, most: int) -> IntArray:
    """Positions of the changes that rank first by the weights or by any objective, most of them by the weights."""
    if len(foretold) <= most:
        return np.arange(len(foretold))
    orders = [np.argsort(-column, kind="stable") for column in (foretold @ weights, *foretold.T)]
    rank = np.full(len(foretold), len(foretold))
    for order in orders:
        rank[order] = np.minimum(rank[order], np.arange(order.size))
    return np.sort(np.argsort(rank, kind="stable")[:most])


def _measured(
    found: Neighborhood, model: KernelModel, plan: Plans, rows: IntArray, *, precise: bool, threads: int
) -> Neighborhood:
    """The neighborhood with some of its changes measured."""
    if not rows.size:
        return found
    effects = measure_changes(
        model.resolved,
        plan,
        [found.changes[row] for row in rows],
        indicators=found.preference.objectives,
        precision=REPORT if precise else model.precision,
        threads=threads,
    )
    gain, how, allowed = found.gain.copy(), found.how.copy(), found.allowed.copy()
    breaks, keeps = list(found.breaks), list(found.keeps)
    gain[rows], how[rows], allowed[rows] = effects.difference * found.preference.signs, 1 + precise, effects.allowed
    for row, broken, kept in zip(rows, effects.newly_broken, effects.newly_kept, strict=True):
        breaks[row], keeps[row] = rule_names(effects, broken), rule_names(effects, kept)
    return replace(found, gain=gain, how=how, allowed=allowed, breaks=tuple(breaks), keeps=tuple(keeps))


def rule_names(effects: Effects, which: BoolArray) -> tuple[str, ...]:
    """Names of the rules at True."""
    return tuple(rule.name for rule, said in zip(effects.rules, which, strict=True) if said)


def _best_of(by: FloatArray, among: BoolArray) -> IntArray:
    order = np.argsort(-by, kind="stable")
    return np.asarray(order[among[order]])
