"""Search: from a scenario and a budget to a front, by one of several algorithms."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refusal
from envs.choices.anchors import Anchors
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import indicator
from envs.rules.check import measured_with_rules, refuse_unknown_rules
from optimizers.algorithms.algorithm import Setting, genomes_in
from optimizers.algorithms.registry import ALGORITHMS, DEFAULT_ALGORITHM, ENDS_BY_ITSELF, make_algorithm
from optimizers.problem.archive import Archive
from optimizers.problem.front import non_dominated, thin
from optimizers.problem.operators import join
from optimizers.problem.renewal_problem import RenewalProblem
from optimizers.search.compute_anchors import anchors
from optimizers.search.loop import RunningSearch
from optimizers.search.search_state import SearchState, anchors_in, found_in

FRONT_SPACING = 0.01
"""Plans of a front differ by at least 1 % of an anchor range in some objective."""
MOST_PLANS = 300
"""A front keeps the best plan of each objective, then always the one farthest from those kept, up to this many."""
MOST_CANDIDATES, MOST_CANDIDATES_LARGE, LARGE_CITY_PLACES = 360, 130, 5_000
"""Plans of the archive that are evaluated exactly at the end: some fall out as dominated. Fewer in a large city, where
the exact evaluation of one takes a second."""
CHECKPOINT_SECONDS = 10.0
MOST_ANCHOR_SHARE = 0.5
"""Of a budget in minutes, anchors that are not known yet and other preparations count at most this share."""


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found.

    Attributes:
        plans: valid, mutually non-dominated plans, thinned; ordered by the objectives, best first.
        objectives: names.
        values: objectives in natural units at report precision, shape (n_plans, n_objectives).
        indicators: objectives and what else was asked for, by name, natural units, shape (n_plans,) each.
        anchors: anchors used for thinning and hypervolume.
        progress: rows of evaluations, seconds, hypervolume, front_size.
        evaluations: plans evaluated.
        seconds: wall time of the search.
        interrupted: True if it was stopped before its budget ended.
    """

    plans: Plans
    objectives: tuple[str, ...]
    values: FloatArray
    indicators: dict[str, FloatArray]
    anchors: Anchors
    progress: list[dict[str, float]]
    evaluations: int
    seconds: float
    interrupted: bool


