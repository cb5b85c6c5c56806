"""Search: from a scenario and a budget to a front.

The published names load when they are asked for, so that light modules of this folder stay light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optimizers.algorithms.request import Budget, SearchRequest
    from optimizers.search.compute_anchors import anchors
    from optimizers.search.loop import Hooks
    from optimizers.search.run_search import SearchResult, search
    from optimizers.search.search_state import SearchState

__all__ = ["Budget", "Hooks", "SearchRequest", "SearchResult", "SearchState", "anchors", "search"]
_HOMES = {
    "Budget": "optimizers.algorithms.request",
    "Hooks": "optimizers.search.loop",
    "SearchRequest": "optimizers.algorithms.request",
    "SearchResult": "optimizers.search.run_search",
    "SearchState": "optimizers.search.search_state",
    "anchors": "optimizers.search.compute_anchors",
    "search": "optimizers.search.run_search",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - types come from the imports above
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
