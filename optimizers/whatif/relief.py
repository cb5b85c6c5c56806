"""By how much single changes of a plan relieve one rule or target: as sums over villages, or measured one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray, IntArray
from data.scenario import RuleMode, Scenario
from envs.changes.effects import measure_changes
from envs.changes.village_change import NOBODY, Change
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.models.kernel_model import KernelModel
from envs.rules.targets import target_name
from optimizers.whatif.neighborhood import beginnings_of, changes_of
from optimizers.whatif.standing import ILLEGAL, Standing

PARTS = (1.0, 0.75, 0.5, 0.25)
"""Parts of the largest relief that a village can give, for each of which its cheapest choice is considered."""
MOST_MEASURED = 600
"""Changes measured one by one where a rule does not add up."""


@dataclass(frozen=True, eq=False)
class Relief:
    """Changes of single villages, and what each does for a rule.

    Attributes:
        changes: one each.
        relief: of each row of the rule (district, year), shape (n_changes, n_rows).
        needed: of each row, above 0, shape (n_rows,).
        worth: gain by the preference that the linear model foretells, shape (n_changes,) [ranges].
        kind: `sum` (exact sums by option, whenever a village begins), `linear` (sums in the linear model at the plan),
            or `measured` (each change by itself).
        largest: the most that each row is relieved by a renewed village that does something else, or by a kept one that
            is renewed, shape (n_villages, n_rows); for `sum` alone, as the next.
        leaving: that each row is relieved by a village that is kept instead, same shape; -inf where none may be.
    """

    changes: tuple[Change, ...]
    relief: FloatArray
    needed: FloatArray
    worth: FloatArray
    kind: str
    largest: FloatArray
    leaving: FloatArray


def hardened(scenario: Scenario, rule: str) -> Scenario:
    """The scenario with a rule or target made hard."""
    names = [target_name(target) for target in scenario.targets]
    if rule not in names:
        return scenario.model_copy(update={"rules": {**scenario.rules, rule: RuleMode.HARD}})
    targets = tuple(
        target.model_copy(update={"mode": RuleMode.HARD}) if name == rule else target
        for name, target in zip(names, scenario.targets, strict=True)
    )
    return scenario.model_copy(update={"targets": targets})


def relief_of(standing: Standing, rule: str) -> Relief:
    """What single changes of a plan do for a rule that it breaks."""
    scenario = hardened(standing.model.resolved.scenario, rule)
    ground = replace(standing.model.resolved, scenario=scenario)
    model = KernelModel(ground, standing.model.objectives, threads=standing.model.threads, space=standing.model.space)
    limits = model.linear_limits()
    if limits is not None:
        limits = limits.at(standing.start_year[None], standing.option[None])[0]
        names = [*limits.rows.rule, *([] if limits.at_plan is None else limits.at_plan.rule)]
        limits = limits.only(np.flatnonzero(np.array(names) == rule))
        if limits.n_limits:
            return _by_sums(standing, model, limits)
    return _measured(standing, rule)


def _by_sums(standing: Standing, model: KernelModel, limits: LinearLimits) -> Relief:
    gains, village = model.linear_model(), np.arange(standing.start_year.size)
    own = limits.use(gains, standing.start_year, standing.option)
    excess = limits.excess(own)
    broken = np.flatnonzero(excess > 0.0)
    rows = broken if broken.size else np.array([int(np.argmax(excess))])
    is_sum = limits.at_plan is None and not np.ptp(limits.rows.slope, axis=1).any()
    changes, relief, worth = list[Change](), list[FloatArray](), list[float]()
    largest, leaving = (np.full((village.size, rows.size), -np.inf) for _ in range(2))
    for v in village[~standing.model.space.fixed_mask]:
        cells = _cells(standing, int(v))
        use = limits.use_of_choices(gains, np.full(len(cells), v), cells[:, 0], cells[:, 1])
        gain = (own[v] - use)[:, rows]
        is_keep = cells[:, 0] == 0
        largest[v] = gain[~is_keep].max(axis=0, initial=-np.inf)
        leaving[v] = gain[is_keep].max(axis=0, initial=-np.inf)
        foretold = _worth(standing, int(v), cells)
        for row in _cheapest(gain.clip(0.0).sum(axis=1), foretold):
            changes.append(_change(standing, int(v), *cells[row].tolist()))
            relief.append(gain[row])
            worth.append(float(foretold[row]))
    table = np.array(relief).reshape(len(changes), rows.size)
    needed = np.maximum(excess[rows], 1e-9)
    return Relief(tuple(changes), table, needed, np.array(worth), "sum" if is_sum else "linear", largest, leaving)


def _cells(standing: Standing, village: int) -> IntArray:
    """Year and option of the choices of a village: keep, every option in its own year; a kept one in its best year."""
    space, now = standing.model.space, int(standing.start_year[village])
    options = np.flatnonzero(space.option_mask[village])
    open_years = np.flatnonzero(space.start_mask[village, 1:]) + 1
    keep = np.array([[0, standing.option[village]]]) if now and space.start_mask[village, 0] else np.zeros((0, 2))
    if not options.size or not open_years.size:
        return keep.astype(np.int64)
    if not now:
        room = open_years[standing.room[open_years - 1] > 0]
        years = room if room.size else open_years
        gain = standing.table[village][years - 1].max(axis=1)
        now = int(years[np.argmax(gain)])
    cells = np.column_stack([np.full(options.size, now), options])
    return np.concatenate([keep, cells]).astype(np.int64)


def _worth(standing: Standing, village: int, cells: IntArray) -> FloatArray:
    """What choices gain over what the plan does there, foretold; shape (n_cells,) [ranges]."""
    table = standing.table[village, np.maximum(cells[:, 0] - 1, 0), cells[:, 1]].astype(np.float64)
    table = np.where(cells[:, 0] > 0, np.where(table > 0.5 * ILLEGAL, table, -np.inf), 0.0)
    return np.asarray(table - standing.gain[village])


def _cheapest(relief: FloatArray, worth: FloatArray) -> IntArray:
    """Of the choices that give so much relief, the ones that cost least, for several parts of the most."""
    if not relief.size or relief.max() <= 0.0:
        return np.zeros(0, dtype=np.int64)
    found = []
    for part in PARTS:
        enough = np.flatnonzero((relief >= part * relief.max()) & np.isfinite(worth))
        if enough.size:
            found.append(enough[np.argmax(worth[enough])])
    return np.unique(np.array(found, dtype=np.int64))


def _change(standing: Standing, village: int, year: int, option: int) -> Change:
    if year == 0:
        return Change(village, "keep", 0)
    change = standing.neighbors.beginning(village, year, option)
    return replace(change, kind="use") if standing.start_year[village] else change


def _measured(standing: Standing, rule: str) -> Relief:
    """Each change by itself at search precision: renewed villages by one grade, kept ones by their best beginning."""
    changes = [c for v in np.flatnonzero(standing.start_year > 0) for c in changes_of(standing, int(v))]
    kept = np.flatnonzero((standing.start_year == 0) & ~standing.model.space.fixed_mask)
    changes += [c for v in kept for c in beginnings_of(standing, int(v), most=1)]
    changes = [change for change in changes if change.partner == NOBODY]
    foretold = standing.foretold(changes) @ standing.preference.weights
    chosen = np.argsort(-foretold, kind="stable")[:MOST_MEASURED]
    changes = [changes[k] for k in chosen]
    effects = measure_changes(
        standing.model.resolved,
        standing.plan,
        changes,
        indicators=standing.preference.objectives,
        precision=standing.model.precision,
        threads=standing.model.threads,
    )
    row = [item.name for item in effects.rules].index(rule)
    relief = effects.excess_before[row] - effects.excess_after[:, row]
    worth = standing.preference.worth(effects.difference)
    needed = np.maximum(effects.excess_before[[row]], 1e-9)
    none = np.full((standing.start_year.size, 1), -np.inf)
    return Relief(tuple(changes), relief[:, None], needed, worth, "measured", none, none)
