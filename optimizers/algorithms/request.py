"""What is asked of a search: by which algorithm, for which objectives, how long. Light to import."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_ALGORITHM = "hybrid"
"""Of optimizers.algorithms.registry; the one that wins the bench (docs/search.md)."""
FRONT_SPACING = 0.01
"""Plans of a front differ by at least 1 % of an anchor range in some objective, unless a request says otherwise."""


@dataclass(frozen=True)
class Budget:
    """How long a search may go on: to the end of the round in which the first of its limits is reached.

    Attributes:
        evaluations: plans to evaluate; None = no limit.
        minutes: by the clock; None = no limit.
        spent_seconds: what the caller's preparations have taken already, anchors above all [s]. A limit in minutes
            counts preparations up to a share (optimizers.search.run_search.MOST_PREPARATION_SHARE).
        spent_evaluations: what plans to begin with have cost already, in evaluations.
        clock: what seconds and minutes are read from [s]: wall time, or time.process_time, so that other work on the
            machine takes nothing from the search.
    """

    evaluations: int | None = None
    minutes: float | None = None
    spent_seconds: float = 0.0
    spent_evaluations: int = 0
    clock: Callable[[], float] = time.perf_counter

    @property
    def is_open(self) -> bool:
        """True when it sets no limit."""
        return self.evaluations is None and self.minutes is None


NO_LIMIT = Budget()


@dataclass(frozen=True)
class SearchRequest:
    """A search as it is asked for; the same request gives the same front, unless its budget is in minutes.

    Attributes:
        algorithm: one of ALGORITHMS.
        objectives: names; None = the scenario's.
        indicators: names to measure besides on the plans that are returned.
        seed: of all random choices.
        budget: how long; at least one limit, except where the algorithm ends by itself.
        threads: worker threads of the evaluator.
        front_spacing: plans of the front differ by at least so much in some objective, in anchor ranges, 0 to 1: the
            closer, the more plans.
    """

    algorithm: str = DEFAULT_ALGORITHM
    objectives: tuple[str, ...] | None = None
    indicators: tuple[str, ...] = ()
    seed: int = 0
    budget: Budget = NO_LIMIT
    threads: int = 1
    front_spacing: float = FRONT_SPACING
