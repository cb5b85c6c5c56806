"""The form of an upload: what it recognizes, the mapping that it makes, what it says before anything is imported."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from app.web.documents.import_form import (
    CONSTANT,
    THEIRS,
    UNIT,
    filled_columns,
    form_columns,
    form_mapping,
    form_table,
    form_units,
    implausible_columns,
    kept_choices,
    needed_columns,
    preview_rows,
)
from city_fixtures import small_layers
from data.errors import InputError
from data.files.cities import load_city
from data.files.column_mapping import LayerMapping, load_mapping
from data.importing.preview import numbers_ids, preview_layer, suggested_headings


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    """Villages of a bureau: names, registered residents, and floor in 万㎡, one of them unknown."""
    villages = small_layers().villages[["name", "registered_residents", "gross_floor_area_m2", "geometry"]]
    villages["gross_floor_area_m2"] = [15.0, None, 26.0]
    return villages.rename(
        columns={"name": "村名", "registered_residents": "户籍人口", "gross_floor_area_m2": "建筑面积（万㎡）"}
    )


def names(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(column) for column in frame.columns if column != "geometry"]


def row(table: pd.DataFrame, column: str) -> dict[str, object]:
    return dict(zip(form_columns("villages"), table.to_dict("records"), strict=True))[column]


def test_the_form_begins_with_what_headings_say(frame: gpd.GeoDataFrame) -> None:
    table = form_table(names(frame), "villages", LayerMapping(), "zh")
    assert row(table, "name")[THEIRS] == "村名"
    assert (row(table, "gross_floor_area_m2")[THEIRS], row(table, "gross_floor_area_m2")[UNIT]) == (
        "建筑面积（万㎡）",
        "万㎡",
    )
    assert row(table, "tenants")[THEIRS] == ""
    assert {"万人", "亩", "percent", "万㎡"} <= set(form_units(table, "villages"))
    assert numbers_ids("villages", LayerMapping(), suggested_headings(names(frame), "villages", LayerMapping()))


def test_the_mapping_says_what_was_chosen(frame: gpd.GeoDataFrame) -> None:
    table = form_table(names(frame), "villages", LayerMapping(), "zh")
    position = form_columns("villages").index
    table.loc[position("legal_share"), [CONSTANT, UNIT]] = ["60", "percent"]
    table.loc[position("tenure"), CONSTANT] = "rental_only"
    table.loc[position("name"), THEIRS] = None
    made = form_mapping(
        table, names(frame), "villages", {"crs": "EPSG:4326", "units": {"jobs": "万人"}}, number_ids=True
    )
    assert made == {
        "crs": "EPSG:4326",
        "columns": {"registered_residents": "户籍人口", "gross_floor_area_m2": "建筑面积（万㎡）"},
        "constants": {"legal_share": 60.0, "tenure": "rental_only"},
        "units": {"gross_floor_area_m2": "万㎡", "legal_share": "percent"},
        "ignore": ["村名"],
        "number_ids": True,
    }
    load_mapping({"villages": made})
    again = form_table(names(frame), "villages", load_mapping({"villages": made})["villages"], "zh")
    assert form_mapping(again, names(frame), "villages", made, number_ids=True) == made


@pytest.mark.parametrize(
    ("language", "read", "filled"),
    [
        (
            "zh",
            "建筑面积（万㎡）（首行 15.0，单位万㎡；× 10000 = 平方米）",
            "1 × 用地面积（import.existing_far） 〔M〕",
        ),
        ("en", "建筑面积（万㎡） (first: 15.0 in 万㎡; x 10000 = m2)", "1 x Site area (import.existing_far) 〔M〕"),
    ],
)
def test_what_will_be_imported_is_told_before(frame: gpd.GeoDataFrame, language: str, read: str, filled: str) -> None:
    previews = preview_layer(frame, "villages", LayerMapping(number_ids=True), "villages.gpkg")
    rows = {preview.column: preview for preview in previews}
    assert (rows["gross_floor_area_m2"].n_missing, rows["tenants"].n_missing, rows["village_id"].n_missing) == (1, 3, 0)
    assert rows["tenants"].letter == "S"  # of stated residents, by a ratio that a source states
    assert not any(preview.refuses for preview in previews)
    said = preview_rows(frame, previews, "villages", language)
    missing, ends = ("1 / 3", "150,000 – 260,000 平方米") if language == "zh" else ("1 of 3", "150,000 – 260,000 m2")
    assert any(line[1:] == (read, ends, missing, filled) for line in said), said
    assert frame.columns.tolist() == ["村名", "户籍人口", "建筑面积（万㎡）", "geometry"]  # nothing was changed


def test_what_is_needed_and_what_cannot_be_read_is_told(frame: gpd.GeoDataFrame) -> None:
    (identity, *_) = preview_layer(frame, "villages", LayerMapping(), "v.gpkg")
    assert identity.refuses
    assert preview_rows(frame, [identity], "villages", "en")[0][-1].startswith("NEEDED")
    assert needed_columns([identity], "villages", "en")[0].startswith("Village id: NEEDED")
    wrong = frame.rename(columns={"户籍人口": "户籍人口（公顷）"})
    with pytest.raises(InputError, match="'户籍人口（公顷）' reads as registered_residents"):
        preview_layer(wrong, "villages", LayerMapping(), "v.gpkg")


def test_a_zone_without_a_price_takes_that_of_the_nearest() -> None:
    zones = small_layers().zones.assign(sale_price_cny_per_m2=[1e4, 2e4, None, 1e4, 1e4, 1e4])
    price = {p.column: p for p in preview_layer(zones, "zones", LayerMapping(), "z.gpkg")}["sale_price_cny_per_m2"]
    assert (price.n_missing, price.default and price.default.rule, price.letter) == (1, "nearest", "C")
    none = zones.drop(columns="sale_price_cny_per_m2")
    price = {p.column: p for p in preview_layer(none, "zones", LayerMapping(), "z.gpkg")}["sale_price_cny_per_m2"]
    assert (price.n_missing, price.default and price.default.key, price.letter) == (6, "import.sale_price", "M")


def test_two_columns_of_one_number_are_told_apart_by_whoever_fills_the_form() -> None:
    zones = small_layers().zones.drop(columns="residents").assign(pop2010=1.0, pop2020=2.0)
    readings = suggested_headings(names(zones), "zones", LayerMapping())
    assert readings["residents"].heading == "pop2010"
    with pytest.raises(InputError, match="all look like residents"):
        preview_layer(zones, "zones", LayerMapping(), "z.gpkg")
    table = form_table(names(zones), "zones", LayerMapping(), "en")
    table.loc[form_columns("zones").index("residents"), THEIRS] = "pop2020"
    section = form_mapping(table, names(zones), "zones", {}, number_ids=False)
    assert section["ignore"] == ["pop2010"]
    previews = preview_layer(zones, "zones", load_mapping({"zones": section})["zones"], "z.gpkg")
    assert {p.column: p.reading.heading for p in previews if p.reading}["residents"] == "pop2020"


def test_choices_are_kept_for_the_file_in_its_place_as_far_as_it_has_the_columns() -> None:
    section = {
        "columns": {"village_id": "编号", "tenants": "租户"},
        "units": {"tenants": "万人", "far_limit": "1"},
        "constants": {"far_limit": 2.5},
        "ignore": ["备注", "旧列"],
        "number_ids": False,
    }
    kept, gone = kept_choices(section, ["编号", "备注", "新列"])
    assert gone == ["租户"]
    assert kept == {
        "columns": {"village_id": "编号"},
        "units": {"far_limit": "1"},
        "constants": {"far_limit": 2.5},
        "ignore": ["备注"],
        "number_ids": False,
    }
    assert kept_choices(section, ["编号", "租户", "备注", "旧列"]) == (section, [])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_unit_shows_as_values_that_no_place_has_before_anything_is_imported(language: str) -> None:
    city = load_city("tiny")
    frame = gpd.GeoDataFrame(
        {"village_id": city.villages.village_id, "far_limit": [250.0] + [2.5] * 5},
        geometry=gpd.points_from_xy(city.villages.x_km, city.villages.y_km).buffer(0.1),
        crs="EPSG:32650",
    )
    previews = preview_layer(frame, "villages", LayerMapping(), "v.gpkg")
    wrong = next(item for item in previews if item.column == "far_limit")
    assert (wrong.ends, wrong.n_outside, wrong.refuses, wrong.lacks) == ((2.5, 250.0), 1, True, False)
    [line] = implausible_columns(previews, "villages", language)
    assert "250" in line
    filled = filled_columns(previews, "villages", language)
    assert len(filled) == sum(item.n_missing > 0 and item.default is not None and not item.lacks for item in previews)
    assert filled


def test_ids_that_repeat_are_told_before_anything_is_imported(frame: gpd.GeoDataFrame) -> None:
    twice = frame.assign(village_id=["A", "A", None])
    (identity, *_) = preview_layer(twice, "villages", LayerMapping(), "v.gpkg")
    assert (identity.n_missing, identity.n_twice, identity.refuses) == (1, 2, True)
    assert "1 rows have none, 2 share one" in preview_rows(twice, [identity], "villages", "en")[0][-1]
    numbered = preview_layer(twice, "villages", LayerMapping(number_ids=True, ignore=["village_id"]), "v.gpkg")
    assert not numbered[0].refuses
