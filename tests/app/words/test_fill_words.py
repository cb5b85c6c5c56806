"""What an import filled in, as people read it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.runs.record import recorded_city
from app.words.city_report import city_text
from app.words.fill_words import fill_rows, filled_counts, fills_line, n_values
from city_fixtures import small_city
from data.city import City, Fill
from data.dictionary import LAYERS, columns
from data.importing.defaults import default_of

FILLS = (
    Fill("villages", "tenants", 2, 3, "E", "times", "4.5", "import.tenants_per_registered", "registered_residents"),
    Fill("villages", "district", 3, 3, "C", "zone", of="district"),
    Fill("zones", "vacant_share", 6, 6, "E", "book", "0.08", "settle.vacancy"),
)


@pytest.fixture
def filled() -> City:
    return replace(small_city(), fills=FILLS)


def test_values_are_counted_by_letter(filled: City) -> None:
    """6 zones of 8 values, 3 villages of 14, 4 facilities of 2, 1 station of 1: 48 + 42 + 8 + 1."""
    assert n_values(filled) == 99
    assert filled_counts(filled) == {"C": 3, "E": 8}
    assert fills_line(filled, "en").startswith("11 of 99 values of the city were in no file and are filled in (C = ")
    assert fills_line(filled, "zh").startswith("全市 99 个数值中有 11 个文件未提供")
    assert fills_line(small_city(), "en") == ""


@pytest.mark.parametrize(
    ("language", "origin"),
    [
        ("en", "4.5 x Registered residents (import.tenants_per_registered)"),
        ("zh", "4.5 × 户籍村民（import.tenants_per_registered）"),
    ],
)
def test_each_filling_is_told_with_its_origin(filled: City, language: str, origin: str) -> None:
    rows = fill_rows(filled, language)
    assert [row[-1] for row in rows] == ["E", "E", "C"]  # zones before villages
    assert origin in rows[1]
    assert all(cell for row in rows for cell in row)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_city_and_run_say_what_was_filled(filled: City, language: str) -> None:
    said = city_text(filled, language)
    assert fills_line(filled, language) in said
    assert "settle.vacancy" in said
    record = recorded_city(filled, "beijing")
    assert (record.filled, record.n_values) == ({"C": 3, "E": 8}, 99)
    assert "filled" not in recorded_city(small_city(), "beijing").model_dump(exclude_unset=True)


def test_words_are_told_in_the_language() -> None:
    fills = tuple(Fill("villages", "x", 1, 3, "E", "constant", value) for value in ("true", "rental_only", "0"))
    city = replace(small_city(), fills=fills)
    assert [row[3] for row in fill_rows(city, "zh")] == ["是", "仅限租赁", "0"]
    assert [row[3] for row in fill_rows(city, "en")] == ["yes", "for rental only", "0"]


def test_every_default_has_words() -> None:
    for layer in LAYERS:
        for name, column in columns(layer).items():
            default = default_of(column)
            if default is not None:
                fill = Fill(layer, name, 1, 1, default.letter, default.rule, default.value, default.key, default.of)
                ((*_, origin, letter),) = fill_rows(replace(small_city(), fills=(fill,)), "zh")
                assert origin
                assert letter in "SCME"
