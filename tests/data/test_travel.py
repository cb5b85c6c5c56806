"""Distances inside a place, and between a village and the zone around it."""

from __future__ import annotations

import numpy as np
import pytest

from data.files.cities import load_city
from data.parameter_book import load_book
from data.travel import compute_travel, disc_distance_km, own_distance_km

RADIUS_KM = np.array([0.1, 0.5, 2.0, 10.0])


def test_own_distance_by_hand() -> None:
    assert own_distance_km(np.array([12.566371]), coefficient=1.21, exponent=0.52) == pytest.approx(
        [1.735086], abs=1e-6
    )


def test_nobody_commutes_farther_inside_a_place_than_across_it() -> None:
    area_km2 = np.pi * RADIUS_KM**2
    own_km = own_distance_km(area_km2, coefficient=1.21, exponent=0.52)
    assert (own_km <= 2.0 * RADIUS_KM).all()
    assert own_km[0] == pytest.approx(0.2)
    assert (np.diff(own_km) > 0.0).all()


@pytest.mark.parametrize("coefficient", [0.9, 1.5])
def test_only_a_zone_itself_and_its_villages_have_own_distances(coefficient: float) -> None:
    city = load_city("tiny")
    book = load_book().override({"travel.own_distance": coefficient, "travel.rail_factor": 1.0})
    travel, n_zones = compute_travel(city, book), city.n_zones
    detour, area = book.number("travel.detour"), city.place_area_km2
    centroid_km = np.hypot(
        city.place_x_km[:, None] - city.place_x_km[:n_zones], city.place_y_km[:, None] - city.place_y_km[:n_zones]
    )
    discs_km = detour * disc_distance_km(centroid_km, area[:, None], area[:n_zones])
    own_km = detour * own_distance_km(
        area[:n_zones], coefficient=coefficient, exponent=book.number("travel.own_exponent")
    )
    expected = discs_km.copy()
    np.fill_diagonal(expected, own_km)
    for village, zone in enumerate(city.villages.zone_idx):
        expected[n_zones + village, zone] = max(own_km[zone], discs_km[n_zones + village, zone])
    np.testing.assert_allclose(travel.distance_km, expected, rtol=1e-12)
    minutes = book.number("travel.intercept") + book.number("travel.slope") * expected
    np.testing.assert_allclose(travel.minutes, minutes, rtol=1e-12)
