"""Spaces of the environment, and the preference weights of its episodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from data.arrays import FloatArray
from data.errors import refuse
from envs.game.constants import GameConstants
from envs.game.observation import FAR_BEYOND, GLOBAL_FEATURES, VILLAGE_FEATURES, VILLAGE_HIGH, VILLAGE_LOW
from envs.game.reward import Weights, weight_vector

RANDOM_WEIGHTS = "random"
OPTIONS = {"weights"}


def observation_space(game: GameConstants) -> spaces.Dict:
    """Space of one observation."""
    n_objectives = len(game.objectives)
    beyond = np.full(n_objectives, FAR_BEYOND)
    low = np.concatenate([np.zeros(len(GLOBAL_FEATURES)), -beyond]).astype(np.float32)
    high = np.concatenate([np.ones(len(GLOBAL_FEATURES)), beyond]).astype(np.float32)
    shape = (game.n_villages * len(VILLAGE_FEATURES),)
    return spaces.Dict(
        {
            "global": spaces.Box(low, high, dtype=np.float32),
            "villages": spaces.Box(VILLAGE_LOW, VILLAGE_HIGH, shape, np.float32),
            "weights": spaces.Box(0.0, 1.0, (n_objectives,), np.float32),
        }
    )


def action_space(game: GameConstants) -> spaces.Discrete:
    """One joint action: village x n_options + option, and last the closing of the year."""
    return spaces.Discrete(game.close_action + 1)


def reward_space(game: GameConstants) -> spaces.Box:
    """Space of the vector reward: anchor units, unbounded."""
    return spaces.Box(-np.inf, np.inf, (len(game.objectives),), np.float32)


def default_weights(
    weights: Weights | str | None, preferences: Weights, objectives: tuple[str, ...]
) -> FloatArray | None:
    """Weights of every episode; None where they are drawn anew for each.

    Args:
        weights: as asked for; None = the preferences; "random" = drawn anew for each episode.
        preferences: those of the scenario or model.
        objectives: names.

    Raises:
        InputError: see envs.game.reward.weight_vector.
    """
    if isinstance(weights, str):
        if weights != RANDOM_WEIGHTS:
            raise refuse("weights_not_numbers", layer="weights", random=RANDOM_WEIGHTS, weights=weights)
        return None
    return weight_vector(preferences if weights is None else weights, objectives)


def episode_weights(
    objectives: tuple[str, ...], default: FloatArray | None, options: dict[str, Any] | None, rng: np.random.Generator
) -> FloatArray:
    """Weights of one episode: those of the reset, else the environment's, else drawn evenly from the simplex.

    Raises:
        InputError: an unknown option; weights as in envs.game.reward.weight_vector.
    """
    unknown = sorted(set(options or {}) - OPTIONS)
    if unknown:
        raise refuse("reset_option_unknown", layer="reset options", options=unknown, known=sorted(OPTIONS))
    if options and options.get("weights") is not None:
        return weight_vector(options["weights"], objectives)
    return default.copy() if default is not None else rng.dirichlet(np.ones(len(objectives)))
