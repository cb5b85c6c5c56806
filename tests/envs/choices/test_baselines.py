"""Baselines: keep, random plans, and greedy against a plain loop over every choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from data.files.cities import load_city
from data.scenario import FixedVillage, Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.baselines import EXACT_CHOICES, Greedy, keep_plan, open_choices, random_plans
from envs.choices.marginal_gain import marginal_gains
from envs.choices.options import OptionSpace, option_space
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.indicators.registry import objective_signs

GIVEN = FixedVillage(
    start_year=1, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0, facility_ratio=0.1
)


def space_with(**changes: Any) -> OptionSpace:
    scenario = Scenario(plan_years=3, density_levels=2, facility_levels=2, **changes)
    return option_space(resolve(scenario, synthesize_city(12, 3)))


# --- keep -------------------------------------------------------------------------------------------------------------


def test_the_plan_that_does_least_keeps_all_that_may_be_kept() -> None:
    start, option = keep_plan(space_with(villages_per_year=2), 2)
    assert start.shape == option.shape == (1, 12)
    assert (start == 0).all()


def test_the_plan_that_does_least_gives_locked_villages_years_within_the_quota() -> None:
    locked = ("V00002", "V00005", "V00007")
    space = space_with(locked=locked, fixed={"V00001": GIVEN}, villages_per_year=2)
    start, option = keep_plan(space, 2)
    assert space.start_mask[np.arange(12), start[0]].all()
    assert space.option_mask[np.arange(12), option[0]].all()
    assert np.bincount(start[0], minlength=4).tolist() == [8, 2, 2, 0]
    crowded, _ = keep_plan(space, 1)
    assert np.bincount(crowded[0], minlength=4)[1:].sum() == 4  # more than there is room for: all start all the same


# --- random -----------------------------------------------------------------------------------------------------------


def test_random_plans_are_reproducible_and_of_all_sizes() -> None:
    space = space_with(villages_per_year=3)
    one, other = (random_plans(space, 3, 50, np.random.default_rng(7)) for _ in range(2))
    different = random_plans(space, 3, 50, np.random.default_rng(8))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != c).any() for a, c in zip(one, different, strict=True))
    start, option = one
    assert (start[0] == 0).all()
    assert set(np.unique(start)) == {0, 1, 2, 3}
    assert (start > 0).sum(axis=1).max() >= 7
    assert space.option_mask[np.arange(12), option].all()


# --- greedy -----------------------------------------------------------------------------------------------------------


def worth(resolved: ResolvedScenario, plans: Plans, weights: np.ndarray) -> np.ndarray:
    names = resolved.scenario.objectives
    outcome = evaluate(resolved, plans, indicators=[])
    return np.stack([outcome[name] for name in names], axis=1) @ weights


def natural_weights(resolved: ResolvedScenario, plans: Plans, shares: list[float]) -> np.ndarray:
    """Weights in natural units from shares of the objectives' spread over some plans."""
    outcome = evaluate(resolved, plans, indicators=[])
    spread = np.array([np.ptp(outcome[name]) for name in resolved.scenario.objectives])
    return np.array(shares) * np.array(objective_signs(resolved.scenario.objectives)) / spread


def run_greedy(resolved: ResolvedScenario, greedy: Greedy, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Drive greedy to its end with exact values; start years and options, and the value reached."""
    space = option_space(resolved)
    for _ in range(500):
        starts, options = greedy.candidates()
        value = worth(resolved, space.decode(starts, options), weights)
        if not greedy.choose(starts, options, value):
            return np.stack([greedy.start_year, greedy.option]), float(value[0])
    raise AssertionError("greedy does not end")


@pytest.mark.parametrize("shares", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.3, 0.3, 0.4]])
def test_greedy_on_a_small_city_is_a_plain_loop_over_every_choice(shares: list[float]) -> None:
    resolved = resolve(load_scenario("tiny"), load_city("tiny"))
    space, quota = option_space(resolved), resolved.scenario.villages_per_year
    n_villages, n_starts = space.start_mask.shape
    start, option = random_plans(space, quota, 40, np.random.default_rng(0))
    weights = natural_weights(resolved, space.decode(start * space.start_mask[:, 1], option), shares)
    assert open_choices(space) <= EXACT_CHOICES
    plan = np.zeros((2, n_villages), dtype=np.int64)
    while True:
        tried = [plan]
        for village in range(n_villages):
            for year in range(1, n_starts):
                for choice in range(space.n_options):
                    legal = space.start_mask[village, year] and space.option_mask[village, choice]
                    if plan[0, village] or not legal or (plan[0] == year).sum() >= quota:
                        continue
                    candidate = plan.copy()
                    candidate[:, village] = year, choice
                    tried.append(candidate)
        starts, options = np.stack(tried, axis=1)
        value = worth(resolved, space.decode(starts, options), weights)
        if value.max() <= value[0]:
            break
        plan = tried[int(np.argmax(value))]
    greedy = Greedy(marginal_gains(resolved, space, resolved.scenario.objectives), quota, weights)
    found, reached = run_greedy(resolved, greedy, weights)
    np.testing.assert_array_equal(found[0], plan[0])
    np.testing.assert_array_equal(found[1] * (plan[0] > 0), plan[1] * (plan[0] > 0))
    assert reached == pytest.approx(value[0], rel=1e-12)


@pytest.mark.parametrize("shares", [[1.0, 0.0, 0.0], [0.2, 0.4, 0.4]])
def test_screened_greedy_gains_and_keeps_the_quota(shares: list[float]) -> None:
    scenario = Scenario(plan_years=5, villages_per_year=4, density_levels=3, facility_levels=2)
    resolved = resolve(scenario, synthesize_city(60, 2))
    space = option_space(resolved)
    start, option = random_plans(space, 4, 20, np.random.default_rng(0))
    drawn = space.decode(start * space.start_mask[:, 1], option)
    weights = natural_weights(resolved, drawn, shares)
    greedy = Greedy(marginal_gains(resolved, space, scenario.objectives), 4, weights)
    assert greedy.screens
    found, reached = run_greedy(resolved, greedy, weights)
    empty = worth(resolved, space.decode(*np.zeros((2, 1, 60), dtype=np.int64)), weights)[0]
    assert reached > empty
    assert reached > worth(resolved, drawn, weights).max()
    assert np.bincount(found[0], minlength=6)[1:].max() <= 4
    assert space.start_mask[np.arange(60), found[0]].all()
    assert space.option_mask[np.arange(60), found[1]][found[0] > 0].all()


def test_greedy_adds_nothing_where_nothing_gains() -> None:
    resolved = resolve(load_scenario("tiny"), load_city("tiny"))
    space, quota = option_space(resolved), resolved.scenario.villages_per_year
    gains = marginal_gains(resolved, space, resolved.scenario.objectives)
    found, _ = run_greedy(resolved, Greedy(gains, quota, np.zeros(3)), np.zeros(3))
    assert (found[0] == 0).all()
    none = Greedy(gains, 0, np.ones(3))
    assert len(none.candidates()[0]) == 1