def search(
    resolved: ResolvedScenario,
    *,
    algorithm: str = DEFAULT_ALGORITHM,
    objectives: tuple[str, ...] | None = None,
    seed: int = 0,
    evaluations: int | None = None,
    minutes: float | None = None,
    threads: int = 1,
    known_anchors: Anchors | None = None,
    anchor_seconds: float = 0.0,
    seed_plans: Plans | None = None,
    progress: Callable[[dict[str, float]], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Callable[[SearchState], None] | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    resume: SearchState | None = None,
    indicators: Sequence[str] = (),
) -> SearchResult:
    """Search the trade-offs.

    Args:
        resolved: scenario resolved against a city.
        algorithm: one of ALGORITHMS.
        objectives: names; None = the scenario's.
        seed: of all random choices.
        evaluations: budget in plans; None = no limit.
        minutes: budget in wall time, anchors and preparations included up to MOST_ANCHOR_SHARE; None = no limit. At
            least one budget is needed, except where a search ends itself.
        threads: worker threads of the evaluator.
        known_anchors: anchors; None = shipped or computed first (not part of the budget in evaluations).
        anchor_seconds: what the caller has spent on them.
        seed_plans: plans to begin with; their floor-area and facility ratios move to the nearest legal level. A
            resumed search has those it began with.
        progress: called with every progress row.
        stop: asked between batches; True ends the search and keeps the work. Ctrl-C does the same.
        checkpoint: called with the state of the search before the first batch, between batches, and at the end.
        checkpoint_seconds: between batches at most this often [s].
        resume: state to go on from; the same seed and evaluations then give the front of an uninterrupted search.
        indicators: names to measure besides on the plans that are returned.

    Returns:
        The front; see SearchResult.

    Raises:
        InputError: unknown algorithm, objective or rule, no budget, a state of another search, or no valid plan found.
    """
    if algorithm not in ALGORITHMS:
        raise refusal(f"unknown algorithm {algorithm!r}; known are {', '.join(ALGORITHMS)}", layer="--algorithm")
    if evaluations is None and minutes is None and algorithm not in ENDS_BY_ITSELF:
        raise refusal("give a budget in evaluations, in minutes, or both", layer="--evaluations, --minutes")
    began = time.perf_counter() - anchor_seconds
    refuse_unknown_rules(resolved.scenario)
    indicators = [indicator(name).name for name in indicators]  # a misspelt one is refused before the work is done
    names = resolved.scenario.objectives if objectives is None else objectives
    space = option_space(resolved)
    if known_anchors is None and resume is not None:
        known_anchors = found_in(resume, lambda state: anchors_in(state, resolved, names))
    fixed_points = known_anchors or anchors(resolved, names, threads=threads)
    problem = RenewalProblem(resolved, space, objectives=names, scale=fixed_points.ranges, threads=threads)
    empty = np.zeros((0, problem.n_var), dtype=np.int64)
    archive = Archive(empty, np.zeros((0, problem.n_obj)), fixed_points.ranges)
    given = empty if seed_plans is None else _genomes(problem, seed_plans)
    if resume is not None:
        given = found_in(resume, lambda state: genomes_in(state, "given_genomes", problem))
    setting = Setting(problem, space, archive, seed, evaluations, minutes, given)
    identity = {
        "resolved": resolved.digest,
        "objectives": list(names),
        "algorithm": algorithm,
        "seed": seed,
        "anchors": fixed_points.digest,
    }
    run = RunningSearch(
        problem, make_algorithm(algorithm, setting), identity, archive, given, fixed_points, evaluations, minutes,
        progress, stop, checkpoint, checkpoint_seconds,
    )  # fmt: skip
    prepared = time.perf_counter() - began
    run.before = prepared if minutes is None else min(prepared, MOST_ANCHOR_SHARE * 60.0 * minutes)
    if resume is not None:
        run.restore(resume)
    try:
        run.go()
    except KeyboardInterrupt:
        run.interrupted = True
    return _result(run, indicators, threads)


def _genomes(problem: RenewalProblem, plans: Plans) -> IntArray:
    """Genomes nearest to plans; of another plan length, late years become the last."""
    return np.clip(join(*problem.space.encode(plans)), problem.xl, problem.xu).astype(np.int64)


def _result(run: RunningSearch, indicators: Sequence[str], threads: int) -> SearchResult:
    """Measure the archive exactly, keep what is valid and non-dominated, and thin it."""
    seconds = run.seconds
    problem, names = run.problem, run.problem.objectives
    large = problem.resolved.city.n_places > LARGE_CITY_PLACES
    most = MOST_CANDIDATES_LARGE if large else MOST_CANDIDATES
    candidates = thin(run.archive.F / run.anchors.ranges, spacing=0.5 * FRONT_SPACING, most=most)
    if candidates.size == 0:
        raise refusal("no valid plan was found within the budget; loosen the hard rules or search longer")
    plans = problem.decode(run.archive.genomes[candidates])
    columns = list(dict.fromkeys([*names, *indicators]))
    measured, excess = measured_with_rules(problem.resolved, plans, columns, threads=threads)
    holds = (excess == 0.0).all(axis=1)
    plans, measured = plans[np.flatnonzero(holds)], measured[holds]
    values = measured[:, : len(names)]
    if plans.n_plans == 0:
        raise refusal("no plan found respects every hard rule at report precision; search longer")
    kept = non_dominated(values * problem.signs)
    kept = kept[thin(values[kept] * problem.signs / run.anchors.ranges, spacing=FRONT_SPACING, most=MOST_PLANS)]
    kept = kept[np.lexsort((values[kept] * problem.signs).T[::-1])]
    return SearchResult(
        plans=plans[kept],
        objectives=names,
        values=values[kept],
        indicators=dict(zip(columns, measured[kept].T, strict=True)),
        anchors=run.anchors,
        progress=run.progress,
        evaluations=run.done,
        seconds=seconds,
        interrupted=run.interrupted,
    )
