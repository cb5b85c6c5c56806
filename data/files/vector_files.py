"""Layers of vector files from outside (GeoJSON, GeoPackage, Shapefile ...), read within limits of kind and size."""

from __future__ import annotations

import os
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from data.catalogue import message
from data.errors import LONGEST_NAME, LONGEST_REASON, InputError, printable, reason_of, refuse
from data.files.column_mapping import LayerMapping
from data.files.stored_tables import MAGIC, refuse_computed_tables
from data.table_cells import numbers

READABLE_SUFFIXES: tuple[str, ...] = (
    ".geojson", ".json", ".gpkg", ".shp", ".zip", ".fgb", ".tab", ".mif", ".csv",
)  # fmt: skip
"""Self-contained formats; others may point to further files or addresses."""
HEAD_BYTES = 4096
RECIPE = b"gdal_streamed_alg"
"""By which GDAL knows, in the first bytes of a file of any suffix, a list of commands to run (format GDALG)."""


@dataclass(frozen=True)
class Limits:
    """What an import accepts."""

    features: int = 200_000
    coordinates: int = 5_000_000
    bytes: int = 500_000_000
    zip_members: int = 1_000


def read_vector(path: Path, layer: str, mapping: LayerMapping, limits: Limits) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read one layer of a file.

    Args:
        path: the file.
        layer: our layer, for messages.
        mapping: names the layer inside the file, its encoding, or its coordinate columns.
        limits: size and feature limits.

    Returns:
        The frame as it stands in the file, and what the reader warned of.

    Raises:
        InputError: the path is absent, a folder, too large, of an unreadable kind or broken.
    """
    source = _checked_source(path, layer, limits)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            name = _layer_name(source, path, layer, mapping.layer)
            _refuse_too_many(source, name, path, layer, limits)
            frame = pyogrio.read_dataframe(source, layer=name, encoding=mapping.encoding)
            frame = _with_points(frame, path, layer, mapping)
            _refuse_too_detailed(frame, path, layer, limits)
    except InputError:
        raise
    except (OSError, RuntimeError, LookupError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise refuse("vector_unreadable", reason=_first_line(error), file=path, layer=layer) from error
    return frame, [f"{layer}: {_first_line(warning.message)}" for warning in caught]


def _checked_source(path: Path, layer: str, limits: Limits) -> str:
    """The name under which GDAL opens the file, after everything that can be checked without GDAL."""
    if not os.path.lexists(path):
        raise refuse("file_absent", file=path, layer=layer)
    if not path.is_file():
        raise refuse("no_plain_file", file=path, layer=layer)
    if path.suffix.lower() not in READABLE_SUFFIXES:
        raise refuse("file_kind", kinds=READABLE_SUFFIXES, file=path, layer=layer)
    if path.stat().st_size > limits.bytes:
        raise refuse("file_too_large", most=limits.bytes, file=path, layer=layer)
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    _refuse_indirect(head, path, layer)
    if head.startswith(MAGIC):
        refuse_computed_tables(path, layer)
    if path.suffix.lower() != ".zip":
        return str(path)
    _check_zip(path, layer, limits)
    return f"/vsizip/{path.resolve()}"


def _refuse_indirect(head: bytes, path: Path, layer: str) -> None:
    """XML formats (GML, KML, VRT, WFS) and GDAL's own recipes may point to other files and addresses."""
    if head.decode("utf-8", errors="replace").lstrip("\ufeff\x00 \t\r\n\f\v").startswith("<"):
        raise refuse("xml_file", file=path, layer=layer)
    if RECIPE in head:
        raise refuse("gdal_recipe", file=path, layer=layer)


def _check_zip(path: Path, layer: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > limits.zip_members or unpacked > limits.bytes:
                raise refuse(
                    "zip_too_large",
                    most_files=limits.zip_members,
                    most_bytes=limits.bytes,
                    n_files=len(members),
                    n_bytes=unpacked,
                    file=path,
                    layer=layer,
                )
            shapefile = any(member.filename.lower().endswith(".shp") for member in members)
            for member in members:
                if shapefile and member.filename.lower().endswith(".xml"):
                    continue  # a shapefile's description, which no driver opens
                with archive.open(member) as stream:
                    head = stream.read(HEAD_BYTES)
                _refuse_indirect(head, path, layer)
                if head.startswith((MAGIC, b"PK")):
                    name = printable(member.filename, LONGEST_NAME)
                    raise refuse("zip_member_packed", name=name, file=path, layer=layer)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise refuse("zip_unreadable", reason=reason_of(error), file=path, layer=layer) from error


def _layer_name(source: str, path: Path, layer: str, wanted: str | None) -> str:
    names = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
    listed = names or message("nothing_listed")
    if wanted is not None and wanted not in names:
        raise refuse("file_layer_unknown", name=wanted, names=listed, file=path, layer=layer)
    if wanted is None and len(names) != 1:
        raise refuse("file_layer_unnamed", names=listed, wanted=layer, file=path, layer=layer)
    return wanted or names[0]


def _refuse_too_many(source: str, name: str, path: Path, layer: str, limits: Limits) -> None:
    count = int(pyogrio.read_info(source, layer=name, force_feature_count=True)["features"])
    if count > limits.features:
        raise refuse("features_too_many", most=limits.features, n=count, file=path, layer=layer)


def _refuse_too_detailed(frame: gpd.GeoDataFrame, path: Path, layer: str, limits: Limits) -> None:
    count = int(shapely.get_num_coordinates(frame.geometry.array).sum())
    if count > limits.coordinates:
        raise refuse("coordinates_too_many", most=limits.coordinates, n=count, file=path, layer=layer)


def _with_points(frame: pd.DataFrame, path: Path, layer: str, mapping: LayerMapping) -> gpd.GeoDataFrame:
    """The frame with a geometry, its own or made from coordinate columns."""
    if mapping.points is None:
        if isinstance(frame, gpd.GeoDataFrame):
            return frame
        raise refuse("file_without_geometry", example=f"{layer}: points: {{x, y}}", file=path, layer=layer)
    names = [mapping.points.x, mapping.points.y]
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise refuse("point_columns_missing", names=missing, file=path, layer=layer)
    x, y = (numbers(frame[name]) for name in names)
    return gpd.GeoDataFrame(pd.DataFrame(frame.drop(columns=names)), geometry=shapely.points(x, y), crs=None)


def _first_line(error: object) -> str:
    return str(error).partition("\n")[0][:LONGEST_REASON]
