"""The smallest change that makes a plan keep a rule or reach a target: fewest villages first, then what costs least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.errors import refuse
from envs.changes.effects import Effects, measure_plans_beside, what_is_asked
from envs.changes.village_change import Change, changed_together
from envs.kernel.trace import REPORT
from optimizers.whatif.fewest_by_sums import cheapest_by_sums, fewest_by_sums
from optimizers.whatif.offenders import mended_one_by_one, offending
from optimizers.whatif.relief import Relief, relief_of
from optimizers.whatif.standing import Standing

SIZES = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 400)
"""Numbers of changes that a greedy answer tries first."""
AT_ONCE = 24
"""Plans evaluated at once between two of these numbers, and where needless changes are undone."""
SPARE = 2.0
"""Changes in line: so many times those that should suffice, for what is linear at a plan errs."""


@dataclass(frozen=True, eq=False)
class Smallest:
    """What mends one rule or target.

    Attributes:
        rule: its name.
        changes: of single villages, those that help most first; empty where none was found.
        effects: of all of them together, exactly: one row; None where none was found.
        at_least: changes below which no plan keeps the rule, proven; 0 = nothing is proven, -1 = no plan keeps it.
        kind: `each` where single villages break the rule, so that each of them must change; else how the rule adds up
            (Relief.kind).
        newly_broken: hard rules that the changed plan breaks and the plan keeps.
    """

    rule: str
    changes: tuple[Change, ...]
    effects: Effects | None
    at_least: int
    kind: str
    newly_broken: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether no fewer villages suffice."""
        return bool(self.changes) and len(self.changes) == self.at_least


def broken_rules(effects: Effects) -> list[str]:
    """Rules and targets that a plan breaks or misses, in the order told."""
    return [rule.name for rule, excess in zip(effects.rules, effects.excess_before, strict=True) if excess > 0.0]


def smallest_change(standing: Standing, rule: str, *, certify: bool = True) -> Smallest:
    """The fewest changes that make a plan keep a rule or reach a target.

    Greedy: what relieves most comes first; the smallest number of changes that suffices is taken by evaluation, and
    what it can do without is undone. Where the rule is a sum over villages an integer program proves how many are
    needed whatever else they do, quotas respected, and picks as many that cost least by the linear model. A rule that
    single villages break needs as many changes as there are such villages.

    Args:
        standing: of the plan.
        rule: name of a rule or target.
        certify: whether to ask the integer program.

    Raises:
        InputError: no such rule, or the plan keeps it.
    """
    _refuse_unless_broken(standing, rule)
    item = next(item for item in what_is_asked(standing.model.resolved)[0] if item.name == rule)
    n_offenders = int(offending(standing, item).sum())
    if n_offenders:
        return _said(standing, rule, mended_one_by_one(standing, item), n_offenders, "each")
    relief = relief_of(standing, rule)
    order = greedy_order(standing, relief)
    changes = _fewest_of(standing, rule, [relief.changes[k] for k in order])
    at_least = 0
    if certify and relief.kind == "sum":
        at_least = fewest_by_sums(standing, relief)
        chosen = cheapest_by_sums(standing, relief, at_least)
        proven = _sorted_by_relief(relief, chosen)
        if proven and _suffices(standing, rule, [proven])[0] and (not changes or len(proven) <= len(changes)):
            changes = proven
    return _said(standing, rule, changes, at_least, relief.kind)


def _said(standing: Standing, rule: str, changes: list[Change], at_least: int, kind: str) -> Smallest:
    """What was found with its exact effects; nothing where it does not suffice at report precision."""
    effects = _together(standing, [changes], exact=True) if changes else None
    if effects is None or effects.excess_after[0, [item.name for item in effects.rules].index(rule)] > 0.0:
        return Smallest(rule, (), None, at_least, kind)
    return Smallest(rule, tuple(changes), effects, at_least, kind, _newly_broken_hard(effects))


