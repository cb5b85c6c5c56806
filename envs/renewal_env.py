"""The Gymnasium environments: one city, one plan in the making."""

from __future__ import annotations

from typing import Any, SupportsFloat

import gymnasium
import numpy as np

from data.arrays import BoolArray, FloatArray, SingleArray
from data.city import City
from data.errors import refuse
from data.scenario import Scenario
from envs.choices.anchors import Anchors
from envs.environment_core import EnvironmentCore, Setup, set_up
from envs.game.constants import GAME_PRECISION
from envs.game.reward import Weights
from envs.kernel import Plans
from envs.kernel.plans import canonical
from envs.kernel.trace import Precision
from envs.spaces import action_space, default_weights, episode_weights, observation_space, reward_space

Observation = dict[str, Any]
RENDER_MODES = ["rgb_array", "human"]


class RenewalEnv(gymnasium.Env[Observation, np.int64]):
    """Start a village with an option, or close the year; the reward is weighted progress in anchor units.

    See docs/environment.md for spaces, dynamics and reward.

    Args:
        city: embedded name, GeoPackage, or city.
        scenario: preset name, YAML file, or scenario.
        anchors: scale of the reward; None = stored ones, else a quick set (envs.game.quick_anchors).
        weights: preference weights by objective; None = the scenario's; "random" = drawn anew for each episode.
        precision: at which plans are measured when a year closes.
        threads: worker threads of that measurement.
        render_mode: "rgb_array", "human" or None.
        setup: what an environment of the same city and scenario has prepared already; replaces all that precede it
            but the weights.

    Raises:
        InputError: wrong input; see envs.environment_core.set_up and envs.game.reward.weight_vector.
    """

    metadata = {"render_modes": RENDER_MODES, "render_fps": 4}  # noqa: RUF012 - Gymnasium's own declaration

    def __init__(
        self,
        city: str | City = "beijing",
        scenario: str | Scenario = "balanced",
        *,
        anchors: Anchors | None = None,
        weights: Weights | str | None = None,
        precision: Precision = GAME_PRECISION,
        threads: int = 1,
        render_mode: str | None = None,
        setup: Setup | None = None,
    ) -> None:
        """See the class."""
        if setup is None:
            setup = set_up(city, scenario, anchors=anchors, precision=precision, threads=threads)
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise refuse("render_mode_unknown", layer="render_mode", modes=RENDER_MODES, mode=render_mode)
        self.setup, self.game = setup, setup.game
        self.render_mode = render_mode
        self.observation_space = observation_space(self.game)
        self.action_space = action_space(self.game)
        self.reward_space = reward_space(self.game)
        self.reward_dim = len(self.game.objectives)
        self._weights = default_weights(weights, self.game.resolved.scenario.preferences, self.game.objectives)
        self._episode_weights = np.zeros(self.reward_dim)
        self._core: EnvironmentCore | None = None
        self._seed: int | None = None

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
        self._seed = seed
        self._episode_weights = episode_weights(self.game.objectives, self._weights, options, self.np_random)
        if self._core is None:
            self._core = EnvironmentCore(self.setup, 1)
        else:
            self._core.reset(np.zeros(1, dtype=np.int64))
        if self.render_mode == "human":
            self.render()
        return self._observe(), self._info() | {"anchors": self.setup.scale.source}

    def step(self, action: np.int64) -> tuple[Observation, SupportsFloat, bool, bool, dict[str, Any]]:
        """Start a village or close the year; a forbidden action closes the year.

        Args:
            action: village x n_options + option, or the last one to close the year.

        Returns:
            Observation, reward, terminated, truncated (never), info.
        """
        core = self.core
        if core.state.year[0] > self.game.plan_years:
            raise gymnasium.error.ResetNeeded("the episode is over: call reset first")
        if not self.action_space.contains(action):
            raise gymnasium.error.InvalidAction(f"{action!r} is not in {self.action_space}")
        stepped = core.step(np.array([action], dtype=np.int64), [self._seed])
        vector, over = stepped.reward[0], bool(stepped.over[0])
        info = self._info() | {"vector_reward": vector.copy(), "obeyed": bool(stepped.obeyed[0])}
        if over:
            record = stepped.records[0]
            info |= {"valid": record.valid, "violations": dict(record.violations), "penalty": stepped.penalties[0]}
            info["plan_record"] = record
        if self.render_mode == "human":
            self.render()
        return self._observe(), self._reward(vector), over, False, info

    def _reward(self, vector: FloatArray) -> Any:  # noqa: ANN401 - a number here, a vector in the subclass
        return float(self._episode_weights @ vector)

    def _observe(self) -> Observation:
        batch = self.core.observe(self._episode_weights[None, :])
        return {name: values[0] for name, values in batch.items()}

    def _info(self) -> dict[str, Any]:
        """Objectives in natural units and the weights of this episode."""
        return {
            "objectives": self.core.state.objectives[0].copy(),
            "reward_weights": self._episode_weights.copy(),
        }

    @property
    def core(self) -> EnvironmentCore:
        """State of the running episode."""
        if self._core is None:
            raise gymnasium.error.ResetNeeded("call reset first")
        return self._core

    def action_masks(self) -> BoolArray:
        """Joint mask, shape (n_actions,); True = allowed. The name is that of sb3-contrib."""
        return self.core.action_mask()[0]

    def village_mask(self) -> BoolArray:
        """True for villages that may start now; last entry: the year may be closed. Shape (n_villages + 1,)."""
        return self.core.village_mask()[0]

    def option_mask(self, village: int) -> BoolArray:
        """True for the options a village may start with now, shape (n_options,)."""
        return self.core.option_mask(np.array([village]))[0]

    def plan(self) -> Plans:
        """The plan so far, a batch of one."""
        state = self.core.state
        return canonical(self.game.space.decode(state.start_year, state.option))

    def render(self) -> Any:  # noqa: ANN401 - an image or nothing, by render_mode
        """Draw the plan so far; an image of shape (height, width, 3), uint8, in mode "rgb_array"."""
        if self.render_mode is None:
            gymnasium.logger.warn("render was called, but the environment has no render_mode")
            return None
        from envs.viewer import draw, show

        figure = draw(self.game, self.core.state, 0)
        return show(figure, human=self.render_mode == "human")

    def close(self) -> None:
        """Close the window, if there is one."""
        if self.render_mode == "human":
            from envs.viewer import close_window

            close_window()


class MORenewalEnv(RenewalEnv):
    """The same with a vector reward, one entry per objective, in the scenario's order."""

    def _reward(self, vector: FloatArray) -> SingleArray:
        return vector.astype(np.float32)
