"""Weights by comparison in pairs (AHP, Saaty 1980): the principal eigenvector, and how far the judgements agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from data.errors import refuse

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random comparison matrices of size 1..10 (Saaty 1980, table 1)."""
MOST_INCONSISTENT = 0.1
RECIPROCAL_TOLERANCE = 1e-2
"""0.33 and 3 are taken for reciprocal."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a pairwise comparison says.

    Attributes:
        weights: principal eigenvector, shape (n,), sum 1.
        largest_eigenvalue: n where the matrix is consistent.
        consistency_ratio: consistency index over that of random matrices; 0 for one or two items.
    """

    weights: FloatArray
    largest_eigenvalue: float
    consistency_ratio: float

    @property
    def is_consistent(self) -> bool:
        """Whether the ratio is at most 0.1."""
        return self.consistency_ratio <= MOST_INCONSISTENT


def pairwise_weights(
    comparisons: FloatArray, *, layer: str = "", tolerance: float = RECIPROCAL_TOLERANCE
) -> Comparison:
    """Principal eigenvector of a reciprocal comparison matrix, with its consistency.

    Args:
        comparisons: entry (i, j) = how much more i matters than j, shape (n, n), positive, reciprocal.
        layer: what it compares, for messages.
        tolerance: how far the product of two reciprocal entries may be from 1.

    Raises:
        InputError: not square, too large or small, not positive, or not reciprocal.

    Example:
        >>> told = pairwise_weights(np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]))
        >>> told.weights.round(4), round(told.largest_eigenvalue, 4), round(told.consistency_ratio, 3)
        (array([0.637 , 0.2583, 0.1047]), 3.0385, 0.033)
    """
    n = len(comparisons)
    if comparisons.ndim != 2 or comparisons.shape != (n, n) or not 1 <= n <= len(RANDOM_INDEX):
        raise refuse("pairs_not_square", layer=layer, most=len(RANDOM_INDEX))
    if not (np.isfinite(comparisons).all() and (comparisons > 0.0).all()):
        raise refuse("pairs_not_positive", layer=layer)
    if not np.allclose(comparisons * comparisons.T, 1.0, atol=tolerance):
        raise refuse("comparisons_not_reciprocal", layer=layer)
    values, vectors = np.linalg.eig(comparisons)
    first = int(np.argmax(values.real))
    vector, largest = np.abs(vectors[:, first].real), float(values[first].real)
    random = RANDOM_INDEX[n - 1]
    ratio = max(0.0, (largest - n) / (n - 1) / random) if random > 0.0 else 0.0
    return Comparison(vector / vector.sum(), largest, ratio)
