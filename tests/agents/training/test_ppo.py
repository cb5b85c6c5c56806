"""Training: it learns, it goes on after a kill as if nothing had happened, and it refuses what it cannot use."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sb3_contrib", reason="in the extra `train`")
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from agents.policy.layout import N_CANDIDATES
from agents.policy.network import CLOSED, Parameters, decide, initial
from agents.policy.plan_value import Judge, judge
from agents.policy.policy_files import read_policy
from agents.policy.rollout import rollout
from agents.training.cities import VALIDATION, drawn_cities, sizes_from
from agents.training.environments import CitiesVecEnv, draw_weights
from agents.training.learner import TrainingSetting, Update
from agents.training.masked_policy import ShortlistPolicy
from agents.training.ppo import CHECKPOINT_RECORD, train
from data.errors import InputError
from data.scenario_files import load_scenario
from environment_fixtures import setup_of
from envs.environment_core import Setup
from policy_fixtures import look_at
from search_fixtures import searched

SMALL = TrainingSetting(
    seed=3, n_villages=8, n_cities=2, n_episodes=2, n_steps=16, batch_size=32, n_epochs=2, judge_every=1, patience=99
)
WEIGHTS = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [1 / 3, 1 / 3, 1 / 3], [0.6, 0.0, 0.4]])


class KillError(Exception):
    """Stands for a kill between two checkpoints."""


def small_cities(rng: np.random.Generator) -> Setup:
    return drawn_cities(sizes_from("4-8"), load_scenario("balanced"))(rng)


def on_tiny() -> Judge:
    return judge([setup_of("tiny")], n_preferences=6)


def trained(folder: Path, steps: int, *, record: dict[str, object] | None = None, resume: bool = False) -> None:
    train(folder, small_cities, on_tiny(), SMALL, record=dict(record or {}), steps=steps, resume=resume)


@pytest.fixture(scope="module")
def whole_and_parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A training of three iterations, and the same killed in the second, of which it kept nothing, and resumed."""

    def killed(update: Update) -> None:
        if update.iteration == 2:
            raise KillError

    whole, parts = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("parts")
    trained(whole, 3 * 64)
    with pytest.raises(KillError):
        train(parts, small_cities, on_tiny(), SMALL, record={}, steps=3 * 64, watch=killed)
    trained(parts, 3 * 64, resume=True)
    return whole, parts


def test_a_resumed_training_is_an_uninterrupted_one(whole_and_parts: tuple[Path, Path]) -> None:
    one, two = (json.loads((folder / CHECKPOINT_RECORD).read_text()) for folder in whole_and_parts)
    assert one["numbers"] == two["numbers"]
    assert one["env_rng"] == two["env_rng"]
    assert one["progress"]["steps"] == two["progress"]["steps"] == 3 * 64
    assert len(list(whole_and_parts[1].glob("*.checkpoint.safetensors"))) == 1


def test_an_end_is_judged_and_costs_no_patience(tmp_path: Path) -> None:
    done = train(tmp_path, small_cities, on_tiny(), replace(SMALL, judge_every=8), record={}, steps=64)
    assert [row["iterations"] for row in done.progress.rows] == [0.0, 1.0]
    assert done.progress.since_best == 0


def test_what_begins_without_any_idea_is_measured_against_the_greedy_policy(tmp_path: Path) -> None:
    class Greed(Judge):
        """Values a policy by what gains weigh in it: 5 in the greedy one."""

        def weighted_values(self, parameters: Parameters) -> np.ndarray:
            return np.asarray([1.0 + parameters["greed"][0]])

    setting = replace(SMALL, greed=0.5)
    done = train(tmp_path, small_cities, Greed((), (), ()), setting, record={}, stop=lambda: True)
    assert [row["value_over_greedy"] for row in done.progress.rows] == [pytest.approx(1.5 / 6.0)]


def test_every_judgement_is_logged_once_at_the_decisions_it_was_made_after(whole_and_parts: tuple[Path, Path]) -> None:
    """Also what was logged before a kill, but kept in no checkpoint, and is done again."""
    for folder in whole_and_parts:
        log = EventAccumulator(str(folder))
        log.Reload()
        assert [event.step for event in log.Scalars("judge/value_over_greedy")] == [0, 64, 128, 192]
        assert [event.step for event in log.Scalars("train/loss")] == [64, 128, 192]


def test_where_the_greedy_policy_gains_nothing_no_training_can_be_judged(tmp_path: Path) -> None:
    class Nothing(Judge):
        """Cities in which no plan is worth anything."""

        def weighted_values(self, parameters: Parameters) -> np.ndarray:
            return np.zeros(2)

    with pytest.raises(InputError, match="is worth 0 in the cities that judge"):
        train(tmp_path, small_cities, Nothing((), (), ()), SMALL, record={}, steps=1)
    assert not (tmp_path / CHECKPOINT_RECORD).exists()


def test_another_setting_is_not_resumed(tmp_path: Path) -> None:
    trained(tmp_path, 64)
    record = json.loads((tmp_path / CHECKPOINT_RECORD).read_text())
    record["setting"]["learning_rate"] = 1.0
    (tmp_path / CHECKPOINT_RECORD).write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"another setting.*what differs: learning_rate"):
        trained(tmp_path, 128, resume=True)
    (tmp_path / CHECKPOINT_RECORD).write_text("{}")
    with pytest.raises(InputError, match="malformed"):
        trained(tmp_path, 128, resume=True)


