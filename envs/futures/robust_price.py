"""The price of robustness: what a plan gives up in the expected future, beside what it saves in the worst tenth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.futures.spread import TAIL, Estimate, tail_mean

MATCH_SHARE = 0.01
"""Of an objective's range over both fronts: what counts as equally good."""


@dataclass(frozen=True, eq=False)
class RobustPrices:
    """Robust plans beside plain plans, pair by pair, in the same futures.

    Attributes:
        robust: position of the robust plan of each pair, shape (n_pairs,).
        plain: of the plain plan, same shape.
        given_up: mean of the plain plan less that of the robust one, a good worth 1, same shape.
        given_up_error: its standard error, same shape.
        saved: mean of the worst tenth of the robust plan, in its own worst futures, less that of the plain one
            in those of its own, same shape.
        saved_error: its standard error, same shape.
    """

    robust: IntArray
    plain: IntArray
    given_up: FloatArray
    given_up_error: FloatArray
    saved: FloatArray
    saved_error: FloatArray


def robust_prices(robust: FloatArray, plain: FloatArray, pairs: IntArray) -> RobustPrices:
    """Compare pairs of plans.

    Args:
        robust: values of the robust plans in the futures, more is better, shape (n_robust, n_futures).
        plain: of the plain plans in the same futures, shape (n_plain, n_futures).
        pairs: positions of a robust and a plain plan, shape (n_pairs, 2).

    Example:
        Futures page, by hand 3: B for A gives up 1 on average and saves 4 in the worst half; here in the worst tenth.

        >>> told = robust_prices(np.array([[4.0, 4.0]]), np.array([[10.0, 0.0]]), np.array([[0, 0]]))
        >>> told.given_up, told.saved
        (array([1.]), array([4.]))
    """
    given_up, saved = [], []
    for one, other in pairs:
        safe, bold = robust[one], plain[other]
        change = bold - safe
        given_up.append(Estimate(float(change.mean()), _error(change)))
        saving = tail_mean(safe, TAIL) - tail_mean(bold, TAIL)
        saved.append(Estimate(saving, _error(_influence(safe) - _influence(bold))))
    return RobustPrices(
        robust=np.asarray(pairs[:, 0], dtype=np.int64),
        plain=np.asarray(pairs[:, 1], dtype=np.int64),
        given_up=np.array([one.value for one in given_up]),
        given_up_error=np.array([one.error for one in given_up]),
        saved=np.array([one.value for one in saved]),
        saved_error=np.array([one.error for one in saved]),
    )


def _error(sample: FloatArray) -> float:
    return float(sample.std(ddof=1) / np.sqrt(sample.size)) if sample.size > 1 else float("nan")


def _influence(values: FloatArray) -> FloatArray:
    """What each future contributes to the mean of the worst tail (its influence function)."""
    border = np.quantile(values, TAIL)
    return np.asarray(np.minimum(values - border, 0.0) / TAIL)


def matched_pairs(robust: FloatArray, plain: FloatArray, plain_mean: FloatArray) -> IntArray:
    """Each robust plan beside the plain plan that earns most on average among those as good in everything else.

    Args:
        robust: other objectives of the robust plans, more is better, shape (n_robust, n_others).
        plain: of the plain plans, shape (n_plain, n_others).
        plain_mean: what the plain plans earn on average, shape (n_plain,).

    Returns:
        Positions, shape (n_pairs, 2); robust plans without such a plain plan are left out.

    Example:
        >>> matched_pairs(np.array([[1.0], [3.0], [9.0]]), np.array([[1.0], [3.0]]), np.array([8.0, 7.0])).tolist()
        [[0, 0], [1, 1]]
    """
    both = np.concatenate([robust, plain])
    slack = MATCH_SHARE * np.ptp(both, axis=0)
    as_good: BoolArray = (plain[None] >= robust[:, None] - slack).all(axis=2)
    worth = np.where(as_good, plain_mean, -np.inf)
    has = as_good.any(axis=1)
    return np.column_stack([np.flatnonzero(has), worth.argmax(axis=1)[has]])
