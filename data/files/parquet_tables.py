"""Parquet tables from outside: rows and bytes are counted before they are unpacked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import reason_of, refuse
from data.table_cells import LONGEST_TEXT

WIDEST_ROW_BYTES = 2_000
"""Of the wanted columns as they are stored, so that a table of few rows cannot hold gigabytes."""


def read_parquet_table(
    path: Path, columns: Sequence[str], most_rows: int, layer: str = "", *, optional: Sequence[str] = ()
) -> pd.DataFrame:
    """Read columns of a Parquet file.

    Args:
        path: the file.
        columns: wanted; of texts, whole numbers, numbers or flags.
        most_rows: rows that it may have.
        layer: what it is, for messages.
        optional: read too where the file has them.

    Raises:
        InputError: it cannot be read, lacks a column, has more rows, or a cell is too long.
    """
    try:
        schema = pq.read_schema(path)
        missing = [name for name in columns if name not in schema.names]
        if missing:
            raise refuse("columns_missing", names=missing, file=path, layer=layer)
        columns = [*columns, *(name for name in optional if name in schema.names)]
        if any(pa.types.is_nested(schema.field(name).type) for name in columns):
            raise refuse("cells_nested", file=path, layer=layer)
        file = pq.ParquetFile(path, read_dictionary=list(columns))
        n_rows = file.metadata.num_rows
        if n_rows > most_rows:
            raise refuse("rows_too_many", most=most_rows, n=n_rows, file=path, layer=layer)
        if _stored_bytes(file, columns) > WIDEST_ROW_BYTES * (n_rows + 1_000):
            raise refuse("row_too_wide", most=WIDEST_ROW_BYTES, file=path, layer=layer)
        table = file.read(columns=list(columns))
        if any(_longest(table[name]) > LONGEST_TEXT for name in columns):
            raise refuse("cell_too_long", most=LONGEST_TEXT, file=path, layer=layer)
        plain = {name: _plain(table[name]) for name in columns}
        return pa.table(plain).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise refuse("parquet_unreadable", reason=reason_of(error), file=path, layer=layer) from None


def _stored_bytes(file: pq.ParquetFile, columns: Sequence[str]) -> int:
    """Bytes of the columns unpacked, a text that repeats counted once."""
    groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
    chunks = [group.column(k) for group in groups for k in range(group.num_columns)]
    return sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in columns)


def _longest(column: pa.ChunkedArray) -> int:
    """Letters of the longest text; 0 where there is none."""
    chunks = [chunk.dictionary if isinstance(chunk, pa.DictionaryArray) else chunk for chunk in column.chunks]
    lengths = [pc.max(pc.binary_length(chunk)).as_py() or 0 for chunk in chunks if _is_text(chunk.type)]
    return max(lengths, default=0)


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
