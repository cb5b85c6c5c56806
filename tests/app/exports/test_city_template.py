"""The template: what it asks for is what an import reads, and what is filled in comes back."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import yaml

from app.cli.main import main
from app.exports.city_template import (
    CRS,
    DICTIONARY_COLUMNS,
    GEOPACKAGE,
    MAPPING,
    UNITS,
    WORKBOOK,
    dictionary_rows,
    heading,
    template_mapping,
    write_template_geopackage,
    write_template_workbook,
)
from city_fixtures import CRS as CITY_CRS
from city_fixtures import said, small_city, small_layers
from data.city import City
from data.dictionary import LAYERS, POLYGON_LAYERS, columns
from data.headings.synonyms import read_heading
from data.headings.units import factor_to
from data.importing.draft import EXAMPLE
from data.importing.importer import import_city

CUT = {"cut_overlaps_below_share": 0.001}
"""Straight borders bend a little between two systems."""


def same(back: City, city: City) -> None:
    for layer in LAYERS:
        for name in columns(layer):
            if hasattr(getattr(city, layer), name):
                ours, theirs = getattr(getattr(city, layer), name), getattr(getattr(back, layer), name)
                assert theirs.tolist() == (
                    ours.tolist() if ours.dtype.kind != "f" else pytest.approx(ours, nan_ok=True)
                ), name
    assert back.zones.area_km2 == pytest.approx(city.zones.area_km2, rel=1e-3)
    assert back.facilities.place_idx.tolist() == city.facilities.place_idx.tolist()
    assert back.fills == ()


def imported(file: Path, mapping: dict[str, dict[str, object]]) -> City:
    zones = {**mapping.get("zones", {}), **CUT}
    return import_city(file, file, facilities=file, stations=file, mapping={"crs": CITY_CRS, **mapping, "zones": zones})


def test_every_heading_is_read_as_its_column_in_its_unit() -> None:
    for layer in LAYERS:
        for name, column in columns(layer).items():
            found = read_heading(heading(column), layer)
            assert found is not None, name
            assert found.column == name
            assert not column.unit or factor_to(found.unit, column.unit) == 1.0
    assert set(UNITS) == {column.unit for layer in LAYERS for column in columns(layer).values() if column.unit}


def test_a_filled_workbook_gives_the_city(tmp_path: Path) -> None:
    file, layers = tmp_path / WORKBOOK, small_layers()
    write_template_workbook(file)
    book = openpyxl.load_workbook(file)
    for layer in LAYERS:
        names = {heading(column): name for name, column in columns(layer).items()}
        sheet, frame = book[layer], layers[layer].to_crs(CRS)
        assert EXAMPLE in [cell.value for cell in sheet[2]]
        for _, row in frame.iterrows():
            shape = row["geometry"]
            place = {"wkt": shape.wkt} if layer in POLYGON_LAYERS else {"lon": shape.x, "lat": shape.y}
            sheet.append([place[top.value] if top.value in place else row.get(names[top.value]) for top in sheet[1]])
    book.save(file)
    back = imported(file, yaml.safe_load(template_mapping()))
    same(back, small_city())
    assert "villages: 1 example rows of the template dropped" in said(back)


def test_a_filled_geopackage_gives_the_city(tmp_path: Path) -> None:
    file, layers = tmp_path / GEOPACKAGE, small_layers()
    write_template_geopackage(file)
    for layer in LAYERS:
        example = pyogrio.read_dataframe(file, layer=layer)
        names = {name: heading(column) for name, column in columns(layer).items()}
        ours = layers[layer].to_crs(CRS).rename(columns=names)
        both = pd.concat([example, ours[[name for name in example.columns if name in ours.columns]]], ignore_index=True)
        pyogrio.write_dataframe(gpd.GeoDataFrame(both, crs=CRS), file, layer=layer)
    same(imported(file, {}), small_city())


def test_the_command_writes_all_or_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "template"
    assert main(["city", "template", "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted([WORKBOOK, GEOPACKAGE, MAPPING])
    assert WORKBOOK in capsys.readouterr().out
    assert main(["city", "template", "--out", str(out)]) == 2
    book = openpyxl.load_workbook(out / WORKBOOK)
    assert book.sheetnames == ["说明 read me", *LAYERS, "字典 dictionary"]
    assert book["villages"]["A1"].comment is not None


def test_the_dictionary_says_what_stands_in_for_every_column() -> None:
    rows = list(dictionary_rows())
    assert all(len(row) == len(DICTIONARY_COLUMNS) for row in rows)
    floor = next(row for row in rows if row[:2] == ("villages", "gross_floor_area_m2"))
    assert "If empty: 1 x Site area (import.existing_far) [M]." in floor
    assert "建筑面积" in floor[-1]
