"""Mending beside its baselines: random changes, local search and greedy single changes, at equal evaluations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizers.mending.baselines import greedy_mending, local_mending, random_mending
from optimizers.mending.ladder import mend
from optimizers.mending.plan_model import Mending


@dataclass(frozen=True)
class MendingResult:
    """What one way of mending reached.

    Attributes:
        way: ladder, greedy, local or random.
        changes: allowed.
        gap: to the front at the end [ranges].
        evaluations: allowed to all ways alike: what the ladder took for this number of changes.
        cpu_seconds: processor time.
    """

    way: str
    changes: int
    gap: float
    evaluations: int
    cpu_seconds: float


def compared(mending: Mending, steps: Sequence[int], *, evaluations: int, seed: int) -> list[MendingResult]:
    """Every way for each number of changes; the ladder, asked for that number alone, says what the others may evaluate.

    Args:
        mending: the plan to mend, in a model with slopes.
        steps: numbers of changes.
        evaluations: that the ladder may take for each.
        seed: of what is drawn.
    """
    results = []
    for k in steps:
        began = time.process_time()
        ladder = mend(mending, steps=(k,), evaluations=evaluations, seconds=np.inf, seed=seed)
        allowed = ladder.evaluations
        results.append(MendingResult("ladder", k, ladder.rungs[0].gap, allowed, time.process_time() - began))
        ways = {
            "greedy": lambda k=k, n=allowed: greedy_mending(mending, k, max(1, n // (k + 1)), single=False)[-1],
            "local": lambda k=k, n=allowed: local_mending(mending, k, n, seed),
            "random": lambda k=k, n=allowed: random_mending(mending, k, n, seed),
        }
        for way, mended in ways.items():
            began = time.process_time()
            gap = float(mended().gap[0])
            results.append(MendingResult(way, k, gap, allowed, time.process_time() - began))
    return results
