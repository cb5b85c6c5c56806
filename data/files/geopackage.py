"""A city as one GeoPackage: four layers with the dictionary's columns and a table `city`, plus a skim beside it."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from data.arrays import GeometryArray
from data.catalogue import Told, message
from data.city import CATEGORIES, City, Fill, ObservedCommute
from data.dictionary import LAYERS, POLYGON_LAYERS, columns
from data.errors import InputError, reason_of, refuse
from data.field_errors import field_refusals
from data.files.skim import check_skim, read_skim, remove_skims, skim_frame, skim_path
from data.files.stored_tables import MAGIC, refuse_computed_tables
from data.files.vector_files import Limits
from data.layers.assembly import RENTAL_ONLY, UNRESTRICTED, Layers, assemble_city, points_at
from data.layers.findings import Finding, raise_on_errors
from data.layers.validation import check_observed_commute, validate_layers
from data.paths import can_exist, is_file, is_folder

__all__ = ["assemble_city", "city_layers", "read_city", "validate_file", "write_city"]

FORMAT_VERSION = 1
CITY_TABLE = "city"
WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""Time stamp inside every file, so that the same city gives the same bytes."""


class _Properties(BaseModel):
    """Rows of the table `city`; repairs stand there in both languages, or in English if an older program wrote them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: int
    name: str
    crs: str
    districts: tuple[str, ...]
    observed_commute: ObservedCommute | None
    synthetic: dict[str, str]
    repairs: tuple[Told | str, ...]
    fills: tuple[Fill, ...] = ()


def write_city(city: City, path: str | os.PathLike[str]) -> Path:
    """Write a city, and its skim beside it, or nothing at all.

    Args:
        city: the city.
        path: target, ending in `.gpkg`; an existing file, and a skim beside it, are replaced.

    Returns:
        The path.

    Raises:
        InputError: the path does not end in `.gpkg`, its folder is absent or it cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".gpkg":
        raise refuse("city_file_suffix", file=path)
    if not can_exist(path):
        raise refuse("name_impossible", file=path)
    if not is_folder(path.parent) or is_folder(path):
        raise refuse("city_file_place", file=path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".city-") as folder:
            draft = Path(folder) / "city.gpkg"
            _write_layers(city, draft)
            _place_skim(city, path, Path(folder) / "city.skim.parquet")
            os.replace(draft, path)  # noqa: PTH105 - says that it is atomic
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise refuse("file_unwritable", reason=reason_of(error), file=path) from error
    return path


def read_city(path: str | os.PathLike[str], *, check: bool = True) -> City:
    """Read, validate and assemble a city.

    Args:
        path: a GeoPackage as `write_city` makes it, with an optional skim beside it.
        check: False for a file that is known to be sound.

    Raises:
        InputError: the file cannot be read or fails a check; the text names layer, rows and check.
    """
    path = Path(path)
    layers, properties, _ = _read_layers(path)
    if check:
        raise_on_errors(_findings(layers, properties), path, layers)
    return _assemble(path, layers, properties)


def validate_file(path: str | os.PathLike[str]) -> list[Finding]:
    """Every finding about a city file, warnings included.

    Args:
        path: a GeoPackage with an optional skim beside it.

    Raises:
        InputError: the file cannot be read as a city at all, or its skim cannot.
    """
    path = Path(path)
    layers, properties, warned = _read_layers(path)
    findings = warned + _findings(layers, properties)
    if any(finding.severity == "error" for finding in findings):
        return findings
    city = _assemble(path, layers, properties)
    return findings + check_skim(city)


def city_layers(city: City) -> Layers:
    """The layers with the dictionary's columns, as they are stored; the inverse of `assemble_city`."""
    districts = np.array(city.districts, dtype=object)
    villages, facilities, stations = city.villages, city.facilities, city.stations
    return Layers(
        zones=_frame(city, "zones", city.zones.geometry, {"district": districts[city.zones.district_idx]}),
        villages=_frame(
            city,
            "villages",
            villages.geometry,
            {
                "district": districts[villages.district_idx],
                "tenure": np.where(villages.rental_only, RENTAL_ONLY, UNRESTRICTED),
            },
        ),
        facilities=_frame(
            city,
            "facilities",
            points_at(facilities.x_km, facilities.y_km),
            {"category": np.array(CATEGORIES, dtype=object)[facilities.category_idx]},
        ),
        stations=_frame(city, "stations", points_at(stations.x_km, stations.y_km), {}),
    )


def _frame(city: City, layer: str, geometry: GeometryArray, decoded: Mapping[str, NDArray[Any]]) -> gpd.GeoDataFrame:
    """One layer in the order of the dictionary; `decoded` are the columns that the city keeps as positions."""
    arrays = getattr(city, layer)
    content = {name: decoded[name] if name in decoded else getattr(arrays, name) for name in columns(layer)}
    return gpd.GeoDataFrame(content, geometry=list(geometry), crs=city.crs)


