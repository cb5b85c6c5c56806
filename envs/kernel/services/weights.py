"""Weights of the facility categories: equal, manual, AHP (Saaty 1980) or entropy (Shannon)."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import CATEGORIES
from data.errors import refuse
from data.scenario import CategoryWeights
from envs.kernel.services.pairwise_comparison import MOST_INCONSISTENT, pairwise_weights

RECIPROCAL_TOLERANCE = 1e-3
"""0.333 and 3 are taken for reciprocal, 0.33 and 3 are not."""


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
        raise refuse("category_unknown", layer="category_weights", rows=unknown, known=CATEGORIES)
    value = np.array([weights.get(category, 0.0) for category in CATEGORIES])
    if not value.sum() > 0.0:
        raise refuse("category_weights_all_zero", layer="category_weights")
    return value / value.sum()


def ahp_weights(comparisons: FloatArray, *, accept_inconsistent: bool = False) -> FloatArray:
    """Principal eigenvector of a reciprocal comparison matrix.

    Args:
        comparisons: entry (i, j) = how much more i matters than j, shape (n, n), positive, reciprocal.
        accept_inconsistent: go on above a consistency ratio of 0.1.

    Returns:
        shape (n,), sum 1.

    Raises:
        InputError: wrong shape, not positive, not reciprocal, or inconsistent.

    Example:
        A consistent matrix gives its weights back.

        >>> importance = np.array([4.0, 2.0, 1.0, 1.0, 1.0, 0.5, 0.5])
        >>> ahp_weights(importance[:, None] / importance).round(6)
        array([0.4 , 0.2 , 0.1 , 0.1 , 0.1 , 0.05, 0.05])
    """
    n = len(CATEGORIES)
    if comparisons.shape != (n, n):
        raise refuse("comparisons_of_wrong_size", layer="category_weights", n=n, categories=CATEGORIES)
    told = pairwise_weights(comparisons, layer="category_weights", tolerance=RECIPROCAL_TOLERANCE)
    if not (told.is_consistent or accept_inconsistent):
        ratio = told.consistency_ratio
        raise refuse("comparisons_inconsistent", layer="category_weights", ratio=ratio, most=MOST_INCONSISTENT)
    return told.weights


def entropy_weights(met: FloatArray) -> FloatArray:
    """Weights by dispersion: a category that differs more between places weighs more.

    Args:
        met: supply per person / standard, shape (n_places, n_categories), >= 0.

    Returns:
        shape (n_categories,), sum 1; equal where nothing differs.

    Example:
        Only the second category differs between the places.

        >>> entropy_weights(np.array([[1.0, 0.0], [1.0, 2.0]])).round(6)
        array([0., 1.])
    """
    share = met / np.clip(met.sum(axis=0), 1e-300, None)
    information = np.where(share > 0.0, share * np.log(np.where(share > 0.0, share, 1.0)), 0.0).sum(axis=0)
    divergence = np.clip(1.0 + information / np.log(max(met.shape[0], 2)), 0.0, None)
    if not divergence.sum() > 1e-12:
        return np.full(met.shape[1], 1.0 / met.shape[1])
    return divergence / divergence.sum()
