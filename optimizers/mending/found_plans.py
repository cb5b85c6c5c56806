"""The best plans found within each number of changes, and the trails along which they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray, SingleArray
from optimizers.mending.moves import Linearized, linearized
from optimizers.mending.plan_model import Judged, Mending
from optimizers.mending.reach import Estimate, capped, estimated, reach_of

LINEARIZATION = 8
"""What a linear model counts in evaluations: the adjoint, and the choice of changes by it."""
FINALISTS = 4
"""Plans of each rung that are evaluated at report precision."""


@dataclass(frozen=True, eq=False)
class Trail:
    """Where following one goal has led.

    Attributes:
        goal: weights of the objectives; None = all together.
        start_year: of the plan that it stands at, shape (n_villages,).
        option: same shape.
        values: of that plan, shape (n_objectives,).
        slopes: mean of the slopes met; None before the first.
        arrived: whether it asks for the plan at which it stands, and so leads no farther.
    """

    goal: FloatArray | None
    start_year: IntArray
    option: IntArray
    values: FloatArray
    slopes: SingleArray | None = None
    arrived: bool = False


Entry = tuple[tuple[float, ...], IntArray, IntArray, FloatArray]
"""Key, start years, options and values of a plan."""


class FoundPlans:
    """The best plans within each number of changes, and what they cost.

    Attributes:
        at_plan: the linear model at the plan to mend; None where the model has none.
        tried: changes, start years, options and values of every plan evaluated.
    """

    def __init__(self, mending: Mending, steps: Sequence[int]) -> None:
        """Begin with the original; 0 and `steps` are the numbers of changes."""
        self.mending, self.steps, self.evaluations = mending, tuple(steps), 0
        self.plans: dict[int, list[Entry]] = {k: [] for k in (0, *steps)}
        self.latest: tuple[bytes, Linearized] | None = None
        self.at_plan: Linearized | None = None
        self.tried: list[tuple[int, IntArray, IntArray, FloatArray]] = []
        first = self._judged(mending.start_year[None], mending.option[None], None)
        self.breaks_rules = bool(first.excess[0] > 0.0)
        self.original = None if mending.may_lose or self.breaks_rules else first.values[0]
        self.offer(mending.start_year[None], mending.option[None])
        if mending.linear is not None:
            self.at_plan = self.linearized(Trail(None, *self.best(0)[1:]))

    def _judged(self, starts: IntArray, options: IntArray, original: FloatArray | None) -> Judged:
        self.evaluations += len(starts)
        return self.mending.judged(starts, options, original, exact=False)

    def offer(self, starts: IntArray, options: IntArray) -> tuple[Judged, IntArray]:
        """Evaluate plans and keep the best of each rung; the judgment and the changes of each."""
        judged = self._judged(starts, options, self.original)
        changes = self.mending.differs(starts, options).sum(axis=1)
        for row in range(len(starts)):
            entry = (judged.key(row), starts[row], options[row], judged.values[row])
            for k in self.plans:
                if changes[row] <= k and all(entry[0] != kept[0] for kept in self.plans[k]):
                    self.plans[k] = sorted([*self.plans[k], entry], key=lambda kept: kept[0])[:FINALISTS]
            self.tried.append((int(changes[row]), starts[row], options[row], judged.values[row]))
        return judged, changes

    def best(self, k: int) -> Entry:
        """Key, start years, options and values of the best plan within k changes."""
        return self.plans[k][0]

    def estimate(self) -> Estimate | None:
        """What the linear model says of the rungs; None where there is none."""
        if self.at_plan is None:
            return None
        model, evaluated = capped(self.mending, self.at_plan, self.steps[-1])
        self.evaluations += evaluated
        changes = np.array([plan[0] for plan in self.tried], dtype=np.int64)
        errors = np.stack([values - model.foretold(start, option) for _, start, option, values in self.tried])
        reach = reach_of(self.mending, model, self.steps, errors, changes)
        return estimated(self.mending, reach, model.values, self.steps, self.original)

    def is_enough(self, k: int, gap: float | None) -> bool:
        """Whether the best plan within k changes breaks no rule, loses nothing and comes within a gap."""
        excess, lost, reached, _ = self.best(k)[0]
        return gap is not None and excess == 0.0 and lost == 0.0 and reached <= gap

    def linearized(self, trail: Trail) -> Linearized:
        """The linear model where a trail stands, averaged with what it met before."""
        key = trail.start_year.tobytes() + trail.option.tobytes()
        if trail.slopes is None and self.latest is not None and self.latest[0] == key:
            return self.latest[1]
        self.evaluations += LINEARIZATION
        at = linearized(self.mending, trail.start_year, trail.option, trail.values, trail.slopes)
        self.latest = (key, at) if trail.slopes is None else None
        return at
