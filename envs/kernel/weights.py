"""Weights of the facility categories: equal, manual, AHP (Saaty 1980) or entropy (Shannon)."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import CATEGORIES
from data.errors import refusal
from data.scenario import CategoryWeights

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random comparison matrices of size 1..10 (Saaty 1980, table 1)."""
MOST_INCONSISTENT = 0.1


def category_weights(choice: CategoryWeights, met: FloatArray, residents: FloatArray) -> FloatArray:
    """Weights by the chosen method; shape (n_categories,), sum 1.

    Args:
        choice: method and its data.
        met: base-year supply per person / standard, shape (n_places, n_categories); the entropy method reads it.
        residents: shape (n_places,).

    Returns:
        Weights in the order of data.city.CATEGORIES.

    Raises:
        InputError: unknown category, no positive weight, or an AHP matrix that is malformed or inconsistent.
    """
    if choice.method == "manual":
        return manual_weights(choice.weights)
    if choice.method == "ahp":
        return ahp_weights(np.array(choice.comparisons, dtype=float), accept_inconsistent=choice.accept_inconsistent)
    if choice.method == "entropy":
        return entropy_weights(met[residents > 0.0])
    return np.full(len(CATEGORIES), 1.0 / len(CATEGORIES))


def manual_weights(weights: dict[str, float]) -> FloatArray:
    """Given weights, normalized; a category that is not named weighs nothing."""
    unknown = sorted(set(weights) - set(CATEGORIES))
    if unknown:
        raise refusal(f"unknown category; known are {', '.join(CATEGORIES)}", layer="category_weights", rows=unknown)
    value = np.array([weights.get(category, 0.0) for category in CATEGORIES])
    if not value.sum() > 0.0:
        raise refusal("at least one category must weigh more than 0", layer="category_weights")
    return value / value.sum()


def ahp_weights(comparisons: FloatArray, *, accept_inconsistent: bool = False) -> FloatArray:
    """Principal eigenvector of a reciprocal comparison matrix.

    Args:
        comparisons: entry (i, j) = how much more i matters than j, shape (n, n), positive, reciprocal.
        accept_inconsistent: go on above a consistency ratio of 0.1.

    Returns:
        shape (n,), sum 1.

    Raises:
        InputError: wrong shape, not reciprocal, or inconsistent.
    """
    n = len(CATEGORIES)
    if comparisons.shape != (n, n):
        raise refusal(f"comparisons must be {n} x {n}, in the order {', '.join(CATEGORIES)}", layer="category_weights")
    if not np.allclose(comparisons * comparisons.T, 1.0, atol=1e-3):
        raise refusal("comparisons must be reciprocal: entry (i, j) = 1 / entry (j, i)", layer="category_weights")
    values, vectors = np.linalg.eig(comparisons)
    first = int(np.argmax(values.real))
    ratio = (values[first].real - n) / (n - 1) / RANDOM_INDEX[n - 1]
    if ratio > MOST_INCONSISTENT and not accept_inconsistent:
        raise refusal(
            f"consistency ratio {ratio:.3f} is above 0.1; revise the comparisons or set accept_inconsistent",
            layer="category_weights",
        )
    vector = np.abs(vectors[:, first].real)
    return vector / vector.sum()


def entropy_weights(met: FloatArray) -> FloatArray:
    """Weights by dispersion: a category that differs more between places weighs more.

    Args:
        met: supply per person / standard, shape (n_places, n_categories), >= 0.

    Returns:
        shape (n_categories,), sum 1; equal where nothing differs.
    """
    share = met / np.clip(met.sum(axis=0), 1e-300, None)
    information = np.where(share > 0.0, share * np.log(np.where(share > 0.0, share, 1.0)), 0.0).sum(axis=0)
    divergence = np.clip(1.0 + information / np.log(max(met.shape[0], 2)), 0.0, None)
    if not divergence.sum() > 1e-12:
        return np.full(met.shape[1], 1.0 / met.shape[1])
    return divergence / divergence.sum()
