"""A fixed village with a multiplier, an on-site share and a delay of its own, stepped and evaluated."""

from __future__ import annotations

import pytest

from data.scenario import FixedVillage, Scenario
from environment_fixtures import play, twelve_villages
from envs.game.constants import GAME_PRECISION, game_constants
from envs.game.year_end import plans_of
from envs.kernel import evaluate, resolve
from envs.rules.check import valid

GIVEN = FixedVillage(
    start_year=2,
    intensity="rebuild",
    land_use="commodity_housing",
    floor_area_ratio=2.0,
    facility_ratio=0.1,
    compensation_multiplier=1.3,
    onsite_share=0.5,
    delay_yr=0.7,
)


@pytest.mark.parametrize("given", [GIVEN, FixedVillage(start_year=1, facility_ratio=0.1, delay_yr=3.0)])
def test_stepping_is_evaluating(given: FixedVillage) -> None:
    scenario = Scenario(plan_years=4, villages_per_year=3, density_levels=2, facility_levels=2, fixed={"V00001": given})
    game = game_constants(resolve(scenario, twelve_villages()))
    state = play(game, 3, seed=1)
    plans = plans_of(game, state)
    assert plans.delay_yr is not None
    outcomes = evaluate(game.resolved, plans, indicators=(), precision=GAME_PRECISION)
    assert state.objectives == pytest.approx(outcomes.objective_matrix(), rel=1e-9)
    assert valid(game.resolved, plans).all()
