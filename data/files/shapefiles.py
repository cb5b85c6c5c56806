"""Shapefiles from outside: whether their parts are there, and the encoding of their table."""

from __future__ import annotations

from pathlib import Path

from data.catalogue import Message, message
from data.errors import refuse
from data.files.dbf_texts import declared_language, texts_of, with_whole_letters
from data.files.text_encodings import choose_encoding
from data.files.zip_files import SHAPEFILE_NEEDS, SHAPEFILE_PARTS

MAGIC = b"\x00\x00\x27\x0a"


def shapefile_with_whole_texts(path: Path, stated: str | None, folder: Path) -> tuple[Path, str, list[Message]]:
    """A shapefile whose table can be read, and in which encoding.

    Args:
        path: the .shp.
        stated: encoding by the mapping.
        folder: where a copy may lie: names and cells are cut to the bytes that the format has room for, and where that
            is within a letter, a copy that ends before the letter is read.

    Returns:
        The .shp to open, the encoding of its table, and what has to be said about both.

    Raises:
        InputError: a part is missing, or the encoding is not clear.
    """
    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise refuse("vector_unreadable", reason=message("no_shapefile"))
    parts = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    missing = [suffix for suffix in SHAPEFILE_NEEDS if suffix not in parts]
    if missing:
        raise refuse("shapefile_parts_missing", name=path.name, names=missing)
    table = parts[".dbf"].read_bytes()
    declared = parts[".cpg"].read_text("latin-1").strip() if ".cpg" in parts else declared_language(table)
    encoding = choose_encoding(texts_of(table), stated, declared or None)
    mended, n_mended = with_whole_letters(table, encoding.name)
    notes = [] if encoding.note is None else [encoding.note]
    if not n_mended:
        return path, encoding.name, notes
    copy = folder / "whole.shp"
    for suffix in SHAPEFILE_PARTS:
        if suffix in parts:
            content = mended if suffix == ".dbf" else parts[suffix].read_bytes()
            copy.with_suffix(suffix).write_bytes(content)
    return copy, encoding.name, [*notes, message("note_cut_letters", n=n_mended)]
