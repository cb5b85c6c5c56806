"""Where a rule is broken: districts and years of which the worst is what the rule measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import DistrictLimit, RuleMode, Scenario, Target
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.evaluate import REPORT, measure_plans
from envs.kernel.plans import empty_plan
from envs.rules.check import RULES, Finding, check, check_reported_targets
from envs.rules.rule import Rule
from plan_fixtures import random_plans

WITH_PARTS = [rule for rule in RULES.values() if rule.parts]


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    city = synthesize_city(16, 3)
    limits = {city.districts[0]: DistrictLimit(population_persons=10.0, new_floor_area_m2=10.0)}
    update = {
        "villages_per_year": 2,
        "capital_limit_annual_cny": 1e8,
        "capital_limit_peak_cny": 1e8,
        "district_limits": limits,
        "parameters": {"rule.rent_growth_max": 1e-4},
    }
    return resolve(load_scenario("balanced").model_copy(update=update), city)


@pytest.fixture(scope="module")
def plans(resolved: ResolvedScenario) -> Plans:
    return random_plans(resolved, 6, seed=2)


@pytest.mark.parametrize("rule", WITH_PARTS, ids=[rule.name for rule in WITH_PARTS])
def test_the_worst_part_is_what_the_rule_measures(rule: Rule, resolved: ResolvedScenario, plans: Plans) -> None:
    kinds = list(rule.parts)
    measured, *parts = measure_plans(resolved, plans, [rule.measured, *rule.parts.values()], precision=REPORT)
    for kind, values in zip(kinds, parts, strict=True):
        table = np.asarray(values)
        assert table.shape[0] == plans.n_plans
        assert kind == "year" or table.shape[1] == len(resolved.city.districts)
        worst = [np.nan if np.isnan(row).all() else np.nanmax(row) for row in table]
        np.testing.assert_array_equal(np.asarray(measured), worst)


def test_years_beyond_the_quota_by_hand() -> None:
    """Three villages begin in year 2 and one in year 1; the quota is one."""
    resolved = resolve(load_scenario("tiny").model_copy(update={"villages_per_year": 1}), load_city("tiny"))
    kept = empty_plan(resolved.city.n_villages)
    start_year = np.array([[2, 2, 1, 2, 0, 0]])
    plan = replace(kept, start_year=start_year, facility_ratio=0.1 * (start_year > 0))
    found = finding(resolved, plan, "yearly_quota")
    assert (found.holds, found.measured, found.limit) == (False, 3.0, 1.0)
    assert [(part.kind, part.name, part.measured) for part in found.parts] == [("year", "2", 3.0)]
    assert found.excess == pytest.approx(2.0)


def test_districts_are_named_worst_first(resolved: ResolvedScenario, plans: Plans) -> None:
    found = finding(resolved, plans[0:1], "demolished_share")
    shares = [part.measured for part in found.parts]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == found.measured
    assert set(found.named("district")) <= set(resolved.city.districts)
    capped = finding(resolved, plans[0:1], "district_population")
    assert capped.named("district") == (resolved.city.districts[0],)
    assert finding(resolved, plans[0:1], "rent_growth").named("year")


def test_what_holds_names_no_part(resolved: ResolvedScenario) -> None:
    held = [item for item in check(resolved, empty_plan(resolved.city.n_villages)) if item.holds]
    assert len(held) > 20
    assert all(item.parts == () and item.excess == 0.0 for item in held)


def test_reported_targets_are_found_by_the_same_means(resolved: ResolvedScenario, plans: Plans) -> None:
    targets = (
        Target(indicator="renewed_villages", at_least=1e6),
        Target(indicator="renewed_villages", at_most=1e6),
        Target(indicator="renewed_villages", at_most=1e6, mode=RuleMode.HARD),
    )
    scenario: Scenario = resolved.scenario.model_copy(update={"targets": targets})
    wanted = resolve(scenario, resolved.city)
    reported = check_reported_targets(wanted, plans[0:1])
    assert [item.holds for item in reported] == [False, True]
    assert [item.mode for item in reported] == [RuleMode.REPORTED] * 2
    assert reported[0].measured == float((plans.start_year[0] > 0).sum())
    assert len(check(wanted, plans[0:1])) == len(RULES) + 1


def finding(resolved: ResolvedScenario, plan: Plans, rule: str) -> Finding:
    return next(item for item in check(resolved, plan) if item.rule == rule)
