"""Opening somebody else's vector file: whatever is wrong with it becomes one InputError."""

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

from data.errors import InputError, refusal
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
        raise refusal(f"cannot be read as a vector file ({_first_line(error)})", file=path, layer=layer) from error
    return frame, [f"{layer}: {_first_line(item.message)}" for item in caught]


def _checked_source(path: Path, layer: str, limits: Limits) -> str:
    """The name under which GDAL opens the file, after everything that can be checked without GDAL."""
    if not os.path.lexists(path):
        raise refusal("there is no such file", file=path, layer=layer)
    if not path.is_file():
        raise refusal("a file is needed, this is none", file=path, layer=layer)
    if path.suffix.lower() not in READABLE_SUFFIXES:
        raise refusal(f"the file must be one of {', '.join(READABLE_SUFFIXES)}", file=path, layer=layer)
    if path.stat().st_size > limits.bytes:
        raise refusal(f"the file must not exceed {limits.bytes:,} bytes", file=path, layer=layer)
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
        raise refusal("XML may point to other data; save it as GeoPackage first", file=path, layer=layer)
    if RECIPE in head:
        raise refusal("is a recipe for GDAL that may read other data; save its result first", file=path, layer=layer)


def _check_zip(path: Path, layer: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > limits.zip_members or unpacked > limits.bytes:
                rule = f"the zip must hold at most {limits.zip_members:,} files and {limits.bytes:,} bytes unpacked, "
                raise refusal(rule + f"found {len(members):,} and {unpacked:,}", file=path, layer=layer)
            shapefile = any(member.filename.lower().endswith(".shp") for member in members)
            for member in members:
                if shapefile and member.filename.lower().endswith(".xml"):
                    continue  # a shapefile's description, which no driver opens
                with archive.open(member) as stream:
                    head = stream.read(HEAD_BYTES)
                _refuse_indirect(head, path, layer)
                if head.startswith((MAGIC, b"PK")):
                    rule = f"{member.filename[:80]!a} must be unpacked first; a zip may hold a shapefile or text"
                    raise refusal(rule, file=path, layer=layer)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise refusal(f"cannot be read as a zip file ({error})", file=path, layer=layer) from error


def _layer_name(source: str, path: Path, layer: str, wanted: str | None) -> str:
    names = [str(name) for name in pyogrio.list_layers(source)[:, 0]]
    if wanted is not None and wanted not in names:
        raise refusal(f"there is no layer {wanted}; the file has {', '.join(names)}", file=path, layer=layer)
    if wanted is None and len(names) != 1:
        rule = f"the file has the layers {', '.join(names) or '(none)'}; name one in the mapping: {layer}: layer"
        raise refusal(rule, file=path, layer=layer)
    return wanted or names[0]


def _refuse_too_many(source: str, name: str, path: Path, layer: str, limits: Limits) -> None:
    count = int(pyogrio.read_info(source, layer=name, force_feature_count=True)["features"])
    if count > limits.features:
        raise refusal(f"at most {limits.features:,} features are read, found {count:,}", file=path, layer=layer)


def _refuse_too_detailed(frame: gpd.GeoDataFrame, path: Path, layer: str, limits: Limits) -> None:
    count = int(shapely.get_num_coordinates(frame.geometry.array).sum())
    if count > limits.coordinates:
        rule = f"at most {limits.coordinates:,} coordinates are read, found {count:,}; simplify the outlines"
        raise refusal(rule, file=path, layer=layer)


def _with_points(frame: pd.DataFrame, path: Path, layer: str, mapping: LayerMapping) -> gpd.GeoDataFrame:
    """The frame with a geometry, its own or made from coordinate columns."""
    if mapping.points is None:
        if isinstance(frame, gpd.GeoDataFrame):
            return frame
        rule = f"the file has no geometry; name the coordinate columns in the mapping: {layer}: points: {{x, y}}"
        raise refusal(rule, file=path, layer=layer)
    names = [mapping.points.x, mapping.points.y]
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise refusal(f"column {', '.join(missing)} (mapping: points) is missing", file=path, layer=layer)
    x, y = (numbers(frame[name]) for name in names)
    return gpd.GeoDataFrame(pd.DataFrame(frame.drop(columns=names)), geometry=shapely.points(x, y), crs=None)


def _first_line(error: object) -> str:
    return str(error).partition("\n")[0][:300]
