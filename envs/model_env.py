"""The Gymnasium environment of any model: one plan in the making; see envs.renewal_env for the kernel's own."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from data.arrays import BoolArray, FloatArray
from envs.game.reward import Weights
from envs.model_game import ModelGame, sampled_ranges
from envs.models.check_model import check_model
from envs.models.model import Model
from envs.spaces import default_weights, episode_weights

FAR_BEYOND = 10.0
"""Objectives are shown in ranges, up to so many."""
VILLAGE_FEATURES = ("may_start", "has_started", "start_year_share", "option_share")
GLOBAL_FEATURES = ("year_share", "room_share")
Observation = dict[str, Any]


class ModelEnv(gymnasium.Env[Observation, np.int64]):
    """Start a village with an option, or close the year; the reward is the weighted change of the objectives.

    Actions are village x n_options + option, and last the closing of the year; a forbidden action closes the year. The
    last year pays what broken rules cost: one range in every objective for each 100 % of excess.

    Args:
        model: what plans are worth.
        weights: preference weights by objective; None = equal; "random" = drawn anew for each episode.
        ranges: of the objectives, natural units, in which rewards count, shape (n_objectives,); None = the spread of
            random plans.

    Raises:
        InputError: a model that contradicts itself; wrong weights.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - Gymnasium's own declaration

    def __init__(self, model: Model, *, weights: Weights | str | None = None, ranges: FloatArray | None = None) -> None:
        """See the class."""
        check_model(model)
        self.model, self.game = model, ModelGame(model)
        n_objectives, n_villages = len(model.objectives), len(model.start_mask)
        self.ranges = sampled_ranges(model, np.random.default_rng(0)) if ranges is None else np.asarray(ranges)
        self._weights = default_weights(weights, np.ones(n_objectives), model.objectives)
        self._episode_weights = np.zeros(n_objectives)
        self.close_action = n_villages * model.n_options
        self.action_space = spaces.Discrete(self.close_action + 1)
        far = np.full(n_objectives, FAR_BEYOND, dtype=np.float32)
        low = np.concatenate([np.zeros(len(GLOBAL_FEATURES), dtype=np.float32), -far])
        self.observation_space = spaces.Dict(
            {
                "global": spaces.Box(low, np.concatenate([np.ones(len(GLOBAL_FEATURES), dtype=np.float32), far])),
                "villages": spaces.Box(0.0, 1.0, (n_villages * len(VILLAGE_FEATURES),), np.float32),
                "weights": spaces.Box(0.0, 1.0, (n_objectives,), np.float32),
            }
        )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: of the random weights; the dynamics are deterministic.
            options: {"weights": ...} for this episode.

        Returns:
            Observation and info.
        """
        super().reset(seed=seed)
        self._episode_weights = episode_weights(self.model.objectives, self._weights, options, self.np_random)
        self.game.reset()
        self._base = np.array(self.game.reached.objectives[0], dtype=np.float64)
        return self._observe(), self._info()

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Start a village or close the year.

        Args:
            action: village x n_options + option, or the last one to close the year.

        Returns:
            Observation, reward, terminated, truncated (never), info.
        """
        game = self.game
        if game.is_over:
            raise gymnasium.error.ResetNeeded("the episode is over: call reset first")
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(f"{action!r} is not in {self.action_space}")
        obeyed = bool(self.action_masks()[action])
        vector = np.zeros(len(self.model.objectives))
        if obeyed and action != self.close_action:
            village, option = divmod(int(action), self.model.n_options)
            game.step(village, option)
        else:
            vector = game.close_year() * self.model.signs / self.ranges
        info: dict[str, Any] = {"obeyed": obeyed}
        if game.is_over:
            excess = game.excess()
            vector = vector - excess
            info |= {"valid": excess <= 0.0, "penalty": excess}
        info |= self._info() | {"vector_reward": vector.copy()}
        return self._observe(), float(self._episode_weights @ vector), game.is_over, False, info

    def action_masks(self) -> BoolArray:
        """Joint mask, shape (n_actions,); True = allowed. The name is that of sb3-contrib."""
        village = self.game.village_mask()
        return np.append((village[:-1, None] & self.model.option_mask).ravel(), village[-1])

    def _observe(self) -> Observation:
        game, model = self.game, self.model
        quota = 0 if game.is_over else int(model.quota[game.year - 1])
        shares = [(game.year - 1) / game.plan_years, max(game.room, 0) / max(quota, 1)]
        change = (game.reached.objectives[0] - self._base) * model.signs / self.ranges
        started = game.start_year > 0
        villages = [
            game.village_mask()[:-1],
            started,
            game.start_year / game.plan_years,
            started * game.option / max(model.n_options - 1, 1),
        ]
        return {
            "global": np.concatenate([shares, np.clip(change, -FAR_BEYOND, FAR_BEYOND)]).astype(np.float32),
            "villages": np.stack(villages, axis=1).astype(np.float32).ravel(),
            "weights": self._episode_weights.astype(np.float32),
        }

    def _info(self) -> dict[str, Any]:
        """Objectives in natural units and the weights of this episode."""
        objectives = np.array(self.game.reached.objectives[0], dtype=np.float64)
        return {"objectives": objectives, "reward_weights": self._episode_weights.copy()}
