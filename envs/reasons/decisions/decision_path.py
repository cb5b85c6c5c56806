"""The decision path of a plan: village after village, what was taken, what stood open instead, what each would do.

Any plan can be retold so: its villages come by start year and, within a year, in an order that is given. What a step
changes is exact. What stood open is screened by marginal gains (envs.choices.marginal_gain) and then measured exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import RuleMode
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import marginal_gains
from envs.choices.options import OptionSpace, option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.computing.parallel_chunks import in_parallel
from envs.kernel.plans import canonical, choose
from envs.reasons.decisions.open_choices import BARRED, NONE, OpenChoices, Screen, Steps
from envs.reasons.decisions.step_effects import measured_since
from envs.rules.check import active_rules

N_EXACT = 1
"""Of the alternatives of a step, so many are measured exactly unless more are asked for; the rival is the first."""
SLOPES_EVERY = 5
"""Decisions after which slopes are taken anew; between them gains are those of the last ones."""


@dataclass(frozen=True, eq=False)
class Worth:
    """What the preference behind a plan makes of a change.

    Attributes:
        weights: of the objectives, sum 1, shape (n_objectives,).
        per_unit: anchor ranges per natural unit of each objective, positive where more is better, same shape.
    """

    weights: FloatArray
    per_unit: FloatArray

    def of(self, change: FloatArray) -> FloatArray:
        """Weighted anchor ranges of changes, shape (..., n_objectives) to (...)."""
        return np.asarray(change @ (self.weights * self.per_unit))


@dataclass(frozen=True, eq=False)
class DecisionPath:
    """A plan as decisions one after the other; n_steps villages, K objectives.

    Attributes:
        resolved: scenario resolved against a city.
        plan: batch of one.
        worth: of a change.
        village: index, shape (n_steps,).
        year: in which it starts, same shape.
        is_given: True where the scenario fixes the decision, same shape.
        effect: what the step changes, exact, shape (n_steps, K), natural units.
        before: objectives before each step as measured since its year (step_effects.measured_since), same shape; means
            something beside other plans measured since the same year alone.
        foretold: what the marginal gains foretold of it [weighted anchor ranges], shape (n_steps,).
        n_open: other villages that could have started instead, same shape.
        alternatives: what stood open; A = N_COLUMNS, the last what a hard limit kept out.
        limit_rules: rule of each limit that may keep a choice out.
    """

    resolved: ResolvedScenario
    plan: Plans
    worth: Worth
    village: IntArray
    year: IntArray
    is_given: BoolArray
    effect: FloatArray
    before: FloatArray
    foretold: FloatArray
    n_open: IntArray
    alternatives: OpenChoices
    limit_rules: tuple[str, ...]

    @property
    def n_steps(self) -> int:
        """Villages that the plan renews."""
        return int(self.village.size)

    @cached_property
    def gain(self) -> FloatArray:
        """Exact gain of each step [weighted anchor ranges], shape (n_steps,)."""
        return self.worth.of(self.effect)

    @cached_property
    def alternative_gain(self) -> FloatArray:
        """Gain of each alternative, exact where it was measured, else foretold, shape (n_steps, A); NaN where none."""
        exact = self.worth.of(self.alternatives.effect)
        return np.where(self.alternatives.is_exact, exact, self.alternatives.foretold)

    def step_of(self, village: int) -> int:
        """Position of a village on the path; NONE where it is not on it."""
        found = np.flatnonzero(self.village == village)
        return int(found[0]) if found.size else NONE

    def with_exact(self, steps: IntArray, *, threads: int = 1) -> DecisionPath:
        """The same path with every alternative of some steps measured exactly.

        Args:
            steps: positions, shape (n,).
            threads: worker threads.
        """
        wanted = np.zeros_like(self.alternatives.is_exact)
        wanted[steps] = self.alternatives.village[steps] != NONE
        wanted &= ~self.alternatives.is_exact
        return replace(self, alternatives=_measured(self, wanted, threads=threads))


def decision_path(
    resolved: ResolvedScenario,
    plan: Plans,
    worth: Worth,
    order: IntArray | None = None,
    *,
    n_exact: int = N_EXACT,
    threads: int = 1,
) -> DecisionPath:
    """Retell a plan as decisions.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one; it may be edited, or be of any method.
        worth: of a change, by the preference behind the plan.
        order: villages that the plan renews, by start year; None = within a year by marginal gain when the year opens.
        n_exact: alternatives of each step that are measured exactly, 0..5.
        threads: worker threads.

    Returns:
        The path; empty where the plan renews nothing.
    """
    plan, space = canonical(plan), option_space(resolved)
    gains = marginal_gains(resolved, space, resolved.scenario.objectives, with_limits=True, threads=threads)
    limits = linear_limits(gains, active_rules(resolved, (RuleMode.HARD,)))
    screen = Screen(gains, None if limits is None else _of_every_plan(limits), worth.weights, worth.per_unit, threads)
    village = order_by_gain(screen, plan) if order is None else np.asarray(order)
    year = np.asarray(plan.start_year)[0, village]
    told = _screened(screen, plan, village, year)
    before, effect = _effects(resolved, plan, village, year, threads=threads)
    path = DecisionPath(
        resolved=resolved,
        plan=plan,
        worth=worth,
        village=village,
        year=year,
        is_given=space.fixed_mask[village],
        effect=effect,
        before=before,
        foretold=told.taken,
        n_open=told.n_open,
        alternatives=told,
        limit_rules=() if screen.limits is None else tuple(screen.limits.rows.rule.tolist()),
    )
    return replace(path, alternatives=_measured(path, _to_measure(path, n_exact), threads=threads))


def order_by_gain(screen: Screen, plan: Plans) -> IntArray:
    """Villages of a plan by start year and, within it, by marginal gain when the year opens, the largest first."""
    start = np.asarray(plan.start_year)[0]
    _, option = screen.gains.space.encode(plan)
    ordered = []
    for year in np.unique(start[start > 0]).tolist():
        opening = before_year(plan, year)
        of_year = np.flatnonzero(start == year)
        gain = screen.gain_of(opening, year, of_year, option[0, of_year])
        ordered.append(of_year[np.argsort(-gain, kind="stable")])
    return np.concatenate(ordered) if ordered else np.zeros(0, dtype=np.int64)


def order_by_score(plan: Plans, score: FloatArray) -> IntArray:
    """Villages of a plan by start year and, within it, by a score of each village, the largest first.

    Args:
        plan: batch of one.
        score: for example the attributed gain, shape (n_villages,).
    """
    start = np.asarray(plan.start_year)[0]
    village = np.flatnonzero(start > 0)
    return village[np.lexsort((-score[village], start[village]))]


def before_year(plan: Plans, year: int) -> Plans:
    """The plan with what starts before a year alone; a batch of one."""
    return _where_started(plan, np.asarray(plan.start_year) < year)


def prefixes(plan: Plans, village: IntArray, steps: IntArray) -> Plans:
    """The plan after so many steps, one row for each of `steps`, shape (n,)."""
    position = np.full(plan.n_villages, np.iinfo(np.int64).max)
    position[village] = np.arange(village.size)
    return _where_started(plan, position[None, :] < steps[:, None])


def _where_started(plan: Plans, started: BoolArray) -> Plans:
    rows = plan.each(lambda column: np.repeat(np.asarray(column), len(started), axis=0))
    return canonical(replace(rows, start_year=np.where(started, rows.start_year, 0)))


def _of_every_plan(limits: LinearLimits) -> LinearLimits | None:
    """Limits that read alike at every plan; targets that are linear at one plan only are left out."""
    return replace(limits, of_plans=None) if limits.rows.limit.size else None


def _years(year: IntArray) -> Iterator[tuple[int, slice]]:
    """Each year with the steps that fall in it."""
    for each in np.unique(year).tolist():
        first, last = np.searchsorted(year, [each, each + 1])
        yield each, slice(int(first), int(last))


def _screened(screen: Screen, plan: Plans, village: IntArray, year: IntArray) -> OpenChoices:
    """What stood open at every step, foretold; states of the plan are looked at side by side."""
    _, options = screen.gains.space.encode(plan)
    option = options[0, village]
    used = np.cumsum(screen.use_of(village, year, option), axis=0)
    used = np.concatenate([np.zeros((1, used.shape[1])), used])
    position = np.full(plan.n_villages, village.size)
    position[village] = np.arange(village.size)
    alone = replace(screen, threads=1)

    def look(step: IntArray) -> OpenChoices:
        decided = position[None, :] < step[:, None]
        steps = Steps(village[step], option[step], int(year[step[0]]), decided, used[step], position == village.size)
        return alone.look(prefixes(plan, village, step[:1]), steps)

    looks = [
        np.arange(first, min(first + SLOPES_EVERY, of_year.stop))
        for _, of_year in _years(year)
        for first in range(of_year.start, of_year.stop, SLOPES_EVERY)
    ]
    found = in_parallel(look, looks, threads=screen.threads)
    return OpenChoices.joined(found, len(screen.gains.objectives))


def _effects(
    resolved: ResolvedScenario, plan: Plans, village: IntArray, year: IntArray, *, threads: int
) -> tuple[FloatArray, FloatArray]:
    """Objectives before each step, as measured since its year, and what it changes; shape (n_steps, K) each."""
    before = np.zeros((village.size, len(resolved.scenario.objectives)))
    effect = np.zeros_like(before)
    for each, steps in _years(year):
        states = prefixes(plan, village, np.arange(steps.start, steps.stop + 1))
        values = measured_since(resolved, states, each, threads=threads)
        before[steps], effect[steps] = values[:-1], np.diff(values, axis=0)
    return before, effect


def _to_measure(path: DecisionPath, n_exact: int) -> BoolArray:
    """The rival of each step, its first other alternatives, and what a limit kept out."""
    choices = path.alternatives
    order = np.arange(BARRED) != choices.rival[:, None]
    rank = np.cumsum(order, axis=1) * order  # 0 = the rival, then 1, 2, ...
    wanted = choices.village != NONE
    wanted[:, :BARRED] &= rank < n_exact
    wanted[:, BARRED] &= n_exact > 0
    return wanted


def _measured(path: DecisionPath, wanted: BoolArray, *, threads: int) -> OpenChoices:
    """The alternatives with those wanted measured exactly."""
    choices = path.alternatives
    effect, is_exact = choices.effect.copy(), choices.is_exact | wanted
    space = option_space(path.resolved)
    for each, steps in _years(path.year):
        step, column = np.nonzero(wanted[steps])
        if step.size == 0:
            continue
        step += steps.start
        states = prefixes(path.plan, path.village, step)
        instead = _one_more(space, states, choices.village[step, column], choices.option[step, column], each)
        effect[step, column] = measured_since(path.resolved, instead, each, threads=threads) - path.before[step]
    return replace(choices, effect=effect, is_exact=is_exact)


def _one_more(space: OptionSpace, states: Plans, village: IntArray, option: IntArray, year: int) -> Plans:
    """Each state with one more village that starts in the year with an option."""
    row = np.arange(village.size)
    chosen = np.zeros((village.size, states.n_villages), dtype=bool)
    chosen[row, village] = True
    options = np.where(chosen, option[:, None], 0)
    return canonical(choose(chosen, space.decode(year * chosen.astype(np.int64), options), states))
