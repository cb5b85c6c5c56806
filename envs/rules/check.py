"""Whether a finished plan is valid, rule by rule. These modules share no code with masks or repair."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from data.arrays import BoolArray, FloatArray
from data.catalogue import Message, message
from data.errors import refuse
from data.scenario import RuleMode, Scenario
from envs.kernel.computing.backend import Array
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Precision, Trace
from envs.rules.registry import RULES
from envs.rules.rule import Rule, relative_excess
from envs.rules.single_villages import PLAN_RULES, impossible_by_column
from envs.rules.targets import refuse_unknown_targets, target_rule, target_rules

__all__ = [
    "RULES",
    "TOLD",
    "BrokenPart",
    "Finding",
    "Judged",
    "Rule",
    "active_rules",
    "check",
    "check_reported_targets",
    "excess_matrix",
    "measured_with_rules",
    "refuse_unknown_rules",
    "relative_excess",
    "rule_mode",
    "rules_of",
    "valid",
    "violations",
]


TOLD = (RuleMode.REPORTED, RuleMode.PENALIZED)
"""Modes of rules that a valid plan may break; whoever calls it valid names them beside."""


class BrokenPart(NamedTuple):
    """A part of a plan that is beyond a limit.

    Attributes:
        kind: "district" or "year".
        name: of the district, or the number of the year.
        measured: value, in the unit of the rule.
    """

    kind: str
    name: str
    measured: float


@dataclass(frozen=True)
class Finding:
    """What a rule says of one plan.

    Attributes:
        rule: name.
        label: en, zh.
        mode: mode in the scenario.
        holds: True if the plan respects it or it does not apply.
        measured: value, None where it does not apply.
        limit: limit, None where none is set.
        sense: "at_most" or "at_least".
        unit: of both.
        villages: ids of the villages that break it.
        message: one line: what was measured, and the limit.
        excess: how far beyond the limit, relative to the rule's scale; 0 where it holds.
        parts: districts and years that break it, the worst first.
    """

    rule: str
    label: dict[str, str]
    mode: RuleMode
    holds: bool
    measured: float | None
    limit: float | None
    sense: str
    unit: str
    villages: tuple[str, ...]
    message: Message
    excess: float = 0.0
    parts: tuple[BrokenPart, ...] = ()

    def named(self, kind: str) -> tuple[str, ...]:
        """Names of the parts of a kind that break it, the worst first."""
        return tuple(part.name for part in self.parts if part.kind == kind)


def rules_of(scenario: Scenario) -> Mapping[str, Rule]:
    """Every rule of a scenario by name: the planning rules, then its targets that steer."""
    return {**RULES, **target_rules(scenario)}


def rule_mode(scenario: Scenario, name: str) -> RuleMode:
    """Mode of a rule in a scenario; built-in rules are always hard, a target has its own."""
    rule = RULES.get(name) or target_rules(scenario)[name]
    return RuleMode.HARD if rule.built_in else scenario.rules.get(name, rule.default_mode)


def refuse_unknown_rules(scenario: Scenario) -> None:
    """Refuse a misspelt rule, or a built-in one that a scenario tries to switch."""
    for name in scenario.rules:
        if name not in RULES:
            near = difflib.get_close_matches(name, RULES, n=1)
            if near:
                raise refuse("rule_unknown_near", layer="scenario rules", rule=name, near=near[0])
            raise refuse("rule_unknown", layer="scenario rules", rule=name)
        if RULES[name].built_in and scenario.rules[name] is not RuleMode.HARD:
            raise refuse("rule_built_in", layer="scenario rules", rule=name)


def active_rules(resolved: ResolvedScenario, modes: Sequence[RuleMode]) -> list[Rule]:
    """Rules whose mode is among `modes` and whose limit is set; targets that steer are among them."""
    refuse_unknown_rules(resolved.scenario)
    refuse_unknown_targets(resolved.scenario, resolved.clock)
    return [
        rule
        for rule in rules_of(resolved.scenario).values()
        if rule_mode(resolved.scenario, rule.name) in modes and rule.limit(resolved) is not None
    ]


def violations(
    resolved: ResolvedScenario,
    plans: Plans,
    *,
    modes: Sequence[RuleMode] = (RuleMode.HARD,),
    precision: Precision = REPORT,
    threads: int = 1,
) -> tuple[tuple[str, ...], FloatArray]:
    """Relative excess of every plan over every active rule.

    Args:
        resolved: scenario resolved against a city.
        plans: batch.
        modes: which rules.
        precision: see envs.kernel.evaluate.
        threads: worker threads.

    Returns:
        Rule names and shape (n_plans, n_rules); 0 = the rule holds.
    """
    rules = active_rules(resolved, modes)
    possible = _possible(resolved, plans)
    measured = measure_plans(resolved, possible, [r.measured for r in rules], precision=precision, threads=threads)
    for k, rule in enumerate(rules):
        if rule.name in PLAN_RULES:
            measured[k] = PLAN_RULES[rule.name](resolved, plans).sum(axis=1)
    return tuple(r.name for r in rules), excess_matrix(resolved, rules, measured, plans.n_plans)


def _possible(resolved: ResolvedScenario, plans: Plans) -> Plans:
    """Plans of which the model has a meaning, for all rules but PLAN_RULES, which speak of what it has none for.

    Start years are clipped to the programme, given values that cannot be are left to the model.
    """
    if not any(bool(broken(resolved, plans).any()) for broken in PLAN_RULES.values()):
        return plans
    wrong = impossible_by_column(resolved, plans)
    given = {name: np.where(wrong[name], np.nan, column) for name, column in plans.given.items()}
    return replace(plans, start_year=plans.start_year.clip(0, resolved.scenario.plan_years), **given)


def excess_matrix(
    resolved: ResolvedScenario, rules: Sequence[Rule], measured: Sequence[Array], n_plans: int
) -> FloatArray:
    """Relative excess from measured values, shape (n_plans, n_rules)."""
    columns = [relative_excess(r, m, float(r.limit(resolved) or 0.0)) for r, m in zip(rules, measured, strict=True)]
    return np.stack(columns, axis=1) if columns else np.zeros((n_plans, 0))


def valid(resolved: ResolvedScenario, plans: Plans, *, threads: int = 1) -> BoolArray:
    """True for plans that respect every hard rule, shape (n_plans,)."""
    excess = violations(resolved, plans, threads=threads)[1]
    return np.asarray((excess == 0.0).all(axis=1))


class Judged(NamedTuple):
    """What plans reach, and which rules they break.

    Attributes:
        values: indicators, shape (n_plans, n_indicators).
        excess: relative excess over each hard rule, shape (n_plans, n_rules).
        told: the same over each rule that is reported or penalized.
    """

    values: FloatArray
    excess: FloatArray
    told: FloatArray


def measured_with_rules(
    resolved: ResolvedScenario, plans: Plans, indicators: Sequence[str], *, threads: int = 1
) -> Judged:
    """Indicators and rules in one pass at report precision, for plans whose start years lie in the programme.

    Args:
        resolved: scenario resolved against a city.
        plans: batch.
        indicators: names.
        threads: worker threads.
    """
    hard, told = active_rules(resolved, (RuleMode.HARD,)), active_rules(resolved, TOLD)
    measures: list[Callable[[Trace], Array]] = [indicator(name).value for name in indicators]
    measures += [rule.measured for rule in (*hard, *told)]
    columns = measure_plans(resolved, plans, measures, precision=REPORT, threads=threads)
    first = len(indicators)
    excess = excess_matrix(resolved, (*hard, *told), columns[first:], plans.n_plans)
    values = np.stack(columns[:first], axis=1)
    return Judged(values, excess[:, : len(hard)], excess[:, len(hard) :])


def check(resolved: ResolvedScenario, plan: Plans) -> list[Finding]:
    """Rule by rule, what holds and what does not, of one plan (a batch of one).

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan, not necessarily canonical.

    Returns:
        One finding per rule that is not off, in the order of RULES, then per target that steers.
    """
    refuse_unknown_rules(resolved.scenario)
    refuse_unknown_targets(resolved.scenario, resolved.clock)
    rules = rules_of(resolved.scenario).values()
    modes = [rule_mode(resolved.scenario, rule.name) for rule in rules]
    return _findings(resolved, plan, [pair for pair in zip(rules, modes, strict=True) if pair[1] is not RuleMode.OFF])


def check_reported_targets(resolved: ResolvedScenario, plan: Plans) -> list[Finding]:
    """The same of the targets that are reported and steer nothing; `check` has the others."""
    reported = [target for target in resolved.scenario.targets if target.mode is RuleMode.REPORTED]
    return _findings(resolved, plan, [(target_rule(target), target.mode) for target in reported]) if reported else []


def _findings(
    resolved: ResolvedScenario, plan: Plans, rules_and_modes: Sequence[tuple[Rule, RuleMode]]
) -> list[Finding]:
    rules = [rule for rule, _ in rules_and_modes]
    limits = [r.limit(resolved) for r in rules]
    parts = [(k, kind, r.parts[kind]) for k, r in enumerate(rules) for kind in r.parts if limits[k] is not None]
    measures: list[Callable[[Trace], Array]] = [r.measured for r in rules]
    measures += [_offending(rule, limit) for rule, limit in zip(rules, limits, strict=True)]
    measures += [measure for _, _, measure in parts]
    results = measure_plans(resolved, _possible(resolved, plan), measures, precision=REPORT)
    for k, rule in enumerate(rules):
        if rule.name in PLAN_RULES:
            broken = PLAN_RULES[rule.name](resolved, plan)
            results[k], results[len(rules) + k] = broken.sum(axis=1), broken
    beyond: dict[int, list[BrokenPart]] = {k: [] for k in range(len(rules))}
    for (k, kind, _), measured in zip(parts, results[2 * len(rules) :], strict=True):
        beyond[k] += _broken_parts(resolved, rules[k], kind, np.asarray(measured)[0], float(limits[k] or 0.0))
    return [
        _finding(
            resolved,
            rule,
            mode,
            measured=results[k],
            limit=limits[k],
            offending=np.asarray(results[len(rules) + k][0]) > 0.5,
            parts=tuple(beyond[k]),
        )
        for k, (rule, mode) in enumerate(rules_and_modes)
    ]


def _broken_parts(
    resolved: ResolvedScenario, rule: Rule, kind: str, measured: FloatArray, limit: float
) -> list[BrokenPart]:
    """Parts of a kind that are beyond the limit, the worst first; a part without a value is none."""
    excess = np.where(np.isnan(measured), 0.0, relative_excess(rule, measured, limit))
    names = resolved.city.districts if kind == "district" else tuple(map(str, range(measured.size)))
    worst_first = [int(k) for k in np.argsort(-excess, kind="stable") if excess[k] > 0.0]
    return [BrokenPart(kind, names[k], float(measured[k])) for k in worst_first]


def _offending(rule: Rule, limit: float | None) -> Callable[[Trace], Array]:
    def offending(trace: Trace) -> Array:
        if rule.offenders is None or limit is None:
            return trace.xp.zeros_like(trace.renewed)
        return rule.offenders(trace, limit)

    return offending


def _finding(
    resolved: ResolvedScenario,
    rule: Rule,
    mode: RuleMode,
    *,
    measured: Array,
    limit: float | None,
    offending: BoolArray,
    parts: tuple[BrokenPart, ...],
) -> Finding:
    value = None if np.isnan(float(measured[0])) else float(measured[0])
    excess = 0.0 if limit is None else float(relative_excess(rule, measured, limit)[0])
    broken = excess > 0.0
    return Finding(
        rule=rule.name,
        label=rule.label,
        mode=mode,
        holds=not broken,
        measured=value,
        limit=limit,
        sense=rule.sense,
        unit=rule.unit,
        villages=tuple(resolved.city.villages.village_id[offending].tolist()) if broken else (),
        message=_comparison(rule, value, limit),
        excess=excess,
        parts=parts if broken else (),
    )


def _comparison(rule: Rule, measured: float | None, limit: float | None) -> Message:
    if limit is None:
        return message("finding_no_limit")
    if measured is None:
        return message("finding_undefined" if rule.must_be_defined else "finding_does_not_apply")
    return message(f"finding_{rule.sense}", measured=measured, unit=rule.unit, limit=limit)
