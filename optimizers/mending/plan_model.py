"""A plan to mend: its model, the front beside it, and the judgment of plans, rules first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.linear_model import LinearGains
from envs.models.model import Model
from optimizers.mending.gap import gap_to_front

HOLDS = 1e-9
"""A rule exceeded by less than this share holds: sums of many villages are rounded."""
UNCHANGED = 5e-4
"""An objective lower by less than this part of its range is not worse."""


class Judged(NamedTuple):
    """What plans are worth beside the original.

    Attributes:
        values: objectives in ranges, more is better, shape (n_plans, n_objectives).
        excess: sum of relative excesses over hard rules, quotas and bounds of single villages, shape (n_plans,).
        loss: largest loss of an objective against the original, where that matters, else 0 [ranges], shape (n_plans,).
        gap: to the front [ranges], shape (n_plans,).
    """

    values: FloatArray
    excess: FloatArray
    loss: FloatArray
    gap: FloatArray

    def order(self) -> IntArray:
        """Positions from the best plan to the worst: rules first, then losses, then the gap."""
        broken = np.where(self.excess > HOLDS, self.excess, 0.0)
        lost = np.where(self.loss > UNCHANGED, self.loss, 0.0)
        return np.lexsort((-self.values.sum(axis=1), self.gap, lost, broken))

    def rows(self, rows: IntArray) -> Judged:
        """Some of the plans."""
        return Judged(*(column[rows] for column in self))

    def key(self, row: int) -> tuple[float, float, float, float]:
        """What `order` sorts by, of one plan."""
        excess, loss = float(self.excess[row]), float(self.loss[row])
        worth = -float(self.values[row].sum())
        return (excess if excess > HOLDS else 0.0, loss if loss > UNCHANGED else 0.0, float(self.gap[row]), worth)


@dataclass(frozen=True, eq=False)
class Mending:
    """A plan to mend, in a model, against a front.

    Attributes:
        model: see envs.models.model.
        start_year: of the original, shape (n_villages,).
        option: of the original, shape (n_villages,).
        front: objectives of the front in ranges, more is better, shape (n_front, n_objectives).
        ranges: of the objectives, natural units, shape (n_objectives,).
        may_lose: whether an objective may end worse than in the original.
    """

    model: Model
    start_year: IntArray
    option: IntArray
    front: FloatArray
    ranges: FloatArray
    may_lose: bool = False

    @cached_property
    def linear(self) -> LinearGains | None:
        """The linear model of the model; None where it has no slopes."""
        return self.model.linear_model()

    @cached_property
    def limits(self) -> LinearLimits | None:
        """Hard limits that add up over villages, in the quantities of the linear model; None = there are none."""
        return None if self.linear is None else self.model.linear_limits()

    @property
    def fixed_mask(self) -> BoolArray:
        """True for villages whose decision is given, shape (n_villages,)."""
        return self.model.fixed_mask

    def scaled(self, objectives: FloatArray) -> FloatArray:
        """Natural units -> ranges, more is better."""
        return objectives * np.asarray(self.model.signs, dtype=np.float64) / self.ranges

    def judged(self, starts: IntArray, options: IntArray, original: FloatArray | None, *, exact: bool) -> Judged:
        """Evaluate plans.

        Args:
            starts: shape (n_plans, n_villages).
            options: same shape.
            original: values of the original at the same precision, which none may fall below; None = any may.
            exact: at report precision.
        """
        found = (self.model.report if exact else self.model.evaluate)(starts, options)
        values = self.scaled(found.objectives)
        over = np.clip(found.violations, 0.0, None).sum(axis=1) if found.violations.size else np.zeros(len(values))
        excess = over + self.bound_excess(starts, options)
        loss = np.zeros(len(values)) if original is None else np.clip(original - values, 0.0, None).max(axis=1)
        return Judged(values, excess, loss, gap_to_front(values, self.front))

    def bound_excess(self, starts: IntArray, options: IntArray) -> FloatArray:
        """Villages beyond the quotas, and choices that are not legal, as a share of the villages; shape (n_plans,)."""
        village, quota = np.arange(starts.shape[1]), np.asarray(self.model.quota)
        count = year_counts(starts, quota.size)
        over = np.abs(count - quota) if self.model.exact_quota else np.clip(count - quota, 0, None)
        illegal = ~self.model.start_mask[village, starts]
        illegal |= (starts > 0) & ~self.model.option_mask[village, options] & ~self.fixed_mask
        return (over.sum(axis=1) + illegal.sum(axis=1)) / village.size

    def differs(self, starts: IntArray, options: IntArray) -> BoolArray:
        """True where a village is decided otherwise than in the original, shape (n_plans, n_villages)."""
        return differs(self.start_year, self.option, starts, options)


def differs(start_year: IntArray, option: IntArray, starts: IntArray, options: IntArray) -> BoolArray:
    """True where plans decide otherwise than one plan; the option of a kept village means nothing."""
    return np.asarray((starts != start_year) | ((start_year > 0) & (options != option)))


def year_counts(starts: IntArray, n_years: int) -> IntArray:
    """Villages that start in each year, shape (n_plans, n_years)."""
    return np.stack([(starts == year).sum(axis=1) for year in range(1, n_years + 1)], axis=1)
