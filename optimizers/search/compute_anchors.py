"""Compute anchors: the empty plan, and the best plan of each objective that a documented search finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.arrays import FloatArray
from envs.choices.anchors import Anchors, anchor_digest, stored_anchors, write_anchors
from envs.kernel import evaluate
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.plans import Plans, concatenate, empty_plan
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.search.best_plans import best_plans, best_single

ANCHOR_EVALUATIONS = 2_000
LARGE_CITY_PLACES, FEWEST_EVALUATIONS = 2_000, 100
ANCHOR_SEED = 20_250_101


def anchors(
    resolved: ResolvedScenario,
    objectives: tuple[str, ...] | None = None,
    *,
    threads: int = 1,
    evaluations: int | None = None,
    cache: Path | None = None,
) -> Anchors:
    """Anchors, shipped or cached where they are known, else computed.

    Args:
        resolved: scenario resolved against a city.
        objectives: names; None = the scenario's.
        threads: worker threads.
        evaluations: budget of each single-objective search; None = anchor_evaluations of the city.
        cache: folder to read from and write to besides the shipped one.

    Returns:
        The anchors.
    """
    names = resolved.scenario.objectives if objectives is None else objectives
    known = stored_anchors(resolved, names, cache=cache)
    if known is not None:
        return known
    budget = anchor_evaluations(resolved.city.n_places) if evaluations is None else evaluations
    computed = compute_anchors(resolved, names, threads=threads, evaluations=budget)
    if cache is not None:
        write_anchors(computed, cache)
    return computed


def anchor_evaluations(n_places: int) -> int:
    """Budget of each single-objective search: 2,000, in large cities fewer with the square of their places.

    An evaluation costs places x zones, so that anchors take minutes in every city; 100 evaluations are at least done.
    """
    share = min(1.0, LARGE_CITY_PLACES / n_places) ** 2
    return max(FEWEST_EVALUATIONS, round(ANCHOR_EVALUATIONS * share))


def compute_anchors(
    resolved: ResolvedScenario, objectives: tuple[str, ...], *, threads: int, evaluations: int
) -> Anchors:
    """Search each objective alone, then all together with as much again, and evaluate the winners exactly."""
    alone = [
        best_single(resolved, name, evaluations=evaluations, seed=ANCHOR_SEED, threads=threads) for name in objectives
    ]
    empty = empty_plan(resolved.city.n_villages)
    signs = np.array(objective_signs(objectives))
    table = _objective_table(resolved, concatenate([empty, *alone]), objectives, threads=threads)
    span = np.ptp(table, axis=0)
    together = best_plans(
        resolved,
        objectives,
        ranges=np.where(span > 0.0, span, 1.0),
        evaluations=len(objectives) * evaluations,
        seed=ANCHOR_SEED,
        threads=threads,
    )
    candidates = np.concatenate([table, _objective_table(resolved, together, objectives, threads=threads)])
    winners = np.argmax(candidates * signs, axis=0)
    corners = candidates[[0, *winners]]
    best = (corners * signs).max(axis=0) * signs
    worst = (corners * signs).min(axis=0) * signs
    return Anchors(
        objectives=objectives,
        base=tuple(table[0].tolist()),
        best=tuple(best.tolist()),
        worst=tuple(worst.tolist()),
        evaluations=evaluations,
        seed=ANCHOR_SEED,
        digest=anchor_digest(resolved, objectives),
    )


def _objective_table(
    resolved: ResolvedScenario, plans: Plans, objectives: tuple[str, ...], *, threads: int
) -> FloatArray:
    """Objectives in natural units, shape (n_plans, n_objectives)."""
    values = evaluate(resolved, plans, indicators=objectives, threads=threads).values
    return np.stack([values[name] for name in objectives], axis=1)
