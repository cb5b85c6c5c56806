"""Files in other people's words: headings, units, cells; few columns; and what is filled in, with its letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from city_fixtures import said, small_layers
from data.city import City
from data.errors import InputError
from data.files.geopackage import read_city, write_city
from data.importing.importer import import_city

IN_CHINESE = {
    "village_id": "村编号",
    "name": "村名",
    "town": "所属乡镇",
    "district": "区县",
    "site_area_m2": "用地面积（亩）",
    "gross_floor_area_m2": "建筑面积（万㎡）",
    "legal_share": "合法比例（%）",
    "registered_residents": "户籍人口",
    "tenants": "外来人口（千人）",
    "jobs": "就业岗位",
    "far_limit": "容积率上限",
    "tenure": "权属",
    "rebuild_allowed": "是否可重建",
    "sale_price_cny_per_m2": "二手房均价（万元/㎡）",
    "rent_cny_per_m2_month": "租金（元/㎡·年）",
}


def given(folder: Path, mapping: dict[str, Any] | None = None, **changed: gpd.GeoDataFrame) -> City:
    """The small city, some layers replaced, as GeoJSON in its own system."""
    frames = {name: changed.get(name, small_layers()[name]) for name in ("zones", "villages", *changed)}
    for name, frame in frames.items():
        frame.to_file(folder / f"{name}.gpkg")
    return import_city(**{name: folder / f"{name}.gpkg" for name in frames}, mapping=mapping)


def in_chinese(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The villages with headings, units and words of a planning bureau."""
    said = villages.assign(
        site_area_m2=villages["site_area_m2"] * 15.0 / 10_000.0,
        gross_floor_area_m2=villages["gross_floor_area_m2"] / 10_000.0,
        legal_share=villages["legal_share"] * 100.0,
        tenants=villages["tenants"] / 1_000.0,
        tenure=["无限制", "只租不售", "国有"],
        rebuild_allowed=["是", "是", "否"],
        sale_price_cny_per_m2=villages["sale_price_cny_per_m2"] / 10_000.0,
        rent_cny_per_m2_month=villages["rent_cny_per_m2_month"] * 12.0,
    )
    return said.rename(columns=IN_CHINESE)


def test_a_bureaus_file_gives_the_city_that_ours_does(tmp_path: Path) -> None:
    ours = given(tmp_path)
    theirs = given(tmp_path, villages=in_chinese(small_layers().villages))
    for name in ("village_id", "name", "town", "rental_only", "rebuild_allowed", "district_idx"):
        assert getattr(theirs.villages, name).tolist() == getattr(ours.villages, name).tolist(), name
    for name in ("site_area_m2", "gross_floor_area_m2", "legal_share", "registered_residents", "tenants", "jobs"):
        assert getattr(theirs.villages, name) == pytest.approx(getattr(ours.villages, name), rel=1e-12), name
    for name in ("far_limit", "sale_price_cny_per_m2", "rent_cny_per_m2_month"):
        assert getattr(theirs.villages, name) == pytest.approx(getattr(ours.villages, name), rel=1e-12), name
    assert theirs.fills == ours.fills == ()
    for line in (
        "villages: 村名 read as name",
        "villages: 建筑面积（万㎡） read as gross_floor_area_m2; 建筑面积（万㎡） is in 万㎡, x 10000 = m2",
        "villages: tenure: 3 cells read in other words than they are written",
    ):
        assert line in said(theirs)


def test_units_of_the_mapping_win_over_those_of_headings(tmp_path: Path) -> None:
    villages = small_layers().villages.rename(columns={"gross_floor_area_m2": "建筑面积（万㎡）"})
    villages["建筑面积（万㎡）"] /= 10_000.0
    villages["tenants"] /= 10_000.0
    city = given(tmp_path, {"villages": {"units": {"tenants": "万人"}}}, villages=villages)
    assert city.villages.tenants == pytest.approx([3_000.0, 1_800.0, 5_000.0])
    assert city.villages.gross_floor_area_m2 == pytest.approx([150_000.0, 80_000.0, 260_000.0])
    scaled = given(tmp_path, {"villages": {"scale": {"gross_floor_area_m2": 1e4, "tenants": 1e4}}}, villages=villages)
    assert scaled.digest == city.digest


def test_what_a_unit_cannot_measure_is_refused_with_a_way_out(tmp_path: Path) -> None:
    wrong = small_layers().villages.rename(columns={"gross_floor_area_m2": "建筑面积（万人）"})
    with pytest.raises(
        InputError, match=r"villages\.gpkg: villages: '建筑面积（万人）' reads as gross_floor_area_m2.*ignore"
    ):
        given(tmp_path, villages=wrong)
    strange = small_layers().villages.rename(columns={"gross_floor_area_m2": "建筑面积（万尺）"})
    with pytest.raises(InputError, match=r"'万尺' is no unit that is known; .* units: \{gross_floor_area_m2: m2\}"):
        given(tmp_path, villages=strange)
    assert given(tmp_path, {"villages": {"units": {"gross_floor_area_m2": "m2"}}}, villages=strange).fills == ()
    with pytest.raises(InputError, match=r"units: tenants.*'公顷' cannot be brought to persons"):
        given(tmp_path, {"villages": {"units": {"tenants": "公顷"}}})


