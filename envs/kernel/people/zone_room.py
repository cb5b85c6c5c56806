"""Room of zones: a zone holds as many displaced people as its vacant floor has room for (model section 5).

Whom a full zone turns away settles in the zones with room. Columns are plans and years, each by itself: where nobody
is turned away nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from envs.kernel.computing.backend import Array, array_namespace, product


@dataclass(frozen=True, eq=False)
class Overflow:
    """What happened in the columns in which a zone was asked for more than its room.

    Attributes:
        columns: which of all columns, shape (n_full,).
        asked: people who would settle in a zone, shape (n_zones, n_groups, n_full) [persons].
        kept: share of them that a zone has room for, shape (n_zones, n_full); 1 where it has room for all.
        received: people whom other zones turned away, shape (n_zones, n_full) [persons].
        composition: of those turned away, by group, shape (n_groups, n_full); sums to 1.
        has_room: True where a zone has room left, shape (n_zones, n_full).
        unhoused: people for whom the city has no room, shape (n_full,) [persons].
    """

    columns: Array
    asked: Array
    kept: Array
    received: Array
    composition: Array
    has_room: Array
    unhoused: Array


def settle(asked: Array, room: Array, weight: Array) -> tuple[Array, Overflow | None]:
    r"""Settle displaced people in zones, none of which takes more than its room while another has some.

    $$ x_z = \min(room_z,\, asked_z + \kappa w_z), \quad \sum_z x_z = \sum_z asked_z $$ A full zone turns every group
    away in the same proportion; the others receive those turned away in their common composition. If all zones are
    full, the rest are placed where their group asked for, beyond the room.

    Args:
        asked: people who would settle in a zone, shape (n_zones, n_groups, n_columns) [persons].
        room: for how many there is room, shape (n_zones,) [persons].
        weight: w, how those turned away spread over the zones with room, shape (n_zones,); 0 receives none.

    Returns:
        The people settled, same shape and same sums over zones; and the overflow, None where no zone is too full.

    Example:
        300 people ask for zones of 100, 200 and 200 places; 50 do not fit in the first.

        >>> import numpy as np
        >>> asked = np.array([150.0, 90.0, 60.0]).reshape(3, 1, 1)
        >>> people, _ = settle(asked, np.array([100.0, 200.0, 200.0]), np.array([0.5, 0.3, 0.2]))
        >>> people[:, 0, 0].round(6)
        array([100., 120.,  80.])
    """
    xp = array_namespace(asked)
    too_full = xp.any(xp.sum(asked, axis=1) > room[:, None], axis=0)
    if not bool(xp.any(too_full)):
        return asked, None
    columns, everywhere = xp.nonzero(too_full)[0], bool(xp.all(too_full))
    overflow = _overflow(asked if everywhere else xp.take(asked, columns, axis=2), room, weight, columns)
    some = overflow.asked
    people = some * overflow.kept[:, None] + overflow.received[:, None] * overflow.composition[None]
    if bool(xp.any(overflow.unhoused > 0.0)):
        by_group = xp.sum(some, axis=0)
        share = some / xp.where(by_group > 0.0, by_group, xp.ones_like(by_group))
        people = people + share * (overflow.composition * overflow.unhoused)
    if everywhere:
        return people, overflow
    settled = xp.asarray(asked, copy=True)
    settled[:, :, columns] = people
    return settled, overflow


def _overflow(asked: Array, room: Array, weight: Array, columns: Array) -> Overflow:
    xp = array_namespace(asked)
    total = xp.sum(asked, axis=1)
    kept = room[:, None] / xp.maximum(total, xp.where(room > 0.0, room, xp.ones_like(room))[:, None])
    turned_away = xp.sum(asked * (1.0 - kept)[:, None], axis=0)
    pool = xp.sum(turned_away, axis=0)
    spare = xp.clip(room[:, None] - total, 0.0, None) * xp.astype(weight > 0.0, weight.dtype)[:, None]
    level, has_room = _fill_level(spare, weight, pool)
    received = xp.where(has_room, level * weight[:, None], spare)
    rest = xp.where(xp.any(has_room, axis=0), 0.0, xp.clip(pool - xp.sum(spare, axis=0), 0.0, None))
    composition = turned_away / xp.where(pool > 0.0, pool, xp.ones_like(pool))
    return Overflow(columns, asked, kept, received, composition, has_room, rest)


def _fill_level(spare: Array, weight: Array, pool: Array) -> tuple[Array, Array]:
    """Level kappa at which min(spare, kappa w) sums to the pool, and which zones it leaves with room.

    The sum is concave in kappa, so that Newton's steps climb to the level and end there exactly: every step but the
    last fills a zone. Where the spare room is less than the pool, none has room left.
    """
    xp = array_namespace(spare)
    fills_at = spare / xp.where(weight > 0.0, weight, xp.ones_like(weight))[:, None]
    level = xp.zeros_like(pool)
    has_room = fills_at > 0.0
    for _ in range(spare.shape[0]):
        open_weight = product(weight[None, :], xp.astype(has_room, spare.dtype))[0]
        left = pool - xp.sum(xp.where(has_room, 0.0, spare), axis=0)
        rises = open_weight > 0.0
        level = xp.where(rises, left / xp.where(rises, open_weight, xp.ones_like(left)), level)
        still = fills_at > level
        if not bool(xp.any(has_room & ~still)):
            break
        has_room = has_room & still
    return level, has_room


def settled_slope(by_zone: Array, overflow: Overflow, weight: Array, rates: tuple[float, ...]) -> tuple[Array, Array]:
    """Slope of a quantity by people who ask for a zone, given its slope by people who live there.

    A person who asks for a zone that is full displaces another, who goes where those turned away go.

    Args:
        by_zone: slope by what counts (persons, or workers), shape (n_zones, n_full), the overflow's columns.
        overflow: of these columns.
        weight: as in `settle`.
        rates: how much a person of each group counts.

    Returns:
        By what counts, and besides by every person whatever the group; shape (n_zones, n_full) each. Exact while the
        same zones are full; where the whole city is, the rest count as if they settled where all asked for.
    """
    xp = array_namespace(by_zone)
    asked, kept = overflow.asked, overflow.kept
    total = xp.sum(asked, axis=1)
    counted = sum(rate * asked[:, group] for group, rate in enumerate(rates))
    of_pool = sum(rate * overflow.composition[group] for group, rate in enumerate(rates))
    last = xp.where(overflow.has_room, weight[:, None], 0.0)  # where one more who is turned away goes
    last = xp.where(xp.any(overflow.has_room, axis=0), last, total)
    at_last = xp.sum(last * by_zone, axis=0) / xp.sum(last, axis=0)
    pool = xp.sum(overflow.received, axis=0) + overflow.unhoused
    at_mean = xp.sum(overflow.received * by_zone, axis=0) + overflow.unhoused * at_last
    at_mean = at_mean / xp.where(pool > 0.0, pool, xp.ones_like(pool))
    turns_away = kept < 1.0
    mean_rate = counted / xp.where(total > 0.0, total, xp.ones_like(total))
    by_count = by_zone * kept + at_mean * (1.0 - kept)
    full = xp.where(
        turns_away,
        kept * mean_rate * (at_mean - by_zone) + of_pool * (at_last - at_mean),
        of_pool * (at_last - by_zone),
    )
    return by_count, xp.where(overflow.has_room, 0.0, full)
