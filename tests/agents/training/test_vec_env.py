"""The adapter to Stable-Baselines3 keeps its contract."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

import envs
from data.errors import InputError
from environment_fixtures import arguments_of, setup_of

pytest.importorskip("stable_baselines3", reason="in the extra `train`")
from agents.training.vec_env import RenewalVecEnv

assert envs  # importing it registers the ids


def adapter(n: int = 3) -> RenewalVecEnv:
    return RenewalVecEnv(gymnasium.make_vec("renewal/UrbanRenewal-v2", num_envs=n, **arguments_of("tiny")))


def test_rollout_and_the_end_of_episodes() -> None:
    vec = adapter()
    vec.seed(5)
    seen = vec.reset()
    assert vec.observation_space.contains({name: value[0] for name, value in seen.items()})
    assert vec.reset_infos[1]["anchors"] == "given"
    ends = 0
    for _ in range(20):
        masks = np.stack(vec.env_method("action_masks"))
        actions = np.array([np.random.default_rng(ends).choice(np.flatnonzero(mask)) for mask in masks])
        seen, rewards, done, told = vec.step(actions)
        assert rewards.dtype == np.float32
        assert rewards.shape == done.shape == (3,)
        for i, info in enumerate(told):
            assert info["TimeLimit.truncated"] is False
            assert ("terminal_observation" in info) == bool(done[i])
            if done[i]:
                ends += 1
                assert info["valid"]
                assert info["terminal_observation"]["global"][0] == 1.0  # every year is gone
                assert seen["global"][i, 0] == 0.0
    assert ends > 0


def test_it_takes_batches_that_reset_in_the_same_step_alone() -> None:
    batch = gymnasium.make_vec("renewal/UrbanRenewal-v2", num_envs=2, autoreset_mode="NextStep", **arguments_of("tiny"))
    with pytest.raises(InputError, match="must be one of SameStep, found 'NextStep'"):
        RenewalVecEnv(batch)


def test_attributes_and_methods_per_environment() -> None:
    vec = adapter(4)
    vec.reset()
    assert vec.get_attr("num_envs", indices=[0, 2]) == [4, 4]
    assert vec.has_attr("action_masks")
    assert not vec.has_attr("action_mask")
    n_villages = setup_of("tiny").game.n_villages
    assert [mask.shape for mask in vec.env_method("village_mask", indices=1)] == [(n_villages + 1,)]
    assert vec.env_is_wrapped(gymnasium.Wrapper) == [False] * 4
    vec.close()


def test_maskable_ppo_learns_without_a_warning() -> None:
    contrib = pytest.importorskip("sb3_contrib")
    model = contrib.MaskablePPO(
        "MultiInputPolicy", adapter(), n_steps=16, batch_size=24, n_epochs=1, seed=1, device="cpu"
    )
    model.learn(96)
    assert model.num_timesteps >= 96
