"""The values of a lever that are searched: a range divided into steps, from the current value outwards."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.errors import refuse
from data.levers import Lever

COARSE = 9
"""Values of the first, coarse search; ranges of no more values are searched in full."""
STEPS = 100
"""The range is divided into this many steps or up to ten times as many, so that a step is a power of ten."""


@dataclass(frozen=True)
class LeverRange:
    """The values of a lever that are searched: from a start outwards, in steps.

    Attributes:
        lever: what is moved.
        low: least value.
        high: largest value.
        start: the current value where it lies in the range; else the end nearest to it; `low` where no limit is set.
        step: resolution.
    """

    lever: Lever
    low: float
    high: float
    start: float
    step: float

    def n_steps(self, side: int) -> int:
        """Steps from the start to the end of a side, the last one perhaps shorter; side = +1 up, -1 down."""
        width = self.high - self.start if side > 0 else self.start - self.low
        return math.ceil(width / self.step - 1e-9)

    def value(self, side: int, k: int) -> float:
        """Value k steps from the start."""
        moved = min(max(self.start + side * k * self.step, self.low), self.high)
        return float(f"{moved:.12g}")

    def coarse(self, side: int) -> list[int]:
        """Step counts of the coarse grid of a side, the start left out, the end included."""
        n = self.n_steps(side)
        total = self.n_steps(1) + self.n_steps(-1)
        points = n if total < COARSE else max(1, round((COARSE - 1) * n / max(total, 1)))
        return sorted({round(k) for k in np.linspace(0, n, points + 1)} - {0})

    @property
    def is_short(self) -> bool:
        """True where the coarse grid holds every step."""
        return self.n_steps(1) + self.n_steps(-1) < COARSE


def lever_range(lever: Lever, low: float, high: float) -> LeverRange:
    """Divide a range.

    Args:
        lever: what is moved.
        low: least value.
        high: largest value.

    Raises:
        InputError: not finite, reversed, or not whole numbers for a lever that counts.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise refuse("lever_range_not_finite", layer="--range", low=low, high=high)
    if low > high:
        raise refuse("lever_range_reversed", layer="--range", low=low, high=high)
    if lever.whole and not (low == round(low) and high == round(high)):
        raise refuse("lever_range_not_whole", layer="--range", lever=lever.key, low=low, high=high)
    start = low if lever.current is None else min(max(lever.current, low), high)
    power = 10.0 ** math.floor(math.log10((high - low) / STEPS)) if high > low else 1.0
    return LeverRange(lever, float(low), float(high), float(start), max(power, 1.0) if lever.whole else power)
