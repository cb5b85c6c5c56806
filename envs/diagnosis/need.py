"""Need of villages and areas: conditions brought to one scale (0 the best village, 1 the worst), weighted and added."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray

FULL_POINTS = 100.0


@dataclass(frozen=True, eq=False)
class Scale:
    """Least and largest known value of each condition, and its sense; arrays of shape (n_conditions,).

    Attributes:
        low: NaN where nothing is known.
        high: same.
        more_is_worse: True where more is more need.
    """

    low: FloatArray
    high: FloatArray
    more_is_worse: BoolArray

    @property
    def tells_apart(self) -> BoolArray:
        """Conditions in which at least two villages differ."""
        return self.high > self.low

    def worse(self, values: FloatArray) -> FloatArray:
        """Values on the scale from 0 (the best village) to 1 (the worst); NaN stays NaN.

        x' = (x - min) / (max - min) where more is worse, mirrored where less is. Where all are equal nobody is worse
        than anybody: 0.

        Args:
            values: shape (..., n_conditions); beyond the villages' range they are cut to it.
        """
        span = np.where(self.tells_apart, self.high - self.low, 1.0)
        share = np.clip((values - np.where(self.tells_apart, self.low, values)) / span, 0.0, 1.0)
        return np.where(self.tells_apart & ~self.more_is_worse, 1.0 - share, share)


@dataclass(frozen=True, eq=False)
class Need:
    """Need of villages, or of areas on the villages' scale.

    Attributes:
        scaled: shape (n, n_conditions) [0..1]; NaN where not known.
        weights: shape (n_conditions,), sum 1.
        points: 100 x weighted mean of what is known, shape (n,); NaN where too little is.
        known_weight: share of the weight whose condition is known, shape (n,) [0..1].
    """

    scaled: FloatArray
    weights: FloatArray
    points: FloatArray
    known_weight: FloatArray

    @property
    def n_unknown(self) -> IntArray:
        """Conditions that count and are not known, shape (n,)."""
        return np.asarray((np.isnan(self.scaled) & (self.weights > 0.0)).sum(axis=1))

    @cached_property
    def shares(self) -> FloatArray:
        """What each condition adds to the points, shape (n, n_conditions); sums to `points`, 0 where not known."""
        known = np.where(np.isnan(self.scaled), 0.0, self.scaled) * self.weights
        below = np.where(self.known_weight > 0.0, self.known_weight, 1.0)
        return FULL_POINTS * known / below[:, None]


def scale_of(values: FloatArray, more_is_worse: BoolArray) -> Scale:
    """The scale that villages span.

    Args:
        values: of the villages, shape (n_villages, n_conditions).
        more_is_worse: shape (n_conditions,).
    """
    is_known = ~np.isnan(values)
    low = np.where(is_known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(is_known, values, -np.inf).max(axis=0, initial=-np.inf)
    none = ~is_known.any(axis=0)
    return Scale(np.where(none, np.nan, low), np.where(none, np.nan, high), more_is_worse)


def need_of(scaled: FloatArray, weights: FloatArray, least_known_weight: float) -> Need:
    """Weighted mean of what is known of each row.

    Args:
        scaled: shape (n, n_conditions) [0..1]; NaN where not known.
        weights: shape (n_conditions,), sum 1.
        least_known_weight: below this share of the weight known, a row gets no points [0..1].

    Example:
        The second row knows half of the weight, and is told by that half alone.

        >>> scaled = np.array([[0.2, 0.6], [0.2, np.nan]])
        >>> need_of(scaled, np.array([0.5, 0.5]), 0.5).points.round(6)
        array([40., 20.])
    """
    is_known = ~np.isnan(scaled)
    known_weight = is_known @ weights
    total = np.where(is_known, scaled, 0.0) @ weights
    told = (known_weight > 0.0) & (known_weight >= least_known_weight - 1e-12)
    points = np.full(len(scaled), np.nan)
    points[told] = FULL_POINTS * total[told] / known_weight[told]
    return Need(scaled, weights, points, known_weight)


def weak_mask(scaled: FloatArray, weak_share: float) -> BoolArray:
    """Conditions in which a village is among the worst share of those of which it is known.

    Args:
        scaled: shape (n_villages, n_conditions) [0..1]; NaN where not known.
        weak_share: worst share of the villages; equal villages are all in or all out, out where they would be more.

    Returns:
        True where the condition is weak, same shape; nobody is weak in what tells nobody apart.

    Example:
        >>> weak_mask(np.array([[0.0], [0.5], [1.0], [np.nan], [0.7]]), 0.25).ravel()
        array([False, False,  True, False, False])
    """
    weak = np.zeros(scaled.shape, dtype=bool)
    for k, column in enumerate(scaled.T):
        known = column[~np.isnan(column)]
        most = int(np.floor(weak_share * known.size + 1e-9))
        levels, counts = np.unique(known, return_counts=True)
        reached = np.cumsum(counts[::-1])[::-1]  # villages at this level or worse
        among = levels[(reached <= most) & (levels > levels.min(initial=np.inf))]
        if among.size:
            weak[:, k] = column >= among.min()
    return weak
