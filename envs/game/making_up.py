"""Shares that a plan may exceed on its way where villages that may still start make up for it.

At most a fifth of a district's floor may be torn down: who rebuilds first and rehabilitates the others afterwards has
the rebuilt villages years earlier. A decision is allowed as long as the villages left, each by one option that uses
nothing of any hard limit, bring every share back within its limit, and the quotas leave room for as many. So a masked
episode ends within the shares, though it may be beyond them on its way.

Only where additive limits and quotas are all that decisions are weighed by: what money, locked villages or bounds on
the finished plan leave of that way could not be foreseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray
from envs.choices.additive_limits import AdditiveLimit
from envs.choices.options import OptionSpace
from envs.game.option_tables import OptionTables
from envs.kernel.computing.backend import Array, array_namespace, device

OUT_OF_REACH = 1_000_000
"""Villages needed where all that are left do not suffice."""


@dataclass(frozen=True, eq=False)
class MakingUp:
    """Shares that may be made up for, a row each; arrays of one library on one device.

    Attributes:
        columns: of the tables of options that hold them.
        limit_of: the additive limit that counts in each village, shape (n_shares, n_villages).
        relief: what a village can take off that limit by the option that makes up, same shape, in its unit.
        order: villages by limit, and of each limit by relief, the largest first; same shape.
        place: of each village in that order, same shape.
        begin: place of the first village of each limit, shape (n_shares, n_limits).
        end: place after its last one, same shape; as `begin` where the share does not have the limit.
        option: that makes up, -1 where none does, shape (n_villages,).
        can: True for villages that may start in every year, shape (n_villages,).
    """

    columns: tuple[int, ...]
    limit_of: Array
    relief: Array
    order: Array
    place: Array
    begin: Array
    end: Array
    option: Array
    can: Array


def making_up(
    space: OptionSpace, limits: tuple[AdditiveLimit, ...], tables: OptionTables, startable: BoolArray
) -> MakingUp | None:
    """The shares of a scenario that villages can make up for; None where there is none.

    Args:
        space: options, on NumPy.
        limits: additive limits.
        tables: of the options, on NumPy.
        startable: True where a village may start in a year, shape (plan_years + 1, n_villages); row 0 means nothing.
    """
    kept = np.array([limit.kept for limit in limits], dtype=bool)
    is_share = kept & np.array([limit.whole is not None for limit in limits], dtype=bool)
    uses_nothing = space.option_mask & np.all((tables.needs <= 0.0) | ~kept[tables.limit_of][:, None], axis=2)
    spared = np.where(
        uses_nothing[:, :, None] & is_share[tables.limit_of][:, None], np.maximum(-tables.needs, 0.0), 0.0
    )
    largest = spared.max(axis=(0, 1), initial=0.0)
    columns = np.flatnonzero(largest)
    if not columns.size:
        return None
    option = np.argmax((spared[:, :, columns] / largest[columns]).sum(axis=2), axis=1)
    can = np.asarray(startable[1:].all(axis=0))
    relief = np.where(can[:, None], spared[np.arange(len(option)), option][:, columns], 0.0).T
    limit_of = tables.limit_of[:, columns].T
    order = np.stack([np.lexsort((-amount, limit)) for amount, limit in zip(relief, limit_of, strict=True)])
    n_of_limit = np.stack([np.bincount(limit, minlength=len(limits)) for limit in limit_of])
    end = np.cumsum(n_of_limit, axis=1)
    return MakingUp(
        columns=tuple(columns.tolist()),
        limit_of=limit_of,
        relief=relief,
        order=order,
        place=np.argsort(order, axis=1),
        begin=end - n_of_limit,
        end=end,
        option=np.where(relief.any(axis=0), option, -1),
        can=can,
    )


@dataclass(frozen=True, eq=False)
class Owed:
    """What plans in the making owe, and who could make up for it.

    Attributes:
        relief: of the villages left up to each place of the order, shape (n_shares, n_envs, n_villages + 1).
        villages: number of these villages, same shape.
        needed: villages that bring each limit back, shape (n_shares, n_envs, n_limits).
        total: of them, shape (n_envs,).
        room: villages that may still start, shape (n_envs,).
        may_close: True where the years after the open one have room for all that are needed, shape (n_envs,).
        is_lost: True where the years left have not, whatever is done, shape (n_envs,).
    """

    relief: Array
    villages: Array
    needed: Array
    total: Array
    room: Array
    may_close: Array
    is_lost: Array


def owed(making: MakingUp, *, available: Array, room: Array, beyond: Array) -> Owed:
    """Count the villages that are needed.

    Args:
        making: shares of the scenario.
        available: True where a village may still start, shape (n_envs, n_villages).
        room: villages that may still start in the open year and in each after it, shape (n_envs, n_years).
        beyond: how far each limit is exceeded, shape (n_envs, n_limits); below 0 where it is kept.
    """
    xp = array_namespace(room)
    n_envs, n_limits = beyond.shape
    free = available & making.can
    env, limit = (xp.reshape(index, (-1,)) for index in _grid(n_envs, n_limits, room))
    shares = []
    for share in range(len(making.columns)):
        order = making.order[share]
        has_relief = free & (making.relief[share] > 0.0)
        counted = xp.astype(has_relief[:, order], xp.float64)
        relief, villages = (_sums(amount) for amount in (counted * making.relief[share][order], counted))
        begin, end = making.begin[share][limit], making.end[share][limit]
        debt = xp.where(end > begin, xp.reshape(beyond, (-1,)), 0.0)
        last = _reached(relief, env, begin, end, debt)
        needed = xp.where(debt > 0.0, _counted(villages, env, begin, end, last), 0.0)
        shares.append((relief, villages, xp.reshape(needed, (n_envs, n_limits))))
    relief, villages, needed = (xp.stack(list(arrays)) for arrays in zip(*shares, strict=True))
    total = xp.sum(needed, axis=(0, 2))
    left, then = (xp.astype(xp.sum(years, axis=1), xp.float64) for years in (room, room[:, 1:]))
    return Owed(relief, villages, needed, total, left, may_close=(total <= then) | (total > left), is_lost=total > left)


def leaves_room(making: MakingUp, due: Owed, env: Array, village: Array, beyond: Array) -> Array:
    """True where a decision leaves villages and room enough to make up for all that is owed after it, shape (n,).

    Args:
        making: shares of the scenario.
        due: what is owed before.
        env: environment of each decision, shape (n,).
        village: index, same shape.
        beyond: how far the decision takes the limit of each share beyond what is allowed, shape (n, n_shares).
    """
    xp = array_namespace(env)
    total = due.total[env]
    for share in range(len(making.columns)):
        limit = making.limit_of[share][village]
        begin, end = making.begin[share][limit], making.end[share][limit]
        relief, villages, debt = due.relief[share], due.villages[share], beyond[:, share]
        last = _reached(relief, env, begin, end, debt)
        own = making.relief[share][village]
        is_among = (making.place[share][village] < last) & (own > 0.0)
        last = xp.where(is_among, _reached(relief, env, begin, end, debt + own), last)
        needed = _counted(villages, env, begin, end, last) - xp.astype(is_among, xp.float64)
        total = total - due.needed[share][env, limit] + xp.where(debt > 0.0, needed, 0.0)
    return total <= due.room[env] - 1.0


def _grid(n_rows: int, n_columns: int, like_this: Array) -> tuple[Array, Array]:
    xp = array_namespace(like_this)
    rows, columns = (xp.arange(n, device=device(like_this)) for n in (n_rows, n_columns))
    return xp.broadcast_to(rows[:, None], (n_rows, n_columns)), xp.broadcast_to(columns, (n_rows, n_columns))


def _sums(amounts: Array) -> Array:
    """Sums of none, one and more of the columns; (n, m) to (n, m + 1)."""
    xp = array_namespace(amounts)
    return xp.concat([xp.zeros_like(amounts[:, :1]), xp.cumulative_sum(amounts, axis=1)], axis=1)


def _reached(relief: Array, env: Array, begin: Array, end: Array, debt: Array) -> Array:
    """Place after the village with which the relief from `begin` on reaches a debt, by bisection; end + 1 = never."""
    xp = array_namespace(relief)
    target = relief[env, begin] + debt
    low, high = begin, end + 1
    for _ in range(int(relief.shape[1]).bit_length()):
        middle = (low + high) // 2
        reaches = relief[env, xp.minimum(middle, end)] >= target
        open_still = low < high
        high = xp.where(open_still & reaches & (middle <= end), middle, high)
        low = xp.where(open_still & ~(reaches & (middle <= end)), middle + 1, low)
    return high


def _counted(villages: Array, env: Array, begin: Array, end: Array, last: Array) -> Array:
    """Villages left from `begin` to `last`; OUT_OF_REACH where all of them do not suffice."""
    xp = array_namespace(villages)
    counted = villages[env, xp.minimum(last, end)] - villages[env, begin]
    return xp.where(last <= end, counted, float(OUT_OF_REACH))
