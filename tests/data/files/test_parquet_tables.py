"""A Parquet file is counted before it is unpacked."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.files.parquet_tables import read_parquet_table


def test_a_parquet_file_is_counted_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.repeat(1.0, 30_000_000)}), path, compression="zstd")
    assert path.stat().st_size < 200_000
    with pytest.raises(InputError, match="at most 10 rows are read, found 30,000,000"):
        read_parquet_table(path, ["a"], 10)
    pq.write_table(pa.table({"a": pa.repeat("x" * 3_000_000, 200)}), path, compression="zstd")
    with pytest.raises(InputError, match="must not"):
        read_parquet_table(path, ["a"], 200)
    pq.write_table(pa.table({"a": pa.repeat("x" * 600, 200)}), path)
    with pytest.raises(InputError, match="longer than 500"):
        read_parquet_table(path, ["a"], 200)
    pd.DataFrame({"a": ["x", None], "b": [1, 2]}).to_parquet(path)
    assert read_parquet_table(path, ["b", "a"], 2)["b"].tolist() == [1, 2]
    path.write_bytes(b"PAR1 no table PAR1")
    with pytest.raises(InputError, match="cannot be read"):
        read_parquet_table(path, ["a"], 1)
