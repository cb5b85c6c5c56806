"""Headings in other people's words: each names one column of a layer, and says its unit."""

from __future__ import annotations

import pytest

from data.catalogue import text
from data.city import CATEGORIES
from data.dictionary import LAYERS, columns, import_columns, table_columns
from data.headings.synonyms import ACTUALS, EXCEPTIONS, OF_DICTIONARY, PLAN, Heading, our_word, read_heading, synonyms
from data.scenario import INTENSITIES, LAND_USES


@pytest.mark.parametrize("layer", [*LAYERS, PLAN, ACTUALS, EXCEPTIONS])
def test_every_name_of_a_column_is_read_as_that_column_alone(layer: str) -> None:
    """The table refuses a name of two columns when it is read; and no name is hidden by a unit or a year in it."""
    for column, names in synonyms(layer).items():
        for name in names:
            found = read_heading(name, layer)
            assert found is not None, (layer, name)
            assert (found.column, found.unit) == (column, ""), (layer, name)


def test_columns_of_the_table_are_those_of_the_dictionary() -> None:
    for layer in LAYERS:
        assert set(synonyms(layer)) == set(import_columns(layer))


@pytest.mark.parametrize(
    ("layer", "heading", "column", "unit"),
    [
        ("villages", "村名", "name", ""),
        ("villages", "户籍人口", "registered_residents", ""),
        ("villages", "常住人口（万人）", "all_residents", "万人"),
        ("villages", "建筑面积（万㎡）", "gross_floor_area_m2", "万㎡"),
        ("villages", "建筑面积（单位：万㎡，不含违建）", "gross_floor_area_m2", "万㎡"),
        ("villages", "2023年建筑面积/公顷", "gross_floor_area_m2", "公顷"),
        ("villages", "Site_area (ha)", "site_area_m2", "ha"),
        ("villages", "area_ha", "site_area_m2", "ha"),
        ("villages", "容积率上限", "far_limit", ""),
        ("villages", "合法比例（%）", "legal_share", "%"),
        ("zones", "人口万人", "residents", "万人"),
        ("zones", "pop2020", "residents", ""),
        ("zones", "POP_2020 [thousand]", "residents", "thousand"),
        ("zones", "二手房均价（元/㎡）", "sale_price_cny_per_m2", "元/㎡"),
        ("zones", "sale_price_cny_m2", "sale_price_cny_per_m2", "cny/m2"),
        ("zones", "rent_cny_m2_month", "rent_cny_per_m2_month", "cny/m2/month"),
        ("facilities", "类别", "category", ""),
        (PLAN, "启动年份", "start_year", ""),
        (PLAN, "容积率", "floor_area_ratio", ""),
    ],
)
def test_headings_of_planners(layer: str, heading: str, column: str, unit: str) -> None:
    assert read_heading(heading, layer) == Heading(column, unit, "synonym")


def test_a_remark_is_kept_apart_from_a_unit() -> None:
    assert read_heading("建筑面积（不含违建）", "villages") == Heading("gross_floor_area_m2", "", "synonym", "不含违建")


@pytest.mark.parametrize(
    ("layer", "cut", "column"),
    [
        ("villages", "legal_shar", "legal_share"),
        ("villages", "REBUILD_AL", "rebuild_allowed"),
        ("villages", "gross_floo", "gross_floor_area_m2"),
        ("zones", "vacant_sha", "vacant_share"),
        ("zones", "housing_fl", "housing_floor_area_m2"),
        ("villages", "现状建筑面", "gross_floor_area_m2"),  # five letters of two bytes
        ("villages", "现状建", "gross_floor_area_m2"),  # three letters of three bytes
    ],
)
def test_names_that_a_shapefile_cut_at_ten_bytes(layer: str, cut: str, column: str) -> None:
    assert read_heading(cut, layer) == Heading(column, "", "cut")


@pytest.mark.parametrize(
    "heading", ["n_poi", "area_1", "pop_10000", "source_code", "legal_sha", "area_as_given_km2", "备注", ""]
)
def test_what_is_no_column_of_ours_is_not_guessed(heading: str) -> None:
    assert read_heading(heading, "villages") is None


def test_words_in_cells() -> None:
    assert [our_word("category", word) for word in ("教育", "公园绿地", "Kindergarten", "加油站")] == [
        "education",
        "green_space",
        "education",
        None,
    ]
    assert [our_word("flag", word) for word in ("是", "否", "不可")] == ["true", "false", "false"]
    assert {our_word("category", name) for name in CATEGORIES} == set(CATEGORIES)
    assert {our_word("tenure", word) for word in columns("villages")["tenure"].choices} == {
        "unrestricted",
        "rental_only",
    }


PLAN_COLUMNS = (
    "start_year", "intensity", "land_use", "floor_area_ratio", "facility_ratio",
    "compensation_multiplier", "onsite_share", "delay_yr",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_room_calls_the_columns_and_words_of_a_plan_is_read(language: str) -> None:
    """A plan that is written in the words of page, workbook and dictionary can be brought back."""
    for column in PLAN_COLUMNS:
        found = read_heading(text(f"column_{column}", language), PLAN)
        assert found is not None, column
        assert found.column == column
    for layer, (chapter, table) in OF_DICTIONARY.items():
        for column, entry in table_columns(chapter, table).items():
            if column in synonyms(layer):
                found = read_heading(dict(entry.label)[language], layer)
                assert found is not None, (layer, column)
                assert found.column == column
    for column, words in (("intensity", INTENSITIES), ("land_use", LAND_USES)):
        for word in words:
            assert our_word(column, text(f"word_{word}", language)) == word
