"""Small inputs like those that people reported to tools of this kind: read right, or refused with the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from city_fixtures import said
from data.city import City
from data.errors import InputError
from data.files.geopackage import read_city
from data.importing.importer import import_city


class FieldCases:
    """The folder of cases; `base` is the city around them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.base = folder, folder / "base"

    def city(self) -> City:
        return read_city(self.base / "city.gpkg")

    def imported(self, case: str, *, mapping: str | dict[str, Any] | None = None, **files: str) -> City:
        """Import files of a case; layers that it does not have are those of the base."""
        paths = {layer: self.base / f"{layer}.gpkg" for layer in ("zones", "villages", "facilities", "stations")}
        paths |= {layer: self.folder / case / name for layer, name in files.items()}
        return import_city(**paths, mapping=self.folder / case / mapping if isinstance(mapping, str) else mapping)


@pytest.fixture
def cases(shared_data: Path) -> FieldCases:
    folder = shared_data / "field_cases"
    if not folder.is_dir():
        pytest.skip("no field cases beside the checkout")
    return FieldCases(folder)


def is_said(city: City, words: str) -> bool:
    return any(words in line for line in said(city))


def test_01_a_shapefile_in_gbk_that_does_not_say_so(cases: FieldCases) -> None:
    city = cases.imported("01-gbk-no-cpg", zones="zones.shp", mapping="m.yaml")
    assert city.districts == ("东城区", "西城区")
    assert is_said(city, "zones: the file does not state its encoding; its texts are read as GB18030: 分区1")


def test_02_names_cut_at_ten_letters(cases: FieldCases) -> None:
    city = cases.imported("02-names-cut-at-10", zones="zones.shp", villages="villages.shp", mapping="m.yaml")
    assert not city.villages.rebuild_allowed.all()
    assert city.villages.sale_price_cny_per_m2.max() == 99_000.0
    assert is_said(city, "rebuild_al read as rebuild_allowed")


def test_03_a_zone_number_before_the_easting(cases: FieldCases) -> None:
    files = {layer: f"{layer}.gpkg" for layer in ("zones", "villages", "facilities", "stations")}
    with pytest.raises(InputError, match=r"zones\.gpkg: zones: crs_area: .*39 .* is a zone number; .*EPSG:4527"):
        cases.imported("03-gk-zone-prefix", **files)


def test_04_the_northing_first(cases: FieldCases) -> None:
    files = {layer: f"{layer}.gpkg" for layer in ("zones", "villages", "facilities", "stations")}
    city = cases.imported("04-northing-first", **files)
    assert city.zones.area_km2.sum() == pytest.approx(81.0)
    assert city.zones.x_km == pytest.approx(cases.city().zones.x_km)
    assert city.crs == "EPSG:4548"
    assert is_said(
        city, "zones: warning: the coordinates stand northing (or latitude) first; swapped, they lie at 116.82 E"
    )


@pytest.mark.parametrize("datum", ["bj54", "xian80"])
def test_06_datums_whose_shift_is_not_known(cases: FieldCases, datum: str) -> None:
    city = cases.imported("06-xian80-beijing54", villages=f"villages_{datum}.gpkg")
    assert is_said(city, "villages: warning: the shift of the datum from")
    assert is_said(city, "uncertain by about 100 m")


@pytest.mark.parametrize(("file", "zone"), [("villages.gpkg", "001"), ("villages_district.gpkg", "002")])
def test_13b_the_zone_with_most_of_a_village(cases: FieldCases, file: str, zone: str) -> None:
    city = cases.imported("13b-straddle-majority", villages=file)
    assert city.zones.zone_id[city.villages.zone_idx[0]] == zone
    assert city.districts[city.villages.district_idx[0]] == "东城区"
    assert city.villages.sale_price_cny_per_m2[0] == (52_000.0 if zone == "002" else 51_000.0)
    assert is_said(city, f"0001 (93 % in {zone})")


def test_15_a_csv_with_a_stated_encoding(cases: FieldCases) -> None:
    city = cases.imported("15-csv-encodings", facilities="fac_gbk.csv", mapping="mf.yaml")
    assert len(city.facilities) == 63
    assert np.array_equal(city.facilities.place_idx, cases.city().facilities.place_idx)


def test_16_a_zip_with_folders(cases: FieldCases) -> None:
    city = cases.imported("16-zips", zones="nested.zip", mapping="m.yaml")
    assert city.zones.name.tolist() == cases.city().zones.name.tolist()
    assert city.zones.area_km2.sum() == pytest.approx(81.0)


def test_23_minutes_that_are_seconds(cases: FieldCases) -> None:
    city = cases.imported("23-skims", skim="seconds.csv")
    assert is_said(city, "warning: skim: ")
    assert is_said(city, "0.3 km/h")
    assert is_said(city, "seconds")


def test_25_no_area_is_told_before_what_follows_from_it(cases: FieldCases) -> None:
    with pytest.raises(InputError) as caught:
        cases.imported("25-degenerate", villages="zero.gpkg")
    assert len(caught.value.refusals) == 1
    assert "rows 0001: zero_area: " in str(caught.value)
    with pytest.raises(InputError, match=r"GCJ-02 is no reference system .* convert the coordinates"):
        cases.imported("25-degenerate", mapping="mg.yaml")
