"""What a planning rule is: what of a plan is measured, against which limit, and how a scenario may treat it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.catalogue import LANGUAGES, text
from data.scenario import RuleMode
from envs.kernel.computing.backend import Array
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace

TOLERANCE = 1e-6
"""Relative slack of every comparison: search works in float32."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One planning rule; its label and recipe are in data/texts/rules.yaml as `rule_NAME` and `rule_NAME_recipe`.

    Attributes:
        name: public name, also the key in a scenario's `rules`.
        unit: of measured and limit.
        measured: trace -> shape (n_plans,); NaN where the rule does not apply to a plan.
        limit: resolved scenario -> limit, or None where the scenario sets none.
        sense: "at_most" or "at_least".
        default_mode: what a scenario does that does not name the rule.
        offenders: trace, limit -> shape (n_plans, n_villages), True for villages that break it; None = city-wide.
        built_in: cannot be switched off: the model has no meaning beyond it.
    """

    name: str
    unit: str
    measured: Callable[[Trace], Array]
    limit: Callable[[ResolvedScenario], float | None]
    sense: str = "at_most"
    default_mode: RuleMode = RuleMode.REPORTED
    offenders: Callable[[Trace, float], Array] | None = None
    built_in: bool = False

    @property
    def label(self) -> dict[str, str]:
        """Language -> the rule in a few words."""
        return {language: text(f"rule_{self.name}", language) for language in LANGUAGES}

    def recipe_in(self, language: str) -> str:
        """What is compared, and its source, in en or zh."""
        return text(f"rule_{self.name}_recipe", language)


def village_array(trace: Trace, values: NDArray[np.generic] | Sequence[bool]) -> Array:
    """Village attributes in the trace's library."""
    return trace.xp.asarray(np.asarray(values))


def rebuilds(trace: Trace) -> Array:
    """True where something is rebuilt, shape (n_plans, n_villages)."""
    return trace.form.rebuilt_share > 0.0
