"""Episodes against the loop oracle: the reward of the environment re-computed by code that shares nothing with it."""

from __future__ import annotations

import numpy as np
import pytest

from data.parameter_book import load_book
from envs.choices.anchors import Anchors
from envs.game.constants import game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import draw_actions
from envs.game.reward import reward_scale
from envs.game.year_end import plans_of
from envs.kernel import REPORT, ResolvedScenario, resolve
from oracles.evaluate import evaluate_plan
from oracles.small_book import BOOK
from oracles.varied import Variant, random_variant
from plan_fixtures import entries_of

OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")


VARIANTS = {
    "plain": Variant(),
    "lively": Variant(changes={"price.elasticity": 0.6, "sale.flow_elasticity": 0.5, "rent.elasticity": 0.9}),
    "full": Variant(changes={"settle.m2_per_person": 150.0}),
    "growing": Variant(changes={"price.growth": 0.03, "cost.growth": -0.01, "consent.legal_discount": 0.9}),
    "random_city": random_variant(3),
}


@pytest.mark.parametrize(
    ("name", "seed"), [*(("plain", seed) for seed in (1, 2, 3)), *((name, 4) for name in VARIANTS if name != "plain")]
)
def test_every_settlement_is_what_the_oracle_says(name: str, seed: int) -> None:
    """Each time a year closes, the plan so far is worth what the oracle finds, and rewards add up to it."""
    city, changes = VARIANTS[name].city, VARIANTS[name].changes
    scenario = VARIANTS[name].scenario.model_copy(update={"plan_years": 4, "villages_per_year": 1})
    resolved = resolve(scenario, city, load_book().override(BOOK).override(changes))
    game = game_constants(resolved, precision=REPORT)
    anchors = Anchors(OBJECTIVES, (0.0, 3.0, 0.5), (5e8, 2.0, 0.9), (-5e8, 4.0, 0.4), 0, 0, "")
    scale, state, rng = reward_scale(anchors, "given"), reset(initial_state(game), 1), np.random.default_rng(seed)
    base, total = outcome(resolved, entries_of(plans_of(game, state), 0)), np.zeros(3)
    while not is_over(game, state)[0]:
        move = step_in_place(game, state, draw_actions(game, state, rng, close_chance=0.3))
        total += scale.vector(move.change)[0]
        if move.closed.size:
            now = outcome(resolved, entries_of(plans_of(game, state), 0))
            assert state.objectives[0] == pytest.approx(now, rel=1e-8)
            expected = (now - base) / np.array([1e9, -2.0, 0.5])
            assert total == pytest.approx(expected, rel=1e-6, abs=1e-8)


def outcome(resolved: ResolvedScenario, plan: list[dict[str, object]]) -> np.ndarray:
    found = evaluate_plan(resolved.city, resolved.scenario, lambda key: resolved.book[key].value, plan)
    return np.array([found[name] for name in OBJECTIVES])
