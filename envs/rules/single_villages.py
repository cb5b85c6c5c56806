"""Rules about single villages: bounds that the model itself needs; they cannot be switched off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import or_

import numpy as np

from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE, FixedVillage, LandUse, RuleMode
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.rule import TOLERANCE, Rule, rebuilds, village_array

Broken = Callable[[Trace], Array]
"""Trace -> shape (n_plans, n_villages), True where the village breaks the rule."""


def outside_programme(resolved: ResolvedScenario, plans: Plans) -> Array:
    """True where a start year is not within 0..plan_years, shape (n_plans, n_villages)."""
    return (plans.start_year < 0) | (plans.start_year > resolved.scenario.plan_years)


def starts_outside_programme(trace: Trace) -> Array:
    """The start year is not within 0..plan_years."""
    return outside_programme(trace.resolved, trace.plans)


def starts_in_year_over(trace: Trace) -> Array:
    """Not a fixed village, and it starts in a year that is over."""
    scenario, start = trace.resolved.scenario, trace.plans.start_year
    return (start > 0) & (start < scenario.first_open_year) & ~_listed(trace, list(scenario.fixed))


def given_impossible(resolved: ResolvedScenario, plans: Plans) -> Array:
    """True where a plan gives a multiplier, an on-site share or a delay that cannot be, (n_plans, n_villages)."""
    xp = array_namespace(plans.start_year)
    nowhere = xp.zeros_like(plans.start_year, dtype=xp.bool)
    return reduce(or_, impossible_by_column(resolved, plans).values(), nowhere)


def impossible_by_column(resolved: ResolvedScenario, plans: Plans) -> dict[str, Array]:
    """The same by optional column that the plans give; NaN, which leaves it to the model, is possible."""
    rebuilt = (plans.start_year > 0) & (plans.intensity > 0)
    beyond: dict[str, Callable[[Array], Array]] = {
        "compensation_multiplier": lambda value: (value <= 0.0) | (value == np.inf),
        "onsite_share": lambda value: (value < 0.0) | (value > 1.0),
        "delay_yr": lambda value: (
            (value < 0.0) | (value == np.inf) | (rebuilt & (value > resolved.clock.longest_delay_yr))
        ),
    }
    return {name: beyond[name](value) for name, value in plans.given.items()}


def gives_the_impossible(trace: Trace) -> Array:
    """The multiplier, the on-site share or the delay that the plan gives cannot be."""
    return given_impossible(trace.resolved, trace.plans)


def intensity_not_allowed(trace: Trace) -> Array:
    """Renewed with an intensity that the scenario does not offer."""
    allowed = trace.resolved.scenario.intensities
    return (trace.plans.start_year > 0) & ~_among(trace, trace.plans.intensity, allowed, INTENSITIES)


def land_use_not_allowed(trace: Trace) -> Array:
    """Rebuilt for a land use that the scenario does not offer."""
    allowed = trace.resolved.scenario.land_uses
    return rebuilds(trace) & ~_among(trace, trace.plans.land_use, allowed, LAND_USES)


def rebuilt_under_protection(trace: Trace) -> Array:
    """Rebuilt although the village's heritage is protected."""
    return rebuilds(trace) & ~village_array(trace, trace.resolved.city.villages.rebuild_allowed)


def commodity_housing_on_rental_land(trace: Trace) -> Array:
    """Rebuilt for sale on land whose tenure allows rental housing alone."""
    for_sale = trace.plans.land_use == LAND_USES.index(LandUse.COMMODITY_HOUSING)
    return rebuilds(trace) & for_sale & village_array(trace, trace.resolved.city.villages.rental_only)


def floor_area_ratio_outside_range(trace: Trace) -> Array:
    """Rebuilt at a floor-area ratio outside the scenario's range."""
    scenario = trace.resolved.scenario
    limit = village_array(trace, trace.resolved.city.villages.far_limit)
    low = trace.xp.clip(scenario.floor_area_ratio_share.low * limit, scenario.floor_area_ratio.low, None)
    high = trace.xp.clip(scenario.floor_area_ratio_share.high * limit, None, scenario.floor_area_ratio.high)
    return rebuilds(trace) & _outside(trace.plans.floor_area_ratio, low, high)


def floor_beyond_limit(trace: Trace) -> Array:
    """Rebuilt to more new and retained floor than the village's far limit admits."""
    villages = trace.resolved.city.villages
    net_site_m2 = villages.site_area_m2 * trace.resolved.book.number("built.buildable_share")
    most_m2 = village_array(trace, villages.far_limit * net_site_m2)
    return rebuilds(trace) & (trace.option_form.new_floor + trace.option_form.retained > most_m2 * (1.0 + TOLERANCE))


