"""Layers of files from outside (GeoJSON, GeoPackage, Shapefile, KML, CSV ...), read within limits of kind and size."""

from __future__ import annotations

import os
import tempfile
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from data.catalogue import Message, message
from data.errors import LONGEST_REASON, InputError, refuse
from data.files.column_mapping import LayerMapping
from data.files.kml_files import STYLE_COLUMNS, harmless_kml
from data.files.shapefiles import shapefile_with_whole_texts
from data.files.stored_tables import MAGIC, refuse_computed_tables
from data.files.table_files import read_csv_table, read_workbook_table
from data.files.table_geometry import with_geometry
from data.files.text_encodings import decoded, garbled
from data.files.zip_files import check_archive, unpack_layer

PACKED_SUFFIXES = (".zip", ".kmz")
TEXT_SUFFIXES = (".geojson", ".json")
PARQUET_SUFFIXES = (".parquet", ".geoparquet")
READABLE_SUFFIXES: tuple[str, ...] = (
    ".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".kmz", ".fgb", ".tab", ".mif", *PARQUET_SUFFIXES,
    ".csv", ".xlsx",
)  # fmt: skip
"""Self-contained formats; others may point to further files or addresses."""
HEAD_BYTES = 4096
RECIPE = b"gdal_streamed_alg"
"""By which GDAL knows, in the first bytes of a file of any suffix, a list of commands to run (format GDALG)."""

UNREADABLE = (
    OSError, RuntimeError, LookupError, TypeError, ValueError, pa.ArrowException, shapely.errors.ShapelyError,
)  # fmt: skip
"""What the libraries raise on a damaged file."""


@dataclass(frozen=True)
class Limits:
    """What an import accepts."""

    features: int = 200_000
    coordinates: int = 5_000_000
    bytes: int = 500_000_000
    zip_members: int = 1_000


@dataclass(frozen=True)
class _Request:
    """What is asked of a file: which layer of ours, how it is mapped, within which limits; a folder to unpack in."""

    layer: str
    mapping: LayerMapping
    limits: Limits
    folder: Path


def read_vector(
    path: Path, layer: str, mapping: LayerMapping, limits: Limits
) -> tuple[gpd.GeoDataFrame, list[Message]]:
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
    _check_file(path, layer, limits)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame, notes = _read(path, _Request(layer, mapping, limits, Path(folder)))
            _refuse_too_detailed(frame, limits)
        except (*UNREADABLE, InputError) as error:
            raise _refusal(error, path, layer, folder) from error
    warned = [message("note_reader_said", words=_first_line(warning.message)) for warning in caught]
    said = [*notes, *warned, *_garbled_texts(frame)]
    return frame, [message("note_of_layer", layer=layer, note=note) for note in said]


def _refusal(error: Exception, path: Path, layer: str, folder: str) -> InputError:
    """What a reader raised, told of the file that was given and not of what was unpacked from it."""
    if isinstance(error, UnicodeDecodeError):
        refused = refuse("encoding_missing", wanted=layer)
    elif isinstance(error, InputError):
        refused = error
    else:
        refused = refuse("vector_unreadable", reason=_first_line(error))
    if not refused.refusals[0].file:
        refused = refused.within(file=path, layer=layer)
    refused.name_files({str(part): str(path) for part in Path(folder).iterdir()})
    return refused


def _check_file(path: Path, layer: str, limits: Limits) -> None:
    """Everything that can be checked without opening the file in a library."""
    if not os.path.lexists(path):
        raise refuse("file_absent", file=path, layer=layer)
    if not path.is_file():
        raise refuse("no_plain_file", file=path, layer=layer)
    if path.suffix.lower() not in READABLE_SUFFIXES:
        raise refuse("file_kind", kinds=READABLE_SUFFIXES, file=path, layer=layer)
    if path.stat().st_size > limits.bytes:
        raise refuse("file_too_large", most=limits.bytes, file=path, layer=layer)


def _read(path: Path, asked: _Request) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """One layer by the suffix of its file."""
    suffix, mapping, limits = path.suffix.lower(), asked.mapping, asked.limits
    if suffix == ".xlsx" and not zipfile.is_zipfile(path):
        raise refuse("workbook_unreadable", reason=message("no_workbook"))
    if suffix in PACKED_SUFFIXES or suffix == ".xlsx":
        check_archive(path, asked.layer, limits.zip_members, limits.bytes)
    if suffix in PACKED_SUFFIXES:
        inner = tuple(name for name in READABLE_SUFFIXES if name not in PACKED_SUFFIXES)
        return _read(unpack_layer(path, asked.layer, mapping.layer, inner, asked.folder), asked)
    if suffix == ".csv":
        return _with_geometry(*_checked_csv(path, asked), asked)
    if suffix == ".xlsx":
        return _with_geometry(*read_workbook_table(path, mapping.layer, limits.features, asked.layer), asked)
    if suffix in PARQUET_SUFFIXES:
        return _with_geometry(_read_parquet(path, limits), [], asked)
    return _read_by_gdal(path, asked)


def _with_geometry(
    frame: pd.DataFrame, notes: list[Message], asked: _Request
) -> tuple[gpd.GeoDataFrame, list[Message]]:
    framed, said = with_geometry(frame, asked.mapping.points, f"{asked.layer}: points: {{x, y}}")
    return framed, [*notes, *said]


