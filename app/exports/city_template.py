"""A workbook and a GeoPackage to fill in: a layer each for zones, villages, facilities and stations.

Headings are in both languages with their unit, one example row (of the embedded `tiny`) is marked and dropped by the
import, and a sheet explains every column and says what fills it where it stays empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio
import yaml
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from app.words.console import unit_text
from app.words.fill_words import origin_text
from data.catalogue import LANGUAGES, text
from data.dictionary import ID_COLUMN, LAYERS, POLYGON_LAYERS, Column, columns
from data.files.cities import load_city
from data.files.geopackage import city_layers
from data.headings.synonyms import bilingual, synonyms
from data.importing.defaults import default_of
from data.importing.draft import EXAMPLE

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WORKBOOK, GEOPACKAGE, MAPPING = "city-template.xlsx", "city-template.gpkg", "mapping.yaml"
CRS = "EPSG:4326"
UNITS: Mapping[str, str] = {
    "persons": "人, persons",
    "jobs": "个, jobs",
    "m2": "㎡, m2",
    "1": "比例, share",
    "CNY/m2": "元/㎡, CNY/m2",
    "CNY/m2/month": "元/㎡·月, CNY/m2/month",
    "m2/yr": "㎡/年, m2/yr",
    "m2/m2": "㎡/㎡, m2/m2",
}
"""Unit of the dictionary -> how a heading says it in both languages; the import reads it."""
_BOLD, _GRAY = Font(bold=True), Font(italic=True, color="00808080")
_NEEDED = PatternFill("solid", start_color="00FFF2CC")
DICTIONARY_COLUMNS = (
    ("layer", "en"), ("name", "en"), ("label", "zh"), ("label", "en"), ("unit", "zh"), ("choices", "en"),
    ("needs", "en"), ("needs", "zh"), ("description", "en"), ("synonyms", "zh"),
)  # fmt: skip
ROWS_WITH_CHOICES = 5_000
WIDTH = 22


def write_template(folder: Path) -> None:
    """Write workbook, GeoPackage and the mapping that goes with them.

    Args:
        folder: an existing folder.
    """
    write_template_workbook(folder / WORKBOOK)
    write_template_geopackage(folder / GEOPACKAGE)
    (folder / MAPPING).write_text(template_mapping(), encoding="utf-8")


def heading(column: Column) -> str:
    """The heading of a column: its labels in both languages, and its unit."""
    words = bilingual(column)
    return f"{words} ({UNITS[column.unit]})" if column.unit else words


def template_mapping() -> str:
    """The mapping that goes with the workbook, which cannot say its reference system."""
    return yaml.safe_dump({layer: {"layer": layer, "crs": CRS} for layer in LAYERS}, sort_keys=False)


def write_template_geopackage(path: Path) -> None:
    """The layers with the example row each."""
    for layer in LAYERS:
        kind = "MultiPolygon" if layer in POLYGON_LAYERS else "Point"
        pyogrio.write_dataframe(_example(layer), path, layer=layer, geometry_type=kind, promote_to_multi=None)


def write_template_workbook(path: Path) -> None:
    """A sheet each, one that explains how to fill them in, and the dictionary."""
    book = Workbook()
    book.remove(book.worksheets[0])
    lines = [text("template_help", language, example=EXAMPLE).splitlines() for language in LANGUAGES]
    title = " ".join(text("template_title", language) for language in reversed(LANGUAGES))
    _write_rows(book.create_sheet("说明 read me"), [(title,), *((line,) for part in lines for line in part)], 110)
    for layer in LAYERS:
        _write_layer(book.create_sheet(layer), layer)
    _write_rows(book.create_sheet("字典 dictionary"), list(dictionary_rows()), WIDTH)
    book.save(path)


def _example(layer: str) -> gpd.GeoDataFrame:
    """The first row of `tiny` under the template's headings, its id saying that it is an example."""
    frame = city_layers(load_city("tiny"))[layer].iloc[:1].to_crs(CRS)
    known = columns(layer)
    frame = frame.assign(**{ID_COLUMN[layer]: EXAMPLE})[[*_asked(layer), "geometry"]]
    return frame.rename(columns={name: heading(known[name]) for name in _asked(layer)})


def _asked(layer: str) -> list[str]:
    """Columns that the template asks for; what the import marks by itself is none of them."""
    return [name for name, column in columns(layer).items() if column.marks is None]


def _write_layer(sheet: Worksheet, layer: str) -> None:
    """Headings with a comment each, needed ones colored; the example row in gray; lists of the words to choose from."""
    example = _example(layer)
    shape = example.geometry.iloc[0]
    place = {"wkt": shape.wkt} if layer in POLYGON_LAYERS else {"lon": shape.x, "lat": shape.y}
    cells: dict[str, Any] = {**example.drop(columns="geometry").iloc[0].to_dict(), **place}
    sheet.append(list(cells))
    sheet.append([cell.item() if hasattr(cell, "item") else cell for cell in cells.values()])
    for position, name in enumerate(_asked(layer), start=1):
        column, letter = columns(layer)[name], get_column_letter(position)
        top = sheet.cell(1, position)
        top.comment = Comment("\n".join(_needs(layer, name, column, language) for language in LANGUAGES), "")
        if column.required:
            top.fill = _NEEDED
        if column.choices:
            choices = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            choices.add(f"{letter}2:{letter}{ROWS_WITH_CHOICES}")
            sheet.add_data_validation(choices)
    for position in range(1, sheet.max_column + 1):
        sheet.cell(1, position).font, sheet.cell(2, position).font = _BOLD, _GRAY
        sheet.cell(1, position).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(position)].width = WIDTH
    sheet.freeze_panes = "B2"


def _needs(layer: str, name: str, column: Column, language: str) -> str:
    """Whether a column is needed, and what stands in for it."""
    if name == ID_COLUMN[layer]:
        return text("template_id", language)
    if column.required:
        return text("template_required", language)
    default = default_of(column)
    if default is None:
        return text("template_optional", language)
    return text("template_filled", language, origin=origin_text(layer, default, language), letter=default.letter)


def dictionary_rows() -> Iterator[tuple[str, ...]]:
    """A row for each column: layer, name, labels, unit, words to choose from, what fills it, what else it is called."""
    yield tuple(text(f"template_column_{key}", language) for key, language in DICTIONARY_COLUMNS)
    for layer in LAYERS:
        for name in _asked(layer):
            column = columns(layer)[name]
            yield (
                layer,
                name,
                column.label["zh"],
                column.label["en"],
                unit_text(column.unit, "zh") if column.unit else "",
                ", ".join(column.choices),
                *(_needs(layer, name, column, language) for language in LANGUAGES),
                column.description,
                "、".join(synonyms(layer)[name]),
            )


def _write_rows(sheet: Worksheet, rows: list[tuple[str, ...]], width: int) -> None:
    for row in rows:
        sheet.append(row)
    for position in range(1, sheet.max_column + 1):
        sheet.cell(1, position).font = _BOLD
        sheet.column_dimensions[get_column_letter(position)].width = width
