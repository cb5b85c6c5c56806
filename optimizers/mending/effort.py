"""What mending may cost: evaluations, so that the same seed finds the same ladder on any load, and a wall limit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

EVALUATIONS, LEAST_EVALUATIONS = 3_000, 500
"""Enough for most ladders to end by themselves, and what is allowed in the largest city."""
PLACES_EVALUATED = 1_900_000
"""Places x evaluations that take about half a minute of one processor."""


def usual_evaluations(n_places: int) -> int:
    """Evaluations that a ladder is allowed in a city, where nobody says it: fewer where each takes longer.

    Example:
        >>> usual_evaluations(100), usual_evaluations(3_825)
        (3000, 500)
    """
    return max(LEAST_EVALUATIONS, min(EVALUATIONS, PLACES_EVALUATED // max(n_places, 1)))


@dataclass
class Effort:
    """An allowance.

    Attributes:
        evaluations: plans that may be evaluated, a linear model counted as eight.
        seconds: wall time after which mending stops wherever it is.
        began: reading of the clock.
        stopped_by_time: whether the wall time has cut the ladder short.
    """

    evaluations: int = EVALUATIONS
    seconds: float = 45.0
    began: float = field(default_factory=time.perf_counter)
    stopped_by_time: bool = False

    @property
    def spent_seconds(self) -> float:
        """Wall time since it began."""
        return time.perf_counter() - self.began

    def allows(self, evaluations: int, share: float) -> bool:
        """Whether, after so many evaluations, there is something left of a share of the allowance."""
        if self.spent_seconds > share * self.seconds:
            self.stopped_by_time = True
            return False
        return evaluations < share * self.evaluations
