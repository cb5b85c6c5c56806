"""A change of one village of a plan, and the plans that such changes make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.scenario import CANONICAL_LAND_USE, LAND_USES
from envs.kernel.plans import OPTIONAL_COLUMNS, Plans, canonical

NOBODY = -1
KINDS = (
    "keep",
    "earlier",
    "later",
    "less_dense",
    "denser",
    "fewer_facilities",
    "more_facilities",
    "use",
    "intensity",
    "renew",
    "instead",
)
"""Kinds of change, in the order told: of a renewed village, then of a kept one (alone, or in another one's place)."""


@dataclass(frozen=True)
class Change:
    """What one village does instead; nothing else of the plan changes but the year of a partner.

    Attributes:
        village: position.
        kind: one of KINDS.
        start_year: 0 = keep.
        intensity: index into data.scenario.INTENSITIES.
        land_use: index into data.scenario.LAND_USES.
        floor_area_ratio: of the rebuilt part [-].
        facility_ratio: share of floor given to public facilities [0..1].
        partner: position of the village that moves, so that the years stay as full as they are; NOBODY = none does.
        partner_year: start year of the partner then, 0 = it is kept.
    """

    village: int
    kind: str
    start_year: int
    intensity: int = 0
    land_use: int = LAND_USES.index(CANONICAL_LAND_USE)
    floor_area_ratio: float = 0.0
    facility_ratio: float = 0.0
    partner: int = NOBODY
    partner_year: int = 0

    @property
    def columns(self) -> tuple[int, int, int, float, float]:
        """In the order of Plans.columns."""
        return self.start_year, self.intensity, self.land_use, self.floor_area_ratio, self.facility_ratio


def decision_of(plan: Plans, village: int, kind: str = "keep") -> Change:
    """What a plan (batch of one) decides on a village, as a change that changes nothing."""
    start, intensity, land_use, density, facilities = (column[0, village] for column in plan.columns)
    return Change(village, kind, int(start), int(intensity), int(land_use), float(density), float(facilities))


def changed_plans(plan: Plans, changes: Sequence[Change]) -> Plans:
    """One plan for each change; what a village is given besides (plans.OPTIONAL_COLUMNS) stays as it is.

    Args:
        plan: batch of one plan.
        changes: at least one.

    Returns:
        Canonical plans, shape (n_changes, n_villages).
    """
    plan, row = canonical(plan), np.arange(len(changes))
    columns = [np.repeat(np.asarray(column), len(changes), axis=0) for column in plan.columns]
    village = np.array([change.village for change in changes])
    for column, values in zip(columns, zip(*(change.columns for change in changes), strict=True), strict=True):
        column[row, village] = values
    moves = [(row, change.partner, change.partner_year) for row, change in enumerate(changes) if change.partner >= 0]
    for row_of, partner, year in moves:
        columns[0][row_of, partner] = year
    given = {name: np.repeat(np.asarray(column), len(changes), axis=0) for name, column in plan.given.items()}
    return canonical(Plans(*columns, **given))


def changed_together(plan: Plans, changes: Sequence[Change]) -> Plans:
    """The plan with all changes at once, a batch of one; of a village that changes twice the last change counts."""
    for change in changes:
        plan = changed_plans(plan, [change])
    return canonical(plan)


def without_given(plan: Plans) -> Plans:
    """The plan without what it says besides its five columns."""
    return replace(plan, **dict.fromkeys(OPTIONAL_COLUMNS))
