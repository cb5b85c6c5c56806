"""Give villages their years: the best assignment of start years under a yearly quota, for gains that add up.

The transportation problem has one price per year as its dual. Smoothed by a temperature, the dual is a convex function
of these few prices; damped Newton steps at falling temperatures find it in milliseconds for thousands of villages.
Small problems are solved exactly, place by place.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from data.arrays import BoolArray, FloatArray, IntArray, Quota, yearly

TEMPERATURES = (0.3, 0.03, 0.005)
"""Relative to the mean gain; with the last, an assignment is within about half a percent of the best."""
MOST_STEPS = 12
EXACT_CELLS = 20_000
"""Up to this many villages x places the exact assignment is also the faster one."""
NEVER = -1e9
"""Gain of what is not allowed, in units of the largest gain; finite, so that differences stay numbers."""


def assign_years(
    gain: FloatArray, quota: Quota, price: FloatArray | None = None, *, exactly: bool = False
) -> tuple[IntArray, FloatArray]:
    """Start years that (nearly) maximize the sum of gains with at most, or exactly, `quota` starts in each year.

    Args:
        gain: of keeping (column 0) and of each start year, -inf where not allowed, shape (n_villages, n_years + 1).
        quota: villages per year, or of each year.
        price: of a similar assignment, to begin with, shape (n_years,).
        exactly: fill every year, even with villages that lose; a year stays short only where none is left that may
            start in it.

    Returns:
        Years, shape (n_villages,), 0 = keep, and the price of each year, 0 where the assignment is exact. A village
        that may not be kept gets a year even beyond the quota.
    """
    allowed = np.isfinite(gain)
    is_fixed = allowed.sum(axis=1) == 1
    year = np.argmax(allowed, axis=1)
    most = yearly(quota, gain.shape[1] - 1)
    room = np.maximum(most - np.bincount(year[is_fixed], minlength=gain.shape[1])[1:], 0)
    free = np.flatnonzero(~is_fixed)
    year[free], price = _free_years(gain[free], allowed[free], room, price, exactly=exactly)
    return year, price


def _free_years(
    gain: FloatArray, allowed: BoolArray, room: IntArray, price: FloatArray | None, *, exactly: bool
) -> tuple[IntArray, FloatArray]:
    """Years of the villages that have a choice, where `room` is left in each year."""
    worth = np.where(allowed, gain, NEVER * (np.abs(gain[allowed]).max(initial=0.0) or 1.0))
    if worth.shape[0] * room.sum() <= EXACT_CELLS:
        return _exact_years(worth, allowed, room, exactly=exactly), np.zeros(room.size)
    price = year_prices(worth, room, price, exactly=exactly)
    net = worth.copy()
    net[:, 1:] -= price
    net[~allowed] = -np.inf
    year = _into_room(np.argmax(net, axis=1), net, room)
    year = _make_way(year, worth, allowed, room)
    return _fill(year, worth, room, allowed if exactly else None), price


def _exact_years(worth: FloatArray, allowed: BoolArray, room: IntArray, *, exactly: bool) -> IntArray:
    """The best assignment to single places (Crouse 2016, in SciPy); who must start beyond them starts anyway."""
    places = np.repeat(np.arange(1, room.size + 1), room)
    over_keep = worth[:, places] - worth[:, :1]
    if exactly:  # any start is worth more than all that is gained or lost by where it is
        ordinary = np.abs(worth[allowed])
        over_keep += np.where(allowed[:, places], 2.0 * ordinary.max(initial=0.0) + 1.0, 0.0)
    village, place = linear_sum_assignment(np.maximum(over_keep, 0.0), maximize=True)
    gains = over_keep[village, place] > 0.0
    year = np.where(allowed[:, 0], 0, 1 + np.argmax(worth[:, 1:], axis=1))
    year[village[gains]] = places[place[gains]]
    return year


def year_prices(
    worth: FloatArray, room: IntArray, first: FloatArray | None = None, *, exactly: bool = False
) -> FloatArray:
    """Prices of a start in each year at which villages, choosing for themselves, just fill its room.

    Args:
        worth: finite gains, shape (n_villages, n_years + 1).
        room: villages that may start in each year, shape (n_years,), not all 0.
        first: prices to begin with, at the lower temperatures only.
        exactly: a start that nobody gains by is paid for: prices may be below 0.

    Returns:
        shape (n_years,), >= 0 unless the years must be filled, in units of the gains.
    """
    over_keep = worth[:, 1:].max(axis=1) - worth[:, 0]
    if exactly and over_keep.size > room.sum():
        paid = min(0.0, _price_of_a_place(over_keep, int(room.sum())))
        worth = np.concatenate([worth[:, :1] + paid, worth[:, 1:]], axis=1)
        return paid + _prices_from(worth, room, None if first is None else first - paid, least=-np.inf)
    return _prices_from(worth, room, first, least=0.0)


def _price_of_a_place(over_keep: FloatArray, places: int) -> float:
    """Price at which as many gain as there are places, if years are all alike."""
    return float(-np.partition(-over_keep, places)[places])


def _prices_from(worth: FloatArray, room: IntArray, first: FloatArray | None, *, least: float) -> FloatArray:
    n_years = worth.shape[1] - 1
    over_keep = worth[:, 1:].max(axis=1) - worth[:, 0]
    positive = over_keep[over_keep > 0.0]
    places = int(room.sum())
    price = np.zeros(n_years)
    if positive.size == 0:
        return price
    if first is not None:
        price = first
    elif over_keep.size > places:
        price += max(0.0, _price_of_a_place(over_keep, places))
    ordinary = positive[positive < -0.5 * worth.min()] if worth.min() < 0.0 else positive
    scale = float(ordinary.mean()) if ordinary.size else 1.0
    by_year = np.ascontiguousarray(worth.T)
    for temperature in TEMPERATURES[first is not None :]:
        price = _newton(by_year, price, temperature * scale, room, least)
    return price


def _dual(worth: FloatArray, price: FloatArray, temperature: float, room: IntArray) -> tuple[float, FloatArray]:
    """Smoothed dual value, and each village's chance of each year, shape (n_years, n_villages); worth likewise."""
    net = worth.copy()
    net[1:] -= price[:, None]
    top = net.max(axis=0)
    net -= top
    net /= temperature
    chance = np.exp(net, out=net)
    total = chance.sum(axis=0)
    value = float(np.sum(top + temperature * np.log(total))) + float(room @ price)
    chance /= total
    return value, chance[1:]


