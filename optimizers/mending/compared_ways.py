"""Mending beside its baselines: random changes, local search and greedy single changes, at equal evaluations."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from optimizers.mending.baselines import greedy_mending, local_mending, random_mending
from optimizers.mending.ladder import mend
from optimizers.mending.plan_model import Judged, Mending


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
        ways: dict[str, Callable[[], Judged]] = {
            "greedy": partial(_greedy, mending, k, allowed),
            "local": partial(local_mending, mending, k, allowed, seed),
            "random": partial(random_mending, mending, k, allowed, seed),
        }
        for way, mended in ways.items():
            began = time.process_time()
            gap = float(mended().gap[0])
            results.append(MendingResult(way, k, gap, allowed, time.process_time() - began))
    return results


def _greedy(mending: Mending, changes: int, evaluations: int) -> Judged:
    """The end of greedy single changes, each the best of an equal part of the evaluations."""
    return greedy_mending(mending, changes, max(1, evaluations // (changes + 1)), single=False)[-1]
