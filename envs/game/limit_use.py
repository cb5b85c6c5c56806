"""How far plans in the making have used the limits on the whole plan."""

from __future__ import annotations

from dataclasses import dataclass

from envs.choices.additive_limits import AdditiveLimit, VillageLimit
from envs.game.batched_arrays import Batched
from envs.game.option_tables import OptionTables
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.trace import Trace


@dataclass(eq=False)
class LimitUse(Batched):
    """Use of each limit, one row per environment; updated in place.

    Attributes:
        needs: sums of what counts against each additive limit, shape (n_envs, n_limits).
        wholes: sums of what each is a share of, same shape; 0 where it is no share.
        least: least value of each village limit among renewed villages, infinite where none applies,
            shape (n_envs, n_village_limits).
    """

    needs: Array
    wholes: Array
    least: Array

    def add(self, tables: OptionTables, rows: Array, village: Array, option: Array) -> None:
        """Add one decision to some rows, in place; each of shape (n,)."""
        xp = array_namespace(self.needs)
        if self.needs.shape[1]:
            at = rows[:, None], tables.limit_of[village]
            self.needs[at] += tables.needs[village, option]
            self.wholes[at] += tables.wholes[village, option]
        if self.least.shape[1]:
            self.least[rows] = xp.minimum(self.least[rows], tables.values[village, option])


def limit_use(trace: Trace, limits: tuple[AdditiveLimit, ...], village_limits: tuple[VillageLimit, ...]) -> LimitUse:
    """Use of the limits by a batch of whole plans."""
    xp, none = trace.xp, trace.renewed[:, :0]
    needs, wholes, least = [none], [none], [none]
    for limit in limits:
        here = trace.constants.base.district_idx == limit.district if limit.local else 1.0
        whole = xp.zeros_like(trace.renewed) if limit.whole is None else limit.whole(trace)
        needs.append(xp.sum(limit.need(trace) * here, axis=1)[:, None])
        wholes.append(xp.sum(whole * here, axis=1)[:, None])
    least += [xp.min(limit.value(trace), axis=1)[:, None] for limit in village_limits]
    return LimitUse(*(xp.concat(columns, axis=1) for columns in (needs, wholes, least)))
