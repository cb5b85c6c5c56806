"""Limits on the whole plan that add up over villages: what a plan uses of them, and what it pays for that.

A price per limit turns limits into gains of single choices, so that a search or a policy that follows gains respects
them; what still exceeds a limit is trimmed, least gain per relief first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.arrays import FloatArray, IntArray, SingleArray
from envs.choices.linear_model import LinearGains

MARGIN = 0.002
"""Trimmed plans stay this share below a limit: prices move a little with the plan."""
LEAST_MARGIN = 1e-5
"""And at least so much of its scale: searches work in single precision."""
CITY = -1
"""District of a limit that all villages count in."""


@dataclass(frozen=True)
class Rows:
    """Limits of one rule, as many as years or districts.

    Attributes:
        slope: use by quantity (in the units of the marginal gains) and start year, relative to the scale of the limit,
            shape (n_rows, plan_years, n_quantities).
        limit: most that may be used, relative to the same scale, shape (n_rows,).
        district: whose villages count, CITY = all, shape (n_rows,).
        rule: name of the rule that each keeps, shape (n_rows,).
    """

    slope: FloatArray
    limit: FloatArray
    district: IntArray
    rule: NDArray[np.str_]

    def only(self, kept: IntArray) -> Rows:
        """The limits at these positions."""
        return Rows(self.slope[kept], self.limit[kept], self.district[kept], self.rule[kept])


@dataclass(frozen=True)
class PlanRows:
    """Limits that are linear at one plan only, where each village has slopes of its own.

    Attributes:
        slope: as in Rows, shape (n_rows, n_villages, plan_years, n_quantities).
        limit: as in Rows.
        rule: as in Rows.
    """

    slope: SingleArray
    limit: FloatArray
    rule: NDArray[np.str_]

    def only(self, kept: IntArray) -> PlanRows:
        """The limits at these positions."""
        return PlanRows(self.slope[kept], self.limit[kept], self.rule[kept])


class PlanLimits(Protocol):
    """Limits that are linear at a plan only."""

    @property
    def n_limits(self) -> int:
        """How many they are."""
        ...

    def at(self, start_year: IntArray, option: IntArray) -> list[PlanRows]:
        """The limits as each plan sees them; start years and options of shape (n_plans, n_villages)."""
        ...


@dataclass(frozen=True, eq=False)
class LinearLimits:
    """Limits as sums over villages.

    Attributes:
        rows: of all rules, one below the other.
        village_district: district of each village, shape (n_villages,).
        of_plans: limits that are linear at a plan only; None = there are none.
        at_plan: those as a plan sees them, where one is looked at (`at`); they follow the others.
    """

    rows: Rows
    village_district: IntArray
    of_plans: PlanLimits | None = None
    at_plan: PlanRows | None = None

    def at(self, start_year: IntArray, option: IntArray) -> list[LinearLimits]:
        """All limits as each plan sees them; start years and options of shape (n_plans, n_villages)."""
        if self.of_plans is None:
            return [self] * len(start_year)
        return [replace(self, at_plan=rows) for rows in self.of_plans.at(start_year, option)]

    def only(self, kept: IntArray) -> LinearLimits:
        """Those at these positions, ascending, of the limits that can be looked at."""
        n_rows = self.rows.limit.size
        at_plan = None if self.at_plan is None else self.at_plan.only(kept[kept >= n_rows] - n_rows)
        return replace(self, rows=self.rows.only(kept[kept < n_rows]), of_plans=None, at_plan=at_plan)

    @property
    def n_at_plans(self) -> int:
        """How many they are at a plan."""
        return self.rows.limit.size + (0 if self.of_plans is None else self.of_plans.n_limits)

    @property
    def limit(self) -> FloatArray:
        """Most that may be used of each, relative to its scale, shape (n_limits,)."""
        return self.rows.limit if self.at_plan is None else np.concatenate([self.rows.limit, self.at_plan.limit])

    @property
    def n_limits(self) -> int:
        """How many of them can be looked at: without a plan, those of `rows`."""
        return self.limit.size

    def use(self, gains: LinearGains, start_year: IntArray, option: IntArray) -> FloatArray:
        """What each village of a plan uses, shape (n_villages, n_limits); 0 where it is kept."""
        return self.use_of_choices(gains, np.arange(start_year.size), start_year, option)

    def use_of_choices(
        self, gains: LinearGains, village: IntArray, start_year: IntArray, option: IntArray
    ) -> FloatArray:
        """What choices use, each of shape (n_choices,); shape (n_choices, n_limits), 0 where the year is 0."""
        use = np.zeros((start_year.size, self.rows.limit.size))
        for year in np.unique(start_year[start_year > 0]):
            row = np.flatnonzero(start_year == year)
            chosen = gains.quantities[village[row], :, option[row]].astype(np.float64)
            use[row] = chosen @ self.rows.slope[:, year - 1, :].T
        counts = (self.rows.district == CITY) | (self.rows.district == self.village_district[village, None])
        use = np.where(counts, use, 0.0)
        if self.at_plan is None:
            return use
        at_plan = (gains.of_choices(slope, village, start_year, option) for slope in self.at_plan.slope)
        return np.column_stack([use, *at_plan])

    def excess(self, use: FloatArray) -> FloatArray:
        """Use beyond each limit, shape (n_limits,); negative = room."""
        return use.sum(axis=0) - self.limit

    def priced(self, slopes: SingleArray, price: FloatArray) -> SingleArray:
        """Slopes of gains less the price of what is used; shape (n_villages, plan_years, n_quantities)."""
        by_district = np.zeros((int(self.village_district.max(initial=0)) + 1, *slopes.shape[1:]), dtype=np.float32)
        of_rows, of_plan = np.split(price, [self.rows.limit.size])
        for d in range(len(by_district)):
            counts = (of_rows > 0.0) & ((self.rows.district == CITY) | (self.rows.district == d))
            by_district[d] = np.tensordot(of_rows[counts], self.rows.slope[counts], axes=1)
        slopes = slopes - by_district[self.village_district]
        if self.at_plan is None:
            return slopes
        return slopes - np.tensordot(of_plan.astype(np.float32), self.at_plan.slope, axes=1)

    def trimmed(self, gains: LinearGains, start_year: IntArray, option: IntArray, own_gain: FloatArray) -> IntArray:
        """Start years with villages dropped until every limit holds, those first that gain least per relief.

        Args:
            gains: linear model.
            start_year: shape (n_villages,).
            option: same shape.
            own_gain: of each village's choice over keeping it, same shape.

        Returns:
            shape (n_villages,); limits may stay broken where what may not be dropped exceeds them.
        """
        start_year = start_year.copy()
        use = self.use(gains, start_year, option)
        droppable = (start_year > 0) & gains.start_mask[:, 0]
        room = self.limit - np.maximum(MARGIN * self.limit, LEAST_MARGIN)
        total = use.sum(axis=0)
        hopeless = np.zeros(self.n_limits, dtype=bool)
        while ((total > room) & ~hopeless).any():
            worst = int(np.argmax(np.where(hopeless, -np.inf, total - room)))
            able = np.flatnonzero(droppable & (use[:, worst] > 0.0))
            able = able[np.argsort(own_gain[able] / use[able, worst], kind="stable")]
            relief = np.cumsum(use[able, worst])
            drop = able[: 1 + int(np.searchsorted(relief, total[worst] - room[worst]))]
            if drop.size == 0:  # a least area, or what must be renewed
                hopeless[worst] = True
                continue
            start_year[drop], droppable[drop] = 0, False
            total = total - use[drop].sum(axis=0)
            use[drop] = 0.0
        return start_year


def city_limits(rule: str, slope: FloatArray, limit: FloatArray, *, n_villages: int) -> LinearLimits:
    """Limits of one rule that all villages count in.

    Args:
        rule: its name.
        slope: use by quantity and start year, relative to the scale of the limit, shape (n_rows, plan_years,
            n_quantities).
        limit: most that may be used, relative to the same scale, shape (n_rows,).
        n_villages: of the city.
    """
    n_rows = len(limit)
    rows = Rows(slope, limit, np.full(n_rows, CITY), np.full(n_rows, rule))
    return LinearLimits(rows, np.zeros(n_villages, dtype=np.int64))
