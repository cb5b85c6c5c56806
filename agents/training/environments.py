"""The vector environment of training for Stable-Baselines3: episodes of several cities side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

from agents.objectives import OBJECTIVES
from agents.policy.episodes import Episodes
from agents.policy.layout import CANDIDATE_FEATURES, CITY_FEATURES, FAR, N_CANDIDATES
from agents.policy.shortlist import outlook
from data.arrays import BoolArray, FloatArray
from envs.environment_core import Setup
from envs.game.observation import VILLAGE_FEATURES

Indices = None | int | Iterable[int]
CORNER_CHANCE, SPARSE_CHANCE = 0.1, 0.25
"""Of an episode's weights to be all on one objective, or spread over two."""


def draw_weights(n: int, rng: np.random.Generator, n_objectives: int = len(OBJECTIVES)) -> FloatArray:
    """Preference weights of episodes, shape (n, n_objectives): uniform on the simplex, its edges or its corners."""
    weights = rng.dirichlet(np.ones(n_objectives), size=n)
    kind, place = rng.random(n)[:, None], np.argsort(rng.random((n, n_objectives)), axis=1)
    edge = (kind < CORNER_CHANCE + SPARSE_CHANCE) & (kind >= CORNER_CHANCE)
    weights = np.where(edge & (place > 1), 0.0, weights)
    weights = np.where(kind < CORNER_CHANCE, place == 0, weights)
    return weights / weights.sum(axis=1, keepdims=True)


