"""Decisions retold in plain loops: what every step changes, what else would have, who reaches whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

Values = Callable[[dict[int, tuple[int, int]]], list[float]]
"""From decisions, village -> (start year, option), to the objectives of the plan."""


def effects(values: Values, steps: Sequence[tuple[int, int, int]]) -> list[list[float]]:
    """What each step (village, year, option) changes of every objective."""
    taken: dict[int, tuple[int, int]] = {}
    before, found = values(taken), []
    for village, year, option in steps:
        taken = {**taken, village: (year, option)}
        after = values(taken)
        found.append([b - a for a, b in zip(before, after, strict=True)])
        before = after
    return found


def instead(values: Values, steps: Sequence[tuple[int, int, int]], at: int, village: int, option: int) -> list[float]:
    """What another village would have changed in the place of the step `at`."""
    before = {v: (year, chosen) for v, year, chosen in steps[:at]}
    year = steps[at][1]
    return [b - a for a, b in zip(values(before), values({**before, village: (year, option)}), strict=True)]


def overlap(residents: Sequence[float], one: Sequence[float], other: Sequence[float]) -> float:
    """How far two catchments reach the same people: the cosine of their reach, weighted by people."""
    both = sum(p * a * b for p, a, b in zip(residents, one, other, strict=True))
    size = sqrt(sum(p * a * a for p, a in zip(residents, one, strict=True)))
    return both / (size * sqrt(sum(p * b * b for p, b in zip(residents, other, strict=True))))
