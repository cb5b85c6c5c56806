"""What a planning rule is: what of a plan is measured, against which limit, and how a scenario may treat it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
        parts: kind of part ("district" or "year") -> trace -> shape (n_plans, n_parts): what of each part is compared
            with the limit, years from 0, NaN where nothing is; the worst part is `measured`.
        built_in: cannot be switched off: the model has no meaning beyond it.
        scale: what an excess is relative to; None = the limit (1 where the limit is 0).
        must_be_defined: whether a plan for which nothing can be measured breaks it; else it does not apply to it.
        words: label by language of a rule that the catalogue does not know; None = the catalogue's.
        recipe: the same of what is compared.
    """

    name: str
    unit: str
    measured: Callable[[Trace], Array]
    limit: Callable[[ResolvedScenario], float | None]
    sense: str = "at_most"
    default_mode: RuleMode = RuleMode.REPORTED
    offenders: Callable[[Trace, float], Array] | None = None
    parts: Mapping[str, Callable[[Trace], Array]] = field(default_factory=dict)
    built_in: bool = False
    scale: float | None = None
    must_be_defined: bool = False
    words: Mapping[str, str] | None = None
    recipe: Mapping[str, str] | None = None

    @property
    def label(self) -> dict[str, str]:
        """Language -> the rule in a few words."""
        return dict(self.words or {language: text(f"rule_{self.name}", language) for language in LANGUAGES})

    def recipe_in(self, language: str) -> str:
        """What is compared, and its source, in en or zh."""
        return self.recipe[language] if self.recipe else text(f"rule_{self.name}_recipe", language)


def relative_excess(rule: Rule, measured: Array, limit: float) -> Array:
    """How far a plan is beyond a limit, relative to the rule's scale; 0 where it holds or does not apply.

    Args:
        rule: says the sense, the scale and what being undefined means.
        measured: shape (n_plans,); NaN = undefined.
        limit: of the rule.

    Returns:
        shape (n_plans,), >= 0; 1 where a rule that must be defined is not.
    """
    excess = (measured - limit) if rule.sense == "at_most" else (limit - measured)
    scaled = np.asarray(excess) / (rule.scale or max(abs(limit), 1.0 if limit == 0.0 else 1e-12))
    undefined = np.isnan(scaled)
    beyond = np.where(undefined | (scaled <= TOLERANCE), 0.0, scaled)
    return np.where(undefined, 1.0, beyond) if rule.must_be_defined else beyond


def village_array(trace: Trace, values: NDArray[np.generic] | Sequence[bool]) -> Array:
    """Village attributes in the trace's library."""
    return trace.xp.asarray(np.asarray(values))


def rebuilds(trace: Trace) -> Array:
    """True where something is rebuilt, shape (n_plans, n_villages)."""
    return trace.option_form.rebuilt_share > 0.0


def sum_over_villages(trace: Trace, values: Array) -> Array:
    """Sum of a measure of villages, (n_plans, n_villages) to (n_plans,)."""
    return trace.xp.sum(values, axis=1)


def ratio(above: Array, below: Array, trace: Trace) -> Array:
    """Quotient of two measures of the same shape; NaN where the lower one is not above zero."""
    xp = trace.xp
    defined = below > 0.0
    quotient = above / xp.where(defined, below, xp.ones_like(below))
    return xp.where(defined, quotient, xp.full_like(quotient, float("nan")))
