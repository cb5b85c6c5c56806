"""Cells of a table as typed arrays; what cannot be read as the type becomes NaN or None, never an exception."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.arrays import FloatArray

LONGEST_TEXT = 500
"""Letters of a cell; names are shown on maps and in tables."""
FLAGS: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
"""Spellings of a flag."""


def is_missing(value: object) -> bool:
    """Whether a cell is empty: None, NaN, NaT or pandas' NA."""
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _number(value: Any) -> float:  # noqa: ANN401 - a cell may hold anything
    if isinstance(value, np.ndarray):
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _text(value: Any) -> str | None:  # noqa: ANN401
    if is_missing(value):
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _flag(value: Any) -> bool | None:  # noqa: ANN401
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return None if is_missing(value) else FLAGS.get(str(value).strip().lower())


def numbers(series: pd.Series[Any]) -> FloatArray:
    """Column as float64; NaN where a cell is empty or no number. Shape (n_rows,)."""
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_complex_dtype(series.dtype):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.array([_number(value) for value in series], dtype=np.float64)


def texts(series: pd.Series[Any]) -> NDArray[np.object_]:
    """Column as texts; whole numbers lose their ".0"; None where a cell is empty. Shape (n_rows,)."""
    return object_array([value if type(value) is str else _text(value) for value in series.tolist()])


def flags(series: pd.Series[Any]) -> NDArray[np.object_]:
    """Column as bool; None where a cell is empty or no flag. Shape (n_rows,)."""
    return object_array([_flag(value) for value in series])


def object_array(values: list[Any]) -> NDArray[np.object_]:
    """One cell per value, even where a value is itself a list. Shape (n_values,)."""
    column = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        column[row] = value
    return column
