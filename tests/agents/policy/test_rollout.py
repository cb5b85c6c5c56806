"""Rollouts: plans that hold every hard rule, worth what the evaluator says, and the same in any order of villages."""

from __future__ import annotations

import numpy as np
import pytest

from agents.objectives import KNOWN_OBJECTIVES
from agents.policy.episodes import Episodes
from agents.policy.front import plan_front
from agents.policy.layout import CANDIDATE_FEATURES, N_CANDIDATES
from agents.policy.network import initial
from agents.policy.plan_value import judge, worth
from agents.policy.policy_files import read_policy
from agents.policy.preferences import preference_grid
from agents.policy.rollout import rollout
from agents.policy.shortlist import outlook
from data.scenario import RuleMode
from environment_fixtures import setup_of, strict_scenarios, twelve_villages
from envs.environment_core import set_up
from envs.game.constants import GAME_PRECISION
from envs.kernel import evaluate
from envs.rules.check import violations
from policy_fixtures import look_at, preferences, random_parameters, reordered, strict_look


@pytest.mark.parametrize("city", ["tiny", "fifty"])
def test_objectives_are_those_of_the_evaluator(city: str) -> None:
    found = rollout(look_at(city), random_parameters(1), preferences(4))
    resolved = setup_of(city).game.resolved
    outcomes = evaluate(resolved, found.plans, indicators=(), precision=GAME_PRECISION)
    np.testing.assert_allclose(found.objectives, outcomes.objective_matrix(), rtol=1e-9)


@pytest.mark.parametrize("name", sorted(strict_scenarios()))
def test_plans_hold_every_hard_rule(name: str) -> None:
    setup, look = strict_look(name)
    found = rollout(look, random_parameters(2), preferences(6))
    names, excess = violations(
        setup.game.resolved, found.plans, modes=(RuleMode.HARD,), precision=GAME_PRECISION, threads=1
    )
    broken = [rule for rule, column in zip(names, excess.T, strict=True) if (column > 0.0).any()]
    assert broken == []


def test_side_by_side_is_one_by_one() -> None:
    weights, parameters = preferences(5), random_parameters(3)
    together = rollout(look_at("fifty"), parameters, weights)
    for k in range(5):
        alone = rollout(look_at("fifty"), parameters, weights[k : k + 1])
        np.testing.assert_array_equal(alone.plans.start_year[0], together.plans.start_year[k])


@pytest.mark.parametrize("name", ["fifty", "together"])
def test_the_rollout_is_the_training_game(name: str) -> None:
    """Playing the training environment greedily by the same scores gives the same plan, under limits too."""
    from agents.policy.network import decide

    parameters, weights = random_parameters(4), preferences(1)
    setup, look = (setup_of(name), look_at(name)) if name == "fifty" else strict_look(name)
    episodes = Episodes(setup, look, weights)
    record = None
    while record is None:
        score, close, _ = decide(parameters, episodes.villages, episodes.candidates, episodes.city)
        flat = np.concatenate([score.reshape(1, -1), close[:, None]], axis=1)
        choice = np.argmax(np.where(episodes.mask(), flat, -np.inf), axis=1)
        record = episodes.step(choice).records.get(0)
    found = rollout(look, parameters, weights)
    np.testing.assert_array_equal(record.plan.start_year, found.plans.start_year)
    np.testing.assert_array_equal(record.plan.facility_ratio, found.plans.facility_ratio)
    assert episodes.close_choice == setup.game.n_villages * N_CANDIDATES


def test_order_of_villages_does_not_change_the_plan() -> None:
    setup, order = reordered()
    parameters, weights = random_parameters(6), preferences(4, seed=2)  # no two options of a village tie
    mine = rollout(look_at("fifty"), parameters, weights)
    theirs = rollout(outlook(setup), parameters, weights)
    np.testing.assert_array_equal(theirs.plans.start_year, mine.plans.start_year[:, order])
    np.testing.assert_array_equal(theirs.plans.land_use, mine.plans.land_use[:, order])


@pytest.mark.parametrize("name", ["fifty", "together"])
def test_torch_is_numpy(name: str) -> None:
    torch = pytest.importorskip("torch", reason="in the extra `train`")
    parameters, weights = random_parameters(7), preferences(3)
    setup, look = (setup_of(name), look_at(name)) if name == "fifty" else strict_look(name)
    mine = rollout(look, parameters, weights)
    on_torch = {name: torch.from_numpy(p) for name, p in parameters.items()}
    theirs = rollout(outlook(setup, torch.zeros(1)), on_torch, torch.from_numpy(weights))
    np.testing.assert_array_equal(theirs.plans.start_year.numpy(), mine.plans.start_year)
    np.testing.assert_allclose(theirs.objectives.numpy(), mine.objectives, rtol=1e-9)


def test_the_shipped_policy_listens_and_has_learned() -> None:
    setup, look = setup_of("fifty"), look_at("fifty")
    shipped = read_policy().parameters
    weights = preference_grid(4)
    value = setup.anchors.normalized(rollout(look, shipped, weights).objectives)
    asked = np.mean(np.sum(value * weights, axis=1))
    permuted = np.mean(np.sum(value * np.roll(weights, 1, axis=1), axis=1))
    assert permuted < asked - 0.05
    table = judge([setup])
    assert table.weighted_values(shipped)[0] > table.weighted_values(initial(0))[0]


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_a_front_has_as_many_plans_as_preferences(n: int) -> None:
    front = plan_front(look_at("fifty"), initial(0), setup_of("fifty").anchors, n)
    assert front.plans.n_plans == len(front.weights) == len(front.objectives) == n


@pytest.mark.parametrize("name", ["annual", "peak", "shares", "people", "rents", "district"])
def test_no_preference_gets_a_plan_worth_less_than_renewing_nothing(name: str) -> None:
    (setup, look), weights = strict_look(name), preference_grid(3)
    for parameters in (initial(3, greed=0.0), random_parameters(2)):  # the first knows nothing of what is good
        found = rollout(look, parameters, weights)
        assert (worth(setup, found.objectives, weights) >= 0.0).all()


def test_as_many_objectives_as_are_asked() -> None:
    """Four of them, in another order than the slots: each gain stands in its slot, and those not asked are nothing."""
    names = ("displaced_tenants_persons", "service_accessibility", "embodied_carbon_tco2e", "net_present_value_cny")
    scenario = strict_scenarios()["quota"]
    asked = scenario.model_copy(update={"objectives": names, "preferences": dict.fromkeys(names, 0.25)})
    setup = set_up(twelve_villages(), asked)
    look, weights = outlook(setup), np.eye(4)
    seen = Episodes(setup, look, weights)
    gains = seen.candidates[..., [CANDIDATE_FEATURES.index(f"gain_{name}") for name in KNOWN_OBJECTIVES]]
    slots = [KNOWN_OBJECTIVES.index(name) for name in names]
    for env, slot in enumerate(slots):
        others = [k for k in range(len(KNOWN_OBJECTIVES)) if k != slot]
        assert (gains[env][..., others] == 0.0).all()
        assert (gains[env][..., slot] != 0.0).any()
    found = rollout(look, initial(0), weights)
    renewed = (found.plans.start_year > 0).sum(axis=1)
    assert renewed[[0, 2]].tolist() == [0, 0]  # nobody is displaced, and no carbon is spent, where nothing is renewed
    assert (renewed[[1, 3]] > 0).all()
