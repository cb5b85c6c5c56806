"""What single decisions change, measured since a year, is what the one evaluator says at report precision."""

from __future__ import annotations

import numpy as np
import pytest

from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from decision_fixtures import decided_city, some_plan
from envs.kernel import Plans, evaluate, resolve
from envs.kernel.plans import canonical, concatenate
from envs.reasons.decisions.decision_path import before_year, prefixes
from envs.reasons.decisions.step_effects import measured_since

OTHER = ("peak_funding_cny", "displaced_tenants_persons", "commuting_carbon_tco2e_per_yr", "accessibility_gini")


def _kept(plan: Plans, village: int) -> Plans:
    return canonical(plan.each(lambda column: np.where(np.arange(plan.n_villages) == village, 0, column)))


@pytest.mark.parametrize("year", [1, 3])
def test_differences_are_those_of_the_evaluator(year: int) -> None:
    resolved = decided_city()
    plan = before_year(some_plan(resolved), year + 1)
    of_year = np.flatnonzero(plan.start_year[0] == year)
    without = concatenate([plan, *(_kept(plan, village) for village in of_year.tolist())])
    told = measured_since(resolved, without, year)
    exact = evaluate(resolved, without, indicators=()).objective_matrix()
    changed = exact[1:] - exact[0]
    assert np.abs(changed).min(axis=0).max() > 0.0
    np.testing.assert_allclose(told[1:] - told[0], changed, rtol=1e-5, atol=1e-9 * np.abs(exact).max())


def test_any_objective_can_be_told() -> None:
    scenario = Scenario(plan_years=3, villages_per_year=2, objectives=OTHER, preferences=dict.fromkeys(OTHER, 0.25))
    resolved = resolve(scenario, synthesize_city(12, 3))
    plan = before_year(some_plan(resolved), 3)
    village = np.flatnonzero(plan.start_year[0] == 2)
    rows = concatenate([_kept(plan, int(village[0])), plan])
    told, exact = measured_since(resolved, rows, 2), evaluate(resolved, rows, indicators=()).objective_matrix()
    np.testing.assert_allclose(told[1] - told[0], exact[1] - exact[0], rtol=1e-5, atol=1e-7)


def test_a_plan_with_delays_is_told_until_its_last_change() -> None:
    resolved = decided_city()
    plan = before_year(some_plan(resolved), 3)
    delay = np.where(plan.start_year == 1, 2.3, np.nan)
    delayed = canonical(Plans(*plan.columns, delay_yr=delay))
    rows = concatenate([delayed, _kept(delayed, int(np.flatnonzero(plan.start_year[0] == 2)[0]))])
    told, exact = measured_since(resolved, rows, 2), evaluate(resolved, rows, indicators=()).objective_matrix()
    np.testing.assert_allclose(told[1] - told[0], exact[1] - exact[0], rtol=1e-5)


def test_prefixes_grow_by_one_village_each() -> None:
    resolved = decided_city()
    plan = some_plan(resolved)
    village = np.flatnonzero(plan.start_year[0] > 0)[::-1]
    rows = prefixes(plan, village, np.arange(village.size + 1))
    assert (rows.start_year > 0).sum(axis=1).tolist() == list(range(village.size + 1))
    for step, which in enumerate(village.tolist()):
        assert rows.start_year[step, which] == 0
        assert rows.start_year[step + 1, which] == plan.start_year[0, which]
    np.testing.assert_array_equal(rows.floor_area_ratio[-1], plan.floor_area_ratio[0])