def facility_ratio_outside_range(trace: Trace) -> Array:
    """Renewed with a facility ratio outside the scenario's range."""
    allowed = trace.resolved.scenario.facility_ratio
    return (trace.plans.start_year > 0) & _outside(trace.plans.facility_ratio, allowed.low, allowed.high)


def new_floor_too_small(trace: Trace) -> Array:
    """The new floor does not hold the facilities, resettlement and industry that it owes."""
    return trace.option_form.shortfall > TOLERANCE * (1.0 + trace.option_form.new_floor)


def differs_from_fixed(trace: Trace) -> Array:
    """The decision is not the one that the scenario fixes."""
    plans = trace.plans
    differs = trace.xp.zeros_like(plans.start_year > 0)
    for village_id, decision in trace.resolved.scenario.fixed.items():
        same = plans.start_year == decision.start_year
        if decision.start_year:
            same = same & (plans.intensity == INTENSITIES.index(decision.intensity))
            same = same & (abs(plans.facility_ratio - decision.facility_ratio) <= TOLERANCE)
            same = same & _gives(plans, decision, "delay_yr")
        if decision.start_year and REBUILT_SHARE[INTENSITIES.index(decision.intensity)] > 0.0:
            same = same & (plans.land_use == LAND_USES.index(decision.land_use))
            same = same & (abs(plans.floor_area_ratio - decision.floor_area_ratio) <= TOLERANCE)
            same = same & _gives(plans, decision, "compensation_multiplier") & _gives(plans, decision, "onsite_share")
        differs = differs | (_listed(trace, [village_id]) & ~same)
    return differs


def _gives(plans: Plans, decision: FixedVillage, name: str) -> Array:
    """Whether the plans give what the decision gives; a decision that leaves a column open fixes nothing of it."""
    value = getattr(decision, name)
    given = plans.given.get(name, plans.floor_area_ratio * float("nan"))
    return (plans.start_year == plans.start_year) if value is None else abs(given - value) <= TOLERANCE


def forbidden_renewed(trace: Trace) -> Array:
    """Renewed although the scenario forbids it."""
    return (trace.plans.start_year > 0) & _listed(trace, trace.resolved.scenario.forbidden)


def locked_kept(trace: Trace) -> Array:
    """Kept although the scenario wants the village renewed."""
    return (trace.plans.start_year == 0) & _listed(trace, trace.resolved.scenario.locked)


def _outside(values: Array, low: float | Array, high: float | Array) -> Array:
    return (values < low - TOLERANCE) | (values > high + TOLERANCE)


def _among(trace: Trace, index: Array, allowed: Sequence[str], names: Sequence[str]) -> Array:
    among = trace.xp.zeros_like(index, dtype=trace.xp.bool)
    for name in allowed:
        among = among | (index == list(names).index(name))
    return among


def _listed(trace: Trace, village_ids: Sequence[str]) -> Array:
    return village_array(trace, np.isin(trace.resolved.city.villages.village_id, list(village_ids)))


def _n_broken(trace: Trace, broken: Broken) -> Array:
    return trace.xp.sum(trace.xp.astype(broken(trace), trace.xp.float64), axis=1)


def _none(resolved: ResolvedScenario) -> float:
    del resolved
    return 0.0


def _offenders(trace: Trace, limit: float, broken: Broken) -> Array:
    del limit
    return broken(trace)


def _built_in(name: str, broken: Broken) -> Rule:
    return Rule(
        name=name,
        unit="villages",
        measured=partial(_n_broken, broken=broken),
        limit=_none,
        default_mode=RuleMode.HARD,
        offenders=partial(_offenders, broken=broken),
        built_in=True,
    )


PLAN_RULES: dict[str, Callable[[ResolvedScenario, Plans], Array]] = {
    "start_year": outside_programme,
    "given_values": given_impossible,
}
"""Rules about what the model itself has no meaning for: where they are broken, the plans and not a trace say so."""
VILLAGE_RULES: tuple[Rule, ...] = (
    _built_in("start_year", starts_outside_programme),
    _built_in("years_over", starts_in_year_over),
    _built_in("given_values", gives_the_impossible),
    _built_in("intensity", intensity_not_allowed),
    _built_in("land_use", land_use_not_allowed),
    _built_in("rebuild_allowed", rebuilt_under_protection),
    _built_in("rental_only", commodity_housing_on_rental_land),
    _built_in("floor_area_ratio", floor_area_ratio_outside_range),
    _built_in("far_limit", floor_beyond_limit),
    _built_in("facility_ratio", facility_ratio_outside_range),
    _built_in("new_floor_suffices", new_floor_too_small),
    _built_in("fixed_villages", differs_from_fixed),
    _built_in("forbidden_villages", forbidden_renewed),
    _built_in("locked_villages", locked_kept),
)
