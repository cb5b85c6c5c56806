"""The worked numbers that any right implementation meets, and some wrong ones that it must not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.accessibility import catchment, expected_decay, resident_mean, weighted_gini
from oracles.commute import balance, calibrate_beta, mean_over_trips, share_above
from oracles.consent import consent_multiplier, consent_share, threshold_ratio
from oracles.finance import (
    internal_rate_of_return,
    loan_cover,
    net_present_value,
    payback_year,
    peak_funding,
)
from oracles.form import Choice, Form, rest_of_new_floor_m2
from oracles.market import density_factor, factors_of_a_year, largest_growth, power_factor
from oracles.residents import (
    Flows,
    outflow_of_a_year,
    population_flows,
    resident_years,
    village_flows,
    village_residents,
)
from oracles.settling import settled_by_room
from oracles.small_book import changed_book
from oracles.small_city import small_city
from oracles.timing import read_phases
from oracles.travel import impedance_of, own_distance_km, travel_tables

DISTANCE = [[2.0, 6.0], [6.0, 2.0]]
BETA = math.log(16.0) / 8.0
FLOW = [0.0, -100.0, -100.0, 90.0, 160.0]
CASE_4_RESIDENTS = {
    "built.own_use_m2": 50.0,  # all of the resettlement floor: nothing is sublet
    "tenant.rehab_loss": 0.0,
    "time.construction": 2.0,  # a lag of 4 years
    "tenant.return_share": 0.6,
    "density.rental_m2": 8.0,
    "density.housing_m2": 35.0,
    "housing.occupancy": 0.9,
    "sale.absorption": [0.5, 0.5],
}


def test_gravity_symmetric() -> None:
    trips = balance([50.0, 50.0], [50.0, 50.0], DISTANCE, BETA)
    assert trips[0] == pytest.approx([40.0, 10.0])
    assert trips[1] == pytest.approx([10.0, 40.0])
    assert mean_over_trips(trips, DISTANCE) == pytest.approx(2.8)


def test_gravity_calibration_gives_beta_back() -> None:
    beta = calibrate_beta([50.0, 50.0], [50.0, 50.0], DISTANCE, 2.8)
    assert beta == pytest.approx(0.3465736, abs=1e-7)
    assert beta == pytest.approx(BETA, abs=1e-9)


def test_gravity_uneven_origins() -> None:
    trips = balance([60.0, 40.0], [50.0, 50.0], DISTANCE, BETA)
    assert trips[0][0] == pytest.approx((350.0 - math.sqrt(7300.0)) / 6.0, rel=1e-10)
    assert trips[0][0] == pytest.approx(44.093327, abs=1e-6)
    assert mean_over_trips(trips, DISTANCE) == pytest.approx(2.872534, abs=1e-6)


def test_gravity_constrained_at_the_origins_only_differs() -> None:
    stay, leave = math.exp(-2.0 * BETA), math.exp(-6.0 * BETA)
    own = stay / (stay + leave)
    assert own * 2.0 + (1.0 - own) * 6.0 == pytest.approx(2.8)
    right = mean_over_trips(balance([60.0, 40.0], [50.0, 50.0], DISTANCE, BETA), DISTANCE)
    assert right - 2.8 > 0.07


@pytest.mark.parametrize("target", [1.9, 4.5])
def test_gravity_unreachable_target_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="mean"):
        calibrate_beta([50.0, 50.0], [50.0, 50.0], DISTANCE, target)


@given(
    st.lists(st.floats(1.0, 100.0), min_size=3, max_size=3),
    st.lists(st.floats(1.0, 100.0), min_size=3, max_size=3),
    st.floats(0.0, 0.5),
)
def test_gravity_meets_both_margins(origins: list[float], weights: list[float], beta: float) -> None:
    destinations = [w * sum(origins) / sum(weights) for w in weights]
    trips = balance(origins, destinations, [[1.0, 4.0, 9.0], [4.0, 1.0, 5.0], [9.0, 5.0, 2.0]], beta)
    for i in range(3):
        assert sum(trips[i]) == pytest.approx(origins[i], rel=1e-10)
        assert sum(row[i] for row in trips) == pytest.approx(destinations[i], rel=1e-10)


def test_square_root_deterrence() -> None:
    km = [[1.0, 4.0], [4.0, 1.0]]
    trips = balance([50.0, 50.0], [50.0, 50.0], impedance_of(km, "square_root"), math.log(4.0))
    assert trips[0] == pytest.approx([40.0, 10.0])
    assert trips[1] == pytest.approx([10.0, 40.0])
    assert mean_over_trips(trips, km) == pytest.approx(1.6)
    gamma = calibrate_beta([50.0, 50.0], [50.0, 50.0], impedance_of(km, "square_root"), 1.6, value=km)
    assert gamma == pytest.approx(math.log(4.0), abs=1e-9)
    assert impedance_of(km, "exponential") == km


def test_own_distance() -> None:
    book = changed_book({"travel.detour": 1.0})
    assert own_distance_km(12.566371, book) == pytest.approx(1.735086, abs=1e-6)
    assert own_distance_km(12.566371, changed_book({})) == pytest.approx(1.35 * 1.735086, abs=1e-6)
    assert own_distance_km(0.01, book) == pytest.approx(2.0 * math.sqrt(0.01 / math.pi))  # never beyond the diameter


def test_own_distances_of_the_small_city() -> None:
    """Zones of 16 km2; the first village lies 1 km off its zone's middle, the third in it."""
    distance_km, _ = travel_tables(small_city(), changed_book({}))
    own_km = 1.35 * 1.21 * math.sqrt(16.0 / math.pi) ** 0.52
    assert [distance_km[z][z] for z in range(4)] == pytest.approx([own_km] * 4)
    assert distance_km[0][1] == pytest.approx(1.35 * math.sqrt(16.0 + 16.0 / math.pi))
    inside_km = 1.35 * math.sqrt(0.7**2 + 0.775**2 + (16.0 + 0.14) / (2.0 * math.pi))
    assert distance_km[4][0] == pytest.approx(max(own_km, inside_km))


