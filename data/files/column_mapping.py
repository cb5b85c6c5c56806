"""The column mapping of an import: how somebody else's files become the columns of the data dictionary."""

from __future__ import annotations

import os
from collections.abc import Mapping as AnyMapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.city import ObservedCommute
from data.dictionary import ID_COLUMN, LAYERS, POLYGON_LAYERS, columns
from data.field_errors import field_refusals, wrong_field
from data.strict_yaml import read_mapping

Cell = bool | int | float | str


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


class LayerMapping(_Strict):
    """How one file becomes one layer. Left of each colon stands our column, right of it the source's."""

    layer: str | None = None  # layer inside the file
    encoding: str | None = None  # of the texts, where the file does not say
    crs: str | None = None  # of the coordinates, where the file does not say
    points: PointColumns | None = None
    columns: dict[str, str] = {}
    constants: dict[str, Cell] = {}
    tables: dict[str, GroupTable] = {}
    translate: dict[str, dict[str, Cell]] = {}  # our column: {their value: our value}
    scale: dict[str, float] = {}
    fill: dict[str, GroupMean] = {}
    keep: dict[str, Cell | list[Cell]] = {}  # their column: value or values of the rows that are kept
    number_ids: bool = False  # give ids "<layer>-<row>" instead of reading them
    polygons_from_points: bool = False
    cut_overlaps_below_share: Annotated[float, Field(ge=0.0, le=0.2)] = 0.0  # of the smaller polygon

    def made_columns(self) -> list[str]:
        """Our columns that the mapping says how to make; a column named twice appears twice."""
        return [*self.columns, *self.constants, *self.tables]


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
    named = [*mapping.made_columns(), *mapping.translate, *mapping.scale, *mapping.fill]
    unknown = sorted({name for name in named if name not in columns(layer)})
    if unknown:
        raise wrong_field("mapping_no_column", field=layer, names=unknown, layer=layer, columns=tuple(columns(layer)))
    made = mapping.made_columns() + ([ID_COLUMN[layer]] if mapping.number_ids else [])
    twice = sorted({name for name in made if made.count(name) > 1})
    if twice:
        raise wrong_field("mapping_column_twice", field=layer, names=twice)
    texts = sorted({n for n in (*mapping.scale, *mapping.fill, *mapping.tables) if columns(layer)[n].type != "number"})
    if texts:
        raise wrong_field("mapping_no_number", field=layer, names=texts)
    if layer not in POLYGON_LAYERS and (mapping.polygons_from_points or mapping.cut_overlaps_below_share):
        raise wrong_field("mapping_polygons_only", field=layer)


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
