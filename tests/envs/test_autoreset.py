"""Both modes of autoreset: the batch is Gymnasium's own vector of single environments, and its wrappers count right."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import NormalizeReward, RecordEpisodeStatistics

from data.errors import InputError
from environment_fixtures import arguments_of, setup_of
from envs.game.masks import draw_actions
from envs.registration import ENVIRONMENT_IDS
from envs.renewal_env import RenewalEnv
from envs.renewal_vector_env import AUTORESET_MODES, RenewalVectorEnv

SCALAR_ID, VECTOR_ID = ENVIRONMENT_IDS
N_ENVS = 3
NEXT_STEP = AutoresetMode.NEXT_STEP
FULL = {"valid", "penalty", "plan_record", "violations", "objectives", "reward_weights", "vector_reward", "obeyed"}


def batch_of(city: str, mode: AutoresetMode | str, **changes: Any) -> RenewalVectorEnv:
    return RenewalVectorEnv(N_ENVS, setup=setup_of(city), autoreset_mode=mode, **changes)


def singles(city: str, mode: AutoresetMode) -> SyncVectorEnv:
    return SyncVectorEnv([lambda: RenewalEnv(setup=setup_of(city), weights="random")] * N_ENVS, autoreset_mode=mode)


def drawn(batch: Any, rng: np.random.Generator) -> np.ndarray:
    """Legal actions; years close early at times, so that episodes end at different steps."""
    core = batch.unwrapped.core
    return draw_actions(batch.unwrapped.game, core.state, rng, close_chance=0.2)


def assert_told_alike(told: dict[str, Any], expected: dict[str, Any]) -> None:
    """The same keys for the same environments, with the same values."""
    assert told.keys() == expected.keys()
    for key in (key for key in told if key.startswith("_")):
        np.testing.assert_array_equal(told[key], expected[key], err_msg=key)
        name = key.removeprefix("_")
        if name in {"objectives", "reward_weights", "vector_reward", "obeyed", "valid", "penalty"}:
            rows = told[key]
            np.testing.assert_allclose(told[name][rows], expected[name][rows], atol=1e-9, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("city", ["tiny", "fifty"])
def test_next_step_is_gymnasiums_own(city: str) -> None:
    """Step by step over several ends of episodes; random weights show that generators are drawn from alike."""
    batch, expected, rng = (
        batch_of(city, NEXT_STEP, weights="random"),
        singles(city, NEXT_STEP),
        np.random.default_rng(1),
    )
    pair = batch.reset(seed=5), expected.reset(seed=5)
    ended, n_ends = np.zeros(N_ENVS, dtype=bool), 0
    for _ in range(3 * setup_of(city).game.longest_episode):
        for name, values in pair[0][0].items():
            np.testing.assert_allclose(values, pair[1][0][name], atol=1e-6, err_msg=name)
        assert_told_alike(pair[0][-1], pair[1][-1])
        actions = np.where(ended, -1, drawn(batch, rng))  # no action at all where the step resets
        pair = batch.step(actions), expected.step(np.where(ended, 0, actions))
        for mine, theirs in zip(pair[0][1:4], pair[1][1:4], strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-6)
        ended = pair[0][2]
        n_ends += int(ended.sum())
    assert n_ends > 2 * N_ENVS


def test_next_step_ignores_the_action_after_the_end() -> None:
    batch = batch_of("tiny", NEXT_STEP)
    first, _ = batch.reset(seed=1)
    close = np.full(N_ENVS, batch.game.close_action)
    for _ in range(batch.game.plan_years):
        seen, _, over, _, told = batch.step(close)
    assert over.all()
    assert told.keys() >= FULL
    assert "final_obs" not in told
    assert not np.array_equal(seen["global"], first["global"])  # the last of the old episode
    seen, reward, over, cut, told = batch.step(np.zeros(N_ENVS, dtype=np.int64))  # would start a village
    assert (reward.tolist(), over.any(), cut.any()) == ([0.0] * N_ENVS, False, False)
    assert all(np.array_equal(seen[name], first[name]) for name in first)
    assert not told["_obeyed"].any()
    assert told["anchors"].tolist() == [batch.setup.scale.source] * N_ENVS
    assert not batch.core.state.started.any()


def test_a_reset_by_hand_takes_the_place_of_the_next_step() -> None:
    batch = batch_of("tiny", NEXT_STEP)
    batch.reset(seed=1)
    for _ in range(batch.game.plan_years):
        batch.step(np.full(N_ENVS, batch.game.close_action))
    batch.reset(options={"reset_mask": np.array([True, False, False])})
    batch.step(np.full(N_ENVS, batch.game.close_action))
    assert batch.core.state.year.tolist() == [2, 1, 1]


@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
@pytest.mark.parametrize("mode", AUTORESET_MODES)
def test_make_vec_takes_the_mode_and_metadata_tells_it(name: str, mode: AutoresetMode) -> None:
    for given in (mode, mode.value):
        batch = gymnasium.make_vec(name, num_envs=2, autoreset_mode=given, **arguments_of("tiny"))
        assert batch.metadata["autoreset_mode"] is mode
    assert RenewalVectorEnv.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP


@pytest.mark.parametrize("mode", [AutoresetMode.DISABLED, "next"])
def test_another_mode_is_refused(mode: AutoresetMode | str) -> None:
    with pytest.raises(InputError, match="autoreset_mode: must be one of SameStep, NextStep"):
        batch_of("tiny", mode)


@pytest.mark.parametrize("mode", AUTORESET_MODES)
def test_episode_statistics_are_those_of_the_episodes(mode: AutoresetMode) -> None:
    batch = RecordEpisodeStatistics(batch_of("tiny", mode))
    batch.reset(seed=1)
    rng, total, length, n_ends = np.random.default_rng(2), np.zeros(N_ENVS), np.zeros(N_ENVS, dtype=int), 0
    ended = np.zeros(N_ENVS, dtype=bool)
    for _ in range(40):
        acts = np.ones(N_ENVS, dtype=bool) if mode is AutoresetMode.SAME_STEP else ~ended
        _, reward, ended, _, told = batch.step(drawn(batch, rng))
        total, length = total + reward, length + acts
        for row in np.flatnonzero(ended):
            assert told["episode"]["r"][row] == pytest.approx(total[row], abs=1e-6)
            assert told["episode"]["l"][row] == length[row]
            total[row], length[row], n_ends = 0.0, 0, n_ends + 1
    assert n_ends > N_ENVS
    assert batch.episode_count == n_ends


@pytest.mark.parametrize("mode", AUTORESET_MODES)
def test_rewards_are_normalized_as_those_of_single_environments(mode: AutoresetMode) -> None:
    batch, expected = (
        NormalizeReward(env) for env in (batch_of("tiny", mode, weights="random"), singles("tiny", mode))
    )
    batch.reset(seed=4)
    expected.reset(seed=4)
    rng = np.random.default_rng(5)
    for _ in range(40):
        actions = drawn(batch, rng)
        np.testing.assert_allclose(batch.step(actions)[1], expected.step(actions)[1], atol=1e-4)


def test_mo_statistics_count_right_on_the_batch_as_it_is_made() -> None:
    """MO-Gymnasium's wrapper knows NEXT_STEP alone, so that the batch with vector rewards has this mode by default."""
    wrappers = pytest.importorskip("mo_gymnasium.wrappers.vector", reason="MO-Gymnasium is in the extra `train`")
    raw = gymnasium.make_vec(VECTOR_ID, num_envs=N_ENVS, **arguments_of("tiny"))
    batch = wrappers.MORecordEpisodeStatistics(raw, gamma=1.0)
    batch.reset(seed=1)
    rng, total, length, n_ends = np.random.default_rng(2), np.zeros((N_ENVS, 3)), np.zeros(N_ENVS, dtype=int), 0
    ended = np.zeros(N_ENVS, dtype=bool)
    for _ in range(40):
        acts = ~ended
        _, reward, ended, _, told = batch.step(drawn(batch, rng))
        total, length = total + reward, length + acts
        for row in np.flatnonzero(ended):
            np.testing.assert_allclose(told["episode"]["r"][row], total[row], atol=1e-6)
            assert told["episode"]["l"][row] == length[row]
            total[row], length[row], n_ends = 0.0, 0, n_ends + 1
    assert n_ends > N_ENVS
