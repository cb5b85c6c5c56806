"""The names of NumPy arrays by what they hold; their shapes are said where they are used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]
"""Single precision, where a test bounds the error."""
IntArray = NDArray[np.int64]
CodeArray = NDArray[np.integer[Any]]
"""Whole numbers of any width, stored as small as they fit."""
BoolArray = NDArray[np.bool_]
Quota = int | IntArray
"""How many may begin in a year: one number for all years, or one for each, shape (n_years,)."""
TextArray = NDArray[np.str_]
GeometryArray = NDArray[np.object_]
"""Of shapely geometries."""


def yearly(quota: Quota, n_years: int) -> IntArray:
    """A quota for each year, shape (n_years,).

    Example:
        >>> yearly(3, 2), yearly(np.array([1, 4]), 2)
        (array([3, 3]), array([1, 4]))
    """
    return np.broadcast_to(np.asarray(quota, dtype=np.int64), (n_years,))
