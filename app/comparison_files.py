"""A comparison as a file: everything as JSON, or one row per run as CSV."""

from __future__ import annotations

from pathlib import Path

from app.atomic import new_file, write_json
from app.comparison import Comparison
from app.formulas import without_formulas
from data.errors import refusal

SUFFIXES = (".json", ".csv")


def check_suffix(out: Path) -> None:
    """Refuse a format that is not written."""
    if out.suffix.lower() not in SUFFIXES:
        rule = f"cannot be written as {out.suffix or 'a file without suffix'}; supported are {', '.join(SUFFIXES)}"
        raise refusal(rule, file=out, layer="--out")


def write_comparison(comparison: Comparison, out: Path) -> None:
    """Write atomically; an existing file is replaced.

    Raises:
        InputError: unknown suffix, or the file cannot be written.
    """
    check_suffix(out)
    with new_file(out) as draft:
        if out.suffix.lower() == ".json":
            write_json(draft, comparison.record())
        else:
            without_formulas(comparison.table).to_csv(draft, index=False)
