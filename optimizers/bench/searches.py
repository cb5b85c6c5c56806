"""The bench of searches: every method beside the baselines, several seeds, equal minutes and equal evaluations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray
from envs.choices.anchors import Anchors, anchor_digest
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.algorithms.registry import ALGORITHMS
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.bench.reference_front import ReferenceFront, machine, read_reference
from optimizers.bench.runs import BenchRun, BenchRuns
from optimizers.bench.table import Row
from optimizers.bounds.certified import CAPITAL, bound
from optimizers.search.run_search import search

COMPARED = tuple(name for name in ALGORITHMS if name != "exact")
"""An enumeration has no end in a city worth searching."""
MUST_SHARE, AIM_SHARE, END_SHARE = 0.85, 0.95, 0.02


@dataclass(frozen=True, eq=False)
class Measured:
    """The searches of one algorithm, one entry per seed.

    Attributes:
        algorithm: name.
        runs: one per seed.
        volumes: hypervolume of the front that was returned, at report precision.
        ends: best normalized value of each objective, shape (n_seeds, n_objectives).
        evaluations: evaluations done.
    """

    algorithm: str
    runs: list[BenchRun]
    volumes: FloatArray
    ends: FloatArray
    evaluations: FloatArray

    def at(self, evaluations: float) -> FloatArray:
        """Hypervolume of each seed's archive after so many evaluations."""
        return np.array([run.volume_at(evaluations) for run in self.runs])


def measure(
    resolved: ResolvedScenario,
    request: SearchRequest,
    anchors: Anchors,
    *,
    seeds: Sequence[int],
    kept: BenchRuns | None = None,
    seed_plans: Plans | None = None,
    name: str = "",
) -> Measured:
    """Run an algorithm once per seed.

    Args:
        resolved: scenario resolved against a city.
        request: the algorithm and its budget in minutes; its seed is one of `seeds` in turn.
        anchors: of the scenario.
        seeds: of the random choices.
        kept: runs measured before, which are not run again; it takes in the new ones.
        seed_plans: to begin with, or None.
        name: under which runs are kept; by default the algorithm's.

    Returns:
        What was measured.
    """
    kept = BenchRuns() if kept is None else kept
    name = name or request.algorithm
    digest = anchor_digest(resolved, anchors.objectives)
    runs: list[BenchRun] = []
    for seed in seeds:
        minutes = request.budget.minutes
        assert minutes is not None
        run = kept.find(digest, algorithm=name, seed=seed, minutes=minutes, threads=request.threads)
        if run is None or (run.best, run.worst) != (anchors.best, anchors.worst):
            done = _run(resolved, replace(request, seed=seed), anchors, seed_plans)
            run = replace(done, algorithm=name)
            kept.add(run)
        runs.append(run)
    return Measured(
        algorithm=name,
        runs=runs,
        volumes=np.array([run.volume(anchors) for run in runs]),
        ends=np.array([run.normalized(anchors).max(axis=0) for run in runs]),
        evaluations=np.array([float(run.evaluations) for run in runs]),
    )


def _run(resolved: ResolvedScenario, request: SearchRequest, anchors: Anchors, seed_plans: Plans | None) -> BenchRun:
    assert request.budget.minutes is not None
    load_before = os.getloadavg()[0]
    result = search(resolved, request, known_anchors=anchors, seed_plans=seed_plans)
    return BenchRun(
        digest=anchor_digest(resolved, anchors.objectives),
        algorithm=request.algorithm,
        seed=request.seed,
        minutes=request.budget.minutes,
        threads=request.threads,
        machine=machine(),
        load=(round(load_before, 2), round(os.getloadavg()[0], 2)),
        best=anchors.best,
        worst=anchors.worst,
        evaluations=result.evaluations,
        values=tuple(tuple(row) for row in result.values.tolist()),
        curve=tuple((row["evaluations"], row["seconds"], row["hypervolume"]) for row in result.progress),
    )


