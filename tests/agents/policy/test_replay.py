"""A plan replayed with a policy looking on."""

from __future__ import annotations

import numpy as np
import pytest

from agents.policy.network import initial
from agents.policy.replay import replay
from agents.policy.rollout import rollout
from agents.policy.shortlist import Outlook, outlook
from data.scenario import FixedVillage, Scenario
from data.synthesis.city import synthesize_city
from envs.environment_core import set_up
from envs.kernel.plans import empty_plan

WEIGHTS = np.array([[0.5, 0.2, 0.3]])


@pytest.fixture(scope="module")
def look() -> Outlook:
    given = FixedVillage(
        start_year=2, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0, facility_ratio=0.1
    )
    scenario = Scenario(plan_years=3, villages_per_year=2, density_levels=2, facility_levels=2, fixed={"V00001": given})
    return outlook(set_up(synthesize_city(12, 3), scenario))


def test_the_policys_own_plan_is_what_it_finds_most_probable(look: Outlook) -> None:
    parameters = initial(0)
    plan = rollout(look, parameters, WEIGHTS).plans
    found = replay(look, parameters, WEIGHTS[0], plan)
    assert found is not None
    assert found.is_first.all()
    free = np.flatnonzero((plan.start_year[0] > 0) & ~look.game.space.fixed_mask)
    assert sorted(found.village.tolist()) == free.tolist()
    assert (np.diff(plan.start_year[0, found.village]) >= 0).all()
    assert ((found.of_option > 0.0) & (found.of_option <= found.of_village)).all()
    assert (found.of_village + found.of_closing <= 1.0 + 1e-9).all()


def test_another_plan_is_less_probable(look: Outlook) -> None:
    parameters = initial(0)
    best = rollout(look, parameters, WEIGHTS).plans
    other = rollout(look, parameters, WEIGHTS[:, ::-1]).plans
    mine, others = (replay(look, parameters, WEIGHTS[0], plan) for plan in (best, other))
    assert mine is not None
    assert others is not None
    assert not others.is_first.all()
    assert np.log(np.maximum(others.of_option, 1e-9)).sum() < np.log(mine.of_option).sum()


def test_a_plan_that_the_environment_does_not_allow_is_not_replayed(look: Outlook) -> None:
    plan = rollout(look, initial(0), WEIGHTS).plans
    crowded = plan.each(lambda column: column.copy())
    free = np.flatnonzero((plan.start_year[0] > 0) & ~look.game.space.fixed_mask)
    crowded.start_year[0, free] = 1
    assert replay(look, initial(0), WEIGHTS[0], crowded) is None


def test_nothing_renewed_is_an_empty_replay(look: Outlook) -> None:
    found = replay(look, initial(0), WEIGHTS[0], empty_plan(12))
    assert found is not None
    assert found.village.size == 0
