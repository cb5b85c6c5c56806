"""The game where bargaining counts: a plan made step by step is worth what the evaluator says of it at once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from agreement_fixtures import counting, table_of
from bargained_fixtures import DELAYS_YR, NO_MARKET, bargained, late_table
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from environment_fixtures import assert_masks_agree, play, strict_scenarios, twelve_villages
from envs.choices.options import option_space
from envs.game.constants import GAME_PRECISION, GameConstants, game_constants
from envs.game.dynamics import initial_state, reset, step_in_place
from envs.game.masks import draw_actions, village_mask
from envs.game.option_tables import COLUMNS
from envs.game.quick_anchors import quick_anchors, standalone_value_cny
from envs.game.year_end import plans_of
from envs.kernel import evaluate, resolve
from envs.kernel.plans import canonical
from envs.rules.check import valid

WITHIN_LIMITS = ("annual", "peak", "rents", "shares", "people", "commodity", "bargained", "district", "programme")


@cache
def game_of(name: str) -> GameConstants:
    return game_constants(bargained(strict_scenarios()[name], twelve_villages()))


@pytest.mark.parametrize("name", WITHIN_LIMITS)
def test_stepping_is_evaluating_and_keeps_the_rules(name: str) -> None:
    game = game_of(name)
    state = play(game, 3, seed=2)
    plans = plans_of(game, state)
    assert np.any(plans.start_year > 0)
    outcomes = evaluate(game.resolved, plans, indicators=(), precision=GAME_PRECISION)
    assert state.objectives == pytest.approx(outcomes.objective_matrix(), rel=1e-9)
    assert valid(game.resolved, plans).all()


def test_rewards_of_an_episode_add_up_to_its_outcome() -> None:
    """Of thirty villages; every decision moves money at once, the rest when the year closes."""
    scenario = Scenario(plan_years=5, villages_per_year=4, density_levels=2, facility_levels=2)
    game = game_constants(bargained(scenario, synthesize_city(30, 5)))
    state, rng = reset(initial_state(game), 2), np.random.default_rng(4)
    base, total = state.objectives.copy(), np.zeros_like(state.objectives)
    while (state.year <= game.plan_years).any():
        mask = village_mask(game, state)
        total += step_in_place(game, state, draw_actions(game, state, rng, close_chance=0.1), mask=mask).change
    outcomes = evaluate(game.resolved, plans_of(game, state), indicators=(), precision=GAME_PRECISION)
    assert base + total == pytest.approx(outcomes.objective_matrix(), rel=1e-9)


@pytest.mark.parametrize("name", ["together", "programme", "annual"])
def test_masks_tell_one_story(name: str) -> None:
    assert_masks_agree(game_of(name))


def test_a_village_that_nobody_agrees_on_moves_nothing() -> None:
    resolved = resolve(Scenario(plan_years=3, density_levels=2, facility_levels=2), twelve_villages())
    nothing = replace(late_table(resolved), probability=np.zeros_like(late_table(resolved).probability))
    game = game_constants(counting(resolved).with_agreements(nothing))
    state = play(game, 2, seed=1)
    assert (state.start_year > 0).any()
    assert state.objectives == pytest.approx(initial_state(game).objectives + 0.0 * state.objectives, rel=1e-12)
    assert not game.market.tables.amounts.any()


def test_all_agreed_on_at_once_on_the_model_s_terms_is_no_bargaining() -> None:
    resolved = resolve(Scenario(plan_years=3, density_levels=2, facility_levels=2), twelve_villages())
    certain = counting(resolved).with_agreements(table_of(option_space(resolved)))
    without, counted = (play(game_constants(r), 2, seed=1) for r in (resolved, certain))
    np.testing.assert_array_equal(counted.option, without.option)
    assert counted.objectives == pytest.approx(without.objectives, rel=1e-12)


def test_a_village_alone_is_worth_its_share_on_its_calendar() -> None:
    """What each option is worth alone by the tables, against the evaluator where markets do not answer."""
    scenario = Scenario(plan_years=3, density_levels=2, facility_levels=1, parameters=NO_MARKET)
    game = game_constants(bargained(scenario, twelve_villages()))
    worth, space, n = standalone_value_cny(game), game.space, game.n_villages
    tried = 0
    for village in range(0, n, 3):
        legal = np.flatnonzero(space.option_mask[village])
        start = np.zeros((legal.size, n), dtype=np.int64)
        start[:, village] = 1
        plans = canonical(space.decode(start, np.broadcast_to(legal[:, None], start.shape)))
        measured = evaluate(game.resolved, plans, indicators=(), precision=GAME_PRECISION)["net_present_value_cny"]
        assert worth[village, legal] == pytest.approx(measured, rel=1e-9)
        tried += legal.size
    assert tried > 20
    assert len({*game.market.tables.calendar[space.option_mask].tolist()}) == len(DELAYS_YR)
    assert game.market.tables.amounts.shape[2] == len(COLUMNS)


def test_quick_anchors_are_of_counted_outcomes() -> None:
    game = game_of("annual")
    anchors = quick_anchors(game)
    base = initial_state(game).objectives[0]
    assert np.array(anchors.base) == pytest.approx(base, rel=1e-3)
    assert (np.array(anchors.best) != np.array(anchors.base)).all()
