"""The texts of a shapefile's table (.dbf), before anybody reads them in an encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.files.text_encodings import whole_letters

FIELD_BYTES, FIRST_FIELD = 32, 32
END_OF_FIELDS = 0x0D
NAME_BYTES = 11
LANGUAGES = {
    0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252", 0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5",
    0x13: "cp932", 0x7B: "cp932", 0x4E: "cp949", 0x79: "cp949",
}  # fmt: skip
"""What byte 29 of the header says of the encoding (language driver)."""


@dataclass(frozen=True)
class _Field:
    """One column: where its description begins, and where its cells stand in a row."""

    at: int
    kind: str
    start: int
    length: int


def declared_language(table: bytes) -> str | None:
    """The encoding that the header declares, None where it declares none."""
    return LANGUAGES.get(table[29]) if len(table) > FIRST_FIELD else None


def texts_of(table: bytes) -> Iterator[bytes]:
    """Names of columns and foreign cells of text columns; a damaged table has none."""
    for field in _fields(table):
        yield _name(table, field)
    rows = _rows(table)
    for field in _fields(table):
        if field.kind == "C":
            cells = rows[:, field.start : field.start + field.length]
            for cell in cells[(cells > 0x7F).any(axis=1)]:
                yield cell.tobytes().strip(b" \x00")


def with_whole_letters(table: bytes, encoding: str) -> tuple[bytes, int]:
    """The table without halves of letters at the ends of names and cells, where these were cut to the bytes allowed.

    Args:
        table: content of the file.
        encoding: of its texts, which it fits.

    Returns:
        The table, of the same size, and how many names and cells were mended.
    """
    mended, n = bytearray(table), 0
    spans = [(field.at, NAME_BYTES - 1, b"\x00") for field in _fields(table)]
    first, width = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    for field in _fields(table):
        cells = _rows(table)[:, field.start : field.start + field.length]
        if field.kind == "C":
            foreign = np.flatnonzero((cells > 0x7F).any(axis=1)).tolist()
            spans += [(first + row * width + field.start, field.length, b" ") for row in foreign]
    for start, length, blank in spans:
        text = bytes(mended[start : start + length]).rstrip(b"\x00 ")
        whole = whole_letters(text, encoding)
        if len(whole) < len(text):
            mended[start : start + length] = whole.ljust(length, blank)
            n += 1
    return bytes(mended), n


def _fields(table: bytes) -> list[_Field]:
    fields, at, start = [], FIRST_FIELD, 1
    while at + FIELD_BYTES <= len(table) and table[at] != END_OF_FIELDS:
        length = table[at + 16]
        fields.append(_Field(at, chr(table[at + 11]), start, length))
        at, start = at + FIELD_BYTES, start + length
    return fields


def _name(table: bytes, field: _Field) -> bytes:
    return table[field.at : field.at + NAME_BYTES].partition(b"\x00")[0]


def _rows(table: bytes) -> NDArray[np.uint8]:
    """The rows as bytes, shape (n_rows, bytes of a row)."""
    first, width = int.from_bytes(table[8:10], "little"), int.from_bytes(table[10:12], "little")
    if not width or first > len(table):
        return np.zeros((0, 1), dtype=np.uint8)
    n_rows = min(int.from_bytes(table[4:8], "little"), (len(table) - first) // width)
    return np.frombuffer(table, dtype=np.uint8, count=n_rows * width, offset=first).reshape(n_rows, width)
