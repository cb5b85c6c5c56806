"""Registry of indicators: all that can be measured, in the order in which it is shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from data.errors import refuse
from data.scenario import Bargaining, Scenario
from envs.kernel.futures.robust_names import robust_told
from envs.kernel.indicators.accessibility import ACCESSIBILITY
from envs.kernel.indicators.bargaining import BARGAINING
from envs.kernel.indicators.capital import CAPITAL
from envs.kernel.indicators.commute import COMMUTE
from envs.kernel.indicators.consent import CONSENT
from envs.kernel.indicators.floors import FLOORS
from envs.kernel.indicators.futures import FUTURES
from envs.kernel.indicators.indicator import Indicator, indicator_texts
from envs.kernel.indicators.people import PEOPLE
from envs.kernel.indicators.resources import RESOURCES
from envs.kernel.indicators.wellbeing import WELLBEING

__all__ = [
    "INDICATORS",
    "YEARLY",
    "Indicator",
    "indicator",
    "measured_indicators",
    "objective_signs",
    "told_indicators",
]


def by_name(indicators: Iterable[Indicator], described: Iterable[str]) -> dict[str, Indicator]:
    """Indicators by their names, in their order.

    Args:
        indicators: all of them.
        described: names in the catalogue.

    Raises:
        ValueError: a name is given twice, or the catalogue describes an indicator that is none.
    """
    named: dict[str, Indicator] = {}
    for item in indicators:
        if item.name in named:
            msg = f"indicator {item.name} is registered twice"
            raise ValueError(msg)
        named[item.name] = item
    unknown = [name for name in described if name not in named]
    if unknown:
        msg = f"data/texts/indicators.yaml describes what is no indicator: {', '.join(unknown)}"
        raise ValueError(msg)
    return named


INDICATORS: Mapping[str, Indicator] = by_name(
    (*CAPITAL, *COMMUTE, *ACCESSIBILITY, *FLOORS, *PEOPLE, *WELLBEING, *CONSENT, *BARGAINING, *RESOURCES, *FUTURES),
    indicator_texts(),
)
YEARLY: Mapping[str, Indicator] = {item.yearly_name: item for item in INDICATORS.values() if item.has_years}
"""Name of a yearly series -> its indicator."""


def told_indicators(scenario: Scenario) -> list[str]:
    """Names of the indicators that a scenario's plans are told by.

    Those of bargaining only where it is looked at; robust ones of the measures that its objectives and targets name.
    """
    left_out = {item.name for item in BARGAINING} if scenario.bargaining is Bargaining.OFF else set()
    return [name for name in measured_indicators(scenario) if name not in left_out]


def measured_indicators(scenario: Scenario) -> list[str]:
    """Names of all indicators, robust ones only as `told_indicators` has them."""
    left_out = {item.name for item in FUTURES} - set(robust_told(scenario))
    return [name for name in INDICATORS if name not in left_out]


def indicator(name: str) -> Indicator:
    """Look up an indicator; a misspelt name is refused with the nearest one."""
    if name not in INDICATORS:
        near = difflib.get_close_matches(name, INDICATORS, n=1)
        if near:
            raise refuse("indicator_unknown_near", layer="indicators", name=name, near=near[0])
        raise refuse("indicator_unknown", layer="indicators", name=name)
    return INDICATORS[name]


def objective_signs(names: Iterable[str]) -> list[float]:
    """+1 for an objective to maximize, -1 for one to minimize; an indicator without a sense is refused."""
    signs = []
    for name in names:
        sense = indicator(name).sense
        if not sense:
            raise refuse("indicator_without_sense", layer="objectives", name=name)
        signs.append(1.0 if sense == "max" else -1.0)
    return signs
