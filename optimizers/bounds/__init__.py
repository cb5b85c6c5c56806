"""Certified bounds: what no plan of a scenario can exceed.

The published names load when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizers.bounds.certified import CAPITAL, COVERED, LEGAL, OPTIONS, Bound, bound, cannot_reach

__all__ = ["CAPITAL", "COVERED", "LEGAL", "OPTIONS", "Bound", "bound", "cannot_reach"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - types come from the imports above
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("optimizers.bounds.certified"), name)
