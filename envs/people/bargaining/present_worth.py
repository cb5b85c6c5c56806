"""Present worth in year 0 of what a project does, by its village's calendar and the prices of a whole plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.capital import net_present_value_cny
from envs.kernel.project_account import FIXED, ITEMS
from envs.kernel.trace import Trace


class PresentWorth:
    """Factors that turn an amount of a village into its present worth.

    One project does not move prices: the indices of prices, rents and costs are those of a whole plan.
    """

    def __init__(self, trace: Trace, village_idx: IntArray, markets: Trace) -> None:
        """Prepare.

        Args:
            trace: of the plan alone (a batch of one), on NumPy; its calendars hold.
            village_idx: villages of the projects, shape (n_projects,).
            markets: of the plan whose prices hold, a batch of one.
        """
        self.trace, self.village_idx, self.markets = trace, village_idx, markets
        self.rate_per_yr = trace.resolved.book.number("finance.discount_rate")

    def of(self, profile: str, index: str = FIXED) -> FloatArray:
        """Present worth of an amount of 1 over the years of a profile, moved by an index; shape (n_projects,)."""
        years = self.trace.profile(profile)[self.trace.calendar_row[0][self.village_idx]]
        return np.asarray(net_present_value_cny(years * self._moved(index), self.rate_per_yr))

    def _moved(self, index: str) -> FloatArray:
        """An index by year, or by project and year."""
        moved = np.asarray(self.markets.indices[index])
        if moved.ndim == 1:
            return moved
        return moved[0][self.trace.constants.base.district_idx[self.village_idx]]

    @cached_property
    def of_items(self) -> dict[str, FloatArray]:
        """Present worth of an amount of 1 of every item of the account, shape (n_projects,)."""
        found: dict[tuple[str, str], FloatArray] = {}
        for item in ITEMS:
            if (item.profile, item.index) not in found:
                found[item.profile, item.index] = self.of(item.profile, item.index)
        return {item.name: found[item.profile, item.index] for item in ITEMS}


class PresentWorthAlone(PresentWorth):
    """The same at the prices that each project makes by itself, as if all other villages were kept."""

    def __init__(self, trace: Trace, village_idx: IntArray, alone: Mapping[str, FloatArray]) -> None:
        """Prepare.

        Args:
            trace: of a plan in which every village starts, a batch of one, on NumPy; its calendars hold.
            village_idx: villages of the projects, shape (n_projects,).
            alone: what moves the items (envs.kernel.alone.indices_alone) of a batch of one.
        """
        super().__init__(trace, village_idx, trace)
        self.alone = alone

    def _moved(self, index: str) -> FloatArray:
        moved = self.alone[index]
        return moved if moved.ndim == 1 else moved[0][self.village_idx]
