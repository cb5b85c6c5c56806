"""Texts that a spreadsheet would run, made plain in every CSV that holds names from outside."""

from __future__ import annotations

from typing import Any

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula; the wide ones where Chinese or Japanese is typed."""


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe before it; app.plan_files takes it off an id again."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{name: [_quoted(cell) for cell in frame[name]] for name in texts})


def _quoted(cell: Any) -> Any:  # noqa: ANN401 - a cell of any column
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
