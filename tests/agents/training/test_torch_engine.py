"""The engine on one device: the game, the probabilities and the update of the other engine; nothing is read back."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sb3_contrib", reason="in the extra `train`")
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from agents.policy.episodes import Episodes
from agents.policy.layout import CANDIDATE_FEATURES, N_CANDIDATES
from agents.policy.plan_value import judge
from agents.policy.policy_files import read_policy
from agents.policy.rollout import rollout
from agents.policy.shortlist import outlook
from agents.training.cities import drawn_cities, sizes_from
from agents.training.engines import DEFAULT_ENGINE, ENGINES
from agents.training.environments import CitiesVecEnv
from agents.training.learner import TrainingSetting, Update
from agents.training.masked_policy import ShortlistPolicy
from agents.training.ppo import CHECKPOINT_RECORD, train
from agents.training.sb3_learner import StableBaselinesLearner
from agents.training.torch_engine.city_games import CityGames
from agents.training.torch_engine.gradient_steps import Batch, Steps, gradient_steps
from agents.training.torch_engine.play import Play, drawn
from agents.training.torch_engine.played import advantages
from agents.training.torch_engine.torch_learner import TorchLearner, charge_broken_rules, whole_batch
from data.errors import InputError
from data.scenario_files import load_scenario
from environment_fixtures import setup_of, strict_scenarios, twelve_villages
from envs.environment_core import Setup, set_up
from policy_fixtures import look_at, random_parameters

SMALL = TrainingSetting(
    seed=3, n_villages=8, n_cities=2, n_episodes=2, n_steps=16, batch_size=32, n_epochs=2, judge_every=1, patience=99
)
MORE_LIMITS = [pytest.param(name, marks=pytest.mark.slow) for name in ("peak", "shares", "district", "locked")]


def small_cities(rng: np.random.Generator) -> Setup:
    return drawn_cities(sizes_from("4-8"), load_scenario("balanced"))(rng)


@cache
def setups(name: str) -> tuple[Setup, ...]:
    """Cities of different sizes and programmes side by side; or one under limits, beside one without."""
    if name == "free":
        return (setup_of("tiny"), setup_of("fifty"))
    return (set_up(twelve_villages(), strict_scenarios()[name]), setup_of("tiny"))


def played(name: str, *, in_numpy: bool, n_rows: int = 2, n_steps: int = 31, seed: int = 0) -> Play:
    """An iteration of play by a policy that has opinions."""
    rng = np.random.default_rng(seed)
    reference = np.zeros(1) if in_numpy else torch.zeros(1)
    games = []
    for setup in setups(name):
        weights = rng.dirichlet(np.ones(len(setup.game.objectives)), (n_rows, n_steps))
        games.append(CityGames(setup, weights, reference))
    network = {key: torch.from_numpy(values) for key, values in random_parameters(2).items()}
    most = max(setup.game.n_villages for setup in setups(name))
    generator = torch.Generator().manual_seed(seed)
    play = Play(games, network, n_steps=n_steps, n_villages=most, generator=generator)
    play.go()
    charge_broken_rules(play)
    return play


def replayed(play: Play, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rewards, ends, legal choices and log-probabilities of a city's decisions, played again by the other engine."""
    games, rows, n_steps = play.cities[k], play.rows_of(k), play.decisions.n_steps
    queue = np.asarray(games.queue)
    episodes = Episodes(games.setup, outlook(games.setup), queue[:, 0])
    policy = policy_of(games.game.n_villages, random_parameters(2))
    choices = play.decisions.choice[rows, :n_steps].numpy()
    begun, found = np.zeros(len(queue), dtype=np.int64), []
    for step in range(n_steps):
        mask, flat = episodes.mask(), {}
        for key in ("villages", "candidates", "city"):
            flat[key] = torch.from_numpy(getattr(episodes, key).reshape(len(queue), -1).copy())
        closes = choices[:, step] == play.n_villages * N_CANDIDATES
        own = np.where(closes, episodes.close_choice, choices[:, step])
        with torch.no_grad():
            log_prob = policy.get_distribution(flat, action_masks=mask).log_prob(torch.from_numpy(own))
        weights = episodes.weights.copy()
        stepped = episodes.step(own)
        over = np.flatnonzero(stepped.over)
        found.append((np.sum(stepped.reward * weights, axis=1), stepped.over, mask, log_prob.numpy()))
        if over.size:
            begun[over] += 1
            episodes.reset(over, queue[over, begun[over]])
    rewards, ends, masks, log_probs = (np.stack(each, axis=1) for each in zip(*found, strict=True))
    return rewards, ends, masks, log_probs


