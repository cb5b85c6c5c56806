"""One year of two places balanced and calibrated by hand, in both forms of the deterrence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from data.errors import InputError
from data.scenario import Deterrence
from envs.kernel.commute_calibration import calibrate_decay, deterrence, trips

HALF = np.array([50.0, 50.0])
UNEVEN = np.array([60.0, 40.0])


@dataclass(frozen=True)
class Case:
    """Two like places, and the decay at which four of five workers stay."""

    form: Deterrence
    distance_km: np.ndarray
    decay: float
    mean_km: float

    def flows(self, origins: np.ndarray) -> np.ndarray:
        return trips(origins, HALF, deterrence(self.distance_km, self.decay, self.form))


CASES = [
    Case(Deterrence.EXPONENTIAL, np.array([[2.0, 6.0], [6.0, 2.0]]), math.log(16.0) / 8.0, 2.8),
    Case(Deterrence.SQUARE_ROOT, np.array([[1.0, 4.0], [4.0, 1.0]]), math.log(4.0), 1.6),
]
each_form = pytest.mark.parametrize("case", CASES, ids=lambda case: case.form)


def mean_km(case: Case, flows: np.ndarray) -> float:
    return float((flows * case.distance_km).sum() / flows.sum())


@each_form
def test_gravity(case: Case) -> None:
    flows = case.flows(HALF)
    assert flows == pytest.approx(np.array([[40.0, 10.0], [10.0, 40.0]]), rel=1e-9)
    assert mean_km(case, flows) == pytest.approx(case.mean_km)


@each_form
def test_gravity_of_uneven_origins(case: Case) -> None:
    flows = case.flows(UNEVEN)
    assert flows[0, 0] == pytest.approx((350.0 - math.sqrt(7300.0)) / 6.0, rel=1e-9)
    assert flows[0, 0] == pytest.approx(44.093327, abs=1e-6)
    if case.form == Deterrence.EXPONENTIAL:
        assert mean_km(case, flows) == pytest.approx(2.872534, abs=1e-6)


@each_form
def test_calibration_gives_the_decay_back(case: Case) -> None:
    assert calibrate_decay(HALF, HALF, case.distance_km, case.mean_km, case.form) == pytest.approx(case.decay, rel=1e-8)


def test_the_exponential_decay_in_figures() -> None:
    case = CASES[0]
    assert calibrate_decay(HALF, HALF, case.distance_km, 2.8, case.form) == pytest.approx(0.3465736, abs=1e-7)


@each_form
@pytest.mark.parametrize("beyond", [-0.1, 1.1])
def test_unreachable_mean_is_refused(case: Case, beyond: float) -> None:
    """Between the least and half of all commuting to either place a decay is found; beyond there is none."""
    least, even = case.distance_km.min(), case.distance_km.mean()
    with pytest.raises(InputError, match="unreachable"):
        calibrate_decay(HALF, HALF, case.distance_km, least + beyond * (even - least), case.form)
