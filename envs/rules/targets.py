"""Targets: what a scenario wants of its indicators, beside what a plan reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.errors import refuse
from data.scenario import Scenario, Target
from envs.kernel.evaluate import evaluate, evaluate_yearly
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario


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


def refuse_unknown_targets(scenario: Scenario) -> None:
    """Refuse a target whose indicator is unknown, or that names a year for an indicator without yearly values."""
    for target in scenario.targets:
        item = indicator(target.indicator)
        if target.year is not None and not item.has_years:
            raise refuse("target_without_years", layer="scenario targets", indicator=item.name)


def scorecard(resolved: ResolvedScenario, plan: Plans) -> list[Score]:
    """Compare one plan with the scenario's targets.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.

    Returns:
        One score per target, in the scenario's order.

    Raises:
        InputError: unknown indicator, or a year outside its series.
    """
    targets = resolved.scenario.targets
    refuse_unknown_targets(resolved.scenario)
    names = [target.indicator for target in targets]
    values = evaluate(resolved, plan, indicators=names).values if targets else {}
    yearly = evaluate_yearly(resolved, plan) if any(target.year is not None for target in targets) else {}
    scores = []
    for target in targets:
        series = None if target.year is None else np.asarray(yearly[indicator(target.indicator).yearly_name])[0]
        if series is not None and target.year is not None and target.year >= series.size:
            raise refuse(
                "target_beyond_years", layer="scenario targets", indicator=target.indicator, last=series.size - 1
            )
        output = float(values[target.indicator][0]) if series is None else float(series[target.year or 0])
        scores.append(_score(target, output))
    return scores


def _score(target: Target, output: float) -> Score:
    unit = indicator(target.indicator).unit
    if np.isnan(output):
        return Score(target, unit, None, met=False)
    enough = target.at_least is None or output >= target.at_least
    return Score(target, unit, output, met=enough and (target.at_most is None or output <= target.at_most))