def policy_of(n_villages: int, parameters: dict[str, np.ndarray]) -> ShortlistPolicy:
    """The policy of the other engine with some parameters."""
    env = CitiesVecEnv(small_cities, n_cities=1, n_episodes=1, n_villages=n_villages, seed=0)
    policy = ShortlistPolicy(env.observation_space, env.action_space, lambda _: 1e-3, first=parameters)
    with torch.no_grad():
        for key, parameter in policy.network.items():
            parameter.copy_(torch.from_numpy(parameters[key]))
    return policy


@pytest.mark.parametrize("case", ["free", "together", "programme", "free in torch", "together in torch", *MORE_LIMITS])
def test_replayed_choices_give_the_rewards_and_probabilities_of_the_other_engine(case: str) -> None:
    play = played(case.split(maxsplit=1)[0], in_numpy="torch" not in case)
    n_steps, n_villages = play.decisions.n_steps, play.n_villages
    for k, games in enumerate(play.cities):
        reward, ends, mask, log_prob = replayed(play, k)
        rows, own = play.rows_of(k), games.game.n_villages * N_CANDIDATES
        np.testing.assert_array_equal(play.decisions.ends[rows, :n_steps].numpy(), ends)
        may = play.decisions.may[rows, :n_steps].numpy()
        np.testing.assert_array_equal(may[..., :own], mask[..., :-1])
        np.testing.assert_array_equal(may[..., -1], mask[..., -1])
        assert not may[..., own : n_villages * N_CANDIDATES].any()
        np.testing.assert_allclose(play.decisions.reward[rows, :n_steps].numpy(), reward, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(play.decisions.log_prob[rows, :n_steps].numpy(), log_prob, rtol=1e-3, atol=2e-3)
        assert ends.any()


class NothingIsRead(TorchDispatchMode):
    """Refuses what makes the host wait for a device: a number read, a copy to it, a shape that depends on values."""

    refused = ("local_scalar_dense", "item", "is_nonzero", "nonzero", "unique", "masked_select", "equal", "multinomial")

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        name = func.name().split("::")[-1].split(".")[0]
        assert name.strip("_") not in self.refused, f"{name} makes the host wait"
        moved = (kwargs or {}).get("device")
        assert name != "_to_copy" or moved is None or str(moved) == str(args[0].device), "a copy between devices"
        return func(*args, **(kwargs or {}))


def fresh_play(*, n_steps: int = 30) -> Play:
    """Cities of different sizes in torch, their first lists drawn up."""
    rng = np.random.default_rng(1)
    weights = [rng.dirichlet(np.ones(3), (3, n_steps)) for _ in setups("free")]
    games = [CityGames(setup, each, torch.zeros(1)) for setup, each in zip(setups("free"), weights, strict=True)]
    network = {key: torch.from_numpy(values) for key, values in random_parameters(2).items()}
    play = Play(games, network, n_steps=n_steps, n_villages=50, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        play.between_rounds()
    return play


def test_the_host_reads_nothing_within_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    play = fresh_play()
    for name in ("cpu", "numpy", "item", "tolist"):

        def refuse(*_: object, name: str = name, **__: object) -> None:
            raise AssertionError(name)

        monkeypatch.setattr(torch.Tensor, name, refuse)
    with torch.no_grad(), NothingIsRead():
        play.round()
    monkeypatch.undo()
    assert (play.decisions.slot > 0).all()
    with NothingIsRead(), pytest.raises(AssertionError, match="wait"):
        bool(play.decisions.slot.any())


def test_whatever_is_made_is_made_where_the_games_lie() -> None:
    """What names no device lands on another one here, and cannot meet the rest: as on a GPU."""
    play = fresh_play()
    with torch.no_grad(), torch.device("meta"):
        play.round()
        play.between_rounds()
        play.round()


def test_the_host_reads_once_between_rounds_which_lists_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    play = fresh_play()
    with torch.no_grad():
        play.round()
        reads: list[tuple[int, ...]] = []
        tolist = torch.Tensor.tolist
        monkeypatch.setattr(torch.Tensor, "tolist", lambda self: [reads.append(self.shape), tolist(self)][1])
        monkeypatch.setattr(play, "_look", lambda looks: None)
        play.between_rounds()
    assert (6, 3) in reads
    assert sum(len(shape) == 2 for shape in reads) == 1


def test_choices_are_drawn_as_often_as_they_are_probable() -> None:
    score, may = torch.tensor([[0.0, 1.0, 2.0, 9.0]]).repeat(20_000, 1), torch.tensor([True, True, True, False])
    choice, log_prob = drawn(score, may.expand_as(score), torch.Generator().manual_seed(0))
    expected = np.exp([0.0, 1.0, 2.0]) / np.exp([0.0, 1.0, 2.0]).sum()
    np.testing.assert_allclose(np.bincount(choice.numpy(), minlength=4) / 20_000, [*expected, 0.0], atol=0.012)
    np.testing.assert_allclose(log_prob.exp().numpy(), expected[choice.numpy()], rtol=1e-5)


def test_advantages_by_hand() -> None:
    """Rewards 1, 2, 3; values 0.5, 1, 2 and 4 after; lambda 0.5; the second decision ends its episode.

    Surprises: 1 + 1 - 0.5 = 1.5; 2 - 1 = 1; 3 + 4 - 2 = 5. So the first is worth 1.5 + 0.5 x 1 = 2.
    """
    reward, value = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[0.5, 1.0, 2.0]])
    ends = torch.tensor([[False, True, False]])
    found = advantages(reward, value, ends, torch.tensor([4.0]), gamma=1.0, gae_lambda=0.5)
    np.testing.assert_allclose(found.numpy(), [[2.0, 1.0, 5.0]])


