"""The names of NumPy arrays by what they hold; their shapes are said where they are used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]
"""Single precision, where a test bounds the error."""
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.str_]
GeometryArray = NDArray[np.object_]
"""Of shapely geometries."""