class CitiesVecEnv(VecEnv):
    """Episodes in several cities; a finished one begins anew with other weights, `renew` brings other cities.

    Observations are padded to `n_villages`; padding is never open. The action is village x N_CANDIDATES + candidate of
    the shortlist, or n_villages x N_CANDIDATES to close the year; `action_masks` says what is legal.

    Args:
        draw: draws a city and scenario of at most `n_villages` villages.
        n_cities: cities at once.
        n_episodes: episodes at once in each.
        n_villages: most villages.
        seed: of cities and weights.

    Attributes:
        returns: of the episodes that run, in weighted anchor ranges, shape (n_envs,).
        ended_returns: of those that ended since cities were drawn.
    """

    def __init__(
        self,
        draw: Callable[[np.random.Generator], Setup],
        *,
        n_cities: int,
        n_episodes: int,
        n_villages: int,
        seed: int,
    ) -> None:
        """See the class."""
        self.draw, self.n_cities, self.n_episodes, self.n_villages = draw, n_cities, n_episodes, n_villages
        self.rng = np.random.default_rng(seed)
        self.episodes_by_city: list[Episodes] = []
        self._choices = np.zeros(n_cities * n_episodes, dtype=np.int64)
        self.returns = np.zeros(n_cities * n_episodes)
        self.ended_returns: list[float] = []
        n_candidates = n_villages * N_CANDIDATES
        sizes = {
            "villages": n_villages * len(VILLAGE_FEATURES),
            "candidates": n_candidates * len(CANDIDATE_FEATURES),
            "city": len(CITY_FEATURES),
        }
        observed = spaces.Dict({name: spaces.Box(-FAR, FAR, (size,), np.float32) for name, size in sizes.items()})
        self.render_mode = None
        super().__init__(n_cities * n_episodes, observed, spaces.Discrete(n_candidates + 1))

    def renew(self) -> None:
        """Draw other cities; what was being played in the old ones is dropped."""
        self.episodes_by_city, self.ended_returns = [], []
        self.returns[:] = 0.0
        for _ in range(self.n_cities):
            setup = self.draw(self.rng)
            weights = draw_weights(self.n_episodes, self.rng, len(setup.game.objectives))
            self.episodes_by_city.append(Episodes(setup, outlook(setup), weights))

    def reset(self) -> dict[str, np.ndarray]:
        """Draw cities and begin episodes in them."""
        self.renew()
        return self._observe()

    def _observe(self) -> dict[str, np.ndarray]:
        observation = {
            name: np.zeros((self.num_envs, *self.observation_space[name].shape), dtype=np.float32)  # type: ignore[index]
            for name in ("villages", "candidates", "city")
        }
        for i, episodes in enumerate(self.episodes_by_city):
            rows = slice(i * self.n_episodes, (i + 1) * self.n_episodes)
            for name, values in (("villages", episodes.villages), ("candidates", episodes.candidates)):
                flat = values.reshape(self.n_episodes, -1)
                observation[name][rows, : flat.shape[1]] = flat
            observation["city"][rows] = episodes.city
        return observation

    def action_masks(self) -> BoolArray:
        """True for legal choices, shape (n_envs, n_villages x N_CANDIDATES + 1)."""
        mask = np.zeros((self.num_envs, self.n_villages * N_CANDIDATES + 1), dtype=bool)
        for i, episodes in enumerate(self.episodes_by_city):
            rows = slice(i * self.n_episodes, (i + 1) * self.n_episodes)
            episodes_mask = episodes.mask()
            mask[rows, : episodes_mask.shape[1] - 1] = episodes_mask[:, :-1]
            mask[rows, -1] = episodes_mask[:, -1]
        return mask

    def step_async(self, actions: np.ndarray) -> None:
        """Remember the choices."""
        self._choices = np.asarray(actions, dtype=np.int64)

    def step_wait(self) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Step every city; the reward is the weighted change of the objectives in anchor units."""
        rewards = np.zeros(self.num_envs, dtype=np.float32)
        dones = np.zeros(self.num_envs, dtype=bool)
        infos: list[dict[str, Any]] = [{"TimeLimit.truncated": False} for _ in range(self.num_envs)]
        for i, episodes in enumerate(self.episodes_by_city):
            first = i * self.n_episodes
            choices = self._choices[first : first + self.n_episodes]
            closes = choices == self.n_villages * N_CANDIDATES
            stepped = episodes.step(np.where(closes, episodes.close_choice, choices))
            rewards[first : first + self.n_episodes] = np.sum(stepped.reward * episodes.weights, axis=1)
            over = np.flatnonzero(stepped.over)
            for row in over:
                record = stepped.records[int(row)]
                infos[first + row] |= {"terminal_observation": self._row(episodes, int(row)), "plan_record": record}
            dones[first + over] = True
            self.returns[first : first + self.n_episodes] += rewards[first : first + self.n_episodes]
            self.ended_returns += self.returns[first + over].tolist()
            self.returns[first + over] = 0.0
            if over.size:
                episodes.reset(over, draw_weights(over.size, self.rng, episodes.weights.shape[1]))
        return self._observe(), rewards, dones, infos

    def _row(self, episodes: Episodes, row: int) -> dict[str, np.ndarray]:
        observation = {name: np.zeros(space.shape, dtype=np.float32) for name, space in self.observation_space.items()}  # type: ignore[attr-defined]
        for name, values in (
            ("villages", episodes.villages),
            ("candidates", episodes.candidates),
            ("city", episodes.city),
        ):
            flat = values[row].reshape(-1)
            observation[name][: flat.size] = flat
        return observation

    def close(self) -> None:
        """Nothing is held open."""

    def has_attr(self, attr_name: str) -> bool:
        """Whether the environments have an attribute."""
        return hasattr(self, attr_name)

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        """An attribute, once per environment."""
        return [getattr(self, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:  # noqa: ANN401 - any attribute
        """Set an attribute that all environments share."""
        del indices
        setattr(self, attr_name, value)

    def env_method(
        self,
        method_name: str,
        *method_args: Any,  # noqa: ANN401 - those of any method
        indices: Indices = None,
        **method_kwargs: Any,  # noqa: ANN401
    ) -> list[Any]:
        """Call a method once; one row of its answer per environment."""
        answer = getattr(self, method_name)(*method_args, **method_kwargs)
        return [answer[i] for i in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Indices = None) -> list[bool]:
        """No wrappers stand around the environments."""
        del wrapper_class
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[Any]:
        """No pictures."""
        return [None] * self.num_envs
