"""Give villages their years: the best assignment of start years under a yearly quota, for gains that add up.

The transportation problem has one price per year as its dual. Smoothed by a temperature, the dual is a convex function
of these few prices; damped Newton steps at falling temperatures find it in milliseconds for thousands of villages.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TEMPERATURES = (0.3, 0.03, 0.005)
"""Relative to the mean gain; with the last, an assignment is within about half a percent of the best."""
MOST_STEPS = 12
NEVER = -1e9
"""Gain of what is not allowed, in units of the largest gain; finite, so that differences stay numbers."""


def assign_years(gain: FloatArray, quota: int, price: FloatArray | None = None) -> tuple[IntArray, FloatArray]:
    """Start years that (nearly) maximize the sum of gains with at most `quota` starts a year.

    Args:
        gain: of keeping (column 0) and of each start year, -inf where not allowed, shape (n_villages, n_years + 1).
        quota: villages per year.
        price: of a similar assignment, to begin with, shape (n_years,).

    Returns:
        Years, shape (n_villages,), 0 = keep, and the price of each year. A village that may not be kept gets a year
        even beyond the quota.
    """
    finite = np.abs(gain[np.isfinite(gain)])
    worth = np.where(np.isfinite(gain), gain, NEVER * (finite.max(initial=0.0) or 1.0))
    if quota == 0:
        return _without_room(worth), np.zeros(gain.shape[1] - 1)
    price = year_prices(worth, quota, price)
    net = worth.copy()
    net[:, 1:] -= price
    year = np.argmax(net, axis=1)
    return _within_quota(year, worth, net, quota), price


def _without_room(worth: FloatArray) -> IntArray:
    least = worth.min()
    return np.where(worth[:, 0] > least, 0, np.argmax(worth, axis=1))


def year_prices(worth: FloatArray, quota: int, first: FloatArray | None = None) -> FloatArray:
    """Prices of a start in each year at which villages, choosing for themselves, just fill the quota.

    Args:
        worth: finite gains, shape (n_villages, n_years + 1).
        quota: villages per year, at least 1.
        first: prices to begin with, at the lower temperatures only.

    Returns:
        shape (n_years,), >= 0, in units of the gains.
    """
    n_years = worth.shape[1] - 1
    over_keep = worth[:, 1:].max(axis=1) - worth[:, 0]
    positive = over_keep[over_keep > 0.0]
    places = quota * n_years
    price = np.zeros(n_years)
    if positive.size == 0:
        return price
    if first is not None:
        price = first
    elif over_keep.size > places:
        price += max(0.0, -np.partition(-over_keep, places)[places])
    ordinary = positive[positive < -0.5 * worth.min()] if worth.min() < 0.0 else positive
    scale = float(ordinary.mean()) if ordinary.size else 1.0
    by_year = np.ascontiguousarray(worth.T)
    for temperature in TEMPERATURES[first is not None :]:
        price = _newton(by_year, price, temperature * scale, quota)
    return price


def _dual(worth: FloatArray, price: FloatArray, temperature: float, quota: int) -> tuple[float, FloatArray]:
    """Smoothed dual value, and each village's chance of each year, shape (n_years, n_villages); worth likewise."""
    net = worth.copy()
    net[1:] -= price[:, None]
    top = net.max(axis=0)
    net -= top
    net /= temperature
    chance = np.exp(net, out=net)
    total = chance.sum(axis=0)
    value = float(np.sum(top + temperature * np.log(total))) + quota * float(price.sum())
    chance /= total
    return value, chance[1:]


def _newton(worth: FloatArray, price: FloatArray, temperature: float, quota: int) -> FloatArray:
    """Damped Newton steps on the smoothed dual; prices stay at or above zero."""
    value, chance = _dual(worth, price, temperature, quota)
    damping = 1e-9
    for _ in range(MOST_STEPS):
        filled = chance.sum(axis=1)
        slope = quota - filled
        free = (price > 0.0) | (slope < 0.0)
        if np.abs(slope * free).max(initial=0.0) < 0.5:
            break
        curvature = (np.diag(filled) - chance @ chance.T) / temperature
        size = np.trace(curvature) / price.size + 1e-12
        while damping < 1e8:
            system = curvature + damping * size * np.eye(price.size)
            system[~free] = 0.0
            system[:, ~free] = 0.0
            system[~free, ~free] = 1.0
            following = np.maximum(price - np.linalg.solve(system, slope * free), 0.0)
            reached, chance_there = _dual(worth, following, temperature, quota)
            if reached <= value + 1e-12 * abs(value):
                break
            damping = max(10.0 * damping, 1e-4)
        else:
            break
        price, value, chance, damping = following, reached, chance_there, max(damping / 10.0, 1e-9)
    return price


def _within_quota(year: IntArray, worth: FloatArray, net: FloatArray, quota: int) -> IntArray:
    """Move what exceeds a year's quota to its next best place with room, then fill the room that is left."""
    year = year.copy()
    count = np.bincount(year, minlength=worth.shape[1])
    for crowded in np.flatnonzero(count[1:] > quota) + 1:
        full = count >= quota
        full[0] = False
        members = np.flatnonzero(year == crowded)
        elsewhere = np.where(full, -np.inf, net[members])
        loss = net[members, crowded] - elsewhere.max(axis=1)
        for village in members[np.argsort(loss, kind="stable")][: count[crowded] - quota]:
            full = count >= quota
            full[0] = False
            target = int(np.argmax(np.where(full, -np.inf, net[village])))
            if worth[village, target] <= worth.min() < 0.0:
                continue  # it may neither be kept nor start in another year
            year[village] = target
            count[crowded] -= 1
            count[target] += 1
    for open_year in np.flatnonzero(count[1:] < quota) + 1:
        kept = np.flatnonzero(year == 0)
        gain = worth[kept, open_year] - worth[kept, 0]
        best = np.argsort(-gain, kind="stable")[: quota - count[open_year]]
        year[kept[best[gain[best] > 0.0]]] = open_year
    return year
