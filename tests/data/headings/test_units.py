"""Units as people write them, by hand."""

from __future__ import annotations

import pytest

from data.dictionary import LAYERS, import_columns
from data.headings.units import factor_to, looks_like_unit, read_unit


@pytest.mark.parametrize(
    ("written", "ours", "factor"),
    [
        ("万人", "persons", 10_000.0),
        ("（万）", "persons", 10_000.0),
        ("thousand", "jobs", 1_000.0),
        ("10k people", "jobs", 10_000.0),
        ("1000s", "persons", 1_000.0),
        ("1,000 persons", "persons", 1_000.0),
        ("元/平", "CNY/m2", 1.0),
        ("万㎡", "m2", 10_000.0),
        ("万平方米", "m2", 10_000.0),
        ("公顷", "m2", 10_000.0),
        ("亩", "m2", 10_000.0 / 15.0),
        ("mu", "m2", 10_000.0 / 15.0),
        ("km²", "m2", 1e6),
        ("%", "1", 0.01),
        ("百分比", "m2/m2", 0.01),
        ("元", "CNY/m2", 1.0),
        ("万元/平米", "CNY/m2", 10_000.0),
        ("元/亩", "CNY/m2", 15.0 / 10_000.0),
        ("元/㎡", "CNY/m2/month", 1.0),
        ("元/(㎡·月)", "CNY/m2/month", 1.0),
        ("元/月/㎡", "CNY/m2/month", 1.0),
        ("元每平方米每天", "CNY/m2/month", 365.0 / 12.0),
        ("yuan per sqm per year", "CNY/m2/month", 1.0 / 12.0),
        ("万㎡/年", "m2/yr", 10_000.0),
        ("万㎡", "m2/yr", 10_000.0),
    ],
)
def test_a_unit_has_its_factor(written: str, ours: str, factor: float) -> None:
    assert factor_to(written, ours) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    ("written", "ours"),
    [("公顷", "persons"), ("万人", "m2"), ("元/套·月", "CNY/m2/month"), ("元/月", "CNY/m2/month"), ("㎡", "m2/m2")],
)
def test_what_measures_something_else_has_none(written: str, ours: str) -> None:
    assert read_unit(written) is not None
    assert factor_to(written, ours) is None


@pytest.mark.parametrize(
    ("words", "like"),
    [("万尺", True), ("1000口", True), ("元/户", True), ("不含违建", False), ("2020年", False), ("地上/地下", False)],
)
def test_words_that_may_be_meant_as_a_unit(words: str, like: bool) -> None:
    assert looks_like_unit(words) == like


@pytest.mark.parametrize("written", ["不含违建", "kg", "2020", "", "万斤"])
def test_other_words_are_no_unit(written: str) -> None:
    assert read_unit(written) is None


def test_the_dictionary_writes_units_that_are_read() -> None:
    for layer in LAYERS:
        for column in import_columns(layer).values():
            assert not column.unit or factor_to(column.unit, column.unit) == 1.0
