"""What is read of a measure over futures, and how much each future weighs in it; every plan has its own worst ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from data.arrays import FloatArray
from envs.kernel.computing.backend import Array, array_namespace, like
from envs.kernel.futures.robust_names import MEAN, TAIL_MEAN, WORST_DECILE

DECILE = 0.1
Wanted = Sequence[tuple[float, float]]
"""Least and most of each target; all are to be met."""


def rank_weights(statistic: str, n: int, *, tail_share: float, width: float = 0.0) -> FloatArray:
    """How much the futures weigh, worst first, shape (n,); they add up to 1.

    Args:
        statistic: mean, tail_mean or worst_decile.
        n: futures.
        tail_share: share of the futures that are the worst tail; the one at its border counts in part (Rockafellar &
            Uryasev 2000).
        width: of the ranks that count as the decile, as a share of all; 0 = linear between the two next to it.

    Example:
        Futures page, by hand 2: of ten futures the worst 15 %, and the worst decile.

        >>> rank_weights("tail_mean", 10, tail_share=0.15)[:3].round(6)
        array([0.666667, 0.333333, 0.      ])
        >>> rank_weights("worst_decile", 10, tail_share=0.1)[:3].round(6)
        array([0.1, 0.9, 0. ])
    """
    rank = np.arange(n, dtype=np.float64)
    if statistic == MEAN:
        return np.full(n, 1.0 / n)
    if statistic == TAIL_MEAN:
        return np.clip(tail_share * n - rank, 0.0, 1.0) / (tail_share * n)
    assert statistic == WORST_DECILE
    reach = max(1.0, width * n)
    weight = np.maximum(0.0, 1.0 - np.abs(rank - DECILE * (n - 1)) / reach)
    return np.asarray(weight / weight.sum())


def read_over_futures(values: Array, statistic: str, *, tail_share: float, more_is_better: bool) -> Array:
    """Mean, mean of the worst tail, or worst decile; shape (n_plans, n_futures) to (n_plans,)."""
    xp = array_namespace(values)
    if statistic == MEAN:
        return xp.mean(values, axis=1)
    weights = rank_weights(statistic, values.shape[1], tail_share=tail_share)
    n_read = int(np.flatnonzero(weights)[-1]) + 1
    worst = _worst_first(values, n_read, more_is_better=more_is_better)
    return worst @ like(weights[:n_read], values)


def _worst_first(values: Array, n: int, *, more_is_better: bool) -> Array:
    """The n worst of each plan, worst first."""
    xp = array_namespace(values)
    signed = values if more_is_better else -values
    if isinstance(signed, np.ndarray) and n < signed.shape[1]:
        signed = np.partition(signed, n - 1, axis=1)[:, :n]  # sorting a tenth costs a fifth
    ranked = xp.sort(signed, axis=1)[:, :n]
    return ranked if more_is_better else -ranked


def chance(values: Array, wanted: Wanted) -> Array:
    """Share of the futures in which all that is wanted holds, shape (n_plans,); NaN where nothing is wanted."""
    xp = array_namespace(values)
    if not wanted:
        return xp.full_like(values[:, 0], float("nan"))
    holds = xp.ones_like(values)
    for least, most in wanted:
        holds = holds * xp.astype((values >= least) & (values <= most), values.dtype)
    return xp.mean(holds, axis=1)


def weights_of_futures(
    values: Array, statistic: str, *, tail_share: float, more_is_better: bool, width: float = 0.0
) -> Array:
    """Derivative of what `read_over_futures` reads by the value in each future; shape (n_plans, n_futures)."""
    xp = array_namespace(values)
    by_rank = like(rank_weights(statistic, values.shape[1], tail_share=tail_share, width=width), values)
    rank = xp.argsort(xp.argsort(values if more_is_better else -values, axis=1), axis=1)
    return xp.reshape(xp.take(by_rank, xp.reshape(rank, (-1,)), axis=0), values.shape)


def weights_of_chance(values: Array, wanted: Wanted, *, width: float) -> Array:
    """Derivative of a chance by the value in each future, with steps smoothed; shape (n_plans, n_futures).

    A step is smoothed by a normal curve as wide as suits the sample (Silverman 1986), or as the target is far, so that
    a plan which never meets it is led there; 0 everywhere for `width` 0, and for plans without spread.

    Args:
        values: shape (n_plans, n_futures).
        wanted: least and most of each target.
        width: 0 = no smoothing; 1 = as said.
    """
    xp, n = array_namespace(values), values.shape[1]
    weights = xp.zeros_like(values)
    if width == 0.0:
        return weights
    spread = xp.std(values, axis=1)[:, None]
    has = spread > 0.0
    middle = xp.mean(values, axis=1)[:, None]
    for least, most in wanted:
        for limit, sign in ((least, 1.0), (most, -1.0)):
            if not math.isfinite(limit):
                continue
            far = 0.5 * xp.abs(middle - limit)
            scale = xp.where(spread * n**-0.2 > far, spread * n**-0.2, far) * width
            scale = xp.where(has, scale, xp.ones_like(scale))
            steep = xp.exp(-0.5 * ((values - limit) / scale) ** 2) / (math.sqrt(2.0 * math.pi) * scale)
            weights = weights + xp.where(has, sign * steep / n, xp.zeros_like(steep))
    return weights
