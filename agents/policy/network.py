"""The policy's network as a pure function of its parameters: the same source trains in torch and plans in NumPy.

Every candidate (village x option) is encoded alike; attention over all open candidates tells each of them what else
the city could do; the score of a candidate is its gain, less part of what waiting is worth, plus what was learned.
Nothing depends on how many villages there are or in which order they stand.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from agents.policy.layout import CANDIDATE_FEATURES, CITY_FEATURES, GAIN, OPEN, WAITING
from envs.game.observation import VILLAGE_FEATURES
from envs.kernel.computing.backend import Array, array_namespace

WIDTH, HEADS = 64, 4
GREED = 5.0
"""What a gain weighs against the network's own score, before training."""
PATIENCE = 0.4
"""What waiting weighs against a gain, before training: whole, years close half empty where limits tie them all."""
CLOSED = -1e9
Parameters = Mapping[str, Array]


def shapes(width: int = WIDTH, heads: int = HEADS) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter by name."""
    inputs = {"village": len(VILLAGE_FEATURES), "candidate": len(CANDIDATE_FEATURES), "city": len(CITY_FEATURES)}
    sizes: dict[str, tuple[int, ...]] = {f"encode_{name}": (n, width) for name, n in inputs.items()}
    sizes |= {"encode_bias": (width,), "attend": (width, heads), "context": (width * heads, width)}
    sizes |= {"mix_own": (width, width), "mix_context": (width, width), "mix_city": (inputs["city"], width)}
    sizes |= {"mix_bias": (width,), "score": (width, 1), "greed": (1,), "patience": (1,)}
    for head in ("close", "value"):
        sizes |= {f"{head}_context": (width, width), f"{head}_city": (inputs["city"], width), f"{head}_bias": (width,)}
        sizes |= {f"{head}_out": (width, 1), f"{head}_out_bias": (1,)}
    return sizes


def initial(
    seed: int, *, greed: float = GREED, waiting: float = PATIENCE, width: int = WIDTH, heads: int = HEADS
) -> dict[str, np.ndarray]:
    """Parameters before training, float32: small random ones for what is to be learned, on top of the greedy policy.

    Args:
        seed: of the random ones.
        greed: what a gain weighs; 0 = nothing is known of what is good.
        waiting: what waiting weighs against a gain.
        width: of the encodings.
        heads: of the attention.
    """
    rng = np.random.default_rng(seed)
    parameters = {}
    for name, shape in shapes(width, heads).items():
        if len(shape) == 1:
            parameters[name] = np.zeros(shape)
        else:
            gain = 0.01 if name in ("score", "close_out") else 1.0
            parameters[name] = gain * rng.standard_normal(shape) * np.sqrt(2.0 / shape[0])
    parameters |= {"greed": np.array([greed]), "patience": np.array([waiting])}
    return {name: values.astype(np.float32) for name, values in parameters.items()}


def decide(p: Parameters, villages: Array, candidates: Array, city: Array) -> tuple[Array, Array, Array]:
    """Scores (logits) of the actions, and the value expected of the rest of the episode.

    Args:
        p: parameters by name.
        villages: shape (n_envs, n_villages, n_village_features).
        candidates: shape (n_envs, n_villages, n_candidates, n_candidate_features).
        city: shape (n_envs, n_city_features).

    Returns:
        Score of each candidate, shape (n_envs, n_villages, n_candidates), CLOSED where it was not open; score of
        closing the year, and value, shape (n_envs,).
    """
    xp = array_namespace(city)
    n_envs, n_villages, n_candidates, _ = candidates.shape
    of_city = city @ p["encode_city"] + p["encode_bias"]
    encoded = candidates @ p["encode_candidate"] + (villages @ p["encode_village"])[:, :, None, :]
    encoded = _relu(encoded + of_city[:, None, None, :])
    flat = xp.reshape(encoded, (n_envs, n_villages * n_candidates, encoded.shape[3]))
    is_open = candidates[..., OPEN] > 0.0
    context = _relu(_attention(flat, xp.reshape(is_open, flat.shape[:2]), p["attend"]) @ p["context"])
    around = context @ p["mix_context"] + city @ p["mix_city"] + p["mix_bias"]
    mixed = _relu(encoded @ p["mix_own"] + around[:, None, None, :])
    advantage = candidates[..., GAIN] - p["patience"] * candidates[..., WAITING]
    score = (mixed @ p["score"])[..., 0] + p["greed"] * advantage
    score = xp.where(is_open, score, xp.full_like(score, CLOSED))
    close, value = (_head(p, name, context, city) for name in ("close", "value"))
    return score, close, value


def _relu(x: Array) -> Array:
    xp = array_namespace(x)
    return xp.where(x > 0.0, x, xp.zeros_like(x))


def _attention(encoded: Array, is_open: Array, attend: Array) -> Array:
    """Means over the open candidates, one per head with weights of its own; (n_envs, n_heads x width)."""
    xp = array_namespace(encoded)
    weight = encoded @ attend
    weight = xp.where(is_open[:, :, None], weight, xp.full_like(weight, CLOSED))
    weight = xp.exp(weight - xp.max(weight, axis=1, keepdims=True)) * xp.astype(is_open, weight.dtype)[:, :, None]
    total = xp.sum(weight, axis=1, keepdims=True)
    weight = weight / xp.where(total > 0.0, total, xp.ones_like(total))
    pooled = xp.permute_dims(weight, (0, 2, 1)) @ encoded
    return xp.reshape(pooled, (encoded.shape[0], -1))


def _head(p: Parameters, name: str, context: Array, city: Array) -> Array:
    hidden = _relu(context @ p[f"{name}_context"] + city @ p[f"{name}_city"] + p[f"{name}_bias"])
    return (hidden @ p[f"{name}_out"] + p[f"{name}_out_bias"])[:, 0]
