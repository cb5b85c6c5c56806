"""Plans in the making, one per environment."""

from __future__ import annotations

from dataclasses import dataclass

from envs.game.account import Account
from envs.game.batched_arrays import Batched
from envs.game.limit_use import LimitUse
from envs.kernel.computing.backend import Array


@dataclass(eq=False)
class State(Batched):
    """Arrays with the environment first; updated in place by envs.game.dynamics.step_in_place.

    Attributes:
        year: programme year that is open, plan_years + 1 when the episode is over, shape (n_envs,).
        start_year: 0 where no decision is taken, shape (n_envs, n_villages).
        option: index, same shape; means nothing where start_year is 0 or the village is fixed.
        available: True where the village may still start, as far as rules about it alone go, same shape.
        started: villages that start in each year, fixed ones from the beginning, shape (n_envs, plan_years + 1).
        by_intensity: villages renewed with each intensity, fixed ones from the beginning, shape (n_envs, 3), float64.
        limits: use of the limits on the whole plan.
        targets: how far each steering target is met, relative to its scale, negative where it is missed, as of the last
            year end, shape (n_envs, n_targets).
        account: money so far.
        series: yearly objectives as last measured, shape (n_envs, n_yearly, horizon + 1); year 0 means nothing.
        objectives: in natural units, shape (n_envs, n_objectives); all but the live one as of the last year end.
        unmeasured: True where a decision was taken since, shape (n_envs,).
    """

    year: Array
    start_year: Array
    option: Array
    available: Array
    started: Array
    by_intensity: Array
    limits: LimitUse
    targets: Array
    account: Account
    series: Array
    objectives: Array
    unmeasured: Array

    @property
    def n_envs(self) -> int:
        """Number of environments."""
        return int(self.year.shape[0])
