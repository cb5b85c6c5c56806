"""The neighbors of a plan: every change of a renewed village by one grade, and the best beginnings of a kept one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, REBUILT_SHARE, Intensity, LandUse
from envs.changes.village_change import NOBODY, Change, decision_of
from envs.choices.options import FAR_STEP, OptionSpace, far_range, levels
from envs.kernel.plans import Plans, canonical
from envs.kernel.resolved_scenario import ResolvedScenario

SAME = 0.5 * FAR_STEP
"""Densities and ratios nearer to each other are the same."""


@dataclass(frozen=True, eq=False)
class Neighbors:
    """What may be changed of a plan, village by village.

    Attributes:
        resolved: scenario resolved against a city.
        space: legal options.
        plan: canonical batch of one plan, of any method; its densities need not be levels of the options.
    """

    resolved: ResolvedScenario
    space: OptionSpace
    plan: Plans

    @cached_property
    def facility_levels(self) -> FloatArray:
        """Facility ratios that the scenario offers, rising."""
        scenario = self.resolved.scenario
        return levels(scenario.facility_ratio.low, scenario.facility_ratio.high, scenario.facility_levels)

    @cached_property
    def _ranges(self) -> dict[tuple[int, float], tuple[FloatArray, FloatArray]]:
        return {}

    def of_village(self, village: int) -> list[Change]:
        """The legal changes of a village that the plan renews, in the order of KINDS; none where it is fixed.

        Args:
            village: position; a kept village has none here, see `beginning`.
        """
        now = decision_of(canonical(self.plan), village)
        if self.space.fixed_mask[village] or now.start_year == 0:
            return []
        found = [*self._years(now), *self._densities(now), *self._facilities(now), *self._uses(now), *self._ways(now)]
        return [change for change in found if change.columns != now.columns]

    def beginning(self, village: int, year: int, option: int, *, kind: str = "renew", partner: int = NOBODY) -> Change:
        """The change that renews a village from a year on by one of its options; a partner is kept instead."""
        return Change(
            village,
            kind,
            year,
            int(self.space.intensity[option]),
            int(self.space.land_use[option]),
            float(self.space.floor_area_ratio[village, option]),
            float(self.space.facility_ratio[option]),
            partner,
        )

    def density_range(self, village: int, intensity: int, facility_ratio: float) -> tuple[float, float]:
        """Lowest and highest legal floor-area ratio; low above high = none is legal."""
        key = (intensity, facility_ratio)
        if key not in self._ranges:
            self._ranges[key] = far_range(self.resolved, INTENSITIES[intensity], facility_ratio)
        low, high = self._ranges[key]
        return round(float(low[village]), 3), round(float(high[village]), 3)

    def _may(self, village: int, intensity: int, land_use: int, facility_ratio: float) -> bool:
        """Whether the village has an option of that kind at the nearest facility level."""
        space = self.space
        nearest = self.facility_levels[np.argmin(np.abs(self.facility_levels - facility_ratio))]
        alike: BoolArray = (space.intensity == intensity) & np.isclose(space.facility_ratio, nearest)
        if REBUILT_SHARE[intensity] > 0.0:
            alike &= space.land_use == land_use
        return bool((space.option_mask[village] & alike).any())

    def _years(self, now: Change) -> Iterator[Change]:
        may = self.space.start_mask[now.village]
        if may[0]:
            yield Change(now.village, "keep", 0)
        for kind, year in (("earlier", now.start_year - 1), ("later", now.start_year + 1)):
            if 1 <= year < may.size and may[year]:
                yield replace(now, kind=kind, start_year=year)

    def _densities(self, now: Change) -> Iterator[Change]:
        if REBUILT_SHARE[now.intensity] == 0.0:
            return
        low, high = self.density_range(now.village, now.intensity, now.facility_ratio)
        if low > high:
            return
        n = self.resolved.scenario.density_levels
        share = np.array([0.5]) if n == 1 else np.linspace(0.0, 1.0, n)
        grades = np.unique(np.round(np.round((low + (high - low) * share) / FAR_STEP) * FAR_STEP, 3))
        below, above = grades[grades < now.floor_area_ratio - SAME], grades[grades > now.floor_area_ratio + SAME]
        if below.size:
            yield replace(now, kind="less_dense", floor_area_ratio=float(below[-1]))
        if above.size:
            yield replace(now, kind="denser", floor_area_ratio=float(above[0]))

    def _facilities(self, now: Change) -> Iterator[Change]:
        ratios = self.facility_levels
        below, above = ratios[ratios < now.facility_ratio - SAME], ratios[ratios > now.facility_ratio + SAME]
        for kind, few in (("fewer_facilities", below[-1:]), ("more_facilities", above[:1])):
            for ratio in few:
                changed = self._fitted(replace(now, kind=kind, facility_ratio=float(ratio)))
                if changed is not None:
                    yield changed

    def _uses(self, now: Change) -> Iterator[Change]:
        if REBUILT_SHARE[now.intensity] == 0.0:
            return
        for land_use in self.resolved.scenario.land_uses:
            changed = self._fitted(replace(now, kind="use", land_use=LAND_USES.index(land_use)))
            if changed is not None:
                yield changed

    def _ways(self, now: Change) -> Iterator[Change]:
        """The other intensities; where nothing was rebuilt, mixed use comes first, then any use it may have."""
        for intensity in self.resolved.scenario.intensities:
            idx = INTENSITIES.index(intensity)
            if idx != now.intensity:
                changed = self._in_another_way(now, idx)
                if changed is not None:
                    yield changed

    def _in_another_way(self, now: Change, intensity: int) -> Change | None:
        changed = replace(now, kind="intensity", intensity=intensity)
        if INTENSITIES[intensity] is Intensity.REHABILITATE:
            canonical_use = LAND_USES.index(CANONICAL_LAND_USE)
            return self._fitted(replace(changed, land_use=canonical_use, floor_area_ratio=0.0))
        if REBUILT_SHARE[now.intensity] > 0.0:
            return self._fitted(changed)
        low, high = self.density_range(now.village, intensity, now.facility_ratio)
        middle = round(round(0.5 * (low + high) / FAR_STEP) * FAR_STEP, 3)
        wished = (LandUse.MIXED_USE, *self.resolved.scenario.land_uses)
        uses = [LAND_USES.index(use) for use in wished if use in self.resolved.scenario.land_uses]
        tried = (self._fitted(replace(changed, land_use=use, floor_area_ratio=middle)) for use in uses)
        return next((found for found in tried if found is not None), None)

    def _fitted(self, change: Change) -> Change | None:
        """The change with the nearest density that is legal with it; None where it is not legal."""
        if not self._may(change.village, change.intensity, change.land_use, change.facility_ratio):
            return None
        if REBUILT_SHARE[change.intensity] == 0.0:
            return change
        low, high = self.density_range(change.village, change.intensity, change.facility_ratio)
        if low > high:
            return None
        return replace(change, floor_area_ratio=min(max(change.floor_area_ratio, low), high))
