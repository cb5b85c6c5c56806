"""Attribution a second time, in plain loops: of any function of how much of each village counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np

Outcome = Callable[[np.ndarray], np.ndarray]
"""Shares that count, (n, n_villages), to values, (n,)."""


def by_quadrature(outcome: Outcome, n_villages: int, *, n_panels: int, step: float = 1e-3) -> list[float]:
    """Integral of each village's partial derivative along the diagonal: Gauss points, central differences."""
    node, weight = np.polynomial.legendre.leggauss(4)
    shares = []
    for village in range(n_villages):
        total = 0.0
        for panel in range(n_panels):
            for x, w in zip(node.tolist(), weight.tolist(), strict=True):
                t = (panel + (x + 1.0) / 2.0) / n_panels
                high, low = np.full((2, n_villages), t)
                high[village] += step
                low[village] -= step
                up, down = outcome(np.stack([high, low])).tolist()
                total += w / (2.0 * n_panels) * (up - down) / (2.0 * step)
        shares.append(total)
    return shares


def by_small_steps(outcome: Outcome, n_villages: int, *, n_steps: int) -> list[float]:
    """Each village raised by itself from one step's corner and lowered from the other's: kinks need no derivative."""
    shares = [0.0] * n_villages
    for step in range(n_steps):
        low, high = np.full(n_villages, step / n_steps), np.full(n_villages, (step + 1) / n_steps)
        points = [low, high]
        for village in range(n_villages):
            raised, lowered = low.copy(), high.copy()
            raised[village], lowered[village] = high[village], low[village]
            points += [raised, lowered]
        value = outcome(np.stack(points)).tolist()
        for village in range(n_villages):
            shares[village] += 0.5 * (value[2 + 2 * village] - value[0] + value[1] - value[3 + 2 * village])
    return shares


def shapley(outcome: Outcome, n_villages: int) -> list[float]:
    """Shapley's values over all subsets."""
    subsets = [subset for size in range(n_villages + 1) for subset in combinations(range(n_villages), size)]
    members = np.zeros((len(subsets), n_villages))
    for row, subset in enumerate(subsets):
        members[row, list(subset)] = 1.0
    value = dict(zip(subsets, outcome(members).tolist(), strict=True))
    shares = []
    for village in range(n_villages):
        total = 0.0
        for subset in subsets:
            if village not in subset:
                weight = factorial(len(subset)) * factorial(n_villages - len(subset) - 1) / factorial(n_villages)
                total += weight * (value[tuple(sorted((*subset, village)))] - value[subset])
        shares.append(total)
    return shares
