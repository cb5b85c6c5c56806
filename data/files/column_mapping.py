"""The column mapping of an import: how somebody else's files become the columns of the data dictionary."""

from __future__ import annotations

import os
from collections.abc import Mapping as AnyMapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.city import CATEGORIES, ObservedCommute
from data.dictionary import ID_COLUMN, LAYERS, POLYGON_LAYERS, import_columns
from data.field_errors import field_refusals, wrong_field
from data.headings.units import factor_to
from data.strict_yaml import read_mapping

Cell = bool | int | float | str
SPLIT_COLUMNS: tuple[str, ...] = ("category", "supply_m2")
"""Columns of facilities that `split` makes."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class GroupTable(_Strict):
    """Totals of groups of rows, spread over the rows of each group in proportion to a column."""

    by: str  # source column that names the group
    spread_by: str  # source column, >= 0
    values: dict[str, Annotated[float, Field(ge=0.0)]]


class GroupMean(_Strict):
    """Empty cells take the mean of the filled cells of their group."""

    by: str  # source column that names the group
    otherwise: float | None = None  # where a group has no filled cell


class PointColumns(_Strict):
    """Coordinates held in two columns of a table without geometry."""

    x: str
    y: str


class CountColumn(_Strict):
    """A column that counts facilities of one category in each row."""

    column: str
    m2_each: Annotated[float, Field(gt=0.0)] | None = None  # None = the book's size of such a facility


class LayerMapping(_Strict):
    """How one file becomes one layer. Left of each colon stands our column, right of it the source's.

    A column that is not named here is read where its heading is our name or a synonym of it, in the unit it states.
    """

    layer: str | None = None  # layer inside the file
    encoding: str | None = None  # of the texts, where the file does not say
    crs: str | None = None  # of the coordinates, where the file does not say
    points: PointColumns | None = None
    columns: dict[str, str] = {}
    constants: dict[str, Cell] = {}
    units: dict[str, str] = {}  # our column: unit of their numbers, "万㎡"
    unknown: dict[str, Cell | list[Cell]] = {}  # our column: their values that mean "not known"
    ignore: list[str] = []  # their columns that are not read, whatever they are called
    tables: dict[str, GroupTable] = {}
    translate: dict[str, dict[str, Cell]] = {}  # our column: {their value: our value}
    scale: dict[str, float] = {}
    split: dict[str, CountColumn] = {}  # category: count; a row becomes a facility of each category that it counts
    fill: dict[str, GroupMean] = {}
    keep: dict[str, Cell | list[Cell]] = {}  # their column: value or values of the rows that are kept
    drop_outside_zones: bool = False  # rows that lie in no zone are dropped and counted
    number_ids: bool = False  # give ids "<layer>-<row>" instead of reading them
    polygons_from_points: bool = False
    cut_overlaps_below_share: Annotated[float, Field(ge=0.0, le=0.2)] = 0.0  # of the smaller polygon

    def made_columns(self) -> list[str]:
        """Our columns that the mapping says how to make; a column named twice appears twice."""
        return [*self.columns, *self.constants, *self.tables, *(SPLIT_COLUMNS if self.split else ())]


class ImportMapping(_Strict):
    """A whole mapping file.

    Attributes:
        name: name of the city.
        crs: reference system of the city, "EPSG:..."; by default that of the zones, or UTM.
        observed_commute: calibration target.
        zones_include_villages: the zones' residents and jobs count those of the villages, too, so they are subtracted.
    """

    name: str | None = None
    crs: str | None = None
    observed_commute: ObservedCommute | None = None
    zones_include_villages: bool = False
    zones: LayerMapping = LayerMapping()
    villages: LayerMapping = LayerMapping()
    facilities: LayerMapping = LayerMapping()
    stations: LayerMapping = LayerMapping()

    def __getitem__(self, layer: str) -> LayerMapping:
        """The mapping of that layer."""
        return getattr(self, layer)

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        for layer in LAYERS:
            _check_layer(layer, self[layer])
        return self


def _check_layer(layer: str, mapping: LayerMapping) -> None:
    ours = import_columns(layer)
    numbers_only = (*mapping.scale, *mapping.fill, *mapping.tables, *mapping.units)
    named = [*mapping.made_columns(), *mapping.translate, *mapping.unknown, *numbers_only]
    unknown = sorted({name for name in named if name not in ours})
    if unknown:
        raise wrong_field("mapping_no_column", field=layer, names=unknown, layer=layer, columns=tuple(ours))
    made = mapping.made_columns() + ([ID_COLUMN[layer]] if mapping.number_ids else [])
    twice = sorted({name for name in made if made.count(name) > 1} | (set(mapping.units) & set(mapping.scale)))
    if twice:
        raise wrong_field("mapping_column_twice", field=layer, names=twice)
    texts = sorted({name for name in numbers_only if ours[name].type != "number"})
    if texts:
        raise wrong_field("mapping_no_number", field=layer, names=texts)
    _check_units(layer, mapping)
    _check_kind(layer, mapping)


def _check_units(layer: str, mapping: LayerMapping) -> None:
    for name, unit in mapping.units.items():
        ours = import_columns(layer)[name].unit
        if factor_to(unit, ours) is None:
            raise wrong_field("mapping_unit", field=f"{layer}: units: {name}", unit=unit, ours=ours)


def _check_kind(layer: str, mapping: LayerMapping) -> None:
    """What is for polygons or facilities alone stands with them."""
    if layer not in POLYGON_LAYERS and (mapping.polygons_from_points or mapping.cut_overlaps_below_share):
        raise wrong_field("mapping_polygons_only", field=layer)
    if layer == "zones" and mapping.drop_outside_zones:
        raise wrong_field("mapping_no_zones", field=layer)
    if mapping.split and (layer != "facilities" or not mapping.number_ids):
        raise wrong_field("mapping_split", field=layer)
    unknown = [name for name in mapping.split if name not in CATEGORIES]
    if unknown:
        raise wrong_field("mapping_no_category", field=f"{layer}: split", names=unknown, choices=CATEGORIES)


def load_mapping(mapping: str | os.PathLike[str] | AnyMapping[str, Any] | None) -> ImportMapping:
    """Read a mapping.

    Args:
        mapping: path of a YAML file, its content as a dict, or None for files that use our column names.

    Raises:
        InputError: the file cannot be read, or names something unknown.
    """
    if mapping is None:
        return ImportMapping()
    source: object = "mapping" if isinstance(mapping, AnyMapping) else Path(mapping)
    content = mapping if isinstance(mapping, AnyMapping) else read_mapping(Path(mapping))
    try:
        return ImportMapping.model_validate(content)
    except ValidationError as error:
        raise field_refusals(error, known=tuple(ImportMapping.model_fields)).within(file=source) from error