def test_log_normal_spread_keeps_the_mean() -> None:
    assert share_above(50.0 * math.exp(-(0.35**2) / 2.0), 50.0, 0.35) == pytest.approx(0.5)
    assert share_above(60.0, 50.0, 0.35) < share_above(45.0, 50.0, 0.35)


def test_two_step_catchment() -> None:
    persons, g = [1000.0, 3000.0], [[1.0], [0.5]]
    access, met = catchment(persons, [800.0], g, 200.0)
    assert access == pytest.approx([320.0, 160.0])
    assert met == pytest.approx([1.0, 0.8])
    assert resident_mean(met, persons) == pytest.approx(0.85)
    assert sum(p * a for p, a in zip(persons, access, strict=True)) / 1000.0 == pytest.approx(800.0)


def test_two_step_catchment_wrong_alternatives_differ() -> None:
    persons = [1000.0, 3000.0]
    access, met = catchment(persons, [800.0], [[1.0], [0.5]], 200.0)
    assert sum(met) / 2.0 == pytest.approx(0.90)  # not weighted by residents
    assert resident_mean([a / 200.0 for a in access], persons) == pytest.approx(1.0)  # not capped
    assert resident_mean(met, persons) == pytest.approx(0.85)


def test_catchment_of_a_place_without_persons_offers_nothing() -> None:
    access, met = catchment([0.0], [800.0], [[1.0]], 200.0)
    assert access == [0.0]
    assert met == [0.0]


def test_expected_decay() -> None:
    assert expected_decay(0.0, 0.0, 0.0, 1.0, 3.0) == pytest.approx(1.0)
    assert expected_decay(1.0, 0.0, 0.0, 1.0, 3.0) == pytest.approx(math.exp(-0.5))
    assert expected_decay(0.0, 1.0, 1.0, 1.0, 3.0) == pytest.approx(1.0 / 1.5)
    assert expected_decay(3.01, 0.0, 0.0, 1.0, 3.0) == 0.0


