"""The best that services can be reached in any plan: all new facilities that can stand, and the fewest who share them.

Supply per person counts every facility there is, and every village's most new floor and land as far as there are
places for renewals, over the fewest people in each place. Met shares then count where most people can live. Both are
optimistic at once, so that no plan reaches more. What a village's new facilities add is bounded village by village, for
the met share of a sum is at most the sum of what each adds alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from data.arrays import FloatArray, IntArray
from data.city import CATEGORIES, LAND_CATEGORIES
from envs.kernel.services.accessibility import AccessModel, FacilityStates, access_by_category
from optimizers.bounds.district_residents import ROUNDING
from optimizers.bounds.forced_villages import ForcedVillages

SOMEBODY = 1e-6
"""People in a place that may be left by all: a facility that reaches nobody serves nobody, and would prove nothing."""


@dataclass(frozen=True, eq=False)
class ServiceReach:
    """Bounds of the met shares of a scenario's plans.

    Attributes:
        forced: says the options and the places for renewals.
    """

    forced: ForcedVillages

    @cached_property
    def _model(self) -> AccessModel:
        return self.forced.resolved.constants.access

    @cached_property
    def _base(self) -> FloatArray:
        return np.asarray(self.forced.resolved.constants.base.residents, dtype=np.float64)

    def _most(self, by_option: object) -> FloatArray:
        """The most that each village can have of something, shape (n_villages,); 0 where it cannot be renewed."""
        most = -self.forced.least(-np.asarray(by_option, dtype=np.float64).T)
        return np.asarray(np.where(self.forced.able & np.isfinite(most), np.maximum(most, 0.0), 0.0))

    @cached_property
    def _leavers(self) -> FloatArray:
        moves = self.forced.trace.moves
        return self._most(moves.registered_left + moves.tenants_left)

    @cached_property
    def _fewest(self) -> FloatArray:
        """Fewest people in each place in any year, shape (n_places,)."""
        resolved, n_zones = self.forced.resolved, self._model.n_zones
        years = max(0, resolved.clock.horizon - self._opens + 1)
        sent = np.asarray(resolved.constants.settlement.yearly_room) * (years * (1.0 + ROUNDING))
        fewest = self._base - np.concatenate([sent, self._leavers])
        can_be_left = np.concatenate([sent, self._leavers]) > 0.0
        return np.where(can_be_left, np.maximum(fewest, SOMEBODY), self._base)[: n_zones + self._leavers.size]

    @cached_property
    def _highest(self) -> FloatArray:
        """Most people in each place in any year, shape (n_places,)."""
        places = self.forced.places()
        moved = float(np.sort(self._leavers)[::-1][:places].sum())
        zones = np.full(self._model.n_zones, moved)
        return self._base + np.concatenate([zones, self._most(self.forced.trace.moves.newcomers_due)])

    @cached_property
    def _opens(self) -> int:
        """First year in which anything new can be open."""
        phases = self.forced.resolved.clock.phases
        return self._first + min(phases.rebuild_lag_yr, phases.rehabilitation_lag_yr)

    @cached_property
    def _new_m2(self) -> tuple[FloatArray, FloatArray]:
        """Most new facility floor and most new green land of each village, shape (n_villages,) each."""
        form = self.forced.trace.form
        return self._most(form.facility_new + form.facility_converted), self._most(form.green_land)

    def _met(self, new: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Met share of each category and place with new supply, shape (n_categories, n_places)."""
        columns = [supply[:, None] for supply in new]
        states = FacilityStates(np.ones_like(columns[0]), *columns)
        access = access_by_category(self._fewest[:, None], self._model, states)
        standard = np.asarray(self._model.standard)
        return np.stack([np.minimum(1.0, found[:, 0] / standard[k]) for k, found in enumerate(access)])

    def mean(self, weights: FloatArray) -> FloatArray:
        """The largest mean over residents of the weighted met shares, by year 1..horizon.

        Args:
            weights: of the categories, shape (n_categories,).
        """
        n_villages = self._leavers.size
        without = self._met((np.zeros(n_villages), np.zeros(n_villages)))
        low = self._largest_mean(weights @ without)
        high = self._largest_mean(weights @ self._met(self._new_m2))
        gains = np.concatenate([[0.0], np.cumsum(np.sort(self._gains(weights, without))[::-1])])
        last = np.arange(1, self.forced.resolved.clock.horizon + 1) - (self._opens - self._first)
        begun = np.array([self.forced.places(int(year)) if year >= self._first else 0 for year in last])
        added = gains[np.minimum(begun, gains.size - 1)] / float(self._base.sum())
        return np.minimum(1.0, np.minimum(high, low + added))

    @cached_property
    def _first(self) -> int:
        """First year in which anything can begin."""
        return int(self.forced.first_year[self.forced.able].min(initial=self.forced.table.n_years + 1))

    def _gains(self, weights: FloatArray, without: FloatArray) -> FloatArray:
        """What the new supply of each village alone adds to people x met share at most, shape (n_villages,)."""
        n_zones, total = self._model.n_zones, np.zeros(self._leavers.size)
        floor_m2, land_m2 = self._new_m2
        for scale, decay in enumerate(self._model.decay):
            matrix = sparse.csc_array(decay.matrix)[:, n_zones:]
            reached = np.asarray(decay.product(self._fewest[:, None]))[n_zones:, 0]
            village = np.repeat(np.arange(total.size), np.diff(matrix.indptr))
            for category in (k for k, its in enumerate(self._model.scale_idx) if its == scale):
                is_land = CATEGORIES[category] in LAND_CATEGORIES
                split, new_m2 = (self._model.land_split, land_m2) if is_land else (self._model.floor_split, floor_m2)
                per_person = np.asarray(split)[:, category] * new_m2 / np.where(reached > 0.0, reached, 1.0)
                more = matrix.data * (per_person / np.asarray(self._model.standard)[category])[village]
                capped = np.minimum(1.0 - without[category][matrix.indices], more) * self._highest[matrix.indices]
                total += weights[category] * np.bincount(village, weights=capped, minlength=total.size)
        return total

    def _largest_mean(self, met: FloatArray) -> float:
        """Largest mean over residents: the fewest everywhere, and all others where most is met.

        Args:
            met: share met in each place, shape (n_places,).
        """
        fewest = np.minimum(self._fewest, self._base)
        order: IntArray = np.argsort(-met)
        room = (self._highest - fewest)[order]
        left = float(self._base.sum()) - float(fewest.sum())
        taken = np.clip(left - (np.cumsum(room) - room), 0.0, room)
        return float((fewest * met).sum() + (taken * met[order]).sum()) / float(self._base.sum())
