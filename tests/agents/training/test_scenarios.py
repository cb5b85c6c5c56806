"""Drawn scenarios: of every kind, alike for alike seeds, and always with a plan that keeps the rules and renews."""

from __future__ import annotations

import numpy as np
import pytest

from agents.objectives import FEWEST_ASKED, KNOWN_OBJECTIVES, MOST_ASKED, OBJECTIVES
from agents.training.scenarios import DRAWN_LIMITS, can_renew, drawn_objectives, drawn_scenario, linear_plans
from data.scenario import RuleMode, Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.limit_cases import LIMITS
from envs.choices.marginal_gain import marginal_gains
from envs.choices.options import option_space
from envs.kernel import evaluate, resolve
from plan_fixtures import random_plans

CITY = synthesize_city(14, 3)
BASE = load_scenario("balanced")


@pytest.fixture(scope="module")
def drawn() -> list[Scenario]:
    rng = np.random.default_rng(1)
    found = [drawn_scenario(BASE, CITY, rng) for _ in range(32)]
    return [scenario for scenario in found if scenario is not None]


def test_most_draws_can_be_kept(drawn: list[Scenario]) -> None:
    assert len(drawn) > 24


def test_draws_differ_in_everything_that_a_planner_sets(drawn: list[Scenario]) -> None:
    years, quotas = {s.plan_years for s in drawn}, {s.villages_per_year for s in drawn}
    assert min(years) >= 1
    assert max(years) <= 20
    assert len(years) > 5
    assert min(quotas) == 1
    assert len(quotas) > 1
    fields = ("capital_limit_annual_cny", "capital_limit_peak_cny", "commodity_housing_cap_m2", "renewal_ratio")
    for field in (*fields, "displaced_tenants_cap_persons", "district_limits", "locked", "forbidden"):
        assert {bool(getattr(s, field)) for s in drawn} == {True, False}, field
    for field in ("floor_area_ratio", "facility_ratio", "intensities", "objectives"):
        assert len({str(getattr(s, field)) for s in drawn}) > 2, field
    hard = {rule for s in drawn for rule, mode in s.rules.items() if mode is RuleMode.HARD}
    assert hard >= {"rental_share", "demolished_share", "new_to_demolished", "onsite_resettlement", "rent_growth"}
    assert set(DRAWN_LIMITS) <= set(LIMITS)


def test_a_seed_draws_the_same_again() -> None:
    one, two, other = (drawn_scenario(BASE, CITY, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert one == two
    assert one != other


def test_two_to_five_known_objectives_are_asked_for_one_of_the_presets_among_them() -> None:
    rng = np.random.default_rng(0)
    asked = [tuple(drawn_objectives(rng)["objectives"]) for _ in range(300)]
    assert {len(names) for names in asked} == set(range(FEWEST_ASKED, MOST_ASKED + 1))
    assert {name for names in asked for name in names} == set(KNOWN_OBJECTIVES)
    assert 0.4 < np.mean([names == OBJECTIVES for names in asked]) < 0.6
    for names in asked:
        assert set(names) & set(OBJECTIVES)
        assert list(names) == sorted(names, key=KNOWN_OBJECTIVES.index)


@pytest.mark.parametrize(
    ("fields", "can"),
    [
        ({}, True),
        ({"locked": tuple(CITY.villages.village_id[:3].tolist())}, True),
        ({"capital_limit_annual_cny": 1.0}, False),
        ({"locked": tuple(CITY.villages.village_id[:3].tolist()), "capital_limit_annual_cny": 1.0}, False),
        ({"forbidden": tuple(CITY.villages.village_id[1:].tolist())}, True),
        ({"forbidden": tuple(CITY.villages.village_id.tolist())}, False),
    ],
)
def test_whether_a_plan_can_renew_something(fields: dict[str, object], can: bool) -> None:
    scenario = Scenario(plan_years=4, villages_per_year=2, **fields)  # type: ignore[arg-type]
    assert can_renew(resolve(scenario, CITY), np.random.default_rng(0)) is can


def test_the_plans_of_the_linear_model_beat_most_random_ones_each_at_its_objective_within_the_quota() -> None:
    resolved = resolve(Scenario(plan_years=4, villages_per_year=2), CITY)
    plans = linear_plans(marginal_gains(resolved, option_space(resolved), OBJECTIVES))
    assert plans.n_plans == len(OBJECTIVES) + 1
    for row in plans.start_year:
        assert (np.bincount(row, minlength=5)[1:] <= 2).all()
    random = evaluate(resolved, random_plans(resolved, 50, 0), indicators=()).objective_matrix()
    best = evaluate(resolved, plans, indicators=()).objective_matrix()
    signs = np.array([1.0, -1.0, 1.0])
    for k in range(3):
        assert best[k, k] * signs[k] > np.quantile(random[:, k] * signs[k], 0.8)
