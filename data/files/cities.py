"""Cities by name: those that come with the package, and any city file."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import refuse
from data.paths import is_file

if TYPE_CHECKING:
    from data.city import City

EMBEDDED_FOLDER = Path(__file__).with_name("embedded")


def embedded_city_names() -> tuple[str, ...]:
    """Names of the cities that come with the package, sorted."""
    return tuple(sorted(path.stem for path in EMBEDDED_FOLDER.glob("*.gpkg")))


def city_path(name_or_path: str | os.PathLike[str]) -> Path:
    """The file of a city.

    Args:
        name_or_path: name of an embedded city, or path of a GeoPackage.

    Raises:
        InputError: it is neither; the text lists the names and the nearest one.
    """
    text = os.fspath(name_or_path)
    names = embedded_city_names()
    if text in names:
        return EMBEDDED_FOLDER / f"{text}.gpkg"
    if Path(text).suffix.lower() == ".gpkg" or is_file(text):
        return Path(text)
    nearest = difflib.get_close_matches(text.lower(), names, n=1)
    if nearest:
        raise refuse("city_unknown_nearest", names=names, nearest=nearest[0], file=text)
    raise refuse("city_unknown", names=names, file=text)


def load_city(name_or_path: str | os.PathLike[str]) -> City:
    """Read an embedded city or a city file.

    Args:
        name_or_path: name of an embedded city, or path of a GeoPackage.

    Raises:
        InputError: there is no such city, or its file breaks a rule; a test checks those of the embedded cities.
    """
    from data.files.geopackage import read_city

    embedded = os.fspath(name_or_path) in embedded_city_names()
    return read_city(city_path(name_or_path), check=not embedded)
