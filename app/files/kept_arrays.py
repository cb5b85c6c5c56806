"""Arrays kept under a digest of all they hang on: read only where it is theirs, the newest files of a folder."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.files.atomic import new_file
from data.errors import InputError

MOST_BYTES = 256 * 2**20
"""Of a file that is read."""
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


def kept_path(folder: Path, digest: str) -> Path:
    """File of a digest in a folder."""
    return folder / f"{digest[:16]}.npz"


def write_arrays(path: Path, digest: str, arrays: Mapping[str, Any]) -> None:
    """Write arrays under their digest, whole or not at all.

    Raises:
        InputError, OSError: the disk refuses.
    """
    with new_file(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, digest=np.array(digest), **arrays)


def read_arrays(path: Path, digest: str, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Arrays by name; None where there are none of this digest, or they cannot be read. What is read counts as new."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["digest"]) != digest:
                return None
            arrays = {name: kept[name] for name in names}
        path.touch()
    except _UNREADABLE:
        return None
    return arrays


def keep_arrays(folder: Path, digest: str, arrays: Mapping[str, Any], *, most: int) -> None:
    """Keep arrays, and no more than the newest files of the folder; a full disk costs only the keeping."""
    try:
        write_arrays(kept_path(folder, digest), digest, arrays)
        newest_first = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[most:]:
            old.unlink(missing_ok=True)
    except (InputError, OSError):
        return