USUAL = replace(SMALL, n_steps=12, batch_size=16, n_epochs=3, target_kl=10.0, learning_rate=1e-3, ent_coef=0.01)
OWN = replace(
    USUAL, learning_rate=4e-3, gamma=0.9, gae_lambda=0.8, clip_range=0.02, ent_coef=0.3, vf_coef=1.7,
    max_grad_norm=0.9, adam_epsilon=1e-2, width=12, heads=2, greed=3.0, waiting=0.1,
)  # fmt: skip


@pytest.mark.parametrize("setting", [USUAL, OWN], ids=["usual", "own"])
def test_one_update_from_equal_buffers_gives_equal_parameters(setting: TrainingSetting) -> None:
    """Observations, choices, rewards, values and the order of mini-batches are the other engine's."""
    other = StableBaselinesLearner(small_cities, setting, "cpu")
    own = TorchLearner(small_cities, setting, "cpu")
    before = own.parameters()
    model, learned = other.model, []
    kept = model.train
    model.train = lambda: learned.append(buffer_of(model)) or kept()  # type: ignore[method-assign, func-returns-value]
    np.random.seed(5)  # noqa: NPY002 - Stable-Baselines3 shuffles with it
    told = other.iterate()
    steps = own_steps(own, learned[0], setting)
    for name, values in other.parameters().items():
        assert not np.array_equal(values, before[name])
        np.testing.assert_allclose(own.parameters()[name], values, rtol=1e-4, atol=2e-5)
    assert steps.loss == pytest.approx(told.loss, rel=1e-3)
    assert steps.entropy == pytest.approx(told.entropy, rel=1e-3)
    assert steps.kl == pytest.approx(told.kl, rel=1e-2, abs=1e-6)
    assert steps.clip_fraction == pytest.approx(told.clip_fraction)
    assert setting is USUAL or steps.clip_fraction > 0.0


def test_advantages_are_those_of_the_other_engine() -> None:
    other, known = StableBaselinesLearner(small_cities, replace(OWN, n_steps=30), "cpu"), []
    buffer = other.model.rollout_buffer
    kept = buffer.compute_returns_and_advantage

    def remembered(last_values: torch.Tensor, dones: np.ndarray) -> None:
        kept(last_values=last_values, dones=dones)
        ends = np.concatenate([buffer.episode_starts[1:], dones[None]]).T > 0.0
        by_row = [torch.from_numpy(each.T.copy()) for each in (buffer.rewards, buffer.values)]
        own = advantages(
            *by_row, torch.from_numpy(ends), last_values.flatten(), gamma=OWN.gamma, gae_lambda=OWN.gae_lambda
        )
        known.append((own.numpy(), buffer.advantages.T.copy(), ends))

    buffer.compute_returns_and_advantage = remembered  # type: ignore[method-assign]
    other.model.train = lambda: None  # type: ignore[method-assign]
    other.iterate()
    own, expected, ends = known[0]
    np.testing.assert_allclose(own, expected, rtol=1e-5, atol=1e-6)
    assert ends.any()


def test_what_was_played_is_discounted_as_set() -> None:
    play = played("free", in_numpy=True, n_steps=14)
    last = play.value.clone()
    batch, value = whole_batch(play, last, OWN)
    reward, ends = (each[:, :14].numpy().astype(float) for each in (play.decisions.reward, play.decisions.ends))
    value, found = value.reshape(reward.shape).numpy(), batch.advantage.reshape(reward.shape).numpy()
    for row in range(len(reward)):
        later, following = 0.0, float(last[row])
        for step in reversed(range(14)):
            goes_on = 1.0 - ends[row, step]
            later = reward[row, step] + 0.9 * goes_on * (following + 0.8 * later) - value[row, step]
            following = value[row, step]
            assert found[row, step] == pytest.approx(later, rel=1e-4, abs=1e-5)
    assert ends.any()


