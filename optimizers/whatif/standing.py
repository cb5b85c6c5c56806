"""Where a plan stands in the linear model: gains of all choices by a preference, and how full its years are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.changes.neighbors import Neighbors
from envs.changes.village_change import Change
from envs.kernel.plans import Plans, canonical
from envs.models.kernel_model import KernelModel
from optimizers.whatif.preference import Preference

ILLEGAL = -1e6
"""Gain of what is not legal [ranges]."""


@dataclass(frozen=True, eq=False)
class Standing:
    """A plan in the linear model.

    Attributes:
        model: of the scenario and its objectives.
        plan: canonical batch of one plan.
        preference: what it is judged by.
    """

    model: KernelModel
    plan: Plans
    preference: Preference

    @cached_property
    def neighbors(self) -> Neighbors:
        """What may be changed of it."""
        return Neighbors(self.model.resolved, self.model.space, canonical(self.plan))

    @cached_property
    def _encoded(self) -> tuple[IntArray, IntArray]:
        starts, options = self.model.space.encode(self.plan)
        return starts[0], options[0]

    @property
    def start_year(self) -> IntArray:
        """Shape (n_villages,), 0 = kept."""
        return self._encoded[0]

    @property
    def option(self) -> IntArray:
        """The option of each village nearest to what the plan decides, shape (n_villages,)."""
        return self._encoded[1]

    @cached_property
    def slopes(self) -> SingleArray:
        """Of each objective in ranges, more is better, (n_objectives, n_villages, plan_years, n_quantities)."""
        per_range = self.preference.signs / self.preference.ranges
        return np.asarray(self.model.linear_model().slopes_by_objective(self.plan, per_range)[:, 0])

    @cached_property
    def weighted_slopes(self) -> SingleArray:
        """Of the preference, shape (n_villages, plan_years, n_quantities)."""
        return self.slopes_by(self.preference.weights)

    def slopes_by(self, weights: FloatArray) -> SingleArray:
        """Of other weights, same shape."""
        return np.einsum("k,kvyq->vyq", weights.astype(np.float32), self.slopes)

    def table_by(self, weights: FloatArray) -> SingleArray:
        """Gain of every choice over keeping by weights, (n_villages, plan_years, n_options); ILLEGAL as it says."""
        return np.maximum(self.model.linear_model().table(self.slopes_by(weights)), ILLEGAL)

    @cached_property
    def table(self) -> SingleArray:
        """`table_by` the preference."""
        return self.table_by(self.preference.weights)

    def own_gain(self, weights: FloatArray) -> FloatArray:
        """Gain over keeping of what the plan does in each village by weights, shape (n_villages,)."""
        linear = self.model.linear_model()
        return linear.of_plan(self.slopes_by(weights), self.start_year, self.option)

    @cached_property
    def gain(self) -> FloatArray:
        """`own_gain` by the preference."""
        return self.own_gain(self.preference.weights)

    def best_by_year(self, weights: FloatArray) -> tuple[FloatArray, IntArray]:
        """The best gain of each village in each year, and its option; shape (n_villages, plan_years) each."""
        table = self.table if weights is self.preference.weights else self.table_by(weights)
        option = np.argmax(table, axis=2)
        return np.take_along_axis(table, option[..., None], axis=2)[..., 0].astype(np.float64), option

    @cached_property
    def room(self) -> IntArray:
        """Villages that may still start in each year; below 0 where too many do. Shape (plan_years,)."""
        quota = np.asarray(self.model.quota)
        return quota - np.bincount(self.start_year, minlength=quota.size + 1)[1 : quota.size + 1]

    @cached_property
    def may_leave(self) -> BoolArray:
        """Villages that the plan renews and may keep instead, shape (n_villages,)."""
        space = self.model.space
        return np.asarray((self.start_year > 0) & space.start_mask[:, 0] & ~space.fixed_mask)

    def weakest_of_year(self, year: int) -> int:
        """The village that may leave a year and gains least in it; -1 where there is none."""
        there = np.flatnonzero(self.may_leave & (self.start_year == year))
        return int(there[np.argmin(self.gain[there])]) if there.size else -1

    def swap_partner(self, village: int, year: int) -> int:
        """The village of a year that loses least, or gains most, by starting in the year of another; -1 for none."""
        own_year = int(self.start_year[village])
        may = (self.start_year == year) & ~self.model.space.fixed_mask & self.model.space.start_mask[:, own_year]
        there = np.flatnonzero(may)
        if own_year == 0 or not there.size:
            return -1
        linear = self.model.linear_model()
        moved = linear.of_choices(self.weighted_slopes, there, np.full(there.size, own_year), self.option[there])
        return int(there[np.argmax(moved - self.gain[there])])

    def foretold(self, changes: list[Change]) -> FloatArray:
        """Gain in each objective that the linear model foretells, shape (n_changes, n_objectives) [ranges]."""
        if not changes:
            return np.zeros((0, self.preference.weights.size))
        linear, village = self.model.linear_model(), np.array([change.village for change in changes])
        year = np.array([change.start_year for change in changes])
        option = np.array([self._option_of(change) for change in changes])
        partner = np.array([change.partner for change in changes])
        partner_year = np.array([change.partner_year for change in changes])
        moves = partner >= 0
        columns = []
        for slopes in self.slopes:
            before = linear.of_choices(slopes, village, self.start_year[village], self.option[village])
            gain = linear.of_choices(slopes, village, year, option) - before
            if moves.any():
                who = partner[moves]
                then = linear.of_choices(slopes, who, partner_year[moves], self.option[who])
                gain[moves] += then - linear.of_choices(slopes, who, self.start_year[who], self.option[who])
            columns.append(gain)
        return np.stack(columns, axis=1)

    def _option_of(self, change: Change) -> int:
        """The legal option nearest to a change; the plan's own where it is kept."""
        space, village = self.model.space, change.village
        if change.start_year == 0:
            return int(self.option[village])
        apart = np.abs(space.floor_area_ratio[village] - change.floor_area_ratio)
        apart = apart + np.abs(space.facility_ratio - change.facility_ratio)
        apart = apart + 100.0 * ((space.intensity != change.intensity) | (space.land_use != change.land_use))
        return int(np.argmin(np.where(space.option_mask[village], apart, np.inf)))
