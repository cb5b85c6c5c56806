"""Stable-Baselines3's vector environment around the batched one: no processes, no loop over environments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env import VecEnv

from data.errors import refuse

Indices = None | int | Iterable[int]


class RenewalVecEnv(VecEnv):
    """Adapter from `envs.renewal_vector_env.RenewalVectorEnv` with scalar reward to Stable-Baselines3.

    `action_masks` answers sb3-contrib's MaskablePPO through `env_method`, as `village_mask` does.

    Args:
        envs: batched environment, as made by `gymnasium.make_vec("renewal/UrbanRenewal-v2", ...)`; its autoreset mode
            is SAME_STEP, the one that Stable-Baselines3 knows.

    Raises:
        InputError: another autoreset mode.
    """

    def __init__(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """See the class."""
        mode = envs.metadata["autoreset_mode"]
        if mode is not AutoresetMode.SAME_STEP:
            modes = [AutoresetMode.SAME_STEP.value]
            raise refuse("autoreset_mode_unknown", layer="autoreset_mode", modes=modes, mode=mode.value)
        self.envs = envs.unwrapped
        self._actions = np.zeros(envs.num_envs, dtype=np.int64)
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)

    def reset(self) -> Any:  # noqa: ANN401 - observations of any space
        """Begin new episodes with the seeds and options that were set; they serve once."""
        options = self._options[0] if any(self._options) else None
        seeds = self._seeds if any(seed is not None for seed in self._seeds) else None
        observations, infos = self.envs.reset(seed=seeds, options=options)  # type: ignore[arg-type]
        self.reset_infos = [_row(infos, i) for i in range(self.num_envs)]
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: np.ndarray) -> None:
        """Remember the actions."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Step; a finished environment's last observation is in its info as `terminal_observation`."""
        observations, rewards, terminated, truncated, infos = self.envs.step(self._actions)
        told = [{"TimeLimit.truncated": False} for _ in range(self.num_envs)]
        done = terminated | truncated
        for i in range(self.num_envs):
            told[i] |= _row(infos["final_info"], i) if done[i] else _row(infos, i)
            if done[i]:
                told[i]["terminal_observation"] = infos["final_obs"][i]
        return observations, rewards, done, told

    def close(self) -> None:
        """Close the environments."""
        self.envs.close()

    def get_images(self) -> Sequence[Any]:
        """One image per environment."""
        return list(self.envs.render() or [None] * self.num_envs)

    def has_attr(self, attr_name: str) -> bool:
        """Whether the environments have an attribute."""
        return hasattr(self.envs, attr_name)

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        """An attribute of the batched environment, once per environment."""
        return [getattr(self.envs, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:  # noqa: ANN401 - any attribute
        """Set an attribute of the batched environment, which all share."""
        del indices
        setattr(self.envs, attr_name, value)

    def env_method(
        self,
        method_name: str,
        *method_args: Any,  # noqa: ANN401 - those of any method
        indices: Indices = None,
        **method_kwargs: Any,  # noqa: ANN401
    ) -> list[Any]:
        """Call a method of the batched environment once; one row of its answer per environment."""
        answer = getattr(self.envs, method_name)(*method_args, **method_kwargs)
        return [answer[i] for i in self._get_indices(indices)]

    def env_is_wrapped(
        self, wrapper_class: type[gymnasium.Wrapper[Any, Any, Any, Any]], indices: Indices = None
    ) -> list[bool]:
        """No wrappers stand around the single environments."""
        del wrapper_class
        return [False for _ in self._get_indices(indices)]


def _row(infos: dict[str, Any], i: int) -> dict[str, Any]:
    """One environment's part of the infos."""
    names = (name for name in infos if not name.startswith("_") and not name.startswith("final_"))
    return {
        name: _row(infos[name], i) if isinstance(infos[name], dict) else infos[name][i]
        for name in names
        if isinstance(infos[name], dict) or infos[f"_{name}"][i]
    }
