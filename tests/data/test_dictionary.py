"""The data dictionary is complete and agrees with the City."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import ValidationError

from data.city import CATEGORIES, Facilities, Stations, Villages, Zones
from data.dictionary import ID_COLUMN, LAYERS, POLYGON_AREA, Column, columns, dictionary

DERIVED = {
    "district_idx",
    "zone_idx",
    "place_idx",
    "category_idx",
    "area_km2",
    "x_km",
    "y_km",
    "geometry",
    "rental_only",
}
DECODED = {"district", "category", "tenure"}


@pytest.mark.parametrize(
    ("layer", "kind"), [("zones", Zones), ("villages", Villages), ("facilities", Facilities), ("stations", Stations)]
)
def test_columns_are_those_of_the_city(layer: str, kind: type) -> None:
    stored = {item.name for item in fields(kind)} - DERIVED
    assert set(columns(layer)) - DECODED == stored


def test_every_entry_is_complete() -> None:
    for layer in LAYERS:
        assert next(iter(columns(layer))) == ID_COLUMN[layer]
        for name, column in columns(layer).items():
            assert set(column.label) == {"en", "zh"}, name
            if column.type == "number":
                assert column.bounds[0] < column.bounds[1]
                assert column.unit


def test_defaults_are_believable() -> None:
    for layer in LAYERS:
        for column in columns(layer).values():
            if isinstance(column.default, float):
                assert column.bounds[0] <= column.default <= column.bounds[1]
            if column.choices and column.default is not None:
                assert column.default in column.choices
            if column.default_ratio is not None:
                assert column.default_ratio.of in {POLYGON_AREA, *columns(layer)}
            if column.default_zone is not None:
                assert column.default_zone in columns("zones")


def test_categories_agree() -> None:
    assert columns("facilities")["category"].choices == CATEGORIES


def test_misspelt_key_is_refused() -> None:
    entry = {"type": "text", "label": {"en": "a", "zh": "b"}, "description": "c"}
    assert Column.model_validate(entry).required
    with pytest.raises(ValidationError):
        Column.model_validate(entry | {"defualt": ""})
    with pytest.raises(ValidationError):
        Column.model_validate(entry | {"type": "number"})


def test_dictionary_is_read_once() -> None:
    assert dictionary() is dictionary()
