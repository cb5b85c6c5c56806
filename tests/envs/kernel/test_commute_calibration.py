"""One year of two places balanced and calibrated by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from data.errors import InputError
from envs.kernel.commute_calibration import calibrate_beta_per_km, trips

DISTANCE_KM = np.array([[2.0, 6.0], [6.0, 2.0]])
BETA_PER_KM = math.log(16.0) / 8.0
HALF = np.array([50.0, 50.0])
UNEVEN = np.array([60.0, 40.0])


def mean_km(flows: np.ndarray) -> float:
    return float((flows * DISTANCE_KM).sum() / flows.sum())


def test_gravity() -> None:
    flows = trips(HALF, HALF, DISTANCE_KM, BETA_PER_KM)
    assert flows == pytest.approx(np.array([[40.0, 10.0], [10.0, 40.0]]), rel=1e-9)
    assert mean_km(flows) == pytest.approx(2.8)


def test_gravity_of_uneven_origins() -> None:
    flows = trips(UNEVEN, HALF, DISTANCE_KM, BETA_PER_KM)
    assert flows[0, 0] == pytest.approx((350.0 - math.sqrt(7300.0)) / 6.0, rel=1e-9)
    assert flows[0, 0] == pytest.approx(44.093327, abs=1e-6)
    assert mean_km(flows) == pytest.approx(2.872534, abs=1e-6)


def test_calibration_gives_beta_back() -> None:
    assert calibrate_beta_per_km(HALF, HALF, DISTANCE_KM, 2.8) == pytest.approx(0.3465736, abs=1e-7)
    assert calibrate_beta_per_km(HALF, HALF, DISTANCE_KM, 2.8) == pytest.approx(BETA_PER_KM, rel=1e-8)


@pytest.mark.parametrize("target_km", [1.9, 4.5])
def test_unreachable_mean_is_refused(target_km: float) -> None:
    with pytest.raises(InputError, match="unreachable"):
        calibrate_beta_per_km(HALF, HALF, DISTANCE_KM, target_km)