def _newton(worth: FloatArray, price: FloatArray, temperature: float, room: IntArray, least: float) -> FloatArray:
    """Damped Newton steps on the smoothed dual; prices stay at or above the least."""
    value, chance = _dual(worth, price, temperature, room)
    damping = 1e-9
    for _ in range(MOST_STEPS):
        filled = chance.sum(axis=1)
        slope = room - filled
        free = (price > least) | (slope < 0.0)
        if np.abs(slope * free).max(initial=0.0) < 0.5:
            break
        curvature = (np.diag(filled) - chance @ chance.T) / temperature
        size = np.trace(curvature) / price.size + 1e-12
        while damping < 1e8:
            system = curvature + damping * size * np.eye(price.size)
            system[~free] = 0.0
            system[:, ~free] = 0.0
            system[~free, ~free] = 1.0
            following = np.maximum(price - np.linalg.solve(system, slope * free), least)
            reached, chance_there = _dual(worth, following, temperature, room)
            if reached <= value + 1e-12 * abs(value):
                break
            damping = max(10.0 * damping, 1e-4)
        else:
            break
        price, value, chance, damping = following, reached, chance_there, max(damping / 10.0, 1e-9)
    return price


def _into_room(year: IntArray, net: FloatArray, room: IntArray) -> IntArray:
    """Move what exceeds a year's room to its next best place with room, those first who lose least."""
    year = year.copy()
    count = np.bincount(year, minlength=net.shape[1])[1:]
    for crowded in np.flatnonzero(count > room):
        members = np.flatnonzero(year == crowded + 1)
        elsewhere = np.where(_full(count, room), -np.inf, net[members]).max(axis=1)
        for village in members[np.argsort(net[members, crowded + 1] - elsewhere, kind="stable")]:
            open_net = np.where(_full(count, room), -np.inf, net[village])
            target = int(np.argmax(open_net))
            if count[crowded] <= room[crowded] or not np.isfinite(open_net[target]):
                break  # enough have moved, or nobody is left who may go elsewhere
            year[village] = target
            count[crowded] -= 1
            if target:
                count[target - 1] += 1
    return year


def _full(count: IntArray, room: IntArray) -> BoolArray:
    """True for years without room; keeping always has room. Shape (n_years + 1,)."""
    return np.concatenate([[False], count >= room])


def _make_way(year: IntArray, worth: FloatArray, allowed: BoolArray, room: IntArray) -> IntArray:
    """Keep villages that may be kept where ones that must start, above their year's room, can take their place."""
    count = np.bincount(year, minlength=worth.shape[1])[1:]
    for crowded in np.flatnonzero(count > room):
        for village in np.flatnonzero(year == crowded + 1):  # none of them may be kept
            yielding = np.flatnonzero((year > 0) & allowed[:, 0] & allowed[village, year])
            if count[crowded] <= room[crowded] or yielding.size == 0:
                break
            loss = worth[yielding, year[yielding]] - worth[yielding, 0] - worth[village, year[yielding]]
            other = yielding[np.argmin(loss)]
            year[village], year[other] = year[other], 0
            count[crowded] -= 1
    return year


def _fill(year: IntArray, worth: FloatArray, room: IntArray, may: BoolArray | None) -> IntArray:
    """Give the room that is left to kept villages that gain, or to all that may start where it must be filled."""
    count = np.bincount(year, minlength=worth.shape[1])[1:]
    for open_year in np.flatnonzero(count < room) + 1:
        kept = np.flatnonzero(year == 0)
        gain = worth[kept, open_year] - worth[kept, 0]
        best = np.argsort(-gain, kind="stable")[: room[open_year - 1] - count[open_year - 1]]
        starts = gain[best] > 0.0 if may is None else may[kept[best], open_year]
        year[kept[best[starts]]] = open_year
    return year
