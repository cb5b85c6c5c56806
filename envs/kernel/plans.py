"""A batch of plans as arrays: start year, intensity, land use, floor area ratio and facility ratio of each village."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.scenario import CANONICAL_LAND_USE, LAND_USES
from envs.kernel.computing.backend import Array, array_namespace

CANONICAL_LAND_USE_IDX = LAND_USES.index(CANONICAL_LAND_USE)


@dataclass(frozen=True, eq=False)
class Plans:
    """A batch of plans; every array has shape (n_plans, n_villages).

    Attributes:
        start_year: 0 = keep, 1..plan_years; integer.
        intensity: index into data.scenario.INTENSITIES; integer.
        land_use: index into data.scenario.LAND_USES; integer.
        floor_area_ratio: new floor per net site of the rebuilt part [-].
        facility_ratio: share of floor given to public facilities [0..1].
    """

    start_year: Array
    intensity: Array
    land_use: Array
    floor_area_ratio: Array
    facility_ratio: Array

    @property
    def n_plans(self) -> int:
        """Number of plans in the batch."""
        return int(self.start_year.shape[0])

    @property
    def n_villages(self) -> int:
        """Number of villages."""
        return int(self.start_year.shape[1])

    def __getitem__(self, rows: slice | Array) -> Plans:
        """A part of the batch; `rows` must keep the plan axis (a slice or an index array)."""
        return Plans(*(column[rows] for column in self.columns))

    @property
    def columns(self) -> tuple[Array, Array, Array, Array, Array]:
        """The five arrays in declaration order."""
        return (self.start_year, self.intensity, self.land_use, self.floor_area_ratio, self.facility_ratio)


def canonical(plans: Plans) -> Plans:
    """Write meaningless choices in one way: zero where a village is kept, no land use where none is rebuilt."""
    xp = array_namespace(plans.start_year)
    kept = plans.start_year == 0
    intensity = xp.where(kept, xp.zeros_like(plans.intensity), plans.intensity)
    nothing_rebuilt = intensity == 0
    return Plans(
        start_year=plans.start_year,
        intensity=intensity,
        land_use=xp.where(nothing_rebuilt, xp.full_like(plans.land_use, CANONICAL_LAND_USE_IDX), plans.land_use),
        floor_area_ratio=xp.where(nothing_rebuilt, xp.zeros_like(plans.floor_area_ratio), plans.floor_area_ratio),
        facility_ratio=xp.where(kept, xp.zeros_like(plans.facility_ratio), plans.facility_ratio),
    )


def concatenate(batches: list[Plans]) -> Plans:
    """Batches one after another."""
    xp = array_namespace(batches[0].start_year)
    return Plans(*(xp.concat(list(columns), axis=0) for columns in zip(*(b.columns for b in batches), strict=True)))


def empty_plan(n_villages: int) -> Plans:
    """The canonical plan that keeps every village, as a batch of one."""
    whole = np.zeros((1, n_villages), dtype=np.int64)
    share = np.zeros((1, n_villages))
    return Plans(whole, whole, np.full_like(whole, CANONICAL_LAND_USE_IDX), share, share)