def test_two_headings_of_one_number_are_refused_and_of_one_name_ranked(tmp_path: Path) -> None:
    zones = small_layers().zones.drop(columns="residents").assign(pop2010=1.0, pop2020=20_000.0)
    with pytest.raises(InputError, match=r"zones\.gpkg: zones: pop2010, pop2020 all look like residents; .*pop2010"):
        given(tmp_path, zones=zones)
    assert given(tmp_path, {"zones": {"ignore": ["pop2010"]}}, zones=zones).zones.residents.tolist() == [20_000.0] * 6
    named = (
        small_layers().villages.drop(columns=["village_id", "name"]).assign(OBJECTID=[1, 2, 3], 村编号=["a", "b", "c"])
    )
    city = given(tmp_path, villages=named.assign(村=["x", "y", "z"], 村名=["甲", "乙", "丙"]))
    assert (city.villages.village_id.tolist(), city.villages.name.tolist()) == (["a", "b", "c"], ["甲", "乙", "丙"])
    assert "villages: columns not used: OBJECTID, 村" in said(city)


def test_numbers_as_people_type_them(tmp_path: Path) -> None:
    typed = small_layers().villages.astype({"tenants": object, "legal_share": object, "gross_floor_area_m2": object})
    typed["tenants"] = ["3,000", "0.18万", "５０００"]
    typed["legal_share"] = ["60%", "0.5", "暂无"]
    typed["gross_floor_area_m2"] = ["15万㎡", "80000", "26 公顷"]
    city = given(tmp_path, villages=typed)
    assert city.villages.tenants.tolist() == [3_000.0, 1_800.0, 5_000.0]
    assert city.villages.legal_share.tolist() == [0.6, 0.5, 0.55]
    assert city.villages.gross_floor_area_m2.tolist() == [150_000.0, 80_000.0, 260_000.0]
    in_ten_thousands = typed.assign(tenants=["0.3", "0.18", "5000人"])
    assert (
        given(tmp_path, {"villages": {"units": {"tenants": "万人"}}}, villages=in_ten_thousands).digest == city.digest
    )
    typed["tenants"] = ["3,000", "约1800", "5000"]
    with pytest.raises(InputError, match="rows v1: tenants must be a number, found '约1800'"):
        given(tmp_path, villages=typed)


def test_polygons_and_ids_are_enough_for_villages_and_residents_for_zones(tmp_path: Path) -> None:
    """16 ha: 160,000 m2 at a ratio of 1; over 146 m2, 1,096 registered; 4.5 tenants each. Prices are the book's."""
    zones, villages = small_layers().zones[["zone_id", "residents", "geometry"]], small_layers().villages[["geometry"]]
    city = given(tmp_path, {"villages": {"number_ids": True}}, zones=zones, villages=villages)
    assert city.villages.gross_floor_area_m2 == pytest.approx([160_000.0, 90_000.0, 250_000.0])
    assert city.villages.registered_residents[0] == pytest.approx(160_000.0 / 146.0)
    assert city.villages.tenants[0] == pytest.approx(4.5 * 160_000.0 / 146.0)
    assert city.zones.jobs == pytest.approx(0.52 * city.zones.residents)
    assert city.villages.sale_price_cny_per_m2.tolist() == [65_100.0] * 3
    assert city.districts == ("全市",)
    letters = {(fill.layer, fill.column): fill.letter for fill in city.fills}
    assert letters["villages", "gross_floor_area_m2"] == "M"
    assert letters["villages", "tenants"] == "E"  # the ratio is stated by a source, the residents it multiplies are not
    assert letters["villages", "sale_price_cny_per_m2"] == "M"  # its zone's, which is of the book
    assert letters["villages", "site_area_m2"] == "C"
    back = read_city(write_city(city, tmp_path / "out.gpkg"))
    assert (back.digest, back.fills) == (city.digest, city.fills)


def test_all_residents_are_split(tmp_path: Path) -> None:
    villages = small_layers().villages.drop(columns="tenants").assign(常住人口=[4_000.0, 2_400.0, 6_500.0])
    assert given(tmp_path, villages=villages).villages.tenants.tolist() == [3_000.0, 1_800.0, 5_000.0]
    alone = given(tmp_path, villages=villages.drop(columns="registered_residents"))
    assert alone.villages.registered_residents == pytest.approx(np.array([4_000.0, 2_400.0, 6_500.0]) / 5.5)
    assert alone.villages.tenants + alone.villages.registered_residents == pytest.approx([4_000.0, 2_400.0, 6_500.0])
    with pytest.raises(InputError, match=r"rows v1: all_residents leave fewer than 0 tenants"):
        given(tmp_path, villages=villages.assign(常住人口=[4_000.0, 500.0, 6_500.0]))


