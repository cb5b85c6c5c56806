"""The game of any model: what Gymnasium asks, masks that lead to valid plans, rewards that add up to the plan."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import example, given, settings
from hypothesis import strategies as st

import envs
from data.errors import InputError
from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.kernel import resolve
from envs.model_env import ModelEnv
from envs.models.kernel_model import KernelModel
from envs.models.model import Model
from envs.registration import MODEL_ID
from model_fixtures import ToyModel, ToyShape
from optimizers.bench.published.model import PublishedModel
from published_fixtures import small_published_city

assert envs  # importing it registers the ids


@cache
def kernel_model() -> KernelModel:
    return KernelModel(resolve(load_scenario("tiny"), load_city("tiny")))


MODELS: dict[str, Any] = {
    "kernel": kernel_model,
    "published": lambda: PublishedModel(small_published_city(1, 26), yearly=2),
    "toy": lambda: ToyModel(2, ToyShape(n_villages=9, n_options=3, n_years=3, limited=True)),
}


def play(env: ModelEnv, seed: int) -> tuple[float, np.ndarray, dict[str, Any]]:
    """An episode of legal actions drawn at random: sum of rewards, sum of vector rewards, the last info."""
    rng, total, vector, over, info = np.random.default_rng(seed), 0.0, 0.0, False, {}
    env.reset(seed=seed)
    while not over:
        allowed = np.flatnonzero(env.action_masks())
        observation, reward, over, truncated, info = env.step(np.int64(rng.choice(allowed)))
        assert env.observation_space.contains(observation)
        assert info["obeyed"]
        assert not truncated
        total, vector = total + float(reward), vector + info["vector_reward"]
    return total, np.asarray(vector), info


@pytest.mark.parametrize("name", MODELS)
def test_gymnasium_has_nothing_to_say(name: str) -> None:
    env = gymnasium.make(MODEL_ID, model=MODELS[name]())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped, skip_render_check=True)


@pytest.mark.parametrize("name", MODELS)
def test_stable_baselines_has_nothing_to_say(name: str) -> None:
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(ModelEnv(MODELS[name]()))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("weights", [None, "random"])
def test_rewards_add_up_to_what_the_plan_is_worth(name: str, weights: str | None) -> None:
    model: Model = MODELS[name]()
    env = ModelEnv(model, weights=weights)
    total, vector, info = play(env, 3)
    game = env.game
    nothing = np.zeros((1, len(model.start_mask)), dtype=np.int64)
    base, reached = (
        model.evaluate(start, game.option[None]).objectives[0] for start in (nothing, game.start_year[None])
    )
    by_hand = (reached - base) * model.signs / env.ranges - info["penalty"]
    np.testing.assert_allclose(vector, by_hand, rtol=1e-9, atol=1e-12)
    assert total == pytest.approx(float(info["reward_weights"] @ by_hand))
    np.testing.assert_array_equal(info["objectives"], reached)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_villages=st.integers(6, 10),
    exact=st.booleans(),
    n_locked=st.integers(0, 3),
)
@example(seed=1, n_villages=6, exact=False, n_locked=3)
def test_masked_episodes_end_in_plans_within_masks_and_quota(
    seed: int, n_villages: int, exact: bool, n_locked: int
) -> None:
    model = ToyModel(seed, ToyShape(n_villages, 3, 3, 2, exact=exact))
    model.start_mask[:n_locked] = [False, True, True, True]
    env = ModelEnv(model)
    _, _, info = play(env, seed)
    start = env.game.start_year
    assert model.start_mask[np.arange(n_villages), start].all()
    assert model.option_mask[np.arange(n_villages), env.game.option][start > 0].all()
    count = np.bincount(start, minlength=4)[1:]
    assert (count == 2).all() if exact else (count <= 2).all()
    assert info["valid"]


def test_a_broken_rule_costs_what_it_is_exceeded_by() -> None:
    model = ToyModel(4, ToyShape(n_villages=9, n_options=3, n_years=3, quota=3, limited=True))
    model.most_use = 0.25 * float(model.use.min(axis=1).sum())
    env = ModelEnv(model)
    env.reset()
    over, info = False, {}
    while not over:  # everything that may start starts
        _, _, over, _, info = env.step(np.int64(np.flatnonzero(env.action_masks())[0]))
    used = sum(model.use[v, o] for v, (y, o) in enumerate(zip(env.game.start_year, env.game.option, strict=True)) if y)
    assert not info["valid"]
    assert info["penalty"] == pytest.approx(used / model.most_use - 1.0)


def test_a_forbidden_action_closes_the_year_and_a_finished_plan_wants_a_reset() -> None:
    env = ModelEnv(ToyModel(1, ToyShape()))
    env.reset()
    action = np.int64(np.flatnonzero(env.action_masks())[0])
    env.step(action)
    *_, info = env.step(action)
    assert not info["obeyed"]
    assert env.game.year == 2
    env.step(np.int64(env.close_action))
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(action)
    with pytest.raises(InputError, match="unknown"):
        env.reset(options={"weight": [1.0, 0.0]})
    with pytest.raises(InputError, match="weights"):
        ModelEnv(ToyModel(1, ToyShape()), weights={"wealth": 1.0})
