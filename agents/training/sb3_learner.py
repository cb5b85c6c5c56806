"""The engine of Stable-Baselines3: MaskablePPO over environments in NumPy; `device` moves the network alone."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from sb3_contrib import MaskablePPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import configure

from agents.policy.network import Parameters
from agents.training.adam_moments import adam_numbers, restore_adam
from agents.training.cities import Draw
from agents.training.environments import CitiesVecEnv
from agents.training.learner import TrainingSetting, Update
from agents.training.masked_policy import ShortlistPolicy


class StableBaselinesLearner:
    """See agents.training.learner.Learner.

    Args:
        draw: draws the cities.
        setting: of the training.
        device: for the network.
    """

    def __init__(self, draw: Draw, setting: TrainingSetting, device: str) -> None:
        """See the class."""
        self.setting = setting
        self.env = CitiesVecEnv(
            draw,
            n_cities=setting.n_cities,
            n_episodes=setting.n_episodes,
            n_villages=setting.n_villages,
            seed=setting.seed,
        )
        self.model = _model(self.env, setting, device)
        self.model.set_logger(configure(None, []))
        self.iterations = 0

    def iterate(self) -> Update:
        """See Learner."""
        model, env = self.model, self.env
        before, clocks = model.num_timesteps, [(time.perf_counter(), time.process_time())]
        model._last_obs = env.reset()
        model._last_episode_starts = np.ones(env.num_envs, dtype=bool)
        clocks.append((time.perf_counter(), time.process_time()))
        played = _Played()
        model.learn(env.num_envs * self.setting.n_steps, callback=played, reset_num_timesteps=False)
        clocks += [played.ended, (time.perf_counter(), time.process_time())]
        self.iterations += 1
        logged, ended = model.logger.name_to_value, env.ended_returns
        wall, processor = (np.diff([clock[kind] for clock in clocks]).tolist() for kind in (0, 1))
        parts = ("cities", "play", "update")
        return Update(
            iteration=self.iterations,
            steps=int(model.num_timesteps),
            n_decisions=int(model.num_timesteps) - before,
            n_episodes=len(ended),
            episode_return=float(np.mean(ended)) if ended else float("nan"),
            entropy=-float(logged["train/entropy_loss"]),
            value_loss=float(logged["train/value_loss"]),
            explained_variance=float(logged["train/explained_variance"]),
            policy_loss=float(logged["train/policy_gradient_loss"]),
            loss=float(logged["train/loss"]),
            kl=float(logged["train/approx_kl"]),
            clip_fraction=float(logged["train/clip_fraction"]),
            seconds=dict(zip(parts, wall, strict=True)),
            processor_seconds=dict(zip(parts, processor, strict=True)),
        )

    @property
    def network(self) -> dict[str, torch.nn.Parameter]:
        """Parameters by name."""
        policy = self.model.policy
        assert isinstance(policy, ShortlistPolicy)
        return dict(policy.network)

    def load_parameters(self, parameters: Parameters) -> None:
        """See Learner."""
        with torch.no_grad():
            for name, parameter in self.network.items():
                parameter.copy_(torch.from_numpy(parameters[name]))

    def parameters(self) -> dict[str, np.ndarray]:
        """See Learner."""
        return {name: p.detach().cpu().numpy().copy() for name, p in self.network.items()}

    def numbers(self) -> dict[str, np.ndarray]:
        """See Learner; of the random states those of torch and of NumPy, with which Stable-Baselines3 shuffles."""
        legacy = np.random.get_state(legacy=False)  # noqa: NPY002
        return adam_numbers(self.model.policy.optimizer, self.network) | {
            "torch_state": torch.get_rng_state().numpy(),
            "numpy_key": np.asarray(legacy["state"]["key"], dtype=np.uint32),
        }

    def states(self) -> dict[str, Any]:
        """See Learner."""
        legacy = np.random.get_state(legacy=False)  # noqa: NPY002
        return {"env_rng": self.env.rng.bit_generator.state, "numpy_pos": int(legacy["state"]["pos"])}

    def restore(self, numbers: dict[str, np.ndarray], states: dict[str, Any], *, iterations: int, steps: int) -> None:
        """See Learner."""
        restore_adam(self.model.policy.optimizer, self.network, numbers)
        torch.set_rng_state(torch.from_numpy(numbers["torch_state"]))
        state = np.random.get_state(legacy=False)  # noqa: NPY002
        state["state"] = {"key": numbers["numpy_key"], "pos": states["numpy_pos"]}
        np.random.set_state(state)  # noqa: NPY002
        self.env.rng.bit_generator.state = states["env_rng"]
        self.iterations, self.model.num_timesteps = iterations, steps


class _Played(BaseCallback):
    """Remembers when play ended, so that play and update are told apart."""

    ended = (0.0, 0.0)

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self.ended = time.perf_counter(), time.process_time()


def _model(env: CitiesVecEnv, setting: TrainingSetting, device: str) -> MaskablePPO:
    return MaskablePPO(
        ShortlistPolicy,
        env,
        n_steps=setting.n_steps,
        batch_size=setting.batch_size,
        n_epochs=setting.n_epochs,
        gamma=setting.gamma,
        gae_lambda=setting.gae_lambda,
        clip_range=setting.clip_range,
        ent_coef=setting.ent_coef,
        vf_coef=setting.vf_coef,
        max_grad_norm=setting.max_grad_norm,
        learning_rate=setting.learning_rate,
        target_kl=setting.target_kl,
        seed=setting.seed,
        device=device,
        policy_kwargs={"first": setting.first_parameters(), "optimizer_kwargs": {"eps": setting.adam_epsilon}},
    )
