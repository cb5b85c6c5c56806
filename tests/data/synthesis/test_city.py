"""Synthetic cities: any size, reproducible, and sound by every rule of the validation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.city import CATEGORIES, City
from data.errors import InputError
from data.files.geopackage import city_layers, read_city, write_city
from data.layers.validation import validate_layers
from data.parameter_book import load_book
from data.synthesis.city import synthesize_city
from data.synthesis.facilities import stations_along
from data.synthesis.villages import VillageRecipe, share_below
from data.synthesis.zone_splitting import halve_zones, halves_of
from data.synthesis.zones import apportion, disc_of_cells


def _overlaps(polygons: np.ndarray) -> int:
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    return int((shapely.area(shapely.intersection(polygons[left], polygons[right]))[left < right] > 1.0).sum())


def _errors(city: City) -> list[str]:
    return [f.message for f in validate_layers(city_layers(city), city.districts) if f.severity == "error"]


@pytest.mark.parametrize("n_villages", [2, 3, 17, 200, 2000])
def test_any_size_is_sound(n_villages: int) -> None:
    city = synthesize_city(n_villages, seed=4)
    assert city.n_villages == n_villages
    assert city.n_zones == max(9, round(0.4 * n_villages))
    assert _errors(city) == []
    assert _overlaps(city.villages.geometry) == 0
    assert _overlaps(city.zones.geometry) == 0
    assert shapely.contains(city.zones.geometry[city.villages.zone_idx], city.villages.geometry).all()
    assert set(city.synthetic) == {"zones", "villages", "facilities", "stations"}


@settings(max_examples=15, deadline=None)
@given(n_villages=st.integers(2, 150), n_zones=st.integers(9, 120), seed=st.integers(0, 2**32))
def test_any_mix_of_villages_and_zones_is_sound(n_villages: int, n_zones: int, seed: int) -> None:
    city = synthesize_city(n_villages, seed, n_zones=n_zones)
    assert (city.n_villages, city.n_zones) == (n_villages, n_zones)
    assert _errors(city) == []


def test_same_seed_same_city_and_another_seed_another() -> None:
    assert synthesize_city(30, 7).digest == synthesize_city(30, 7).digest
    assert synthesize_city(30, 7).digest != synthesize_city(30, 8).digest


def test_a_city_survives_its_file(tmp_path: Path) -> None:
    city = synthesize_city(40, 3)
    assert read_city(write_city(city, tmp_path / "c.gpkg")).digest == city.digest


def test_villages_look_like_those_of_the_fringe() -> None:
    villages = synthesize_city(1500, 2).villages
    assert villages.registered_residents.mean() == pytest.approx(560, rel=0.05)
    assert villages.tenants.sum() / villages.registered_residents.sum() == pytest.approx(4.5, rel=0.001)
    assert villages.site_area_m2.min() > 3.9e4
    assert villages.site_area_m2.max() < 4.1e5
    assert villages.rental_only.mean() == pytest.approx(0.08, abs=0.03)
    assert (~villages.rebuild_allowed).mean() == pytest.approx(0.03, abs=0.02)
    assert (villages.gross_floor_area_m2 <= villages.far_limit * villages.site_area_m2).all()


def test_villages_are_shaped_like_traced_ones_and_no_denser_than_sixty_thousand() -> None:
    villages = synthesize_city(2000, 3).villages
    outline = villages.geometry
    compactness = 4.0 * np.pi * shapely.area(outline) / shapely.length(outline) ** 2
    assert shapely.is_valid(outline).all()
    assert compactness.min() > 0.345
    assert compactness.max() < 0.505
    people = villages.registered_residents + villages.tenants
    assert (people / villages.site_area_m2 * 1e6).max() <= 60_000
    assert people.max() <= VillageRecipe().people_most + 1.0  # rounded to whole persons


@given(weights=st.lists(st.floats(0.01, 1e4), min_size=1, max_size=20), share=st.floats(0.0, 0.95), seed=st.integers(0))
def test_nobody_gets_more_than_the_most(weights: list[float], share: float, seed: int) -> None:
    most = np.random.default_rng(seed).uniform(1.0, 100.0, len(weights))
    parts = share_below(np.array(weights), share * most.sum(), most)
    assert parts.sum() == pytest.approx(share * most.sum())
    assert (parts <= most).all()
    ratio = parts / np.array(weights)
    assert ratio[parts < most] == pytest.approx(ratio.max(initial=0.0), rel=1e-9)


def test_prices_and_density_fall_with_distance_and_villages_lack_services() -> None:
    city = synthesize_city(600, 5)
    zones, villages, n_zones = city.zones, city.villages, city.n_zones
    away_km = np.hypot(zones.x_km - zones.x_km[0], zones.y_km - zones.y_km[0])
    for values in (zones.sale_price_cny_per_m2, zones.rent_cny_per_m2_month, zones.residents / zones.area_km2):
        assert np.corrcoef(away_km, np.log(values))[0, 1] < -0.5
    supply_m2 = np.bincount(city.facilities.place_idx, city.facilities.supply_m2, city.n_places)
    people = villages.registered_residents + villages.tenants
    assert supply_m2[n_zones:].sum() / people.sum() < 0.5 * supply_m2[:n_zones].sum() / zones.residents.sum()
    standard = sum(load_book().number(f"std.{category}") for category in CATEGORIES) / 1000.0
    assert 0.5 < supply_m2[:n_zones].sum() / zones.residents.sum() / standard < 1.1


@pytest.mark.parametrize(("n_villages", "n_zones", "seed"), [(1, None, 0), (20_001, None, 0), (5, 8, 0), (5, None, -1)])
def test_refuses_what_is_out_of_range(n_villages: int, n_zones: int | None, seed: int) -> None:
    with pytest.raises(InputError, match="synthetic city"):
        synthesize_city(n_villages, seed, n_zones=n_zones)


@given(weights=st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30), total=st.integers(0, 10**7))
def test_apportion_is_exact_and_nearly_proportional(weights: list[float], total: int) -> None:
    parts = apportion(np.array(weights), total)
    assert parts.sum() == total
    assert (np.abs(parts - np.array(weights) * total / sum(weights)) < 1.0 + 1e-6).all()


def test_nine_cells_are_the_three_by_three_block() -> None:
    assert sorted(map(tuple, disc_of_cells(9).tolist())) == [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def test_stations_stand_at_equal_spacing_along_a_bend() -> None:
    line = stations_along(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 3.0]]), spacing_km=2.0)
    assert line.tolist() == [[0.0, 0.0], [2.0, 0.0], [3.0, 1.0], [3.0, 3.0]]


def test_halves_have_equal_area_and_lie_across_the_longer_side() -> None:
    first, second = halves_of(shapely.Polygon([(0, 0), (6, 0), (0, 2)]))
    assert first.area == pytest.approx(3.0)
    assert second.area == pytest.approx(3.0)
    assert first.bounds[2] == pytest.approx(6.0 - np.sqrt(18.0))


def test_halving_zones_moves_nobody() -> None:
    city = synthesize_city(25, 1)
    halved = halve_zones(city)
    assert halved.n_zones == 2 * city.n_zones
    assert _errors(halved) == []
    for name in ("residents", "jobs", "housing_floor_area_m2", "area_km2"):
        both = getattr(halved.zones, name).reshape(-1, 2)
        assert both.sum(axis=1) == pytest.approx(getattr(city.zones, name))
        assert both[:, 0] == pytest.approx(both[:, 1])
    in_village = city.facilities.place_idx >= city.n_zones
    assert (halved.facilities.place_idx[in_village] - city.facilities.place_idx[in_village] == city.n_zones).all()
    in_zone = halved.facilities.place_idx[~in_village]
    assert (in_zone // 2 == city.facilities.place_idx[~in_village]).all()
    point = shapely.points(halved.facilities.x_km[~in_village] * 1e3, halved.facilities.y_km[~in_village] * 1e3)
    assert (shapely.distance(halved.zones.geometry[in_zone], point) < 0.01).all()
    assert (halved.villages.zone_idx // 2 == city.villages.zone_idx).all()
