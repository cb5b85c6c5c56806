"""Files that a planner brings to a diagnosis: areas and cases, read from an upload and told of by their own names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from data.arrays import FloatArray
from data.city import City
from data.diagnosis.cases import Case
from data.diagnosis.map_files import read_areas, read_points
from data.errors import InputError, refuse
from data.files.vector_files import READABLE_SUFFIXES
from envs.diagnosis.areas import Areas

Content = TypeVar("Content")
Upload = tuple[str, bytes]
"""Name and content."""


def uploaded_areas(upload: Upload, city: City, crs: str = "") -> Areas:
    """Polygons of an upload.

    Raises:
        InputError: it is of another kind, or wrong.
    """

    def read(path: Path) -> Areas:
        names, shapes, _ = read_areas(path, city, crs)
        return Areas(names, shapes)

    return _read(upload, READABLE_SUFFIXES, read)


def uploaded_points(upload: Upload, city: City, crs: str) -> FloatArray:
    """Points of an upload, shape (n, 2) [m of the city's system].

    Raises:
        InputError: it is of another kind, or wrong.
    """
    return _read(upload, READABLE_SUFFIXES, lambda path: read_points(path, city, crs)[0])


def uploaded_cases(upload: Upload) -> tuple[Case, ...]:
    """Cases of the house, and those of an upload.

    Raises:
        InputError: it is no table of cases, or a row is wrong.
    """
    from app.diagnosis.asked import all_cases

    return _read(upload, (".csv",), all_cases)


def _read(upload: Upload, suffixes: tuple[str, ...], read: Callable[[Path], Content]) -> Content:
    name, content = upload
    suffix = Path(name).suffix.lower()
    if suffix not in suffixes:
        raise refuse("upload_suffix_wrong", file=name, suffixes=suffixes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(content)
        try:
            return read(path)
        except InputError as error:
            error.name_files({str(path): name})
            raise