def own_steps(learner: TorchLearner, batch: Batch, setting: TrainingSetting) -> Steps:
    """The gradient steps of a learner, mini-batches in the order of seed 5 of Stable-Baselines3."""
    orders, n = np.random.RandomState(5), batch.choice.numel()
    epochs = [torch.split(torch.from_numpy(orders.permutation(n)), setting.batch_size) for _ in range(setting.n_epochs)]
    return gradient_steps(learner.network, learner.adam, batch, epochs, setting)


def test_every_setting_of_the_update_counts() -> None:
    """Back at its default, any one of them gives other parameters; so none of the equalities above is idle."""
    other, learned = StableBaselinesLearner(small_cities, OWN, "cpu"), []
    other.model.train = lambda: learned.append(buffer_of(other.model))  # type: ignore[method-assign, func-returns-value]
    other.iterate()

    def updated(setting: TrainingSetting) -> np.ndarray:
        own = TorchLearner(small_cities, setting, "cpu")
        own_steps(own, learned[0], setting)
        return own.parameters()["context"]

    reference = updated(OWN)
    np.testing.assert_array_equal(updated(OWN), reference)
    names = ("learning_rate", "clip_range", "ent_coef", "vf_coef", "max_grad_norm", "adam_epsilon", "greed", "waiting")
    for name in names:
        default = getattr(TrainingSetting(), name)
        assert not np.allclose(updated(replace(OWN, **{name: default})), reference, rtol=1e-4, atol=2e-5), name


def buffer_of(model: object) -> Batch:
    """What the other engine is about to learn from; pairs of decisions that saw the same share a list."""
    buffer = model.rollout_buffer  # type: ignore[attr-defined]

    def flat(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(buffer.swap_and_flatten(values).copy())

    seen = {name: flat(values) for name, values in buffer.observations.items()}
    whole = torch.cat([seen["villages"], seen["candidates"], seen["city"]], dim=1)
    _, list_of = torch.unique(whole, dim=0, return_inverse=True)
    first = torch.tensor([int((list_of == k).nonzero()[0]) for k in range(int(list_of.max()) + 1)])
    assert len(first) < len(whole)
    n_candidates = seen["candidates"].shape[1] // len(CANDIDATE_FEATURES)
    return Batch(
        villages=seen["villages"][first].reshape(len(first), n_candidates // N_CANDIDATES, -1),
        candidates=seen["candidates"][first].reshape(len(first), n_candidates, -1),
        city=seen["city"][first],
        list_of=list_of,
        choice=flat(buffer.actions)[:, 0].long(),
        may=flat(buffer.action_masks) > 0.0,
        log_prob=flat(buffer.log_probs)[:, 0],
        advantage=flat(buffer.advantages)[:, 0],
        returns=flat(buffer.returns)[:, 0],
    )


def test_a_resumed_training_is_an_uninterrupted_one_and_its_policy_plans(tmp_path: Path) -> None:
    whole, parts, updates = tmp_path / "whole", tmp_path / "parts", list[Update]()
    table = judge([setup_of("tiny")], n_preferences=3)

    def trained(folder: Path, steps: int, *, resume: bool = False) -> None:
        train(
            folder, small_cities, table, SMALL, record={}, steps=steps, resume=resume, engine="torch",
            watch=updates.append,
        )  # fmt: skip

    trained(whole, 2 * 64)
    trained(parts, 64)
    trained(parts, 2 * 64, resume=True)
    one, two = (json.loads((folder / CHECKPOINT_RECORD).read_text()) for folder in (whole, parts))
    assert one["numbers"] == two["numbers"]
    assert one["env_rng"] == two["env_rng"]
    assert [update.steps for update in updates] == [64, 128, 64, 128]
    assert updates[1].loss == updates[3].loss
    assert set(updates[0].seconds) == {"cities", "play", "update"}
    assert updates[0].n_episodes == 0 or np.isfinite(updates[0].episode_return)
    assert rollout(look_at("tiny"), read_policy(whole).parameters, np.eye(3)).plans.n_plans == 3
    with pytest.raises(InputError, match="another setting"):
        train(parts, small_cities, table, SMALL, record={}, steps=200, resume=True, engine="sb3")


def test_the_table_of_engines() -> None:
    assert list(ENGINES) == ["sb3", "torch"]
    assert DEFAULT_ENGINE == "sb3"
    assert all(isinstance(engine.method, str) and "torch" in engine.needs for engine in ENGINES.values())
