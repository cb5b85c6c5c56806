"""Both registered ids on three cities: what Gymnasium, MO-Gymnasium and Stable-Baselines3 ask of an environment."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import envs
from data.errors import InputError
from data.scenario import Scenario
from environment_fixtures import CITIES, arguments_of, setup_of, strict_scenarios, twelve_villages
from envs.environment_core import set_up
from envs.kernel import evaluate
from envs.kernel.plans import concatenate
from envs.registration import ENVIRONMENT_IDS
from envs.renewal_env import MORenewalEnv, RenewalEnv
from envs.renewal_vector_env import MORenewalVectorEnv, RenewalVectorEnv
from envs.rules.check import valid

assert envs  # importing it registers the ids
mo_wrappers = pytest.importorskip("mo_gymnasium.wrappers", reason="MO-Gymnasium is in the extra `train`")
SCALAR_ID, VECTOR_ID = ENVIRONMENT_IDS
SINGLE = {SCALAR_ID: RenewalEnv, VECTOR_ID: MORenewalEnv}
BATCHED = {SCALAR_ID: RenewalVectorEnv, VECTOR_ID: MORenewalVectorEnv}
SMALL = CITIES[:2]


def make(name: str, city: str, **changes: Any) -> gymnasium.Env[Any, Any]:
    return gymnasium.make(name, **(arguments_of(city) | changes))


def legal_action(env: Any, rng: np.random.Generator) -> np.int64:
    """A village drawn from its mask, then an option drawn from its own."""
    allowed = np.flatnonzero(env.village_mask()[:-1])
    if not allowed.size or (rng.random() < 0.05 and env.village_mask()[-1]):
        return np.int64(env.game.close_action)
    village = rng.choice(allowed)
    return np.int64(village * env.game.n_options + rng.choice(np.flatnonzero(env.option_mask(village))))


@pytest.mark.parametrize("version", ["v0", "v1"])
@pytest.mark.parametrize("unversioned", ["renewal/UrbanRenewal", "renewal/mo-UrbanRenewal"])
def test_earlier_versions_are_no_longer_offered(unversioned: str, version: str) -> None:
    """v0 had no room for limits and no market, v1 anchors beyond the limits; Gymnasium names the version there is."""
    name = f"{unversioned}-{version}"
    with pytest.warns(DeprecationWarning, match="v2"), pytest.raises(gymnasium.error.DeprecatedEnv, match="v2"):
        gymnasium.make(name, city="tiny", scenario="tiny")


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_check_env_has_nothing_to_say(name: str, city: str) -> None:
    env = make(name, city)
    if name == SCALAR_ID:
        check_env(env.unwrapped, skip_render_check=city != "tiny")
    else:  # Gymnasium's checker knows no vector reward
        warnings.filterwarnings("ignore", message=".*is different from the unwrapped version")
        check_env(gymnasium.wrappers.TransformReward(env, lambda r: float(r.sum())), skip_render_check=city != "tiny")
    env.close()


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_stable_baselines_check_env_has_nothing_to_say(name: str, city: str) -> None:
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    env = make(name, city)
    checker.check_env(env.unwrapped if name == SCALAR_ID else mo_wrappers.LinearReward(env))


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_a_pickled_environment_goes_on_alike(name: str, city: str) -> None:
    env, rng = SINGLE[name](setup=setup_of(city), weights="random"), np.random.default_rng(1)
    env.reset(seed=3)
    for _ in range(3):
        env.step(legal_action(env, rng))
    twin = pickle.loads(pickle.dumps(env))
    for _ in range(3):
        action = legal_action(env, rng)
        assert data_equivalence(env.step(action)[:4], twin.step(action)[:4], exact=True)
    assert data_equivalence(env.reset()[0], twin.reset()[0], exact=True)


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_same_seed_same_rollout(name: str, city: str) -> None:
    def rollout() -> list[Any]:
        env, rng = SINGLE[name](setup=setup_of(city), weights="random"), np.random.default_rng(2)
        steps = [env.reset(seed=5)[0]]
        for _ in range(12):
            *step, _info = env.step(legal_action(env, rng))
            steps.append(tuple(step))
            if step[2]:
                steps.append(env.reset()[0])
        return steps

    assert data_equivalence(rollout(), rollout(), exact=True)


@pytest.mark.parametrize("city", SMALL)
@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_batched_is_single_step_by_step(name: str, city: str) -> None:
    """Against Gymnasium's own vector of single environments, over the end of episodes."""
    n, setup, rng = 3, setup_of(city), np.random.default_rng(4)
    batched = BATCHED[name](n, setup=setup, weights="random", autoreset_mode=AutoresetMode.SAME_STEP)
    wrapper = (lambda env: env) if name == SCALAR_ID else mo_wrappers.LinearReward
    single = SyncVectorEnv(
        [lambda: wrapper(SINGLE[name](setup=setup, weights="random"))] * n, autoreset_mode=AutoresetMode.SAME_STEP
    )
    seen, told = batched.reset(seed=7)
    expected, expected_info = single.reset(seed=7)
    assert_alike(seen, expected)
    np.testing.assert_allclose(told["objectives"], expected_info["objectives"], rtol=1e-12)
    ends = 0
    for _ in range(2 * setup.game.longest_episode):
        actions = np.array([legal_action(env.unwrapped, rng) for env in single.envs])
        seen, reward, over, cut, told = batched.step(actions)
        expected, single_reward, single_over, single_cut, expected_info = single.step(actions)
        assert_alike(seen, expected)
        total = reward if name == SCALAR_ID else reward.sum(axis=1)
        np.testing.assert_allclose(total, single_reward, atol=1e-6)
        np.testing.assert_array_equal(over, single_over)
        np.testing.assert_array_equal(cut, single_cut)
        for i in np.flatnonzero(over):
            ends += 1
            assert_alike(told["final_obs"][i], expected_info["final_obs"][i])
            mine, theirs = told["final_info"], expected_info["final_info"]
            np.testing.assert_allclose(mine["objectives"][i], theirs["objectives"][i], rtol=1e-12)
            assert mine["valid"][i] == theirs["valid"][i]
            same = zip(mine["plan_record"][i].plan.columns, theirs["plan_record"][i].plan.columns, strict=True)
            assert all(np.array_equal(a, b) for a, b in same)
    assert ends >= 2 * n - 1


