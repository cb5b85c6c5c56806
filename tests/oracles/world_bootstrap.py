"""Errors of estimates over futures that share worlds, a second time: worlds drawn again, in plain loops.

Efron & Tibshirani (1993, ch. 8): what is drawn again is the unit that was drawn, here a world with all its futures.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Linear between order statistics."""
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (place - below) * (ranked[above] - ranked[below])


def mean_of_lowest(values: Sequence[float], share: float) -> float:
    """Mean of the lowest share; the value at the border counts in part."""
    left, total = share * len(values), 0.0
    for value in sorted(values):
        counts = min(1.0, left)
        total += counts * value
        left -= counts
        if left <= 0.0:
            break
    return total / (share * len(values))


def errors_by_worlds(
    values: Sequence[float],
    world: Sequence[int],
    estimates: dict[str, Callable[[Sequence[float]], float]],
    *,
    n: int,
    seed: int,
) -> dict[str, float]:
    """Standard deviation of each estimate over samples of worlds drawn with replacement.

    Args:
        values: of the futures.
        world: of each.
        estimates: name -> from values to the estimate.
        n: samples.
        seed: of the samples.
    """
    futures: dict[int, list[float]] = {}
    for value, number in zip(values, world, strict=True):
        futures.setdefault(number, []).append(value)
    draw, worlds, told = random.Random(seed), list(futures.values()), {name: [] for name in estimates}
    for _ in range(n):
        sample = [value for _ in worlds for value in draw.choice(worlds)]
        for name, estimate in estimates.items():
            told[name].append(estimate(sample))
    return {name: statistics.stdev(found) for name, found in told.items()}
