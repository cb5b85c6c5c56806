"""Rules about single villages: bounds that the model itself needs; they cannot be switched off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE, LandUse
from envs.kernel.backend import Array
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace
from envs.rules.registry import TOLERANCE, rebuilds, register_built_in, village_array


def _outside(trace: Trace, values: Array, low: float | Array, high: float | Array, where: Array) -> Array:
    del trace
    return where & ((values < low - TOLERANCE) | (values > high + TOLERANCE))


def _bad_start(trace: Trace) -> Array:
    return outside_programme(trace.resolved, trace.plans)


def outside_programme(resolved: ResolvedScenario, plans: Plans) -> Array:
    """True where a start year is not within 0..plan_years, shape (n_plans, n_villages)."""
    return (plans.start_year < 0) | (plans.start_year > resolved.scenario.plan_years)


def _not_among(trace: Trace, chosen: Array, allowed: Sequence[str], known: Sequence[str], where: Array) -> Array:
    ok = trace.xp.zeros_like(where)
    for name in allowed:
        ok = ok | (chosen == list(known).index(name))
    return where & ~ok


def _bad_intensity(trace: Trace) -> Array:
    allowed = trace.resolved.scenario.intensities
    return _not_among(trace, trace.plans.intensity, allowed, INTENSITIES, trace.plans.start_year > 0)


def _bad_land_use(trace: Trace) -> Array:
    return _not_among(trace, trace.plans.land_use, trace.resolved.scenario.land_uses, LAND_USES, rebuilds(trace))


def _bad_rental_only(trace: Trace) -> Array:
    for_sale = trace.plans.land_use == LAND_USES.index(LandUse.COMMODITY_HOUSING)
    return rebuilds(trace) & for_sale & village_array(trace, trace.resolved.city.villages.rental_only)


def _bad_far(trace: Trace) -> Array:
    scenario = trace.resolved.scenario
    limit = village_array(trace, trace.resolved.city.villages.far_limit)
    low = trace.xp.clip(scenario.floor_area_ratio_share.low * limit, scenario.floor_area_ratio.low, None)
    high = trace.xp.clip(scenario.floor_area_ratio_share.high * limit, None, scenario.floor_area_ratio.high)
    return _outside(trace, trace.plans.floor_area_ratio, low, high, rebuilds(trace))


def _bad_density(trace: Trace) -> Array:
    villages = trace.resolved.city.villages
    net_site = villages.site_area_m2 * trace.resolved.book.number("built.buildable_share")
    most = village_array(trace, villages.far_limit * net_site)
    return rebuilds(trace) & (trace.form.new_floor + trace.form.retained > most * (1.0 + TOLERANCE))


def _bad_facility(trace: Trace) -> Array:
    allowed = trace.resolved.scenario.facility_ratio
    return _outside(trace, trace.plans.facility_ratio, allowed.low, allowed.high, trace.plans.start_year > 0)


def _differs_from_fixed(trace: Trace) -> Array:
    differs = trace.xp.zeros_like(trace.plans.start_year > 0)
    ids = trace.resolved.city.villages.village_id
    for name, given in trace.resolved.scenario.fixed.items():
        here = village_array(trace, ids == name)
        rho = REBUILT_SHARE[INTENSITIES.index(given.intensity)]
        same = trace.plans.start_year == given.start_year
        if given.start_year:
            same = same & (trace.plans.intensity == INTENSITIES.index(given.intensity))
            same = same & (abs(trace.plans.facility_ratio - given.facility_ratio) <= TOLERANCE)
        if given.start_year and rho > 0.0:
            same = same & (trace.plans.land_use == LAND_USES.index(given.land_use))
            same = same & (abs(trace.plans.floor_area_ratio - given.floor_area_ratio) <= TOLERANCE)
        differs = differs | (here & ~same)
    return differs


def _listed(trace: Trace, names: Sequence[str]) -> Array:
    return village_array(trace, np.isin(trace.resolved.city.villages.village_id, list(names)))


register_built_in("start_year", "Start year within the programme", "启动年份在规划期内", "0..plan_years", _bad_start)
register_built_in("intensity", "Intensity allowed", "改造方式允许", "scenario intensities", _bad_intensity)
register_built_in("land_use", "Land use allowed", "用途允许", "scenario land_uses", _bad_land_use)
register_built_in(
    "rebuild_allowed",
    "No rebuilding under protection",
    "受保护村不得拆建",
    "heritage protection of the village",
    lambda trace: rebuilds(trace) & ~village_array(trace, trace.resolved.city.villages.rebuild_allowed),
)
register_built_in(
    "rental_only",
    "No commodity housing on rental-only land",
    "租赁用地不得建商品房",
    "tenure of the village",
    _bad_rental_only,
)
register_built_in(
    "floor_area_ratio", "Floor-area ratio within its range", "容积率在允许范围", "scenario range", _bad_far
)
register_built_in(
    "far_limit",
    "New and retained floor within the limit",
    "总建筑面积不超容积率上限",
    "G + retained <= far_limit x net site",
    _bad_density,
)
register_built_in(
    "facility_ratio", "Facility ratio within its range", "设施配比在允许范围", "scenario range", _bad_facility
)
register_built_in(
    "new_floor_suffices",
    "New floor holds what it owes",
    "新建面积满足安置与设施",
    "G - facilities - resettlement - industrial >= 0",
    lambda trace: trace.form.shortfall > TOLERANCE * (1.0 + trace.form.new_floor),
)
register_built_in("fixed_villages", "Fixed decisions kept", "既定决策不变", "scenario fixed", _differs_from_fixed)
register_built_in(
    "forbidden_villages",
    "Forbidden villages kept",
    "禁止改造村保持现状",
    "scenario forbidden",
    lambda trace: (trace.plans.start_year > 0) & _listed(trace, trace.resolved.scenario.forbidden),
)
register_built_in(
    "locked_villages",
    "Locked villages renewed",
    "锁定村纳入改造",
    "scenario locked",
    lambda trace: (trace.plans.start_year == 0) & _listed(trace, trace.resolved.scenario.locked),
)
