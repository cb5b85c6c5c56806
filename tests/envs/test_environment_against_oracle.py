"""Episodes against the loop oracle: the reward of the environment re-computed by code that shares nothing with it."""

from __future__ import annotations

import numpy as np
import pytest

from data.parameter_book import load_book
from data.scenario import Scenario
from envs.choices.anchors import Anchors
from envs.game.constants import game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import draw_actions
from envs.game.reward import reward_scale
from envs.game.year_end import plans_of
from envs.kernel import REPORT, resolve
from oracles.evaluate import evaluate_plan
from oracles.small_city import BOOK, small_book, small_city
from plan_fixtures import entries_of

OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_settlement_is_what_the_oracle_says(seed: int) -> None:
    """Each time a year closes, the plan so far is worth what the oracle finds, and rewards add up to it."""
    scenario, city = Scenario(plan_years=4, villages_per_year=1), small_city()
    game = game_constants(resolve(scenario, city, load_book().override(BOOK)), precision=REPORT)
    anchors = Anchors(OBJECTIVES, (0.0, 3.0, 0.5), (5e8, 2.0, 0.9), (-5e8, 4.0, 0.4), 0, 0, "")
    scale, state, rng = reward_scale(anchors, "given"), reset(initial_state(game), 1), np.random.default_rng(seed)
    base, total = outcome(scenario, entries_of(plans_of(game, state), 0)), np.zeros(3)
    while not is_over(game, state)[0]:
        move = step_in_place(game, state, draw_actions(game, state, rng, close_chance=0.3))
        total += scale.vector(move.change)[0]
        if move.closed.size:
            now = outcome(scenario, entries_of(plans_of(game, state), 0))
            assert state.objectives[0] == pytest.approx(now, rel=1e-8)
            expected = (now - base) / np.array([1e9, -2.0, 0.5])
            assert total == pytest.approx(expected, rel=1e-6, abs=1e-8)


def outcome(scenario: Scenario, plan: list[dict[str, object]]) -> np.ndarray:
    found = evaluate_plan(small_city(), scenario, small_book, plan)
    return np.array([found[name] for name in OBJECTIVES])