def test_filled_people_never_exceed_what_the_zone_counts(tmp_path: Path) -> None:
    """Villages 1 and 0 are alone in zones of 1,000 and 20,000 people; 3,390 would be filled into village 1."""
    zones = small_layers().zones.assign(residents=[20_000.0, 1_000.0, 9_000.0, 9_000.0, 9_000.0, 9_000.0])
    villages = small_layers().villages.drop(columns=["tenants", "registered_residents", "gross_floor_area_m2"])
    city = given(tmp_path, {"zones_include_villages": True}, zones=zones, villages=villages)
    people = city.villages.registered_residents + city.villages.tenants
    assert people[:2] == pytest.approx([5.5 * 160_000.0 / 146.0, 1_000.0])
    assert city.zones.residents[:2] == pytest.approx([20_000.0 - people[0], 0.0])
    assert city.zones.residents.sum() + people.sum() == pytest.approx(57_000.0)
    assert "villages: tenants: 2 of the filled rows lowered to what their zone counts" in said(city)


def test_unknown_values_take_those_of_the_nearest_zone(tmp_path: Path) -> None:
    zones = small_layers().zones.assign(sale_price_cny_per_m2=[60_000.0, 0.0, 0.0, 40_000.0, -1.0, 35_000.0])
    city = given(tmp_path, {"zones": {"unknown": {"sale_price_cny_per_m2": [0, -1]}}}, zones=zones)
    assert city.zones.sale_price_cny_per_m2[[0, 2, 3, 5]].tolist() == [60_000.0, 35_000.0, 40_000.0, 35_000.0]
    assert [fill.n_filled for fill in city.fills] == [3]


def test_rows_outside_every_zone_are_dropped_on_request(tmp_path: Path) -> None:
    villages = small_layers().villages
    villages.loc[2, "geometry"] = (
        villages.geometry[2].buffer(0).__class__([(x + 90_000.0, y) for x, y in villages.geometry[2].exterior.coords])
    )
    with pytest.raises(InputError, match="village_outside_zones"):
        given(tmp_path, villages=villages)
    city = given(tmp_path, {"villages": {"drop_outside_zones": True}}, villages=villages)
    assert city.villages.village_id.tolist() == ["v0", "v1"]
    assert "villages: 1 of 3 rows dropped, they lie in no zone" in said(city)


def test_counts_become_facilities(tmp_path: Path) -> None:
    cells = small_layers().zones[["geometry"]].assign(schools=[2, 0, 1, 0, 0, 0], shops=[10, 0, 0, 0, 0, 3])
    split = {"education": {"column": "schools", "m2_each": 5_000}, "daily_commerce": {"column": "shops"}}
    city = given(tmp_path, {"facilities": {"number_ids": True, "split": split}}, facilities=cells)
    assert city.facilities.supply_m2.tolist() == [10_000.0, 5_000.0, 1_000.0, 300.0]
    assert city.facilities.category_idx.tolist() == [0, 0, 5, 5]
    assert city.facilities.place_idx.tolist() == [0, 2, 0, 5]
    (fill,) = city.fills
    assert (fill.column, fill.n_filled, fill.n_rows, fill.letter) == ("supply_m2", 2, 4, "E")
    with pytest.raises(InputError, match="number_ids: true"):
        given(tmp_path, {"facilities": {"split": split}}, facilities=cells)
    with pytest.raises(InputError, match="schooling is no category"):
        given(
            tmp_path,
            {"facilities": {"number_ids": True, "split": {"schooling": {"column": "schools"}}}},
            facilities=cells,
        )


def test_names_cut_by_a_shapefile_are_read(tmp_path: Path) -> None:
    """The case that was silent: rebuild_al=false became true, and the price 99,000 that of the zone."""
    layers = small_layers()
    villages = layers.villages.assign(sale_price_cny_per_m2=99_000.0)
    cut = villages.rename(columns={name: name[:10] for name in villages.columns if name != "geometry"})
    city = given(tmp_path, villages=gpd.GeoDataFrame(pd.DataFrame(cut), geometry="geometry", crs=villages.crs))
    assert city.villages.rebuild_allowed.tolist() == [True, True, False]
    assert city.villages.sale_price_cny_per_m2.tolist() == [99_000.0] * 3
    assert city.villages.legal_share.tolist() == [0.6, 0.5, 0.7]
    assert any("legal_shar read as legal_share; its name is cut at ten letters" in line for line in said(city))
