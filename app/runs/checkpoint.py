"""The state of a search as a file: arrays and JSON text in one npz, nothing that could run."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.files.atomic import replaced
from data.errors import reason_of, refuse
from optimizers.search.search_state import SearchState

RECORD = "record"
_DAMAGES = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a file that somebody spoiled may raise; RuntimeError where it is encrypted."""


def write_checkpoint(path: Path, state: SearchState) -> None:
    """Replace the file by a state, atomically.

    Raises:
        InputError: the disk refuses.
    """
    arrays: dict[str, Any] = {name: _compact(values) for name, values in state.arrays.items()}
    arrays[RECORD] = np.array(json.dumps(state.record, allow_nan=False))
    with replaced(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)


def read_checkpoint(path: Path) -> SearchState:
    """Read a state; whether it fits the search is the search's to say.

    Raises:
        InputError: there is no such file, or it does not hold arrays and JSON.
    """
    try:
        refuse_packed(path)
        with np.load(path, allow_pickle=False) as content:
            arrays = {name: _widened(content[name]) for name in content.files}
        record = json.loads(str(arrays.pop(RECORD)[()]))
        if not isinstance(record, dict):
            raise TypeError("its record is not a mapping")
    except _DAMAGES as error:
        raise refuse("checkpoint_unusable", file=path, reason=reason_of(error)) from None
    return SearchState(arrays, record)


def refuse_packed(path: Path) -> None:
    """Refuse arrays that are larger unpacked than the file that holds them; ours are stored as they are.

    Raises:
        ValueError: they are.
        OSError, zipfile.BadZipFile: it cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > path.stat().st_size:
            raise ValueError("it is larger unpacked than packed")


def _compact(values: NDArray[Any]) -> NDArray[Any]:
    """Integers in as few bytes as they need; genomes then take an eighth."""
    if values.dtype.kind not in "iu" or values.size == 0:
        return values
    kind = np.promote_types(np.min_scalar_type(values.min()), np.min_scalar_type(values.max()))
    return values.astype(kind) if kind.kind in "iu" else values


def _widened(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.int64) if values.dtype.kind in "iu" else values
