"""Compute anchors: the empty plan, and the best plan of each objective that a documented search finds."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.anchors import Anchors, anchor_digest, stored_anchors, write_anchors
from envs.kernel import evaluate
from envs.kernel.plans import Plans, concatenate, empty_plan
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.models.kernel_model import KernelModel
from envs.models.model import Model
from optimizers.problem.operators import split
from optimizers.search.best_plans import best_genomes, least_genome

ANCHOR_EVALUATIONS = 2_000
LARGE_CITY_PLACES, FEWEST_EVALUATIONS = 2_000, 100
ANCHOR_SEED = 20_250_101


class Measured(Protocol):
    """Objectives of genomes as they are reported, shape (n_plans, n_objectives)."""

    def __call__(self, genomes: IntArray, *, after_base: bool) -> FloatArray:
        """Measure; `after_base`: below the plan that does least, as row 0."""
        ...


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


def anchors_within(
    resolved: ResolvedScenario,
    seconds: float,
    *,
    threads: int = 1,
    cache: Path | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Anchors, Plans | None]:
    """Anchors of the scenario's objectives as `anchors` gives them, or those found in a given time.

    Args:
        resolved: scenario resolved against a city.
        seconds: for the searches of anchors that nobody knows [s].
        threads: worker threads.
        cache: folder to read from besides the shipped one; what is found in time is written to it.
        clock: what they are read from; one that goes to infinity ends the searches.

    Returns:
        The anchors, and the plans found on the way; None where the anchors were known.
    """
    names = resolved.scenario.objectives
    known = stored_anchors(resolved, names, cache=cache)
    if known is not None:
        return known, None
    began = clock()
    model, evaluations = KernelModel(resolved, names, threads=threads), anchor_evaluations(resolved.city.n_places)
    found, genomes = _kernel_anchors(model, threads=threads, evaluations=evaluations, seconds=seconds, clock=clock)
    shortest_share = seconds / (2 * len(names))
    if cache is not None and clock() - began < shortest_share:  # no search was cut short
        write_anchors(found, cache)
    return found, model.decode(*split(genomes))


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
    return _kernel_anchors(
        KernelModel(resolved, objectives, threads=threads), threads=threads, evaluations=evaluations
    )[0]


def _kernel_anchors(
    model: KernelModel,
    *,
    threads: int,
    evaluations: int,
    seconds: float = np.inf,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Anchors, IntArray]:
    """Anchors of a scenario, and the plans found on the way."""
    resolved, objectives = model.resolved, model.objectives

    def measured(genomes: IntArray, *, after_base: bool) -> FloatArray:
        plans = model.decode(*split(genomes))
        plans = concatenate([empty_plan(resolved.city.n_villages), plans]) if after_base else plans
        values = evaluate(resolved, plans, indicators=objectives, threads=threads).values
        return np.stack([values[name] for name in objectives], axis=1)

    return _anchors(
        model,
        objectives,
        measured,
        evaluations=evaluations,
        digest=anchor_digest(resolved, objectives),
        threads=threads,
        seconds=seconds,
        clock=clock,
    )


def model_anchors(
    model: Model,
    objectives: tuple[str, ...],
    *,
    evaluations: int,
    threads: int = 1,
    seconds: float = np.inf,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Anchors, IntArray]:
    """Anchors of any model, and plans that reach them.

    Args:
        model: what plans are worth.
        objectives: names, all or some of the model's.
        evaluations: budget of each single-objective search.
        threads: worker threads.
        seconds: of all these searches together.
        clock: what they are read from.

    Returns:
        The anchors, and the plans found on the way, shape (n_plans, 2 n_villages).
    """
    narrowed = model.narrowed(objectives)
    columns = [narrowed.objectives.index(name) for name in objectives]

    def measured(genomes: IntArray, *, after_base: bool) -> FloatArray:
        genomes = np.concatenate([least_genome(model), genomes]) if after_base else genomes
        return np.asarray(narrowed.report(*split(genomes)).objectives, dtype=np.float64)[:, columns]

    return _anchors(
        narrowed,
        objectives,
        measured,
        evaluations=evaluations,
        digest=model_anchor_digest(model, objectives),
        threads=threads,
        seconds=seconds,
        clock=clock,
    )


def model_anchor_digest(model: Model, objectives: tuple[str, ...]) -> str:
    """SHA-256 of everything known that can change an anchor of a model."""
    return hashlib.sha256("|".join((model.digest, *objectives)).encode()).hexdigest()


def _anchors(
    model: Model,
    objectives: tuple[str, ...],
    measured: Measured,
    *,
    evaluations: int,
    digest: str,
    threads: int = 1,
    seconds: float = np.inf,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Anchors, IntArray]:
    """Anchors from the plan to begin with and the best plans found, measured exactly; and the latter."""
    share = seconds / (2 * len(objectives))

    def best(names: tuple[str, ...], ranges: FloatArray, times: int) -> IntArray:
        return best_genomes(
            model,
            names,
            ranges=ranges,
            evaluations=times * evaluations,
            seed=ANCHOR_SEED,
            threads=threads,
            seconds=times * share,
            clock=clock,
        )

    genomes = np.concatenate([best((name,), np.ones(1), 1) for name in objectives])
    values = measured(genomes, after_base=True)
    if len(objectives) > 1 or np.isinf(seconds):
        span = np.ptp(values, axis=0)
        together = best(objectives, np.where(span > 0.0, span, 1.0), len(objectives))
        genomes, values = (
            np.concatenate([genomes, together]),
            np.concatenate([values, measured(together, after_base=False)]),
        )
    signs = np.asarray(model.signs)[[model.objectives.index(name) for name in objectives]]
    winners = np.argmax(values * signs, axis=0)
    corners = values[[0, *winners]]
    return Anchors(
        objectives=objectives,
        base=tuple(values[0].tolist()),
        best=tuple(((corners * signs).max(axis=0) * signs).tolist()),
        worst=tuple(((corners * signs).min(axis=0) * signs).tolist()),
        evaluations=evaluations,
        seed=ANCHOR_SEED,
        digest=digest,
    ), genomes
