"""The game: a plan made step by step is worth what the evaluator says of it, and masks keep it legal."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from environment_fixtures import CITIES, binding_board, play, setup_of, strict_board, strict_scenarios
from envs.game.constants import SETTLEMENT, Board, make_board
from envs.game.dynamics import advance, is_over, new_state, origin, step
from envs.game.masks import action_mask, draw_actions, option_mask, village_mask
from envs.game.observation import OPTION_FEATURES, option_features
from envs.game.state import State
from envs.game.year_end import plans_of
from envs.kernel import evaluate, resolve
from envs.kernel.trace import Trace
from envs.rules.check import valid

SMALL = [*strict_scenarios()]


def worth_what_it_is_evaluated(board: Board, state: State) -> None:
    outcomes = evaluate(board.resolved, plans_of(board, state), indicators=(), precision=SETTLEMENT)
    expected = outcomes.objective_matrix()
    scale = np.maximum(np.abs(expected).max(axis=0), 1e-12)
    assert (np.abs(state.objectives - expected) / scale).max() < 1e-9


@pytest.mark.parametrize("name", SMALL)
def test_stepping_is_evaluating_and_masked_episodes_are_valid(name: str) -> None:
    board = strict_board(name)
    state = play(board, 60, seed=1, close_chance=0.1)
    worth_what_it_is_evaluated(board, state)
    assert valid(board.resolved, plans_of(board, state)).all()
    assert state.started[:, 1:].sum() > 60 * 2


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_ten_thousand_masked_episodes_are_valid(name: str) -> None:
    board = strict_board(name)
    n_episodes = -(-10_000 // len(SMALL))
    plans = plans_of(board, play(board, n_episodes, seed=2, close_chance=0.05))
    assert valid(board.resolved, plans).all()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("city", ["tiny", "fifty"])
def test_thousands_of_masked_episodes_of_the_registered_cities_are_valid(city: str) -> None:
    board = setup_of(city).board
    for seed in range(10):
        state = play(board, 1_000 if city == "tiny" else 100, seed=seed, close_chance=0.05)
        worth_what_it_is_evaluated(board, state)
        assert valid(board.resolved, plans_of(board, state)).all()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("scenario", ["balanced", "binding"])
def test_masked_episodes_of_beijing_are_valid(scenario: str) -> None:
    board = setup_of("beijing").board if scenario == "balanced" else binding_board()
    state = play(board, 20, seed=3, close_chance=0.002)
    worth_what_it_is_evaluated(board, state)
    assert valid(board.resolved, plans_of(board, state)).all()


@pytest.mark.parametrize("city", CITIES[:2])
def test_step_is_pure_and_equals_advance(city: str) -> None:
    setup = setup_of(city)
    state = new_state(setup.start, 3)
    before = copy.deepcopy(state)
    actions = draw_actions(setup.board, state, np.random.default_rng(0))
    after, move = step(setup.board, state, actions)
    assert (state.start_year == before.start_year).all()
    assert (state.ledger.net == before.ledger.net).all()
    advance(setup.board, before, actions)
    assert (after.start_year == before.start_year).all()
    np.testing.assert_array_equal(after.objectives, before.objectives)
    np.testing.assert_array_equal(move.change, after.objectives - state.objectives)


@pytest.mark.parametrize("name", ["together", "no_rehabilitation", "locked"])
def test_the_three_masks_tell_one_story(name: str) -> None:
    board = strict_board(name)
    state, rng = new_state(origin(board), 4), np.random.default_rng(5)
    for _ in range(6):
        joint, villages = action_mask(board, state), village_mask(board, state)
        by_village = joint[:, :-1].reshape(4, board.n_villages, board.n_options)
        np.testing.assert_array_equal(by_village.any(axis=2), villages[:, :-1])
        np.testing.assert_array_equal(joint[:, -1], villages[:, -1])
        for village in range(board.n_villages):
            np.testing.assert_array_equal(option_mask(board, state, np.full(4, village)), by_village[:, village])
        advance(board, state, draw_actions(board, state, rng))


@pytest.mark.parametrize("name", ["annual", "peak", "rents", "shares", "people", "commodity", "together"])
def test_a_decision_the_money_masks_forbid_breaks_a_rule(name: str) -> None:
    """The masks are not cautious: what they forbid of a village that is open makes the plan invalid."""
    board = strict_board(name)
    state, rng = new_state(origin(board), 8), np.random.default_rng(6)
    n_checked = 0
    for _ in range(8):
        advance(board, state, draw_actions(board, state, rng))
        if is_over(board, state).any():
            break
        joint = action_mask(board, state)[:, :-1].reshape(8, board.n_villages, -1)
        forbidden = board.space.option_mask & ~joint & joint.any(axis=2)[:, :, None]
        env, village, option = (index[:40] for index in np.nonzero(forbidden))
        if not env.size:
            continue
        start, chosen = state.start_year[env].copy(), state.option[env].copy()
        row = np.arange(env.size)
        start[row, village], chosen[row, village] = state.year[env], option
        assert not valid(board.resolved, board.space.decode(start, chosen)).any()
        n_checked += env.size
    assert n_checked > 0


def test_a_forbidden_action_closes_the_year() -> None:
    board = setup_of("tiny").board
    state = new_state(setup_of("tiny").start, 1)
    action = np.flatnonzero(action_mask(board, state)[0])[:1]
    assert advance(board, state, action).obeyed.all()
    again = advance(board, state, action)
    assert not again.obeyed.any()
    assert state.year.tolist() == [2]


def test_locked_villages_hold_the_last_places() -> None:
    board = strict_board("locked")
    state = play(board, 40, seed=7, close_chance=0.9)
    locked = np.flatnonzero(board.locked)
    assert (state.start_year[:, locked] > 0).all()
    assert (state.started[:, 1:] <= 1).all()


def test_fixed_villages_are_in_the_plan_from_the_beginning() -> None:
    board = strict_board("given")
    start = origin(board)
    assert start.start_year[0].tolist() == [2] + [0] * 11
    assert start.started[0].tolist() == [0, 0, 1, 0, 0]
    worth_what_it_is_evaluated(board, start)
    state = play(board, 10, seed=8)
    assert (state.started[:, 2] == 1).all()  # the quota of year 2 is used
    assert (state.start_year[:, 5] == 0).all()


def test_objectives_settle_when_the_year_closes_and_money_at_once() -> None:
    setup = setup_of("fifty")
    state = new_state(setup.start, 1)
    change = advance(setup.board, state, draw_actions(setup.board, state, np.random.default_rng(9))).change[0]
    assert change[0] != 0.0
    assert change[1:].tolist() == [0.0, 0.0]
    change = advance(setup.board, state, np.array([setup.board.close_action])).change[0]
    assert change[0] == 0.0
    assert (change[1:] != 0.0).all()


def test_any_indicator_may_be_an_objective() -> None:
    """One that is no mean over years is measured anew at each closing."""
    objectives = ("service_accessibility", "total_cost_cny", "accessibility_gini", "net_present_value_cny")
    scenario = Scenario(
        plan_years=3, villages_per_year=2, objectives=objectives, preferences=dict.fromkeys(objectives, 1.0)
    )
    board = make_board(resolve(scenario, synthesize_city(8, 2)))
    assert (board.yearly, board.whole, board.live) == ((0,), (1, 2), (3,))
    worth_what_it_is_evaluated(board, play(board, 5, seed=1))


def test_newcomers_who_wait_are_settled_exactly() -> None:
    board = make_board(resolve(_crowded(), synthesize_city(12, 3)))
    state = play(board, 6, seed=4)
    assert Trace(board.resolved, plans_of(board, state), SETTLEMENT).away.waiting
    worth_what_it_is_evaluated(board, state)


def test_option_features_tell_options_apart() -> None:
    board = setup_of("fifty").board
    features = option_features(board)
    assert features.shape == (board.n_options, len(OPTION_FEATURES))
    assert len(np.unique(features, axis=0)) == board.n_options
    assert (features >= 0.0).all()
    assert (features <= 1.0).all()
    village = int(np.flatnonzero(board.space.option_mask.all(axis=1))[0])
    rebuilt = np.flatnonzero((features[:, 0] == 1.0) & (features[:, 3] == 1.0))  # rebuilt for employment
    density = board.space.floor_area_ratio[village, rebuilt]
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
