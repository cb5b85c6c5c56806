"""The worked numbers of the model, met by the kernel's functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse

from data.errors import InputError
from envs.kernel.accessibility import access_per_person, gini, mean_over_residents, met_share, pair_decay
from envs.kernel.backend import SparseMatrix
from envs.kernel.built_form import BuiltForm, built_form
from envs.kernel.capital import (
    district_price_factor,
    internal_rate_of_return,
    net_present_value_cny,
    payback_year,
    peak_funding_cny,
)
from envs.kernel.commute import balance, calibrate_beta_per_km, gravity_model, mean_by_place, mean_over_workers, trips
from envs.kernel.consent import Offer, consent_share, least_multiplier
from envs.kernel.residents import Moves, Settlement, away, by_year, moves
from envs.kernel.timing import Clock, Phases

DISTANCE_KM = np.array([[2.0, 6.0], [6.0, 2.0]])
BETA_PER_KM = math.log(16.0) / 8.0
HALF = np.array([50.0, 50.0])
UNEVEN = np.array([60.0, 40.0])
FLOW = np.array([[0.0, -100.0, -100.0, 90.0, 160.0]])


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


def test_batched_balance_from_another_base_year() -> None:
    """The base year has even origins; the column is the uneven case, and is balanced just as well."""
    model = gravity_model(
        origins=HALF,
        destinations=HALF,
        distance_km=DISTANCE_KM,
        minutes=10.0 * DISTANCE_KM,
        beta_per_km=BETA_PER_KM,
        log_sd=0.35,
    )
    balanced = balance(UNEVEN[:, None], HALF[:, None], model, rounds=100, tolerance=1e-12)
    mean = mean_over_workers(mean_by_place(balanced, model.kernel_km), UNEVEN[:, None])
    assert mean[0] == pytest.approx(2.872534, abs=1e-6)
    minutes = mean_over_workers(mean_by_place(balanced, model.kernel_min), UNEVEN[:, None])
    assert minutes == pytest.approx(10.0 * mean)


def test_calibration_gives_beta_back() -> None:
    assert calibrate_beta_per_km(HALF, HALF, DISTANCE_KM, 2.8) == pytest.approx(0.3465736, abs=1e-7)
    assert calibrate_beta_per_km(HALF, HALF, DISTANCE_KM, 2.8) == pytest.approx(BETA_PER_KM, rel=1e-8)


@pytest.mark.parametrize("target_km", [1.9, 4.5])
def test_unreachable_mean_is_refused(target_km: float) -> None:
    with pytest.raises(InputError, match="unreachable"):
        calibrate_beta_per_km(HALF, HALF, DISTANCE_KM, target_km)


def test_two_step_catchment() -> None:
    """The places are two homes and the facility, where nobody lives."""
    decay = SparseMatrix(sparse.csr_array(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.5], [1.0, 0.5, 0.0]])))
    persons, supply = np.array([[1000.0], [3000.0], [0.0]]), np.array([[0.0], [0.0], [800.0]])
    reached = decay.product(persons)
    assert supply[2, 0] / reached[2, 0] == pytest.approx(0.32)
    access = access_per_person(supply, reached, decay)
    assert 1000.0 * access[:2, 0] == pytest.approx([320.0, 160.0])
    met = met_share(access, 0.2)
    assert met[:2, 0] == pytest.approx([1.0, 0.8])
    assert mean_over_residents(met, persons) == pytest.approx([0.85])
    assert met[:2].mean() == pytest.approx(0.90)  # wrong: not weighted by residents
    assert mean_over_residents(access / 0.2, persons) == pytest.approx([1.0])  # wrong: not capped
    assert (persons * access).sum() == pytest.approx(800.0)


def test_facility_that_reaches_nobody_serves_nobody() -> None:
    decay = SparseMatrix(sparse.csr_array(np.eye(1)))
    assert access_per_person(np.array([[800.0]]), np.array([[0.0]]), decay) == pytest.approx(np.array([[0.0]]))


def test_expected_decay() -> None:
    distance, spread = np.array([0.0, 1.0, 0.0, 3.01]), np.array([0.0, 0.0, 0.5, 0.0])
    assert pair_decay(distance, spread, 1.0, 3.0) == pytest.approx([1.0, math.exp(-0.5), 1.0 / 1.5, 0.0])


def test_gini_of_half_with_nothing() -> None:
    values, weights = np.array([[0.0, 0.3], [1.0, 0.3]]), np.array([[50.0, 10.0], [50.0, 90.0]])
    assert gini(values, weights) == pytest.approx([0.5, 0.0])


@pytest.mark.parametrize(("cap", "multiplier"), [(2.0, 1.306826), (1.3, 1.3)])
def test_consent(cap: float, multiplier: float) -> None:
    terms = Offer(reservation_cny=np.array([2e6]), house_cny=np.array([0.0]), cash_cny=np.array([2e6]))
    group = {"weights": (1.0,), "attachments": (1.1,), "sigma": 0.4}
    assert consent_share(np.array([1.0]), terms, **group) == pytest.approx([0.405834], abs=1e-6)
    least = least_multiplier(terms, threshold=2.0 / 3.0, cap=cap, **group)
    assert least == pytest.approx([multiplier], abs=1e-6)
    flagged = consent_share(least, terms, **group)[0] < 2.0 / 3.0 - 1e-9
    assert flagged == (cap == 1.3)
    assert least_multiplier(terms, threshold=0.4, cap=cap, **group) == pytest.approx([1.0])


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
        Settlement(half, half, np.full(2, 1e6)),
        started=by_year(clock.started, start),
        completed=by_year(clock.completed, start),
        absorbed=by_year(clock.absorbed, start),
    )
    registered, tenants = 1_000.0 - gone.registered[0, 0], 3_000.0 - gone.tenants[0, 0]
    newcomers = gone.newcomers[0, 0]
    zones = (gone.zone_registered + gone.zone_tenants - gone.zone_left).sum(axis=0)[0]
    village = registered + tenants + newcomers
    assert village[:10] == pytest.approx([4_000.0] * 2 + [2_000.0] * 4 + [3_660.0] + [4_020.0] * 3)
    assert zones[:10] == pytest.approx([0.0] * 2 + [2_000.0] * 4 + [340.0] + [-20.0] * 3)
    assert (registered[6], tenants[6], newcomers[6], newcomers[7]) == pytest.approx((900.0, 2_400.0, 360.0, 720.0))
    assert not gone.waiting


def test_money() -> None:
    assert net_present_value_cny(FLOW, 0.06) == pytest.approx([18.961455], abs=1e-6)
    assert net_present_value_cny(FLOW[:, 1:], 0.06) == pytest.approx([20.099142], abs=1e-6)  # the first-year error
    assert internal_rate_of_return(FLOW) == pytest.approx([0.10985426], abs=1e-8)
    assert payback_year(FLOW) == pytest.approx([4.0])
    assert peak_funding_cny(FLOW) == pytest.approx([200.0])


def test_money_where_undefined() -> None:
    nothing = np.zeros((1, 5))
    assert np.isnan(internal_rate_of_return(nothing)).all()
    assert np.isnan(internal_rate_of_return(np.array([[-100.0, 230.0, -132.0]]))).all()  # 10 % and 20 %
    assert np.isnan(payback_year(np.concatenate([nothing, [[-100.0, 90.0, 0.0, 0.0, 0.0]]]))).all()
    assert payback_year(np.array([[-100.0, 150.0, -60.0, 20.0]])) == pytest.approx([3.0])
    assert peak_funding_cny(nothing) == pytest.approx([0.0])


def test_price_of_new_supply() -> None:
    factor = district_price_factor(np.full((1, 1, 1), 1e5), np.array([1e6]), 0.5)
    assert 50_000.0 * factor.item() == pytest.approx(47_673.13, abs=0.005)


def form_of(floor_area_ratio: float) -> BuiltForm:
    """The plan of case 5, all commodity; 800 registered x 0.8 on site x 62.5 m2 = 40,000 m2 of resettlement."""
    return built_form(
        renewed=np.ones((1, 1)),
        rebuilt_share=np.ones((1, 1)),
        floor_area_ratio=np.full((1, 1), floor_area_ratio),
        facility_ratio=np.full((1, 1), 0.1),
        land_use_shares=np.array([[[1.0, 0.0, 0.0]]]),
        site_area_m2=np.array([100_000.0]),
        existing_floor_m2=np.array([90_000.0]),
        registered_residents=np.array([800.0]),
        buildable_share=0.6,
        green_land_share=0.5,
        onsite_share=0.8,
        resettlement_m2=62.5,
        industrial_m2=0.0,
    )


@pytest.mark.parametrize(
    ("far", "left_m2", "missing_m2"), [(2.0, 68_000.0, 0.0), (0.8, 3_200.0, 0.0), (0.7, 0.0, 2_200.0)]
)
def test_floor_left_for_the_land_use(far: float, left_m2: float, missing_m2: float) -> None:
    form = form_of(far)
    assert form.resettlement.item() == pytest.approx(40_000.0)
    assert form.commodity.item() == pytest.approx(left_m2)
    assert form.shortfall.item() == pytest.approx(missing_m2)
    assert form.facility_new.item() == pytest.approx(0.1 * far * 60_000.0)
    assert form.green_land.item() == pytest.approx(20_000.0)