def greedy_order(standing: Standing, relief: Relief) -> IntArray:
    """Positions of changes in the order in which they are made: each of another village, quotas respected.

    The change comes next that takes most off what is still needed, each row relative to what it needed at first; once
    several would finish, the one that costs least.
    """
    left, room = relief.needed.copy(), np.maximum(standing.room, 0)
    village = np.array([change.village for change in relief.changes], dtype=np.int64)
    year = np.array([change.start_year for change in relief.changes], dtype=np.int64)
    before = standing.start_year[village]
    free, found = np.ones(village.size, dtype=np.bool_), list[int]()
    n_needed: int | None = None
    while free.any() and (n_needed is None or len(found) < SPARE * n_needed + 2) and len(found) < SIZES[-1]:
        wanted = left if n_needed is None else relief.needed
        taken = np.minimum(relief.relief, np.maximum(wanted, 0.0)) / relief.needed
        score = np.where(free & _fits(year, before, room), taken.sum(axis=1), -np.inf)
        best = int(np.argmax(score))
        if score[best] <= 0.0:
            break
        if n_needed is None:
            finishing = (score > 0.0) & (relief.relief >= left).all(axis=1)
            best = int(np.argmax(np.where(finishing, relief.worth, -np.inf))) if finishing.any() else best
        found.append(best)
        left = left - relief.relief[best]
        for moved, step in ((int(before[best]), 1), (int(year[best]), -1)):
            if moved:
                room[moved - 1] += step
        free &= village != village[best]
        if n_needed is None and (left <= 0.0).all():
            n_needed = len(found)
    return np.array(found, dtype=np.int64)


def _fits(year: IntArray, before: IntArray, room: IntArray) -> BoolArray:
    """True for changes into a year that has room, or that stay in theirs."""
    return np.asarray((year == 0) | (year == before) | (room[np.maximum(year - 1, 0)] > 0))


def _fewest_of(standing: Standing, rule: str, line: Sequence[Change]) -> list[Change]:
    """The first changes of a line that suffice, as few as possible, less those that are not needed; [] if none do."""
    sizes = sorted({size for size in SIZES if size < len(line)} | ({len(line)} if line else set()))
    enough = _suffices(standing, rule, [list(line[:size]) for size in sizes])
    if not enough.any():
        return []
    first = int(np.argmax(enough))
    most, least = sizes[first], (sizes[first - 1] if first else 0)
    between = np.unique(np.linspace(least + 1, most, min(AT_ONCE, most - least)).astype(np.int64))
    enough = _suffices(standing, rule, [list(line[:size]) for size in between])
    kept = list(line[: int(between[np.argmax(enough)])]) if enough.any() else list(line[:most])
    return _without_needless(standing, rule, kept)


def _without_needless(standing: Standing, rule: str, changes: list[Change]) -> list[Change]:
    """The changes without those that the plan keeps the rule without, the last in line first."""
    while len(changes) > 1:
        last = range(len(changes) - 1, max(-1, len(changes) - 1 - AT_ONCE), -1)
        without = [[*changes[:k], *changes[k + 1 :]] for k in last]
        enough = _suffices(standing, rule, without)
        if not enough.any():
            return changes
        changes = without[int(np.argmax(enough))]
    return changes


def _suffices(standing: Standing, rule: str, sets: Sequence[Sequence[Change]]) -> BoolArray:
    """Which sets of changes keep the rule and break no hard rule that the plan keeps; else those that keep the rule."""
    if not sets:
        return np.zeros(0, dtype=np.bool_)
    effects = _together(standing, sets, exact=False)
    row = [item.name for item in effects.rules].index(rule)
    keeps = effects.excess_after[:, row] == 0.0
    good = keeps & effects.allowed
    return np.asarray(good if good.any() else keeps)


def _together(standing: Standing, sets: Sequence[Sequence[Change]], *, exact: bool) -> Effects:
    """Effects of sets of changes, a row for each."""
    model = standing.model
    return measure_plans_beside(
        model.resolved,
        standing.plan,
        [changed_together(standing.plan, changes) for changes in sets],
        indicators=None if exact else standing.preference.objectives,
        precision=REPORT if exact else model.precision,
        threads=model.threads,
    )


def _sorted_by_relief(relief: Relief, chosen: IntArray) -> list[Change]:
    """The chosen changes, those first that relieve most."""
    total: FloatArray = (relief.relief[chosen] / relief.needed).sum(axis=1)
    return [relief.changes[k] for k in chosen[np.argsort(-total, kind="stable")]]


def _newly_broken_hard(effects: Effects) -> tuple[str, ...]:
    broken = effects.newly_broken[0] & effects.hard
    return tuple(rule.name for rule, is_new in zip(effects.rules, broken, strict=True) if is_new)


def _refuse_unless_broken(standing: Standing, rule: str) -> None:
    effects = measure_plans_beside(standing.model.resolved, standing.plan, [], indicators=())
    known = [item.name for item in effects.rules]
    if rule not in known:
        raise refuse("smallest_rule_unknown", layer="--meet", rule=rule, known=known)
    if effects.excess_before[known.index(rule)] == 0.0:
        raise refuse("smallest_rule_kept", layer="--meet", rule=rule, broken=broken_rules(effects) or ["-"])
