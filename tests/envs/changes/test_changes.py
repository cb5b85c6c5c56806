"""Changes of one village: which there are, by a second enumeration, and what they do, by fresh evaluations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import LAND_USES
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.changes.effects import measure_changes
from envs.changes.neighbors import Neighbors
from envs.changes.village_change import Change, changed_plans, changed_together, decision_of
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.plans import Plans, canonical, same_plans
from envs.rules.check import check
from plan_fixtures import random_plans


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


@pytest.fixture(scope="module")
def small() -> ResolvedScenario:
    scenario = load_scenario("balanced").model_copy(update={"plan_years": 4, "villages_per_year": 4})
    return resolve(scenario, synthesize_city(n_villages=12, seed=4))


def test_an_effect_is_the_difference_of_two_fresh_evaluations(small: ResolvedScenario) -> None:
    plan = random_plans(small, 1, seed=1)
    around = Neighbors(small, option_space(small), plan)
    changes = [change for village in range(12) for change in around.of_village(village)][::7]
    effects = measure_changes(small, plan, changes)
    before = evaluate(small, plan)
    for row, change in enumerate(changes):
        after = evaluate(small, changed_plans(plan, [change]))
        for k, name in enumerate(effects.indicators):
            fresh = float(after[name][0]) - float(before[name][0])
            size = max(abs(float(after[name][0])), abs(float(before[name][0])), 1e-300)
            if not np.isnan(fresh):
                assert abs(effects.difference[row, k] - fresh) <= 1e-12 * size, (name, change)


def test_rules_are_those_of_the_checker(small: ResolvedScenario) -> None:
    plan = random_plans(small, 1, seed=2)
    changes = Neighbors(small, option_space(small), plan).of_village(int(np.flatnonzero(plan.start_year[0])[0]))
    effects = measure_changes(small, plan, changes)
    for row, change in enumerate(changes):
        holds = {item.rule: item.holds for item in check(small, changed_plans(plan, [change]))}
        for k, rule in enumerate(effects.rules):
            assert bool(effects.excess_after[row, k] == 0.0) == holds[rule.name], rule.name
    broken = (effects.excess_before == 0.0) & (effects.excess_after > 0.0)
    np.testing.assert_array_equal(effects.newly_broken, broken)
    np.testing.assert_array_equal(
        effects.allowed[~(broken & effects.hard).any(axis=1)], effects.allowed[effects.allowed]
    )


def test_neighbors_of_tiny_are_all_choices_one_grade_away(tiny: ResolvedScenario) -> None:
    """Two years, one density, one facility level: whatever differs in exactly one thing, found by trying everything."""
    space, plan = option_space(tiny), random_plans(tiny, 1, seed=3)
    around = Neighbors(tiny, space, plan)
    for village in np.flatnonzero(plan.start_year[0]):
        now = decision_of(plan, int(village))
        expected = {0} if space.start_mask[village, 0] else set()
        for year in range(1, 3):
            for option in np.flatnonzero(space.option_mask[village]):
                there = around.beginning(int(village), year, int(option))
                apart = [year != now.start_year, there.intensity != now.intensity or there.land_use != now.land_use]
                if sum(apart) == 1 and space.start_mask[village, year]:
                    expected.add((year, there.intensity, there.land_use))
        found = {
            0 if change.start_year == 0 else (change.start_year, change.intensity, change.land_use)
            for change in around.of_village(int(village))
        }
        both_rebuilt = [e for e in expected if e != 0 and e[1] > 0 and now.intensity == 0]
        assert found <= expected
        assert expected - found <= set(both_rebuilt)  # one use stands for both where nothing was rebuilt before


def test_densities_of_a_plan_made_elsewhere_move_to_the_next_grade(small: ResolvedScenario) -> None:
    space = option_space(small)
    plan = random_plans(small, 1, seed=1)
    around = Neighbors(small, space, plan)
    village = next(v for v in range(12) if plan.intensity[0, v] == 2)
    low, high = around.density_range(village, 2, float(plan.facility_ratio[0, village]))
    own = np.array(plan.floor_area_ratio)
    own[0, village] = low + 0.6 * (high - low)  # five grades: 0, 1/4, 1/2, 3/4, 1
    around = Neighbors(small, space, replace(plan, floor_area_ratio=own))
    by_kind = {change.kind: change for change in around.of_village(village) if "dense" in change.kind}
    assert by_kind["less_dense"].floor_area_ratio == pytest.approx(low + 0.50 * (high - low), abs=1e-3)
    assert by_kind["denser"].floor_area_ratio == pytest.approx(low + 0.75 * (high - low), abs=1e-3)


def test_what_is_given_besides_stays_and_partners_move(small: ResolvedScenario) -> None:
    plan = random_plans(small, 1, seed=1)
    renewed = np.flatnonzero(plan.start_year[0])
    delay = np.full(plan.start_year.shape, np.nan)
    delay[0, renewed] = 0.5
    plan = canonical(Plans(*plan.columns, delay_yr=delay))
    one, other = int(renewed[0]), int(renewed[1])
    change = replace(decision_of(plan, one), start_year=2, partner=other, partner_year=0)
    changed = changed_plans(plan, [change])
    assert changed.start_year[0, one] == 2
    assert changed.start_year[0, other] == 0
    assert changed.delay_yr is not None
    assert changed.delay_yr[0, one] == 0.5
    assert np.isnan(changed.delay_yr[0, other])
    untouched = np.setdiff1d(np.arange(12), [one, other])
    for column, before in zip(changed.columns, plan.columns, strict=True):
        np.testing.assert_array_equal(column[0, untouched], before[0, untouched])


def test_changes_together_are_changes_one_after_the_other(small: ResolvedScenario) -> None:
    plan = random_plans(small, 1, seed=5)
    one, other = (int(v) for v in np.flatnonzero(plan.start_year[0])[:2])
    changes = [Change(one, "keep", 0), replace(decision_of(plan, other), start_year=1)]
    together = changed_together(plan, changes)
    apart = changed_plans(changed_plans(plan, changes[:1]), changes[1:])
    assert same_plans(together, apart)
    assert together.land_use[0, one] == LAND_USES.index("public_service")


def test_fixed_and_locked_villages_do_not_change(small: ResolvedScenario) -> None:
    plan = random_plans(small, 1, seed=5)
    fixed, locked = (int(v) for v in np.flatnonzero(plan.start_year[0])[:2])
    ids = small.city.villages.village_id
    decided = {str(ids[fixed]): {"start_year": int(plan.start_year[0, fixed]), "facility_ratio": 0.1}}
    content = small.scenario.model_dump(mode="json") | {"fixed": decided, "locked": [str(ids[locked])]}
    bound = replace(small, scenario=type(small.scenario).model_validate_json(__import__("json").dumps(content)))
    around = Neighbors(bound, option_space(bound), plan)
    assert around.of_village(fixed) == []
    assert "keep" not in {change.kind for change in around.of_village(locked)}
