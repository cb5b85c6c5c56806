"""Zip files from outside: the one layer that is asked for is unpacked, whatever folders it lies in."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from data.catalogue import message
from data.errors import LONGEST_NAME, InputError, printable, reason_of, refuse

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SHAPEFILE_NEEDS = (".shp", ".shx", ".dbf")
TABLE_PARTS = {".shp": SHAPEFILE_PARTS, ".tab": (".tab", ".dat", ".map", ".id", ".ind"), ".mif": (".mif", ".mid")}
"""Files of which a layer consists, by the suffix of the one that is opened."""
UTF8_NAME = 0x800
"""Flag of a member whose name is UTF-8; other names are in the packer's own encoding."""


def check_archive(path: Path, layer: str, most_files: int, most_bytes: int) -> None:
    """Refuse an archive of too many files or bytes before anything is unpacked.

    Raises:
        InputError: it is no zip file, or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [member.file_size for member in archive.infolist()]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise refuse("zip_unreadable", reason=reason_of(error), file=path, layer=layer) from error
    if len(sizes) > most_files or sum(sizes) > most_bytes:
        raise refuse(
            "zip_too_large",
            most_files=most_files, most_bytes=most_bytes, n_files=len(sizes), n_bytes=sum(sizes),
            file=path, layer=layer,
        )  # fmt: skip


def unpack_layer(path: Path, layer: str, wanted: str | None, suffixes: Sequence[str], folder: Path) -> Path:
    """Unpack the files of one layer under names of our own.

    Args:
        path: the archive, which `check_archive` let through.
        layer: our layer, for messages.
        wanted: name of one of several layers, without folder and suffix.
        suffixes: of files that can be read.
        folder: an empty folder.

    Returns:
        The file to be opened.

    Raises:
        InputError: there is no layer or several, parts of it are missing, or the archive is damaged or encrypted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {_plain_name(member): member for member in archive.infolist() if _is_content(member)}
            chosen = _chosen(list(names), path, layer, wanted, suffixes)
            suffix = PurePosixPath(chosen).suffix.lower()
            parts = _parts(chosen, list(names), TABLE_PARTS.get(suffix, (suffix,)))
            if suffix == ".shp" and (missing := [part for part in SHAPEFILE_NEEDS if part not in parts]):
                raise refuse("shapefile_parts_missing", name=chosen, names=missing, file=path, layer=layer)
            for part, name in parts.items():
                (folder / f"layer{part}").write_bytes(archive.read(names[name]))
    except InputError:
        raise
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise refuse("zip_unreadable", reason=reason_of(error), file=path, layer=layer) from error
    return folder / f"layer{suffix}"


def _is_content(member: zipfile.ZipInfo) -> bool:
    """No folder, and none of the files that a Mac adds."""
    steps = PurePosixPath(member.filename).parts
    return not member.is_dir() and bool(steps) and "__MACOSX" not in steps and not steps[-1].startswith("._")


def _plain_name(member: zipfile.ZipInfo) -> str:
    """The name as its packer meant it: without the flag for UTF-8 it is often GBK."""
    name = member.filename.replace("\\", "/")
    if member.flag_bits & UTF8_NAME:
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _chosen(names: list[str], path: Path, layer: str, wanted: str | None, suffixes: Sequence[str]) -> str:
    """The file to open: the only shapefile, else the only file that can be read, else the one that is wanted."""
    readable = [name for name in names if PurePosixPath(name).suffix.lower() in suffixes]
    shapefiles = [name for name in readable if PurePosixPath(name).suffix.lower() == ".shp"]
    candidates = shapefiles or readable
    inside = wanted is None or not shapefiles or PurePosixPath(candidates[0]).stem == wanted
    if len(candidates) == 1 and inside:
        return candidates[0]
    listed = [printable(PurePosixPath(name).stem, LONGEST_NAME) for name in candidates]
    if not candidates:
        shown = [printable(name, LONGEST_NAME) for name in names] or message("nothing_listed")
        raise refuse("zip_without_layer", names=shown, kinds=suffixes, file=path, layer=layer)
    if wanted is None:
        raise refuse("file_layer_unnamed", names=listed, wanted=layer, file=path, layer=layer)
    named = [name for name in candidates if PurePosixPath(name).stem == wanted]
    if len(named) != 1:
        raise refuse("file_layer_unknown", name=wanted, names=listed, file=path, layer=layer)
    return named[0]


def _parts(chosen: str, names: list[str], suffixes: Sequence[str]) -> dict[str, str]:
    """Suffix -> name of the files beside the chosen one that belong to it."""
    stem = PurePosixPath(chosen).with_suffix("").as_posix().lower()
    beside = {name: PurePosixPath(name) for name in names}
    return {
        steps.suffix.lower(): name
        for name, steps in beside.items()
        if steps.with_suffix("").as_posix().lower() == stem and steps.suffix.lower() in suffixes
    }
