"""Names of what a sweep writes; imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

ID_PREFIX = "swept-"
"""Of the folder of a run."""
SWEEP_FILE, TABLE_FILE, TABLE_CSV = "sweep.json", "table.parquet", "table.csv"


def is_sweep(folder: Path) -> bool:
    """Whether a folder is one of a sweep."""
    return (folder / SWEEP_FILE).is_file()