def test_gini_of_half_with_nothing() -> None:
    assert weighted_gini([0.0, 1.0], [50.0, 50.0]) == pytest.approx(0.5)
    assert weighted_gini([0.3, 0.3], [10.0, 90.0]) == pytest.approx(0.0)


def test_consent() -> None:
    offer = {"reservation": 2e6, "house": 0.0, "cash": 2e6, "groups": [(1.0, 1.1)], "sigma": 0.4}
    assert consent_share(1.0, **offer) == pytest.approx(0.405834, abs=1e-6)
    multiplier, flagged = consent_multiplier(threshold=2.0 / 3.0, cap=2.0, **offer)
    assert multiplier == pytest.approx(1.306826, abs=1e-6)
    assert not flagged
    assert consent_multiplier(threshold=2.0 / 3.0, cap=1.3, **offer) == (1.3, True)
    assert consent_multiplier(threshold=0.4, cap=1.3, **offer) == (1.0, False)


def test_consent_depends_on_the_offer_over_the_reservation_alone() -> None:
    """q = 1.306826: with 0.4 million of house and 2 million of cash, m = (1.306826 x 2 - 0.4) / 2."""
    groups, sigma = [(1.0, 1.1)], 0.4
    assert threshold_ratio(groups, sigma, 2.0 / 3.0) == pytest.approx(1.306826, abs=1e-6)
    more = {"groups": groups, "sigma": sigma, "threshold": 2.0 / 3.0, "cap": 1.5}
    multiplier, flagged = consent_multiplier(reservation=2e6, house=4e5, cash=2e6, **more)
    assert multiplier == pytest.approx(1.106826, abs=1e-6)
    assert not flagged
    assert consent_multiplier(reservation=2e6, house=3e6, cash=0.0, **more) == (1.0, False)
    assert consent_multiplier(reservation=2e6, house=2e6, cash=0.0, **more) == (1.5, True)


def _case_4_flows() -> Flows:
    return population_flows(
        registered=1000.0,
        tenants=3000.0,
        rho=0.5,
        facility_ratio=0.0,
        rehab_loss=0.0,
        onsite=0.8,
        rental_floor_m2=12_000.0,
        rental_m2_per_person=8.0,
        sublet_m2_per_person=0.0,
        return_share=0.6,
        commodity_floor_m2=7_000.0,
        housing_m2_per_person=35.0,
        occupancy=0.9,
    )


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (1, (1000.0, 3000.0, 0.0)),
        (2, (500.0, 1500.0, 0.0)),
        (5, (500.0, 1500.0, 0.0)),
        (6, (900.0, 2400.0, 360.0)),
        (7, (900.0, 2400.0, 720.0)),
        (15, (900.0, 2400.0, 720.0)),
    ],
)
def test_residents_of_one_village(year: int, expected: tuple[float, float, float]) -> None:
    counts = village_residents(
        year=year,
        start=2,
        completion=6,
        registered=1000.0,
        tenants=3000.0,
        flows=_case_4_flows(),
        absorption=[0.5, 0.5],
    )
    assert counts == pytest.approx(expected)


def _case_4_form() -> Form:
    nothing = dict.fromkeys(Form.__dataclass_fields__, 0.0)
    return Form(**(nothing | {"commodity_m2": 7_000.0, "rental_m2": 12_000.0, "valid": True}))


