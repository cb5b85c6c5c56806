"""What changes do: every indicator and every rule and target of the changed plans beside those of the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray
from data.scenario import RuleMode
from envs.changes.village_change import Change, changed_plans
from envs.kernel.computing.backend import Array
from envs.kernel.evaluate import REPORT, Precision, measure_plans
from envs.kernel.indicators.registry import indicator, measured_indicators
from envs.kernel.plans import Plans, canonical, concatenate
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.check import active_rules, excess_matrix, rule_mode
from envs.rules.rule import Rule
from envs.rules.targets import target_rule

EVERY_MODE = (RuleMode.HARD, RuleMode.PENALIZED, RuleMode.REPORTED)


@dataclass(frozen=True, eq=False)
class Effects:
    """A plan and its changes, measured alike.

    Attributes:
        changes: one for each row of `after`.
        indicators: names.
        before: of the plan, shape (n_indicators,).
        after: of the changed plans, shape (n_changes, n_indicators).
        rules: what the scenario asks: its rules whose limit is set, then its targets that only a scorecard tells.
        modes: of the rules.
        limits: of the rules, shape (n_rules,).
        measured_before: what the rules measure, shape (n_rules,); NaN where one does not apply.
        measured_after: shape (n_changes, n_rules).
        excess_before: relative excess over each rule, shape (n_rules,); 0 = it holds.
        excess_after: shape (n_changes, n_rules).
        exact: whether it was computed at report precision.
    """

    changes: tuple[Change, ...]
    indicators: tuple[str, ...]
    before: FloatArray
    after: FloatArray
    rules: tuple[Rule, ...]
    modes: tuple[RuleMode, ...]
    limits: FloatArray
    measured_before: FloatArray
    measured_after: FloatArray
    excess_before: FloatArray
    excess_after: FloatArray
    exact: bool

    @property
    def difference(self) -> FloatArray:
        """Indicators of the changed plans less those of the plan, shape (n_changes, n_indicators)."""
        return self.after - self.before

    def of(self, name: str) -> FloatArray:
        """Difference in one indicator, shape (n_changes,)."""
        return np.asarray(self.difference[:, self.indicators.index(name)])

    @property
    def newly_broken(self) -> BoolArray:
        """Rules that the plan keeps and a change breaks, shape (n_changes, n_rules)."""
        return np.asarray((self.excess_after > 0.0) & (self.excess_before == 0.0))

    @property
    def newly_kept(self) -> BoolArray:
        """Rules that the plan breaks and a change keeps, shape (n_changes, n_rules)."""
        return np.asarray((self.excess_after == 0.0) & (self.excess_before > 0.0))

    @property
    def hard(self) -> BoolArray:
        """Which rules are hard, shape (n_rules,)."""
        return np.array([mode is RuleMode.HARD for mode in self.modes], dtype=np.bool_)

    @property
    def allowed(self) -> BoolArray:
        """Changes that break no hard rule that the plan keeps, and none more than the plan does, shape (n_changes,)."""
        worse = self.excess_after > np.maximum(self.excess_before, 0.0) * (1.0 + 1e-9)
        return np.asarray(~(worse & self.hard).any(axis=1))


def what_is_asked(resolved: ResolvedScenario) -> tuple[tuple[Rule, ...], tuple[RuleMode, ...]]:
    """Rules of a scenario whose limit is set, then targets that only the scorecard tells; and the mode of each."""
    rules = active_rules(resolved, EVERY_MODE)
    told = [target_rule(t) for t in resolved.scenario.targets if t.mode is RuleMode.REPORTED]
    modes = [rule_mode(resolved.scenario, rule.name) for rule in rules]
    return (*rules, *told), (*modes, *(RuleMode.REPORTED for _ in told))


def measure_changes(
    resolved: ResolvedScenario,
    plan: Plans,
    changes: Sequence[Change],
    *,
    indicators: Sequence[str] | None = None,
    precision: Precision = REPORT,
    threads: int = 1,
) -> Effects:
    """Measure a plan and its changes in one pass by the one evaluator.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan whose start years lie in the programme.
        changes: of single villages.
        indicators: names; None = all.
        precision: see envs.kernel.evaluate; at REPORT an effect is the difference of two fresh evaluations.
        threads: worker threads.
    """
    changed = [changed_plans(plan, changes)] if changes else []
    return measure_plans_beside(
        resolved, plan, changed, tuple(changes), indicators=indicators, precision=precision, threads=threads
    )


def measure_plans_beside(
    resolved: ResolvedScenario,
    plan: Plans,
    others: Sequence[Plans],
    changes: tuple[Change, ...] = (),
    *,
    indicators: Sequence[str] | None = None,
    precision: Precision = REPORT,
    threads: int = 1,
) -> Effects:
    """As measure_changes, of plans that may differ in more than one village; a row for each of them."""
    names = tuple(measured_indicators(resolved.scenario) if indicators is None else indicators)
    rules, modes = what_is_asked(resolved)
    measures: list[Callable[[Trace], Array]] = [indicator(name).value for name in names]
    measures += [rule.measured for rule in rules]
    batch = canonical(concatenate([canonical(plan), *others]))
    columns = measure_plans(resolved, batch, measures, precision=precision, threads=threads)
    values = np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
    excess = excess_matrix(resolved, rules, columns[len(names) :], batch.n_plans)
    indicator_values, measured = values[:, : len(names)], values[:, len(names) :]
    return Effects(
        changes=changes,
        indicators=names,
        before=indicator_values[0],
        after=indicator_values[1:],
        rules=rules,
        modes=modes,
        limits=np.array([float(rule.limit(resolved) or 0.0) for rule in rules]),
        measured_before=measured[0],
        measured_after=measured[1:],
        excess_before=excess[0],
        excess_after=excess[1:],
        exact=precision == REPORT,
    )
