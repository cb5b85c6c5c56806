"""Uploaded files on their way to a reader: stored under names of our own, called by the visitor's."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from data.errors import InputError, refuse
from data.files.vector_files import Limits

LIMITS = Limits(features=50_000, bytes=200_000_000)


def content_tag(content: bytes) -> str:
    """A short name for what a file holds."""
    return hashlib.sha256(content).hexdigest()[:8]


def stored(folder: Path, name: str, content: bytes, suffixes: tuple[str, ...]) -> Path:
    """The upload as a file of our own naming: only the suffix is taken from the browser.

    Raises:
        InputError: the suffix is none of these, or the file is too large.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in suffixes:
        raise refuse("upload_suffix_wrong", file=name[:80], suffixes=suffixes)
    if suffix == ".shp":
        raise refuse("shapefile_in_parts", file=name[:80])
    if len(content) > LIMITS.bytes:
        raise refuse("upload_too_large", file=name[:80], most=LIMITS.bytes)
    path = folder / f"upload-{content_tag(content)}{suffix}"
    path.write_bytes(content)
    return path


@contextlib.contextmanager
def uploaded_names(names: Mapping[Path, str]) -> Iterator[None]:
    """Refusals name the files as the visitor knows them."""
    try:
        yield
    except InputError as error:
        error.name_files({str(path): name[:80] for path, name in names.items()})
        raise