def _checked_csv(path: Path, asked: _Request) -> tuple[pd.DataFrame, list[Message]]:
    _refuse_indirect(path, asked.layer)
    return read_csv_table(path, asked.mapping.encoding, asked.limits.features)


def _read_parquet(path: Path, limits: Limits) -> pd.DataFrame:
    """A GeoParquet file, or a Parquet table with coordinate columns; counted before it is unpacked."""
    file = pq.ParquetFile(path)
    described = file.metadata
    n_bytes = sum(described.row_group(idx).total_byte_size for idx in range(described.num_row_groups))
    if described.num_rows > limits.features:
        raise refuse("features_too_many", most=limits.features, n=described.num_rows)
    if n_bytes > limits.bytes:
        raise refuse("file_too_large", most=limits.bytes)
    if b"geo" in (described.metadata or {}):
        return gpd.read_parquet(path)
    return file.read().to_pandas()


def _read_by_gdal(path: Path, asked: _Request) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Any other format; its texts are decoded in the encoding that was settled before."""
    suffix, mapping, notes = path.suffix.lower(), asked.mapping, list[Message]()
    source, encoding = path, mapping.encoding
    if suffix == ".kml":
        source = asked.folder / "layer.kml"
        source.write_bytes(harmless_kml(path))
        _refuse_recipe(source.read_bytes())
    else:
        _refuse_indirect(path, asked.layer)
    if suffix in TEXT_SUFFIXES:
        source, notes, encoding = *_as_utf8(path, asked), None
    if suffix == ".shp":
        source, encoding, notes = shapefile_with_whole_texts(path, mapping.encoding, asked.folder)
    name = _layer_name(source, asked)
    _refuse_too_many(source, name, asked.limits, encoding)
    frame = pyogrio.read_dataframe(source, layer=name, encoding=encoding)
    if suffix == ".kml":
        frame = frame.drop(columns=[column for column in STYLE_COLUMNS if column in frame.columns])
    return _with_geometry(frame, notes, asked)


def _refuse_indirect(path: Path, layer: str) -> None:
    """XML formats (GML, VRT, WFS), GDAL's own recipes and computed tables may point to other files and addresses."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.decode("utf-8", errors="replace").lstrip("\ufeff\x00 \t\r\n\f\v").startswith("<"):
        raise refuse("xml_file")
    _refuse_recipe(head)
    if head.startswith(MAGIC):
        refuse_computed_tables(path, layer)


def _refuse_recipe(content: bytes) -> None:
    if RECIPE in content:
        raise refuse("gdal_recipe")


def _as_utf8(path: Path, asked: _Request) -> tuple[Path, list[Message]]:
    """A text file that GDAL can read: the file itself, or a copy in UTF-8."""
    content = path.read_bytes()
    text, note = decoded(content, asked.mapping.encoding)
    if note is None and content.lstrip(b"\xef\xbb\xbf") == (plain := text.lstrip("\ufeff").encode()):
        return path, []
    copy = asked.folder / f"layer{path.suffix.lower()}"
    copy.write_bytes(text.lstrip("\ufeff").encode() if note is not None else plain)
    return copy, [] if note is None else [note]


def _layer_name(source: Path, asked: _Request) -> str:
    layers = pyogrio.list_layers(source)
    drawn = [str(name) for name, kind in layers if kind is not None]  # QGIS keeps its styles in a table beside them
    names = drawn if len(drawn) == 1 and asked.mapping.layer is None else [str(name) for name in layers[:, 0]]
    if source.parent == asked.folder and len(names) == 1:
        return names[0]  # unpacked, under a name of ours
    named = asked.layer if asked.layer in names else None
    wanted, listed = asked.mapping.layer or named, names or message("nothing_listed")
    if wanted is not None and wanted not in names:
        raise refuse("file_layer_unknown", name=wanted, names=listed)
    if wanted is None and len(names) != 1:
        raise refuse("file_layer_unnamed", names=listed, wanted=asked.layer)
    return wanted or names[0]


def _refuse_too_many(source: Path, name: str, limits: Limits, encoding: str | None) -> None:
    count = int(pyogrio.read_info(source, layer=name, encoding=encoding, force_feature_count=True)["features"])
    if count > limits.features:
        raise refuse("features_too_many", most=limits.features, n=count)


def _refuse_too_detailed(frame: gpd.GeoDataFrame, limits: Limits) -> None:
    count = int(shapely.get_num_coordinates(frame.geometry.array).sum())
    if count > limits.coordinates:
        raise refuse("coordinates_too_many", most=limits.coordinates, n=count)


def _garbled_texts(frame: gpd.GeoDataFrame) -> list[Message]:
    """A warning where texts are Chinese read in another encoding, or where letters were lost already."""
    cells = [str(name) for name in frame.columns]
    for name in frame.columns:
        if name != frame.geometry.name:
            cells += [cell for cell in frame[name].tolist() if type(cell) is str]
    found = garbled(cells)
    lost = next((cell for cell in cells if "\ufffd" in cell), None)
    said = []
    if found is not None:
        said.append(message("note_garbled", found=found[0][:40], meant=found[1][:40]))
    if lost is not None:
        said.append(message("note_letters_lost", found=lost[:40]))
    return said


def _first_line(error: object) -> str:
    return str(error).partition("\n")[0][:LONGEST_REASON]
