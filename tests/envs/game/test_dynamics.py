"""The game: a plan made step by step is worth what the evaluator says of it, and masks keep it legal."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from data.scenario import RuleMode, Scenario
from data.synthesis.city import synthesize_city
from environment_fixtures import (
    CITIES,
    binding_game,
    play,
    setup_of,
    strict_game,
    strict_scenarios,
    twelve_villages,
)
from envs.game.constants import GAME_PRECISION, GameConstants, game_constants
from envs.game.dynamics import initial_state, is_over, reset, step, step_in_place
from envs.game.masks import action_mask, draw_actions, option_mask, village_mask
from envs.game.observation import OPTION_FEATURES, option_features
from envs.game.state import State
from envs.game.year_end import plans_of
from envs.kernel import evaluate, resolve
from envs.kernel.trace import Trace
from envs.rules.check import valid

SMALL = [*strict_scenarios()]


def worth_what_it_is_evaluated(game: GameConstants, state: State) -> None:
    outcomes = evaluate(game.resolved, plans_of(game, state), indicators=(), precision=GAME_PRECISION)
    expected = outcomes.objective_matrix()
    scale = np.maximum(np.abs(expected).max(axis=0), 1e-12)
    assert (np.abs(state.objectives - expected) / scale).max() < 1e-9


def the_account_is_that_of_the_trace(game: GameConstants, state: State) -> None:
    """Every yearly sum, not the present value alone."""
    trace, account = Trace(game.resolved, plans_of(game, state), GAME_PRECISION), state.account
    np.testing.assert_allclose(account.price_factor, trace.price_factor, rtol=1e-11)
    np.testing.assert_allclose(account.rent_factor, trace.rent_factor, rtol=1e-11)
    for kept, anew in ((account.net_flow(), trace.net_cash_flow_cny), (account.cost_flow(), trace.gross_cost_cny)):
        np.testing.assert_allclose(kept, anew, rtol=1e-9, atol=1e-9 * np.abs(anew).max())


@pytest.mark.parametrize("name", SMALL)
def test_stepping_is_evaluating_and_masked_episodes_are_valid(name: str) -> None:
    game = strict_game(name)
    state = play(game, 60, seed=1, close_chance=0.1)
    worth_what_it_is_evaluated(game, state)
    the_account_is_that_of_the_trace(game, state)
    assert valid(game.resolved, plans_of(game, state)).all()
    assert state.started[:, 1:].sum() > 60 * 2


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_ten_thousand_masked_episodes_are_valid(name: str) -> None:
    game = strict_game(name)
    n_episodes = -(-10_000 // len(SMALL))
    plans = plans_of(game, play(game, n_episodes, seed=2, close_chance=0.05))
    assert valid(game.resolved, plans).all()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("city", ["tiny", "fifty"])
def test_thousands_of_masked_episodes_of_the_registered_cities_are_valid(city: str) -> None:
    game = setup_of(city).game
    for seed in range(10):
        state = play(game, 1_000 if city == "tiny" else 100, seed=seed, close_chance=0.05)
        worth_what_it_is_evaluated(game, state)
        assert valid(game.resolved, plans_of(game, state)).all()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("scenario", ["balanced", "binding"])
def test_masked_episodes_of_beijing_are_valid(scenario: str) -> None:
    game = setup_of("beijing").game if scenario == "balanced" else binding_game()
    state = play(game, 20, seed=3, close_chance=0.002)
    worth_what_it_is_evaluated(game, state)
    assert valid(game.resolved, plans_of(game, state)).all()


@pytest.mark.parametrize("city", CITIES[:2])
def test_step_is_pure_and_equals_advance(city: str) -> None:
    setup = setup_of(city)
    state = reset(setup.initial_state, 3)
    before = copy.deepcopy(state)
    actions = draw_actions(setup.game, state, np.random.default_rng(0))
    after, move = step(setup.game, state, actions)
    assert (state.start_year == before.start_year).all()
    assert (state.account.net == before.account.net).all()
    step_in_place(setup.game, before, actions)
    assert (after.start_year == before.start_year).all()
    np.testing.assert_array_equal(after.objectives, before.objectives)
    np.testing.assert_array_equal(move.change, after.objectives - state.objectives)


@pytest.mark.parametrize("name", ["together", "no_rehabilitation", "locked"])
def test_the_three_masks_tell_one_story(name: str) -> None:
    game = strict_game(name)
    state, rng = reset(initial_state(game), 4), np.random.default_rng(5)
    for _ in range(6):
        joint, villages = action_mask(game, state), village_mask(game, state)
        by_village = joint[:, :-1].reshape(4, game.n_villages, game.n_options)
        np.testing.assert_array_equal(by_village.any(axis=2), villages[:, :-1])
        np.testing.assert_array_equal(joint[:, -1], villages[:, -1])
        for village in range(game.n_villages):
            np.testing.assert_array_equal(option_mask(game, state, np.full(4, village)), by_village[:, village])
        step_in_place(game, state, draw_actions(game, state, rng))


@pytest.mark.parametrize("name", ["annual", "peak", "rents", "shares", "people", "commodity", "together"])
def test_a_decision_the_money_masks_forbid_breaks_a_rule(name: str) -> None:
    """The masks are not cautious: what they forbid of a village that is open makes the plan invalid."""
    game = strict_game(name)
    state, rng = reset(initial_state(game), 8), np.random.default_rng(6)
    n_checked = 0
    for _ in range(8):
        step_in_place(game, state, draw_actions(game, state, rng))
        if is_over(game, state).any():
            break
        joint = action_mask(game, state)[:, :-1].reshape(8, game.n_villages, -1)
        forbidden = game.space.option_mask & ~joint & joint.any(axis=2)[:, :, None]
        env, village, option = (index[:40] for index in np.nonzero(forbidden))
        if not env.size:
            continue
        start, chosen = state.start_year[env].copy(), state.option[env].copy()
        row = np.arange(env.size)
        start[row, village], chosen[row, village] = state.year[env], option
        assert not valid(game.resolved, game.space.decode(start, chosen)).any()
        n_checked += env.size
    assert n_checked > 0


def test_a_forbidden_action_closes_the_year() -> None:
    game = setup_of("tiny").game
    state = reset(setup_of("tiny").initial_state, 1)
    action = np.flatnonzero(action_mask(game, state)[0])[:1]
    assert step_in_place(game, state, action).obeyed.all()
    again = step_in_place(game, state, action)
    assert not again.obeyed.any()
    assert state.year.tolist() == [2]


def test_locked_villages_hold_the_last_places() -> None:
    game = strict_game("locked")
    state = play(game, 40, seed=7, close_chance=0.9)
    locked = np.flatnonzero(game.locked)
    assert (state.start_year[:, locked] > 0).all()
    assert (state.started[:, 1:] <= 1).all()


def test_fixed_villages_are_in_the_plan_from_the_beginning() -> None:
    game = strict_game("given")
    start = initial_state(game)
    assert start.start_year[0].tolist() == [2] + [0] * 11
    assert start.started[0].tolist() == [0, 0, 1, 0, 0]
    worth_what_it_is_evaluated(game, start)
    state = play(game, 10, seed=8)
    assert (state.started[:, 2] == 1).all()  # the quota of year 2 is used
    assert (state.start_year[:, 5] == 0).all()


def test_objectives_settle_when_the_year_closes_and_money_at_once() -> None:
    setup = setup_of("fifty")
    state = reset(setup.initial_state, 1)
    change = step_in_place(setup.game, state, draw_actions(setup.game, state, np.random.default_rng(9))).change[0]
    assert change[0] != 0.0
    assert change[1:].tolist() == [0.0, 0.0]
    change = step_in_place(setup.game, state, np.array([setup.game.close_action])).change[0]
    assert change[0] == 0.0
    assert (change[1:] != 0.0).all()


def test_any_indicator_may_be_an_objective() -> None:
    """One that is no mean over years is measured anew at each closing."""
    objectives = ("service_accessibility", "total_cost_cny", "accessibility_gini", "net_present_value_cny")
    scenario = Scenario(
        plan_years=3, villages_per_year=2, objectives=objectives, preferences=dict.fromkeys(objectives, 1.0)
    )
    game = game_constants(resolve(scenario, synthesize_city(8, 2)))
    assert (game.yearly, game.whole, game.live) == ((0,), (1, 2), (3,))
    worth_what_it_is_evaluated(game, play(game, 5, seed=1))


def test_newcomers_who_wait_are_settled_exactly() -> None:
    game = game_constants(resolve(_crowded(), synthesize_city(12, 3)))
    state = play(game, 6, seed=4)
    assert Trace(game.resolved, plans_of(game, state), GAME_PRECISION).away.waiting
    worth_what_it_is_evaluated(game, state)


def test_a_district_without_stock_answers_to_the_city() -> None:
    """Then one decision moves the prices of several districts: the account and the masks look at all of them."""
    city, parameters = twelve_villages(), {"market.rooms_as_housing": 0.0, "rule.rent_growth_max": 0.05}
    zones = city.zones
    bare = replace(
        city, zones=replace(zones, housing_floor_area_m2=zones.housing_floor_area_m2 * (zones.district_idx > 0))
    )
    scenario = Scenario(
        plan_years=4,
        villages_per_year=3,
        density_levels=2,
        facility_levels=2,
        capital_limit_annual_cny=4e9,
        capital_limit_peak_cny=8e9,
        rules={"rent_growth": RuleMode.HARD},
        parameters=parameters,
    )
    game = game_constants(resolve(scenario, bare))
    assert not game.market.districts.has_all
    state = play(game, 60, seed=5, close_chance=0.1)
    assert state.started[:, 1:].sum() > 60 * 2
    worth_what_it_is_evaluated(game, state)
    assert valid(game.resolved, plans_of(game, state)).all()
    the_account_is_that_of_the_trace(game, state)


def test_option_features_tell_options_apart() -> None:
    game = setup_of("fifty").game
    features = option_features(game)
    assert features.shape == (game.n_options, len(OPTION_FEATURES))
    assert len(np.unique(features, axis=0)) == game.n_options
    assert (features >= 0.0).all()
    assert (features <= 1.0).all()
    village = int(np.flatnonzero(game.space.option_mask.all(axis=1))[0])
    rebuilt = np.flatnonzero((features[:, 0] == 1.0) & (features[:, 3] == 1.0))  # rebuilt for employment
    density = game.space.floor_area_ratio[village, rebuilt]
    low, high = (density[features[rebuilt, 6] == level] for level in (0.0, 1.0))
    assert (low < high).all()


def _crowded() -> Scenario:
    return Scenario(
        plan_years=4,
        villages_per_year=6,
        intensities=("rebuild",),
        land_uses=("commodity_housing", "rental_housing"),
        density_levels=1,
        facility_levels=1,
        parameters={"settle.outflow_cap": 1e-4},
    )
