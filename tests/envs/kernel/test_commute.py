"""The gravity model of two places, balanced by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from data.scenario import Deterrence
from envs.kernel.commute import balance, gravity_model, mean_by_place, mean_over_workers

DISTANCE_KM = np.array([[2.0, 6.0], [6.0, 2.0]])
BETA_PER_KM = math.log(16.0) / 8.0
HALF = np.array([50.0, 50.0])
UNEVEN = np.array([60.0, 40.0])


def test_batched_balance_from_another_base_year() -> None:
    """The base year has even origins; the column is the uneven case, and is balanced just as well."""
    model = gravity_model(
        origins=HALF,
        destinations=HALF,
        distance_km=DISTANCE_KM,
        minutes=10.0 * DISTANCE_KM,
        decay=BETA_PER_KM,
        form=Deterrence.EXPONENTIAL,
        log_sd=0.35,
    )
    balanced = balance(UNEVEN[:, None], HALF[:, None], model, rounds=100, tolerance=1e-12)
    mean = mean_over_workers(mean_by_place(balanced, model.kernel_km), UNEVEN[:, None])
    assert mean[0] == pytest.approx(2.872534, abs=1e-6)
    minutes = mean_over_workers(mean_by_place(balanced, model.kernel_min), UNEVEN[:, None])
    assert minutes == pytest.approx(10.0 * mean)
