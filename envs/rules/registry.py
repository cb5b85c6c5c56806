"""What a rule is, and the registry of rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.scenario import RuleMode
from envs.kernel.backend import Array
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace

TOLERANCE = 1e-6
"""Relative slack of every comparison: search works in float32."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: public name, also the key in a scenario's `rules`.
        label: en, zh.
        unit: of measured and limit.
        default_mode: what a scenario does that does not name the rule.
        recipe: what is compared, and its source.
        sense: "at_most" or "at_least".
        measured: trace -> shape (n_plans,); NaN where the rule does not apply to a plan.
        limit: resolved scenario -> limit, or None where the scenario sets none.
        offenders: trace, limit -> shape (n_plans, n_villages), True for villages that break it; None = city-wide.
        built_in: cannot be switched off: the model has no meaning beyond it.
    """

    name: str
    label: dict[str, str]
    unit: str
    default_mode: RuleMode
    recipe: str
    sense: str
    measured: Callable[[Trace], Array]
    limit: Callable[[ResolvedScenario], float | None]
    offenders: Callable[[Trace, float], Array] | None = None
    built_in: bool = False


RULES: dict[str, Rule] = {}


def register_rule(
    name: str,
    en: str,
    zh: str,
    unit: str,
    mode: RuleMode,
    recipe: str,
    measured: Callable[[Trace], Array],
    limit: Callable[[ResolvedScenario], float | None],
    *,
    sense: str = "at_most",
    offenders: Callable[[Trace, float], Array] | None = None,
) -> None:
    """Add a rule whose mode a scenario may change."""
    RULES[name] = Rule(name, {"en": en, "zh": zh}, unit, mode, recipe, sense, measured, limit, offenders)


def register_built_in(name: str, en: str, zh: str, recipe: str, broken: Callable[[Trace], Array]) -> None:
    """A rule about single villages that always holds; `broken` gives shape (n_plans, n_villages)."""

    def count(trace: Trace) -> Array:
        return trace.xp.sum(trace.xp.astype(broken(trace), trace.xp.float64), axis=1)

    RULES[name] = Rule(
        name,
        {"en": en, "zh": zh},
        "villages",
        RuleMode.HARD,
        recipe,
        "at_most",
        count,
        lambda _resolved: 0.0,
        lambda trace, _limit: broken(trace),
        built_in=True,
    )


def village_array(trace: Trace, values: NDArray[np.generic] | Sequence[bool]) -> Array:
    """Village attributes in the trace's library."""
    return trace.xp.asarray(np.asarray(values))


def rebuilds(trace: Trace) -> Array:
    """True where something is rebuilt, shape (n_plans, n_villages)."""
    return trace.form.rebuilt_share > 0.0
