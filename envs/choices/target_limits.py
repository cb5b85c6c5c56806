"""Hard targets as limits: which add up over villages by option alone, and which are linear at a plan only.

A target on a sum ("at most 20,000 tenants are displaced") or on a ratio ("consent is 0.95 in the mean") adds up as the
rules do. One on an indicator with known slopes (capital, commutes, accessibility) is linear at a plan. The others have
no price: trial alone finds plans that reach them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from data.scenario import RuleMode, Target
from envs.choices.additive_limits import AdditiveLimit, Need
from envs.kernel.adjoint import SLOPES
from envs.kernel.computing.backend import Array
from envs.kernel.indicators.floors import demolished_floor_m2, legal_floor_m2, new_floor_area_m2, renewed_area_m2
from envs.kernel.indicators.indicator import VillageSum
from envs.kernel.indicators.people import displaced_registered_persons, displaced_tenants_persons
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.indicators.resources import M2_PER_KM2, land_economic_output_cny_per_yr
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.targets import target_name

MOVED = ("population_after_persons", "water_m3_per_yr", "electricity_kwh_per_yr")
"""Sums over villages in which what one has depends on where others' people go."""


@dataclass(frozen=True)
class Total:
    """A value that is `at_none` and the sum of `need` over the renewed villages / `whole`."""

    need: Need
    whole: float = 1.0
    at_none: float = 0.0


def _voters(trace: Trace) -> Array:
    rebuilt = trace.xp.astype(trace.option_form.rebuilt_share > 0.0, trace.xp.float64)
    return trace.renewed * rebuilt * trace.constants.base.registered


RATIOS: Mapping[str, tuple[Need, Need]] = {
    "demolished_share": (demolished_floor_m2, lambda t: t.renewed * t.constants.base.existing_floor_m2),
    "new_to_demolished_ratio": (new_floor_area_m2, demolished_floor_m2),
    "consent_share": (lambda t: _voters(t) * t.consent, _voters),
    "consent_multiplier": (lambda t: _voters(t) * t.consent_multiplier, _voters),
    "land_economic_output_cny_per_km2_yr": (
        lambda t: M2_PER_KM2 * land_economic_output_cny_per_yr(t),
        renewed_area_m2,
    ),
}
"""Ratio -> what is above and what is below the line, village by village."""


def target_limits(resolved: ResolvedScenario) -> tuple[AdditiveLimit, ...]:
    """Hard targets that add up over villages by option alone."""
    return tuple(limit for target in _hard(resolved) if (limit := _additive(resolved, target)) is not None)


def sloped_targets(resolved: ResolvedScenario) -> tuple[Target, ...]:
    """Hard targets that are linear at a plan only: their indicator has slopes, and does not add up by option alone."""
    return tuple(t for t in _hard(resolved) if t.indicator in SLOPES and _additive(resolved, t) is None)


def _hard(resolved: ResolvedScenario) -> Iterator[Target]:
    """Hard targets on the whole horizon; values of single years have no known slopes."""
    return (target for target in resolved.scenario.targets if target.mode is RuleMode.HARD and target.year is None)


def _additive(resolved: ResolvedScenario, target: Target) -> AdditiveLimit | None:
    at_least = target.at_most is None
    sign, wanted = (-1.0, target.at_least) if at_least else (1.0, target.at_most)
    assert wanted is not None
    ratio, total = RATIOS.get(target.indicator), _total(resolved, target.indicator)
    if ratio is not None:
        above, below = ratio
        return AdditiveLimit(
            target_name(target), 0.0, lambda t: sign * (above(t) - wanted * below(t)), kept=False, builds_up=at_least
        )
    if total is None:
        return None
    most = sign * (wanted - total.at_none) * total.whole
    return AdditiveLimit(
        target_name(target), most, lambda t: sign * total.need(t), kept=False, builds_up=at_least and most < 0.0
    )


def _total(resolved: ResolvedScenario, name: str) -> Total | None:
    villages, base = resolved.city.villages, resolved.constants.base
    of_the_city = {
        "displaced_tenants_share": Total(displaced_tenants_persons, float(villages.tenants.sum())),
        "demolished_legal_share": Total(
            lambda t: t.form.rebuilt_share * legal_floor_m2(t),
            float((base.existing_floor_m2 * resolved.constants.prices.legal_share).sum()),
        ),
        "social_tie_share": Total(
            lambda t: -displaced_registered_persons(t), float(villages.registered_residents.sum()), at_none=1.0
        ),
    }
    value = INDICATORS[name].value
    if isinstance(value, VillageSum) and name not in MOVED:
        return Total(value.by_village)
    return of_the_city.get(name)
