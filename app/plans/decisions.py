"""What a plan decides on one village, as a scenario fixes it."""

from __future__ import annotations

import numpy as np

from data.scenario import INTENSITIES, LAND_USES, FixedVillage
from envs.kernel import Plans


def plan_decision(plan: Plans, village_idx: int) -> FixedVillage:
    """What a plan (batch of one) decides on a village."""
    return FixedVillage(
        start_year=int(plan.start_year[0, village_idx]),
        intensity=INTENSITIES[int(plan.intensity[0, village_idx])],
        land_use=LAND_USES[int(plan.land_use[0, village_idx])],
        floor_area_ratio=float(plan.floor_area_ratio[0, village_idx]),
        facility_ratio=float(plan.facility_ratio[0, village_idx]),
        **{
            name: float(column[0, village_idx])
            for name, column in plan.given.items()
            if not np.isnan(column[0, village_idx])
        },
    )
