"""The batched environments: many plans in the making, one array operation for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from data.city import City
from data.errors import refuse
from data.scenario import Scenario
from envs.choices.anchors import Anchors
from envs.environment_core import EnvironmentCore, Setup, StepResult, set_up
from envs.game.constants import GAME_PRECISION
from envs.game.reward import Weights
from envs.kernel.trace import Precision
from envs.spaces import action_space, default_weights, episode_weights, observation_space, reward_space

Observations = dict[str, Any]
AUTORESET_MODES = (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP)


class RenewalVectorEnv(VectorEnv[Observations, IntArray, Any]):
    """`num_envs` copies of RenewalEnv, stepped together; a finished one is reset by itself.

    With autoreset_mode SAME_STEP it is reset in the step that ends its episode: that step returns the first observation
    of the next episode, the last one of the old is in `infos["final_obs"]`, its info in `infos["final_info"]`. With
    NEXT_STEP the step that ends an episode returns its last observation and info; the step after it ignores the action
    and returns what `reset` would, with reward 0.

    Args:
        num_envs: how many.
        city: as in RenewalEnv, like the arguments that follow.
        scenario: preset name, YAML file, or scenario.
        anchors: scale of the reward.
        weights: preference weights.
        precision: at which plans are measured when a year closes.
        threads: worker threads of that measurement.
        render_mode: "rgb_array" or None.
        autoreset_mode: "SameStep" or "NextStep", or Gymnasium's AutoresetMode; None = the mode of the class. `metadata`
            tells which.
        setup: prepared already; replaces city, scenario, anchors, precision and threads.

    Raises:
        InputError: wrong input, as in RenewalEnv; another mode of autoreset.
    """

    metadata = {  # noqa: RUF012 - Gymnasium's own declaration
        "render_modes": ["rgb_array"],
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        city: str | City = "beijing",
        scenario: str | Scenario = "balanced",
        *,
        anchors: Anchors | None = None,
        weights: Weights | str | None = None,
        precision: Precision = GAME_PRECISION,
        threads: int = 1,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str | None = None,
        setup: Setup | None = None,
    ) -> None:
        """See the class."""
        mode = _autoreset_mode(autoreset_mode or self.metadata["autoreset_mode"])
        self.metadata = {**self.metadata, "autoreset_mode": mode}
        self._same_step = mode is AutoresetMode.SAME_STEP
        if setup is None:
            setup = set_up(city, scenario, anchors=anchors, precision=precision, threads=threads)
        self.setup, self.game = setup, setup.game
        self.num_envs, self.render_mode = num_envs, render_mode
        self.single_observation_space = observation_space(self.game)
        self.single_action_space = action_space(self.game)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.reward_space = reward_space(self.game)
        self.reward_dim = len(self.game.objectives)
        self._weights = default_weights(weights, self.game.resolved.scenario.preferences, self.game.objectives)
        self._episode_weights = np.zeros((num_envs, self.reward_dim))
        self._core: EnvironmentCore | None = None
        self._over: BoolArray = np.zeros(num_envs, dtype=bool)
        self._seeds: list[int | None] = [None] * num_envs
        self._rngs = [seeding.np_random(None)[0] for _ in range(num_envs)]

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, dict[str, Any]]:
        """Begin new episodes.

        Args:
            seed: environment i takes seed + i; or one seed each.
            options: {"weights": ...} for all, {"reset_mask": ...} (n_envs,) to reset only some.

        Returns:
            Observations and infos.
        """
        options = dict(options or {})
        rows = np.flatnonzero(self._reset_mask(options.pop("reset_mask", None)))
        seeds = self._seeds_of(seed)
        for row in rows.tolist():
            if seeds[row] is not None:
                self._rngs[row] = seeding.np_random(seeds[row])[0]
        if self._core is None:
            self._core = EnvironmentCore(self.setup, self.num_envs)
        self._reset_rows(rows, [seeds[row] for row in rows], options)
        mask = np.isin(np.arange(self.num_envs), rows)
        return self.core.observe(self._episode_weights), self._infos(mask) | self._anchor_infos(mask)

    def _seeds_of(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, int | np.integer):
            return [int(seed) + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise refuse("seeds_of_wrong_number", layer="seed", n=self.num_envs, found=len(seed))
        return list(seed)

    def _reset_mask(self, option: Any) -> BoolArray:  # noqa: ANN401 - whatever a caller put into options
        if option is None:
            return np.ones(self.num_envs, dtype=bool)
        mask = np.asarray(option)
        if mask.shape != (self.num_envs,) or mask.dtype != bool or not mask.any():
            raise refuse("reset_mask_wrong", layer="reset_mask", n=self.num_envs)
        return mask

    def _reset_rows(self, rows: IntArray, seeds: list[int | None], options: dict[str, Any]) -> None:
        for row, seed in zip(rows.tolist(), seeds, strict=True):
            self._seeds[row] = seed
            self._episode_weights[row] = episode_weights(self.game.objectives, self._weights, options, self._rngs[row])
        self.core.reset(rows)
        self._over[rows] = False

    def step(self, actions: IntArray) -> tuple[Observations, Any, BoolArray, BoolArray, dict[str, Any]]:
        """Take one action in every environment, and reset finished ones; see the class and RenewalEnv.step.

        Args:
            actions: shape (n_envs,); of an environment that this step resets (NEXT_STEP) it is ignored.

        Returns:
            Observations, rewards (float32), terminated, truncated (never), infos.
        """
        acts = ~self._over
        actions = np.where(acts, np.asarray(actions, dtype=np.int64), self.game.close_action)
        if not self.action_space.contains(actions):
            raise gymnasium.error.InvalidAction(f"{actions!r} is not in {self.action_space}")
        self._reset_finished()
        stepped = self.core.step(actions, self._seeds, acts=None if acts.all() else acts)
        self._over = stepped.over.copy()
        rewards, last = self._rewards(stepped.reward), self._last_infos(stepped)
        if self._same_step:
            self._reset_finished()
        infos = self._step_infos(stepped, acts) | last
        return self.core.observe(self._episode_weights), rewards, stepped.over, np.zeros_like(stepped.over), infos

    def _reset_finished(self) -> None:
        rows = np.flatnonzero(self._over)
        if rows.size:
            self._reset_rows(rows, [None] * rows.size, {})

    def _rewards(self, vector: FloatArray) -> SingleArray:
        return np.sum(self._episode_weights * vector, axis=1).astype(np.float32)

    def _last_infos(self, stepped: StepResult) -> dict[str, Any]:
        """What is told of the episodes that ended; before they are reset."""
        infos: dict[str, Any] = {}
        seen = self.core.observe(self._episode_weights) if self._same_step and stepped.records else {}
        for row, record in stepped.records.items():
            last: dict[str, Any] = {
                "valid": record.valid,
                "penalty": stepped.penalties[row],
                "violations": dict(record.violations),
                "plan_record": record,
            }
            if self._same_step:
                final_obs = {name: values[row].copy() for name, values in seen.items()}
                last = {"final_obs": final_obs, "final_info": self._row_info(row, stepped) | last}
            infos = self._add_info(infos, last, row)
        return infos

    def _row_info(self, row: int, stepped: StepResult) -> dict[str, Any]:
        return {
            "objectives": self.core.state.objectives[row].copy(),
            "reward_weights": self._episode_weights[row].copy(),
            "vector_reward": stepped.reward[row].copy(),
            "obeyed": bool(stepped.obeyed[row]),
        }

    def _step_infos(self, stepped: StepResult, acts: BoolArray) -> dict[str, Any]:
        """What is told of every environment: of those that acted as `step` does, of the others as `reset` does."""
        infos = self._infos(np.ones(self.num_envs, dtype=bool))
        for name, values in (("vector_reward", stepped.reward), ("obeyed", stepped.obeyed)):
            infos |= {name: values, f"_{name}": acts.copy()}
        return infos if acts.all() else infos | self._anchor_infos(~acts)

    def _infos(self, mask: BoolArray) -> dict[str, Any]:
        """Objectives in natural units and weights; mask: of which environments, shape (n_envs,)."""
        infos = {"objectives": self.core.state.objectives.copy(), "reward_weights": self._episode_weights.copy()}
        return infos | {f"_{name}": mask.copy() for name in infos}

    def _anchor_infos(self, mask: BoolArray) -> dict[str, Any]:
        source = np.array([self.setup.scale.source] * self.num_envs, dtype=object)
        return {"anchors": source, "_anchors": mask.copy()}

    @property
    def core(self) -> EnvironmentCore:
        """State of the running episodes."""
        if self._core is None:
            raise gymnasium.error.ResetNeeded("call reset first")
        return self._core

    def action_masks(self) -> BoolArray:
        """Joint masks, shape (n_envs, n_actions); True = allowed. 1,000 villages x 255 options: ask for less often."""
        return self.core.action_mask()

    def village_mask(self) -> BoolArray:
        """True for villages that may start now; last column: the year may be closed. (n_envs, n_villages + 1)."""
        return self.core.village_mask()

    def option_mask(self, village: IntArray) -> BoolArray:
        """True for the options of one village of each environment, (n_envs,) to (n_envs, n_options)."""
        return self.core.option_mask(np.asarray(village, dtype=np.int64))

    def render(self) -> tuple[Any, ...] | None:
        """One image per environment, (height, width, 3), uint8."""
        if self.render_mode is None:
            return None
        from envs.viewer import draw, show

        figures = (draw(self.game, self.core.state, row) for row in range(self.num_envs))
        return tuple(show(figure, human=False) for figure in figures)


class MORenewalVectorEnv(RenewalVectorEnv):
    """The same with vector rewards, shape (n_envs, n_objectives).

    Its mode is NEXT_STEP unless another is asked for: the wrappers of MO-Gymnasium know no other, and with SAME_STEP
    `MORecordEpisodeStatistics` loses the first reward of every episode but the first.
    """

    metadata = {**RenewalVectorEnv.metadata, "autoreset_mode": AutoresetMode.NEXT_STEP}  # noqa: RUF012 - as above

    def _rewards(self, vector: FloatArray) -> SingleArray:
        return vector.astype(np.float32)


def _autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    name = mode.value if isinstance(mode, AutoresetMode) else mode
    offered = {offer.value: offer for offer in AUTORESET_MODES}
    if name not in offered:
        raise refuse("autoreset_mode_unknown", layer="autoreset_mode", modes=list(offered), mode=name)
    return offered[name]
