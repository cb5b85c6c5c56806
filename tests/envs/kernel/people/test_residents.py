"""Who leaves, returns and comes in one village, year by year, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.people.residents import Moves, Settlement, away, moves
from envs.kernel.people.timetable import Timetable
from envs.kernel.timing import Clock, Phases


def case_4_moves() -> Moves:
    return moves(
        renewed=np.ones((1, 1)),
        rebuilt_share=np.full((1, 1), 0.5),
        facility_ratio=np.zeros((1, 1)),
        rental_floor_m2=np.full((1, 1), 12_000.0),
        commodity_floor_m2=np.full((1, 1), 7_000.0),
        registered_residents=np.array([1_000.0]),
        tenants=np.array([3_000.0]),
        onsite_share=0.8,
        tenant_rehab_loss=0.0,
        tenant_return_share=0.6,
        resettlement_m2=50.0,
        own_use_m2=50.0,
        rental_m2=8.0,
        housing_m2=35.0,
        occupancy=0.9,
    )


def test_residents() -> None:
    """Start in year 2, completion in year 6 (lag 4), absorption 0.5 and 0.5; two zones take and send half each."""
    clock = Clock(Phases(1.0, 1.0, 2.0, 1.0), plan_years=3, tail_years=5, operation_years=10, absorption=(0.5, 0.5))
    assert clock.phases.rebuild_lag_yr == 4
    half = np.full((2, 1), 0.5)
    start = np.array([[2]])
    gone = away(
        case_4_moves(),
        Settlement(half, half, *np.full((3, 2), 1e6)),
        Timetable(start, {"started": clock.started, "completed": clock.completed, "absorbed": clock.absorbed}),
    )
    registered, tenants = 1_000.0 - gone.registered[0, 0], 3_000.0 - gone.tenants[0, 0]
    newcomers = gone.newcomers[0, 0]
    zones = (gone.zone_registered + gone.zone_tenants - gone.zone_left).sum(axis=0)[0]
    village = registered + tenants + newcomers
    assert village[:10] == pytest.approx([4_000.0] * 2 + [2_000.0] * 4 + [3_660.0] + [4_020.0] * 3)
    assert zones[:10] == pytest.approx([0.0] * 2 + [2_000.0] * 4 + [340.0] + [-20.0] * 3)
    assert (registered[6], tenants[6], newcomers[6], newcomers[7]) == pytest.approx((900.0, 2_400.0, 360.0, 720.0))
    assert not gone.waiting
