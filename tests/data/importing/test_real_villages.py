"""The 1,451 real villages of Beijing become a city by one mapping file; nothing of their files is edited or ships."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from city_fixtures import said
from data.city import CATEGORIES, City
from data.importing.importer import import_city
from data.parameter_book import load_book
from published_fixtures import published_folder

MAPPING = Path(__file__).parent / "mappings" / "real_beijing.yaml"


@pytest.fixture(scope="module")
def folder() -> Path:
    return published_folder()


@pytest.fixture(scope="module")
def city(folder: Path) -> City:
    grid = folder / "grid_1km.gpkg"
    return import_city(grid, folder / "villages.gpkg", facilities=grid, mapping=MAPPING)


def test_villages_and_cells_are_read_as_they_are(city: City, folder: Path) -> None:
    assert (city.n_villages, city.n_zones) == (1_451, 2_374)
    repairs = "\n".join(said(city))
    assert "8 of 1459 rows dropped, they lie in no zone" in repairs
    assert "1.7 times those on the ground" in repairs
    source = gpd.read_file(folder / "villages.gpkg")
    on_the_ground_m2 = source.to_crs("EPSG:32650").make_valid().area[source["grid_row"].notna()]
    assert city.villages.site_area_m2.sum() == pytest.approx(on_the_ground_m2.sum(), rel=0.002)
    assert source["area_mercator_m2"].sum() / on_the_ground_m2.sum() == pytest.approx(1.70, abs=0.02)


def test_nobody_is_counted_twice(city: City, folder: Path) -> None:
    residents = gpd.read_file(folder / "grid_1km.gpkg")["residents"].sum()
    in_villages = (city.villages.registered_residents + city.villages.tenants).sum()
    assert city.zones.residents.sum() + in_villages == pytest.approx(residents)


def test_the_city_as_a_whole_has_the_standard_of_every_category(city: City) -> None:
    residents = city.zones.residents.sum() + city.villages.registered_residents.sum() + city.villages.tenants.sum()
    book = load_book()
    for category, key in (("education", "std.education_building"), ("health", "std.item.health_centre")):
        supply = city.facilities.supply_m2[city.facilities.category_idx == CATEGORIES.index(category)].sum()
        assert 1_000.0 * supply / residents == pytest.approx(book.number(key), rel=0.01)


def test_every_price_is_known_and_every_fill_counted(city: City) -> None:
    assert np.isfinite(city.zones.sale_price_cny_per_m2).all()
    assert city.zones.sale_price_cny_per_m2.min() > 1_000.0
    assert any("sale_price_cny_per_m2: 886 rows filled" in repair for repair in said(city))
