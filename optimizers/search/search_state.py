"""The state of a search between two batches: arrays and JSON, and what may be read from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.errors import refuse
from envs.choices.anchors import Anchors
from optimizers.algorithms.algorithm import AlgorithmState

Value = TypeVar("Value")
PROGRESS = ("evaluations", "seconds", "hypervolume", "front_size")


@dataclass(frozen=True, eq=False)
class SearchState:
    """A search between two batches: arrays and JSON, enough to go on as if it had never stopped.

    Attributes:
        arrays: the archive (archive_genomes, archive_F; archive_values in natural units), given_genomes, and the
            algorithm's arrays.
        record: evaluations, seconds, progress rows, digest of what is searched, algorithm, seed, and its record.
    """

    arrays: dict[str, NDArray[Any]]
    record: dict[str, Any]


def read_state(state: SearchState, read: Callable[[AlgorithmState], Value]) -> Value:
    """What `read` takes from a state; a state that is malformed is refused."""
    try:
        return read(AlgorithmState(state.arrays, state.record))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise refuse("search_state_malformed", layer="--resume", reason=reason) from None


def anchors_in(state: AlgorithmState, names: tuple[str, ...], digest: str) -> Anchors:
    """Anchors of the search so far, if they are those of what is searched, by its digest."""
    stored = state.record["known_anchors"]
    points = np.array([stored[point] for point in ("base", "best", "worst")], dtype=np.float64)
    if stored["digest"] != digest:
        raise ValueError("the anchors are of another scenario or model")
    if points.shape != (3, len(names)) or not np.isfinite(points).all():
        raise ValueError("anchors must be finite numbers, three for each objective")
    base, best, worst = (tuple(row) for row in points.tolist())
    return Anchors(
        objectives=names,
        base=base,
        best=best,
        worst=worst,
        evaluations=int(stored["evaluations"]),
        seed=int(stored["seed"]),
        digest=stored["digest"],
    )