def assert_alike(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for key, value in one.items():
        np.testing.assert_allclose(value, other[key], atol=1e-6, err_msg=key)


@pytest.mark.parametrize("city", SMALL)
def test_rewards_add_up_to_final_minus_base(city: str) -> None:
    setup, rng = setup_of(city), np.random.default_rng(6)
    env = MORenewalEnv(setup=setup)
    _, told = env.reset(seed=0)
    base, total, over = told["objectives"], np.zeros(3), False
    while not over:
        _, reward, over, _, told = env.step(legal_action(env, rng))
        assert reward.dtype == np.float32
        total += told["vector_reward"]
    record = told["plan_record"]
    outcome = evaluate(setup.game.resolved, record.plan, indicators=(), precision=setup.game.precision)
    final = outcome.objective_matrix()[0]
    span = np.array(setup.anchors.best) - np.array(setup.anchors.worst)
    np.testing.assert_allclose(total, (final - base) / span, atol=1e-9)
    assert record.objectives == pytest.approx(dict(zip(setup.game.objectives, final, strict=True)), rel=1e-9)
    assert (told["valid"], told["penalty"], told["violations"]) == (True, 0.0, {})
    assert record.digest == setup.game.resolved.digest


@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_mo_gymnasium_wrappers(name: str) -> None:
    env: Any = make(VECTOR_ID, "tiny")
    if name == SCALAR_ID:
        env = mo_wrappers.LinearReward(env, weight=np.array([0.2, 0.3, 0.5]))
    env = mo_wrappers.MORecordEpisodeStatistics(env, gamma=0.99) if name == VECTOR_ID else env
    rng, total, over = np.random.default_rng(8), np.zeros(3), False
    env.reset(seed=1)
    while not over:
        _, reward, over, _, told = env.step(legal_action(env.unwrapped, rng))
        total += told["vector_reward"]
        if name == SCALAR_ID:
            assert reward == pytest.approx(told["vector_reward"] @ [0.2, 0.3, 0.5], abs=1e-6)
    if name == VECTOR_ID:
        np.testing.assert_allclose(told["episode"]["r"], total, atol=1e-5)
        assert told["episode"]["l"] > 2


@pytest.mark.parametrize("name", ENVIRONMENT_IDS)
def test_make_vec_gives_the_batched_environment(name: str) -> None:
    batch = gymnasium.make_vec(name, num_envs=4, **arguments_of("tiny"))
    assert type(batch.unwrapped) is BATCHED[name]
    mode = AutoresetMode.SAME_STEP if name == SCALAR_ID else AutoresetMode.NEXT_STEP
    assert batch.metadata["autoreset_mode"] is mode
    seen, _ = batch.reset(seed=1)
    assert batch.observation_space.contains(seen)
    seen, reward, *_ = batch.step(batch.action_space.sample())
    assert batch.observation_space.contains(seen)
    assert reward.shape == ((4,) if name == SCALAR_ID else (4, 3))
    assert reward.dtype == np.float32


def test_reset_mask_resets_only_some() -> None:
    batch, rng = RenewalVectorEnv(3, setup=setup_of("fifty")), np.random.default_rng(9)
    batch.reset(seed=1)
    masks = batch.village_mask()
    village = np.array([rng.choice(np.flatnonzero(mask[:-1])) for mask in masks])
    options = batch.option_mask(village).argmax(axis=1)
    before = batch.step(village * batch.game.n_options + options)[0]
    seen, told = batch.reset(options={"reset_mask": np.array([True, False, True])})
    assert batch.core.state.started.sum(axis=1).tolist() == [0, 1, 0]
    np.testing.assert_array_equal(seen["villages"][1], before["villages"][1])
    assert told["_objectives"].tolist() == [True, False, True]
    with pytest.raises(InputError, match="reset_mask"):
        batch.reset(options={"reset_mask": np.zeros(3, dtype=bool)})


def test_observations_belong_to_the_caller() -> None:
    env = RenewalEnv(setup=setup_of("fifty"))
    first, _ = env.reset(seed=1)
    kept = {name: value.copy() for name, value in first.items()}
    held = first["villages"][10:20]
    for _ in range(6):
        env.step(np.int64(env.action_masks().argmax()))
    assert_alike(first, kept)
    np.testing.assert_array_equal(held, kept["villages"][10:20])
    first["villages"][:] = 7.0
    assert not (env.reset()[0]["villages"] == 7.0).any()


def test_broken_rules_cost_their_excess() -> None:
    """Three locked villages, and every year closed by a forbidden action."""
    setup = set_up(twelve_villages(), strict_scenarios()["locked"])
    env = MORenewalEnv(setup=setup)
    env.reset(seed=0)
    total, over = np.zeros(3), False
    while not over:
        forbidden = np.flatnonzero(~env.action_masks()[:-1])[0]
        _, reward, over, _, told = env.step(np.int64(forbidden))
        total += reward
        assert not told["obeyed"]
    assert (told["valid"], told["violations"], told["penalty"]) == (False, {"locked_villages": 3.0}, 3.0)
    assert total.tolist() == [-3.0, -3.0, -3.0]


def test_weights_by_name_at_random_and_by_reset() -> None:
    setup = setup_of("tiny")
    env = RenewalEnv(setup=setup, weights={"mean_commute_km": 2.0, "service_accessibility": 6.0})
    assert env.reset()[0]["weights"].tolist() == [0.0, 0.25, 0.75]
    assert env.reset(options={"weights": [1, 1, 2]})[0]["weights"].tolist() == [0.25, 0.25, 0.5]
    assert env.reset()[0]["weights"].tolist() == [0.0, 0.25, 0.75]
    drawn = RenewalEnv(setup=setup, weights="random")
    one, two = (drawn.reset(seed=s)[0]["weights"] for s in (1, 2))
    assert one.sum() == pytest.approx(1.0)
    assert not np.array_equal(one, two)
    for wrong in ({"mean_commute": 1.0}, [1.0], [0, 0, 0], [1, -1, 1], "even"):
        with pytest.raises(InputError, match="weights"):
            RenewalEnv(setup=setup, weights=wrong)
    with pytest.raises(InputError, match="weight"):
        env.reset(options={"weight": [1, 1, 1]})


def test_an_objective_without_a_value_is_refused() -> None:
    names = ("payback_year", "mean_commute_km")
    scenario = Scenario(plan_years=3, objectives=names, preferences=dict.fromkeys(names, 0.5))
    with pytest.raises(InputError, match="payback_year has no value"):
        set_up(twelve_villages(), scenario)


def test_wrong_actions_and_steps_after_the_end_are_refused() -> None:
    env = RenewalEnv(setup=setup_of("tiny"))
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(np.int64(0))
    env.reset()
    with pytest.raises(gymnasium.error.InvalidAction):
        env.step(np.int64(env.action_space.n))
    for _ in range(2):
        env.step(np.int64(env.game.close_action))
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(np.int64(env.game.close_action))


def test_render_draws_the_state() -> None:
    env = RenewalEnv(setup=setup_of("fifty"), render_mode="rgb_array")
    env.reset()
    before = env.render()
    env.step(np.int64(env.action_masks().argmax()))
    after = env.render()
    assert before.shape == after.shape == (512, 640, 3)
    assert before.dtype == np.uint8
    assert (before != after).any()
    frames = RenewalVectorEnv(2, setup=setup_of("tiny"), render_mode="rgb_array")
    frames.reset()
    assert len(frames.render()) == 2


def test_records_of_many_episodes_are_valid_plans() -> None:
    setup, rng = setup_of("fifty"), np.random.default_rng(11)
    batch = RenewalVectorEnv(8, setup=setup)
    batch.reset(seed=2)
    records = []
    for _ in range(setup.game.longest_episode):
        mask = batch.village_mask()
        village = np.where(mask[:, :-1].any(axis=1), (mask[:, :-1] * rng.random(mask[:, :-1].shape)).argmax(axis=1), 0)
        option = batch.option_mask(village).argmax(axis=1)
        closes = ~mask[:, :-1].any(axis=1)
        actions = np.where(closes, batch.game.close_action, village * batch.game.n_options + option)
        told = batch.step(actions)[4]
        records += [told["final_info"]["plan_record"][i] for i in np.flatnonzero(told.get("_final_info", []))]
    assert [record.seed for record in records] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert valid(setup.game.resolved, concatenate([record.plan for record in records])).all()