def test_other_cities_scenarios_and_beginnings_are_not_resumed(tmp_path: Path) -> None:
    made = {"cities": ["a.gpkg"], "scenario": "balanced", "began_with": None, "command": "renewal train --city a.gpkg"}
    trained(tmp_path, 1, record=made)
    for name, other in {"cities": ["b.gpkg"], "scenario": "binding", "began_with": {"seed": 1}}.items():
        told = r"another setting; give that of: renewal train --city a\.gpkg; what differs: " + name.partition("_")[0]
        with pytest.raises(InputError, match=told.replace("began", "begin")):
            trained(tmp_path, 1, record=made | {name: other}, resume=True)
    trained(tmp_path, 1, record=made, resume=True)


def test_the_environment_of_training_keeps_its_contract() -> None:
    env = CitiesVecEnv(small_cities, n_cities=2, n_episodes=3, n_villages=8, seed=5)
    seen = env.reset()
    assert env.observation_space.contains({name: values[0] for name, values in seen.items()})
    rng, ends, total = np.random.default_rng(0), 0, np.zeros(6)
    for _ in range(60):
        masks = np.stack(env.env_method("action_masks"))
        assert masks.any(axis=1).all()
        seen, rewards, done, infos = env.step(np.array([rng.choice(np.flatnonzero(m)) for m in masks]))
        total += rewards
        for i in np.flatnonzero(done):
            ends += 1
            episodes = env.episodes_by_city[i // 3]
            record = infos[i]["plan_record"]
            assert record.valid
            assert set(infos[i]["terminal_observation"]) == set(seen)
            assert record.objectives.keys() == set(episodes.game.objectives)
    assert ends > 0
    assert env.reset()["city"].shape == seen["city"].shape


def test_the_network_in_training_is_the_network_of_planning_closed_candidates_left_out() -> None:
    env = CitiesVecEnv(small_cities, n_cities=4, n_episodes=30, n_villages=8, seed=5)
    seen, rng = env.reset(), np.random.default_rng(0)
    for _ in range(5):
        seen, *_ = env.step(np.array([rng.choice(np.flatnonzero(mask)) for mask in env.action_masks()]))
    policy = ShortlistPolicy(env.observation_space, env.action_space, lambda _: 1e-3, first=initial(1))
    with torch.no_grad():
        scores, value = policy._decide({name: torch.from_numpy(values) for name, values in seen.items()})
    villages, candidates = (seen[name].reshape(120, 8, -1) for name in ("villages", "candidates"))
    found = decide(initial(1), villages, candidates.reshape(120, 8, N_CANDIDATES, -1), seen["city"])
    np.testing.assert_allclose(scores[:, :-1].numpy(), found[0].reshape(120, -1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(scores[:, -1].numpy(), found[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(value[:, 0].numpy(), found[2], rtol=1e-4, atol=1e-5)
    assert (scores[:, :-1] == CLOSED).float().mean() > 0.1


@pytest.mark.parametrize("n_objectives", [2, 3, 5])
def test_weights_of_episodes(n_objectives: int) -> None:
    weights = draw_weights(2_000, np.random.default_rng(0), n_objectives)
    assert weights.shape == (2_000, n_objectives)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    corners = (weights == 1.0).any(axis=1).mean()
    assert 0.07 < corners < 0.13
    assert 0.20 < ((weights > 0.0).sum(axis=1) == 2).mean() < 0.30 or n_objectives == 2
    np.testing.assert_allclose(weights.mean(axis=0), 1.0 / n_objectives, atol=0.03)


def test_sizes_and_seeds() -> None:
    assert sizes_from("20-60").most == 60
    for wrong in ("60-20", "a-b", "1-5", "20", "20-99999"):
        with pytest.raises(InputError, match="--generate"):
            sizes_from(wrong)
    assert max(seed for _, seed, _ in VALIDATION) < 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_ppo_finds_the_best_plans_of_tiny_from_nothing(seed: int, tmp_path: Path) -> None:
    """Five preferences, 50,000 decisions, gains weigh nothing to begin with: within 1 % of the anchor range."""
    setup = setup_of("tiny")
    setting = TrainingSetting(
        seed=seed, n_villages=6, n_cities=1, n_episodes=32, batch_size=512, n_epochs=10, learning_rate=1e-3, greed=0.0,
        judge_every=4, patience=99,
    )  # fmt: skip
    train(tmp_path, lambda _: setup, judge([setup]), setting, record={}, steps=50_000)
    exact = searched(setup.game.resolved, algorithm="exact", known_anchors=setup.anchors)
    best = (WEIGHTS @ setup.anchors.normalized(exact.values).T).max(axis=1)
    found = rollout(look_at("tiny"), read_policy(tmp_path).parameters, WEIGHTS)
    value = np.sum(setup.anchors.normalized(found.objectives) * WEIGHTS, axis=1)
    assert (best - value < 0.01).all(), best - value
