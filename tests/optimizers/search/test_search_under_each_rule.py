"""The default search with each rule hard, one at a time, against every plan of the tiny city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from data.arrays import BoolArray, FloatArray
from data.city import City
from data.files.cities import load_city
from data.scenario import DistrictLimit, RuleMode, Scenario, ShareRange, Target
from data.scenario_files import load_scenario
from envs.choices.anchors import Anchors
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import indicator, objective_signs
from envs.kernel.trace import SEARCH
from envs.rules.check import RULES, active_rules, excess_matrix
from optimizers.problem.enumeration import all_genomes
from optimizers.problem.front import hypervolume, non_dominated
from optimizers.problem.operators import split
from search_fixtures import searched

DOUBLE = replace(SEARCH, dtype="float64")


@cache
def tiny() -> City:
    return load_city("tiny")


def hard(rule: str, **parameters: float) -> dict[str, Any]:
    return {"rules": {rule: RuleMode.HARD}, "parameters": {k.replace("__", "."): v for k, v in parameters.items()}}


def target(name: str, **bound: Any) -> dict[str, Any]:
    return {"targets": (Target(indicator=name, mode=RuleMode.HARD, **bound),)}


def in_each_district(**caps: tuple[float, ...]) -> dict[str, Any]:
    ((field, values),) = caps.items()
    limits = (DistrictLimit.model_validate({field: value}) for value in values)
    return {"district_limits": dict(zip(tiny().districts, limits, strict=True))}


BINDING: Mapping[str, dict[str, Any]] = {
    "yearly_quota": {"villages_per_year": 1},
    "renewal_ratio_least": {"renewal_ratio": ShareRange(low=0.8, high=1.0)},
    "renewal_ratio_most": {"renewal_ratio": ShareRange(low=0.0, high=0.4)},
    "intensity_share_least": {"intensity_shares": {"rebuild": ShareRange(low=0.7, high=1.0)}},
    "intensity_share_most": {"intensity_shares": {"rebuild": ShareRange(low=0.0, high=0.4)}},
    "commodity_cap": {"commodity_housing_cap_m2": 8_000.0},
    "least_commodity_area": {"least_commodity_area_m2": 20_000.0},
    "least_rental_area": {"least_rental_area_m2": 30_000.0},
    "annual_capital": {"capital_limit_annual_cny": 2.5e8},
    "peak_capital": {"capital_limit_peak_cny": 8e8},
    "district_population": in_each_district(population_persons=(107_536.0, 120_746.0)),
    "district_floor_area": in_each_district(new_floor_area_m2=(500.0, 500.0)),
    "consent": hard("consent", consent__threshold=0.93),
    "demolished_share": hard("demolished_share", rule__demolished_share_max=0.4),
    "new_to_demolished": hard("new_to_demolished", rule__new_to_demolished_max=0.92),
    "onsite_resettlement": hard("onsite_resettlement", rule__onsite_resettlement_min=0.66),
    "rent_growth": hard("rent_growth", rule__rent_growth_max=0.01),
    "rental_share": hard("rental_share", rule__rental_share_min=0.7),
    "minimum_facility_ratio": hard("minimum_facility_ratio", rule__facility_ratio_min=0.1),
    "displacement": {**hard("displacement"), "displaced_tenants_cap_persons": 1_500.0},
}
"""Rule -> a scenario in which it is hard."""
TARGETS: Mapping[str, dict[str, Any]] = {
    "capital": target("net_present_value_cny", at_least=-3e8),
    "commutes": target("mean_commute_km", at_most=3.714),
    "accessibility": target("service_accessibility", at_least=0.86),
    "accessibility of a year": target("service_accessibility", at_least=0.85, year=6),
    "consent in the mean": target("consent_share", at_least=0.94),
    "displaced share": target("displaced_tenants_share", at_most=0.3),
}
FAST = ("demolished_share",)


def every_plan(resolved: ResolvedScenario) -> tuple[FloatArray, BoolArray]:
    """Objectives of every plan, and whether it keeps every hard rule."""
    space, rules = option_space(resolved), active_rules(resolved, (RuleMode.HARD,))
    plans: Plans = space.decode(*split(np.concatenate(list(all_genomes(space)))))
    measures = [indicator(name).value for name in resolved.scenario.objectives] + [rule.measured for rule in rules]
    values = measure_plans(resolved, plans, measures, precision=DOUBLE)
    n = len(resolved.scenario.objectives)
    keeps = np.asarray((excess_matrix(resolved, rules, values[n:], plans.n_plans) == 0.0).all(axis=1))
    return np.stack(values[:n], axis=1), keeps


def share_of_exact_front(changes: Mapping[str, Any], *, evaluations: int) -> float:
    """Hypervolume found / that of all plans."""
    scenario = Scenario.model_validate({**load_scenario("tiny").model_dump(), **changes})
    resolved = resolve(scenario, tiny())
    values, keeps = every_plan(resolved)
    assert keeps.any()
    signs = np.array(objective_signs(scenario.objectives))
    valid = values[keeps]
    best, worst = ((pick(valid * signs, axis=0) * signs).tolist() for pick in (np.max, np.min))
    ends = Anchors(scenario.objectives, tuple(worst), tuple(best), tuple(worst), 1, 0, "of every plan")
    exact = valid[non_dominated(-valid * signs)]
    found = searched(resolved, seed=1, evaluations=evaluations, known_anchors=ends).values
    return hypervolume(1.0 - ends.normalized(found)) / hypervolume(1.0 - ends.normalized(exact))


def test_every_rule_that_a_scenario_may_set_is_tried() -> None:
    assert list(BINDING) == [name for name, rule in RULES.items() if not rule.built_in]


@pytest.mark.parametrize("name", FAST)
def test_a_rule_leaves_the_exact_front(name: str) -> None:
    assert share_of_exact_front({**BINDING, **TARGETS}[name], evaluations=700) >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BINDING, *TARGETS])
def test_each_rule_leaves_the_exact_front(name: str) -> None:
    assert share_of_exact_front({**BINDING, **TARGETS}[name], evaluations=10_000) >= 0.98
