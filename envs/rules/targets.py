"""Targets: what a scenario wants of its indicators; each is a rule, told in a scorecard or steering like the others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from data.catalogue import LANGUAGES, text
from data.errors import refuse
from data.parameter_book import load_book
from data.scenario import RuleMode, Scenario, Target
from envs.kernel.computing.backend import Array
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import INDICATORS, indicator
from envs.kernel.plans import Plans, canonical
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.resolving.calendar import make_clock
from envs.kernel.timing import Clock
from envs.kernel.trace import REPORT, Trace
from envs.rules.rule import Rule, relative_excess

STEERING = (RuleMode.PENALIZED, RuleMode.HARD)
"""Modes of targets that are looked at beyond the scorecard."""
SCALE_AT_ZERO: Mapping[str, float] = {
    "CNY": 1e9,
    "CNY/yr": 1e9,
    "m2": 1e4,
    "m2 land": 1e4,
    "persons": 1e3,
    "CNY/person/yr": 1e3,
}
"""Unit -> what is counted as an excess of 100 % over a target of zero; 1 in other units."""


@dataclass(frozen=True)
class Score:
    """One line of the scorecard.

    Attributes:
        target: what is wanted.
        unit: of target and output.
        output: what the plan reaches; None where the indicator is undefined.
        met: whether it is reached.
    """

    target: Target
    unit: str
    output: float | None
    met: bool


def refuse_unknown_targets(scenario: Scenario, clock: Clock | None = None) -> None:
    """Refuse a target that no plan can be held against, before anything is computed.

    Args:
        scenario: its targets.
        clock: its calendar; None = made with the book and the scenario's parameters.

    Raises:
        InputError: an unknown indicator; a year for an indicator without yearly values, or beyond them; a year in
            which no plan has begun, or the same thing wanted twice, of a target that steers.
    """
    seen: set[str] = set()
    for k, target in enumerate(scenario.targets):
        layer = f"scenario targets.{k}"
        item = indicator(target.indicator)
        if target.year is not None:
            if not item.has_years:
                served = [name for name, known in INDICATORS.items() if known.has_years]
                raise refuse("target_without_years", layer=f"{layer}.year", indicator=item.name, served=served)
            clock = clock or make_clock(scenario, load_book().override(scenario.parameters))
            last = clock.horizon if item.flow is None else clock.last_flow_year
            if target.year > last:
                raise refuse("target_beyond_years", layer=f"{layer}.year", indicator=item.name, last=last)
        if target.mode in STEERING:
            if target.year == 0:
                raise refuse("target_of_the_base_year", layer=f"{layer}.year", mode=str(target.mode))
            name = target_name(target)
            if name in seen:
                raise refuse("target_twice", layer=layer, name=name)
            seen.add(name)


def target_name(target: Target) -> str:
    """Name of the rule that a target is: indicator, side and year."""
    side = "at_least" if target.at_most is None else "at_most"
    year = "" if target.year is None else f" year {target.year}"
    return f"target {target.indicator} {side}{year}"


def target_output(trace: Trace, target: Target) -> Array:
    """What plans reach of a target's indicator, in its year where one is named; shape (n_plans,), its unit.

    A trace that holds fewer years than the model has the last of them for all that follow: nothing changes any more.
    """
    item = indicator(target.indicator)
    if target.year is None:
        return item.value(trace)
    if item.flow is not None:
        return item.flow(trace)[:, target.year]
    if item.yearly is None:
        msg = f"{item.name} has no yearly values"
        raise ValueError(msg)
    return item.yearly(trace)[:, min(target.year, trace.last_year) - trace.first_year]


def target_rule(target: Target) -> Rule:
    """The rule that a target is, whatever its mode."""
    item = indicator(target.indicator)
    limit = target.at_least if target.at_most is None else target.at_most
    label = item.label if target.year is None else item.yearly_label
    key = "rule_target" if target.year is None else "rule_target_year"
    return Rule(
        name=target_name(target),
        unit=item.unit,
        measured=partial(target_output, target=target),
        limit=partial(_wanted, limit=float(limit or 0.0)),
        sense="at_least" if target.at_most is None else "at_most",
        default_mode=target.mode,
        scale=target_scale(target),
        must_be_defined=True,
        words={tongue: text(key, tongue, indicator=label[tongue], year=target.year) for tongue in LANGUAGES},
        recipe=item.recipe,
    )


def target_scale(target: Target) -> float:
    """What a shortfall of 100 % is: the size of the target, or where it is zero, what its unit is counted in."""
    limit = target.at_least if target.at_most is None else target.at_most
    return abs(limit or 0.0) or SCALE_AT_ZERO.get(indicator(target.indicator).unit, 1.0)


def _wanted(resolved: ResolvedScenario, limit: float) -> float:
    del resolved
    return limit


def target_rules(scenario: Scenario) -> dict[str, Rule]:
    """The targets that steer, by name, in the scenario's order."""
    steering = [target for target in scenario.targets if target.mode in STEERING]
    return {rule.name: rule for rule in map(target_rule, steering)}


def scorecard(resolved: ResolvedScenario, plan: Plans) -> list[Score]:
    """Compare one plan with the scenario's targets.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.

    Returns:
        One score per target, in the scenario's order, judged as the rule it is.

    Raises:
        InputError: unknown indicator, or a year outside its series.
    """
    targets = resolved.scenario.targets
    refuse_unknown_targets(resolved.scenario, resolved.clock)
    rules = [target_rule(target) for target in targets]
    measured = measure_plans(resolved, canonical(plan), [rule.measured for rule in rules], precision=REPORT)
    return [
        _score(resolved, target, rule, values) for target, rule, values in zip(targets, rules, measured, strict=True)
    ]


def _score(resolved: ResolvedScenario, target: Target, rule: Rule, measured: Array) -> Score:
    output, limit = float(measured[0]), rule.limit(resolved)
    met = not relative_excess(rule, measured, float(limit or 0.0))[0] > 0.0
    return Score(target, rule.unit, None if math.isnan(output) else output, met=met)
