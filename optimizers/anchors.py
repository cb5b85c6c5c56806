"""Compute anchors: the empty plan, and the best plan of each objective that a documented search finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from envs.anchors import Anchors, anchor_digest, stored_anchors, write_anchors
from envs.kernel import evaluate
from envs.kernel.plans import concatenate, empty_plan
from envs.kernel.registry import objective_signs
from envs.kernel.resolved import ResolvedScenario

ANCHOR_EVALUATIONS = 6_000
ANCHOR_SEED = 20_250_101


def anchors(
    resolved: ResolvedScenario,
    objectives: tuple[str, ...] | None = None,
    *,
    threads: int = 1,
    evaluations: int = ANCHOR_EVALUATIONS,
    cache: Path | None = None,
) -> Anchors:
    """Anchors, shipped or cached where they are known, else computed.

    Args:
        resolved: scenario resolved against a city.
        objectives: names; None = the scenario's.
        threads: worker threads.
        evaluations: budget of each single-objective search.
        cache: folder to read from and write to besides the shipped one.

    Returns:
        The anchors.
    """
    names = resolved.scenario.objectives if objectives is None else objectives
    known = stored_anchors(resolved, names, cache=cache)
    if known is not None:
        return known
    found = compute_anchors(resolved, names, threads=threads, evaluations=evaluations)
    if cache is not None:
        write_anchors(found, cache)
    return found


def compute_anchors(
    resolved: ResolvedScenario, objectives: tuple[str, ...], *, threads: int, evaluations: int
) -> Anchors:
    """Search each objective alone with the genetic algorithm, then evaluate the winners exactly."""
    from optimizers.search import best_single

    winners = [
        best_single(resolved, name, evaluations=evaluations, seed=ANCHOR_SEED, threads=threads) for name in objectives
    ]
    values = evaluate(resolved, concatenate([empty_plan(resolved.city.n_villages), *winners]), indicators=[]).values
    table = np.stack([values[name] for name in objectives], axis=1)
    signs = np.array(objective_signs(objectives))
    best = (table * signs).max(axis=0) * signs
    worst = (table * signs).min(axis=0) * signs
    return Anchors(
        objectives=objectives,
        base=tuple(table[0].tolist()),
        best=tuple(best.tolist()),
        worst=tuple(worst.tolist()),
        evaluations=evaluations,
        seed=ANCHOR_SEED,
        digest=anchor_digest(resolved, objectives),
    )
