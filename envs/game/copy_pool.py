"""Copies of a large array that take their memory from copies nobody holds any longer.

An observation must be the caller's own. Fresh memory for megabytes costs more than the copy itself, since the system
hands it out page by page.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_KEPT = 4
"""Copies remembered at once."""
UNHELD = 3
"""References to a remembered copy that only this module makes while it looks: list, loop variable, argument."""


class CopyPool:
    """Remembers the last few copies and overwrites one only when no reference or view of it is left."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._kept: list[NDArray[Any]] = []

    def copy_of(self, values: NDArray[Any]) -> NDArray[Any]:
        """A copy that shares memory with nothing that anyone holds."""
        for kept in self._kept:
            if sys.getrefcount(kept) <= UNHELD and kept.shape == values.shape:
                np.copyto(kept, values)
                return kept[...]
        copy = values.copy()
        self._kept = [*self._kept[1 - MOST_KEPT :], copy]
        return copy[...]

    def __getstate__(self) -> dict[str, Any]:
        """What is remembered is not part of an environment's state."""
        return {"_kept": []}