def test_residents_of_the_whole_city() -> None:
    """The same village within a city: zones take those who leave and send the newcomers."""
    city = small_city()
    villages = replace(
        city.villages,
        registered_residents=np.array([1000.0, 700.0, 1100.0]),
        tenants=np.array([3000.0, 2500.0, 6500.0]),
    )
    city = replace(city, villages=villages)
    parameter = changed_book(CASE_4_RESIDENTS)
    kept = Choice(0, 0.0, "public_service", 0.0, 0.0)
    choices = [Choice(2, 0.5, "mixed_use", 2.0, 0.0), kept, kept]
    flows = [village_flows(city, n, choices[n], _case_4_form(), 0.8, parameter) for n in range(3)]
    assert flows[0] == _case_4_flows()
    distance_km, _ = travel_tables(city, parameter)
    population = resident_years(city, choices, flows, [read_phases(parameter)] * 3, distance_km, 10, parameter)
    tables = population.registered, population.tenants, population.other
    village = [sum(table[year][city.n_zones] for table in tables) for year in range(11)]
    zones = [sum(sum(table[year][: city.n_zones]) for table in tables) for year in range(11)]
    assert village == pytest.approx([4000.0] * 2 + [2000.0] * 4 + [3660.0] + [4020.0] * 4)
    gain = [zones[year] - zones[0] for year in range(11)]
    assert gain == pytest.approx([0.0] * 2 + [2000.0] * 4 + [340.0] + [-20.0] * 4, abs=1e-6)


ROOM, WEIGHT = [100.0, 200.0, 200.0], [0.5, 0.3, 0.2]


def test_zones_hold_no_more_than_their_room() -> None:
    settled, unhoused = settled_by_room([[150.0, 90.0, 60.0]], ROOM, WEIGHT)
    assert settled == [pytest.approx([100.0, 120.0, 80.0])]
    assert unhoused == 0.0


def test_what_exceeds_a_zone_keeps_its_composition() -> None:
    settled, unhoused = settled_by_room([[150.0, 0.0, 0.0], [0.0, 90.0, 60.0]], ROOM, WEIGHT)
    assert settled == [pytest.approx([100.0, 30.0, 20.0]), pytest.approx([0.0, 90.0, 60.0])]
    assert unhoused == 0.0


def test_room_is_spread_again_until_no_zone_exceeds() -> None:
    """50 + 30 kappa meets the second zone's 65 at kappa 0.5, so that the third takes the other 35 of 50."""
    settled, _ = settled_by_room([[150.0, 50.0, 0.0]], [100.0, 65.0, 200.0], [0.0, 30.0, 1.0])
    assert settled == [pytest.approx([100.0, 65.0, 35.0])]


def test_zones_without_a_weight_take_nobody() -> None:
    settled, unhoused = settled_by_room([[150.0, 50.0, 0.0]], [100.0, 60.0, 500.0], [0.7, 0.3, 0.0])
    assert unhoused == pytest.approx(40.0)  # 200 asked, 160 rooms where anybody would go
    assert settled == [pytest.approx([130.0, 70.0, 0.0])]  # 100 + 40 x 150 / 200 and 60 + 40 x 50 / 200


def test_unhoused_are_placed_as_their_group_asked() -> None:
    """Of 150 registered in the first zone 50 stay, 30 find what the 20 tenants leave of the second, 70 find nothing."""
    settled, unhoused = settled_by_room([[150.0, 0.0], [0.0, 20.0]], [50.0, 50.0], [0.8, 0.2])
    assert unhoused == pytest.approx(70.0)  # 170 - 100, all registered who asked for the first zone
    assert settled[0] == pytest.approx([50.0 + 70.0, 30.0])
    assert settled[1] == pytest.approx([0.0, 20.0])


@given(
    st.lists(st.lists(st.floats(0.0, 100.0), min_size=4, max_size=4), min_size=2, max_size=2),
    st.lists(st.floats(0.0, 150.0), min_size=4, max_size=4),
    st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4),
)
def test_room_keeps_every_group(asked: list[list[float]], room: list[float], weight: list[float]) -> None:
    settled, unhoused = settled_by_room(asked, room, weight)
    for group, found in zip(asked, settled, strict=True):
        assert sum(found) == pytest.approx(sum(group), rel=1e-9, abs=1e-9)
        assert min(found) >= 0.0
    total = [sum(found[z] for found in settled) for z in range(4)]
    assert unhoused == pytest.approx(max(0.0, sum(map(sum, asked)) - sum(room)), abs=1e-6)
    if unhoused == 0.0:
        assert all(total[z] <= room[z] + 1e-6 for z in range(4))


