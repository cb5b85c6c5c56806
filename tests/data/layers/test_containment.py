"""The zone with the largest part of a village, against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from city_fixtures import small_layers, square
from data.layers.containment import largest_overlap
from data.layers.geometry_checks import check_within_zones, outside_zones


def array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_parts_by_hand() -> None:
    zones = array(square(0, 0, 100), square(100, 0, 100))
    villages = array(square(10, 10, 50), square(70, 20, 40), square(180, 0, 40), square(400, 0, 10), square(50, 0, 100))
    found = largest_overlap(villages, zones)
    assert found.zone_idx.tolist() == [0, 0, 1, -1, 0]  # of two halves the first
    assert found.share == pytest.approx([1.0, 0.75, 0.5, 0.0, 0.5])
    assert found.covered_share == pytest.approx([1.0, 1.0, 0.5, 0.0, 1.0])


def test_a_border_that_only_touches_is_no_part() -> None:
    assert largest_overlap(array(square(100, 0, 50)), array(square(0, 0, 100))).zone_idx.tolist() == [-1]


def test_random_squares_against_a_loop() -> None:
    rng = np.random.default_rng(3)
    zones = array(*(square(x * 100, y * 100, 100) for x in range(5) for y in range(5)))
    villages = array(*(square(*rng.uniform(0, 400, 2), rng.uniform(20, 150)) for _ in range(60)))
    found = largest_overlap(villages, zones)
    for row, village in enumerate(villages):
        parts = [village.intersection(zone).area for zone in zones]
        assert found.zone_idx[row] == int(np.argmax(parts))
        assert found.share[row] == pytest.approx(max(parts) / village.area)
        assert found.covered_share[row] == pytest.approx(sum(parts) / village.area)


def test_a_village_of_which_less_than_half_lies_in_zones_is_outside() -> None:
    layers = small_layers()
    villages = layers.villages
    villages.loc[0, "geometry"] = square(-210, 500, 400)  # 47.5 % inside
    assert outside_zones(villages.geometry.array, "villages", np.asarray(layers.zones.geometry.array)).tolist() == [
        True, False, False,
    ]  # fmt: skip
    found = check_within_zones(villages, "villages", layers.zones)
    assert [(finding.check, finding.rows) for finding in found] == [("village_outside_zones", ("v0",))]
