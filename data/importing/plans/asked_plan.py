"""What a plan made elsewhere asks for, village by village, in our terms; what it does not say stays unsaid."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data.arrays import FloatArray, IntArray
from data.catalogue import Message
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES

UNSAID = -1
"""Intensity or land use that a plan does not state."""


@dataclass(frozen=True)
class Approximation:
    """Something that could not be taken as it was asked.

    Attributes:
        village_id: of whom.
        field: what it is about, a column of a plan.
        asked: in the words of the plan; empty where it says nothing.
        became: what was taken instead.
    """

    village_id: str
    field: str
    asked: str
    became: str


@dataclass(frozen=True, eq=False)
class AskedPlan:
    """One decision for each village of the city.

    Attributes:
        start_year: shape (n_villages,), 0 = keep.
        intensity: index into INTENSITIES, UNSAID where the plan does not state it, same shape.
        land_use: index into LAND_USES, UNSAID where the plan does not state it, same shape.
        floor_area_ratio: same shape; NaN = unsaid.
        facility_ratio: same shape [0..1]; NaN = unsaid.
        given: optional columns of a plan by name, same shape each; NaN = left to the model.
        approximations: what was taken otherwise than it was written.
        notes: how the file was read.
    """

    start_year: IntArray
    intensity: IntArray
    land_use: IntArray
    floor_area_ratio: FloatArray
    facility_ratio: FloatArray
    given: dict[str, FloatArray] = field(default_factory=dict)
    approximations: tuple[Approximation, ...] = ()
    notes: tuple[Message, ...] = ()


def nothing_asked(n_villages: int) -> AskedPlan:
    """A plan that keeps every village."""
    whole = np.zeros(n_villages, dtype=np.int64)
    kept = INTENSITIES.index(INTENSITIES[0])
    use = np.full(n_villages, LAND_USES.index(CANONICAL_LAND_USE))
    return AskedPlan(whole, np.full(n_villages, kept), use, np.zeros(n_villages), np.zeros(n_villages))