def test_outflow_cap_passes_on_what_a_zone_cannot_send() -> None:
    sent, served = outflow_of_a_year([30.0, 10.0, 0.0], [20.0, 20.0, 30.0])
    assert sent == pytest.approx([20.0, 12.5, 7.5])
    assert served == pytest.approx(1.0)
    sent, served = outflow_of_a_year([60.0, 20.0], [30.0, 30.0])
    assert sent == pytest.approx([30.0, 30.0])
    assert served == pytest.approx(0.75)


def test_money() -> None:
    assert net_present_value(FLOW, 0.06) == pytest.approx(18.961455, abs=1e-6)
    assert net_present_value(FLOW[1:], 0.06) == pytest.approx(20.099142, abs=1e-6)  # the first-year error
    assert internal_rate_of_return(FLOW) == pytest.approx(0.10985426, abs=1e-8)
    assert payback_year(FLOW) == 4.0
    assert loan_cover(FLOW, 0.06) == pytest.approx((90.0 / 1.06 + 160.0 / 1.06**2) / 200.0)
    assert peak_funding(FLOW) == 200.0


def test_money_where_undefined() -> None:
    assert math.isnan(internal_rate_of_return([0.0, 0.0]))
    assert math.isnan(internal_rate_of_return([-100.0, 230.0, -132.0]))  # 10 % and 20 %
    assert math.isnan(payback_year([0.0, 0.0]))
    assert math.isnan(payback_year([-100.0, 90.0]))
    assert payback_year([-100.0, 150.0, -60.0, 20.0]) == 3.0
    assert peak_funding([10.0, -5.0]) == 0.0


def test_price_of_new_supply() -> None:
    assert 50_000.0 * power_factor(1e5, 1e6, 0.5, 0.05) == pytest.approx(47_673.13, abs=0.005)


def test_markets() -> None:
    assert power_factor(500_000.0, 1_000_000.0, 0.2, 0.0) == pytest.approx(0.922108, abs=1e-6)
    assert power_factor(100_000.0 - 200_000.0, 1_000_000.0, 0.5, 0.05) == pytest.approx(1.054093, abs=1e-6)
    assert power_factor(-990_000.0, 1_000_000.0, 0.5, 0.05) == pytest.approx(0.05**-0.5)  # not extrapolated
    assert factors_of_a_year([0.0, 10.0], [0.0, 100.0], [False, True], 1.0, 0.05) == pytest.approx([1 / 1.1] * 2)
    assert largest_growth([[1.0, 1.0], [1.0, 1.02], [1.1, 1.03]]) == pytest.approx(0.1)


def test_density_of_an_option() -> None:
    book = changed_book({"hedonic.density": 0.1, "hedonic.far_reference": 2.0})
    assert density_factor(1.0, 3.0, book) == pytest.approx(0.960264, abs=1e-6)
    assert density_factor(0.0, 3.0, book) == 1.0
    assert density_factor(0.5, 0.1, book) == pytest.approx(0.25**-0.1)
    assert density_factor(0.5, 20.0, book) == pytest.approx(4.0**-0.1)


@pytest.mark.parametrize(("far", "left_m2"), [(2.0, 68_000.0), (0.8, 3_200.0), (0.7, -2_200.0)])
def test_floor_left_for_the_land_use(far: float, left_m2: float) -> None:
    rest_m2 = rest_of_new_floor_m2(
        site_area_m2=100_000.0,
        buildable_share=0.6,
        rho=1.0,
        floor_area_ratio=far,
        facility_ratio=0.1,
        resettlement_m2=40_000.0,
    )
    assert rest_m2 == pytest.approx(left_m2)
