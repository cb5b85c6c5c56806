"""Registry of indicators: what is measured, in which unit, with which recipe and known bias."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from data.errors import refusal
from envs.kernel.backend import Array
from envs.kernel.indicators.recipes_zh import RECIPES_ZH
from envs.kernel.trace import Trace

Measure = Callable[[Trace], Array]


@dataclass(frozen=True)
class Indicator:
    """A measured quantity.

    Attributes:
        name: public name, with its unit.
        unit: unit as shown.
        sense: "max", "min" or "" where neither is better.
        label: en, zh.
        recipe: how it is computed, in English.
        bias: known bias, in English.
        value: trace -> shape (n_plans,).
        yearly: trace -> shape (n_plans, n_years) over the trace's state years, or None.
        flow: trace -> shape (n_plans, n_flow_years), or None.
        by_district: trace -> shape (n_plans, n_districts), or None.
    """

    name: str
    unit: str
    sense: str
    label: dict[str, str]
    recipe: str
    bias: str
    value: Measure
    yearly: Measure | None = None
    flow: Measure | None = None
    by_district: Measure | None = None

    def recipe_in(self, language: str) -> str:
        """How it is computed, in en or zh."""
        return RECIPES_ZH[self.name][0] if language == "zh" else self.recipe

    def bias_in(self, language: str) -> str:
        """Known bias, in en or zh."""
        return RECIPES_ZH[self.name][1] if language == "zh" else self.bias


INDICATORS: dict[str, Indicator] = {}


def register(
    name: str,
    unit: str,
    sense: str,
    en: str,
    zh: str,
    recipe: str,
    value: Measure,
    *,
    bias: str,
    yearly: Measure | None = None,
    flow: Measure | None = None,
    by_district: Measure | None = None,
) -> None:
    """Add an indicator; a name is registered once."""
    if name in INDICATORS:
        msg = f"indicator {name} is registered twice"
        raise ValueError(msg)
    label = {"en": en, "zh": zh}
    INDICATORS[name] = Indicator(name, unit, sense, label, recipe, bias, value, yearly, flow, by_district)


def indicator(name: str) -> Indicator:
    """Look up an indicator; a misspelt name is refused with the nearest one."""
    if name not in INDICATORS:
        near = difflib.get_close_matches(name, INDICATORS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise refusal(f"unknown indicator {name!r}{hint}", layer="indicators")
    return INDICATORS[name]


def objective_signs(names: Iterable[str]) -> list[float]:
    """+1 for an objective to maximize, -1 for one to minimize; an indicator without a sense is refused."""
    signs = []
    for name in names:
        sense = indicator(name).sense
        if not sense:
            raise refusal(f"indicator {name} has no better side, so it cannot be an objective", layer="objectives")
        signs.append(1.0 if sense == "max" else -1.0)
    return signs