def _write_layers(city: City, path: Path) -> None:
    layers = city_layers(city)
    properties = _Properties(
        format_version=FORMAT_VERSION,
        name=city.name,
        crs=city.crs,
        districts=city.districts,
        observed_commute=city.observed_commute,
        synthetic=city.synthetic,
        repairs=city.repairs,
        fills=city.fills,
    ).model_dump(mode="json", exclude_defaults=True)
    table = pd.DataFrame(
        {
            "key": list(properties),
            "value": [json.dumps(value, ensure_ascii=False, sort_keys=True) for value in properties.values()],
        }
    )
    with _fixed_time():
        for layer in LAYERS:
            kind = "Unknown" if layer in POLYGON_LAYERS else "Point"
            pyogrio.write_dataframe(layers[layer], path, layer=layer, geometry_type=kind, promote_to_multi=False)
        pyogrio.write_dataframe(table, path, layer=CITY_TABLE)


@contextmanager
def _fixed_time() -> Iterator[None]:
    """Let GDAL write a fixed time stamp."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _place_skim(city: City, path: Path, draft: Path) -> None:
    """Put the skim beside the city file; a city without one leaves none there."""
    if city.skim is None:
        remove_skims(path)
        return
    skim_frame(city, city.skim.distance_km, city.skim.minutes).to_parquet(draft, index=False)
    remove_skims(path)
    os.replace(draft, path.with_suffix(".skim.parquet"))  # noqa: PTH105 - says that it is atomic


def _read_layers(path: Path) -> tuple[Layers, _Properties, list[Finding]]:
    """The frames and the table `city`, as they stand in the file, and what the reader warned of."""
    if not is_file(path):
        raise refuse("file_absent", file=path)
    with path.open("rb") as stream:
        if stream.read(16) != MAGIC:
            raise refuse("no_geopackage", file=path)
    refuse_computed_tables(path)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frames, table = _read_tables(path)
    except InputError:
        raise
    except (OSError, RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
        raise refuse("geopackage_unreadable", reason=reason_of(error), file=path) from error
    warned = [
        Finding("warning", "file", (), "reader", message("reader_warning", words=str(warning.message)))
        for warning in caught
    ]
    return Layers.of(frames), _properties(path, table), warned


def _read_tables(path: Path) -> tuple[dict[str, gpd.GeoDataFrame], pd.DataFrame]:
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    missing = [layer for layer in (*LAYERS, CITY_TABLE) if layer not in names]
    if missing:
        raise refuse("layers_missing", names=missing, found=names, file=path)
    frames = {layer: _read_frame(path, layer) for layer in LAYERS}
    return frames, pyogrio.read_dataframe(path, layer=CITY_TABLE, read_geometry=False)


def _read_frame(path: Path, layer: str) -> gpd.GeoDataFrame:
    count, most = int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"]), Limits().features
    if count > most:
        raise refuse("rows_too_many", most=most, n=count, file=path, layer=layer)
    frame = pyogrio.read_dataframe(path, layer=layer)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise refuse("layer_without_geometry", file=path, layer=layer)
    return frame


def _properties(path: Path, table: pd.DataFrame) -> _Properties:
    if not {"key", "value"} <= set(table.columns):
        raise refuse("key_and_value_needed", file=path, layer=CITY_TABLE)
    content = {}
    for key, value in zip(table["key"], table["value"], strict=True):
        try:
            content[str(key)] = json.loads(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise refuse("value_no_json", file=path, layer=CITY_TABLE, rows=[key]) from error
    if content.get("format_version") != FORMAT_VERSION:
        version = str(content.get("format_version"))
        raise refuse("city_format_version", expected=FORMAT_VERSION, found=version, file=path, layer=CITY_TABLE)
    try:
        return _Properties.model_validate(content)
    except ValidationError as error:
        raise field_refusals(error, known=tuple(_Properties.model_fields)).within(
            file=path, layer=CITY_TABLE
        ) from error


def _findings(layers: Layers, properties: _Properties) -> list[Finding]:
    findings = validate_layers(layers, properties.districts)
    findings += check_observed_commute(properties.observed_commute, properties.districts)
    crs = layers.zones.crs
    if crs is not None and crs != properties.crs:
        problem = message("crs_of_layers", crs=properties.crs, layers_crs=crs.to_string())
        findings.append(Finding("error", CITY_TABLE, ("crs",), "crs_differs", problem))
    return findings


def _assemble(path: Path, layers: Layers, properties: _Properties) -> City:
    city = assemble_city(
        name=properties.name,
        crs=properties.crs,
        districts=properties.districts,
        zones=layers.zones,
        villages=layers.villages,
        facilities=layers.facilities,
        stations=layers.stations,
        observed_commute=properties.observed_commute,
        synthetic=properties.synthetic,
        repairs=[Told(line, line) if isinstance(line, str) else line for line in properties.repairs],
        fills=properties.fills,
    )
    beside = skim_path(path)
    if beside is None:
        return city
    return replace(city, skim=read_skim(beside, city.place_id, city.zones.zone_id))