def search_bench(
    resolved: ResolvedScenario,
    anchors: Anchors,
    *,
    algorithms: Sequence[str] = COMPARED,
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    minutes: float = 1.0,
    threads: int = 2,
    kept: BenchRuns | None = None,
) -> Iterator[Row]:
    """Measure the methods against the stored union, yielding rows as they come.

    Args:
        resolved: scenario resolved against a city.
        anchors: of the scenario.
        algorithms: names; the default search first.
        seeds: of the random choices.
        minutes: budget of each run.
        threads: worker threads.
        kept: runs measured before; see measure.

    Yields:
        Rows of the table.
    """
    kept = BenchRuns() if kept is None else kept
    reference = read_reference(resolved)
    yield Row("machine", f"{machine()}, {threads} threads, seeds {', '.join(map(str, seeds))}")
    yield _reference_row(reference, anchors)
    volume = reference.hypervolume(anchors) if reference.parts else 1.0
    measured = []
    for algorithm in algorithms:
        request = SearchRequest(algorithm=algorithm, budget=Budget(minutes=minutes), threads=threads)
        result = measure(resolved, request, anchors, seeds=seeds, kept=kept)
        measured.append(result)
        yield _minutes_row(result, volume, minutes, known=bool(reference.parts))
        if algorithm == DEFAULT_ALGORITHM:
            yield from _end_rows(result, reference, anchors)
            yield from _capital_row(resolved, result, anchors, kept)
    equal = min(float(result.evaluations.min()) for result in measured)
    for result in measured:
        yield Row(
            f"{result.algorithm}, hypervolume at {equal:,.0f} evaluations / union", quartiles(result.at(equal) / volume)
        )


def quartiles(shares: FloatArray) -> str:
    """Median and quartiles as percentages."""
    low, middle, high = np.percentile(shares, [25, 50, 75])
    return f"{middle:.1%} (quartiles {low:.1%}..{high:.1%})"


def _reference_row(reference: ReferenceFront, anchors: Anchors) -> Row:
    if not reference.parts:
        return Row(
            "union of all methods", "none is stored for this scenario: hypervolumes are shares of the anchors' box"
        )
    contributions = ", ".join(f"{entry.algorithm} {entry.minutes:g} min" for entry in reference.parts)
    text = f"hypervolume {reference.hypervolume(anchors):.4f}, {len(reference.values)} plans; {contributions}"
    return Row(f"union of all methods, digest {reference.digest[:12]}", text)


def _minutes_row(result: Measured, volume: float, minutes: float, *, known: bool) -> Row:
    share = result.volumes / volume
    evaluations = f"{np.median(result.evaluations):,.0f} evaluations"
    gated = known and result.algorithm == DEFAULT_ALGORITHM
    return Row(
        f"{result.algorithm}, hypervolume after {60 * minutes:.0f} s / union",
        f"{quartiles(share)}, {evaluations}",
        f"must {MUST_SHARE:.0%}, aim {AIM_SHARE:.0%}" if gated else "",
        bool(np.median(share) >= MUST_SHARE) if gated else None,
    )


def _end_rows(result: Measured, reference: ReferenceFront, anchors: Anchors) -> Iterator[Row]:
    """How far the front's ends lie from the best plans known, as a share of |best - base|."""
    known = anchors.normalized(np.array([anchors.best, *reference.values])).max(axis=0)
    base = anchors.normalized(np.array([anchors.base]))[0]
    for k, name in enumerate(anchors.objectives):
        gap = (known[k] - result.ends[:, k]) / max(known[k] - base[k], 1e-12)
        yield Row(
            f"{result.algorithm}, end of {name} short of the best known",
            quartiles(gap),
            f"must {END_SHARE:.0%}",
            bool(np.median(gap) <= END_SHARE),
        )


def _capital_row(resolved: ResolvedScenario, result: Measured, anchors: Anchors, kept: BenchRuns) -> Iterator[Row]:
    """Gap of the front's capital end to what no plan can exceed, as a share of |bound - base|."""
    if CAPITAL not in anchors.objectives:
        return
    k = anchors.objectives.index(CAPITAL)
    ends = anchors.worst[k] + result.ends[:, k] * (anchors.best[k] - anchors.worst[k])
    digest = anchor_digest(resolved, anchors.objectives)
    if digest not in kept.bounds:
        most = bound(resolved, CAPITAL)
        if most is None:
            return
        kept.add_bound(digest, most.value, most.seconds)
    value, seconds = kept.bounds[digest]
    gap = (value - ends) / max(abs(value - anchors.base[k]), 1e-12)
    text = f"the certified bound of {value / 1e9:,.2f} bn CNY ({seconds:.0f} s)"
    yield Row(
        f"{result.algorithm}, capital end below {text}",
        quartiles(gap),
        "aim 2 %",
        bool(np.median(gap) <= END_SHARE),
    )
