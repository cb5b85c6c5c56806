"""Search: from a scenario and a budget to a front, by one of several algorithms."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from envs.choices.anchors import Anchors
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import indicator
from envs.rules.check import measured_with_rules, refuse_unknown_rules
from optimizers.algorithms.algorithm import Setting, genomes_in
from optimizers.algorithms.registry import ENDS_BY_ITSELF, make_algorithm, refuse_unknown_algorithm
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.front import non_dominated, thin
from optimizers.problem.operators import join
from optimizers.problem.renewal_problem import RenewalProblem
from optimizers.search.compute_anchors import anchors
from optimizers.search.loop import NO_HOOKS, Hooks, SearchLoop
from optimizers.search.search_state import SearchState, anchors_in, read_state

FRONT_SPACING = 0.01
"""Plans of a front differ by at least 1 % of an anchor range in some objective."""
MOST_PLANS = 300
"""A front keeps the best plan of each objective, then always the one farthest from those kept, up to this many."""
MOST_CANDIDATES, MOST_CANDIDATES_LARGE, LARGE_CITY_PLACES = 360, 130, 5_000
"""Plans of the archive that are evaluated exactly at the end: some fall out as dominated. Fewer in a large city, where
the exact evaluation of one takes a second."""
MOST_PREPARATION_SHARE = 0.5
"""Of a budget in minutes, anchors that are not known yet and other preparations count at most this share."""


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found.

    Attributes:
        plans: valid, mutually non-dominated plans, thinned; ordered by the objectives, best first.
        objectives: names.
        values: objectives in natural units at report precision, shape (n_plans, n_objectives).
        indicators: objectives and what else was asked for, by name, natural units, shape (n_plans,) each.
        n_reported_broken: rules that are reported or penalized and that a plan breaks, shape (n_plans,).
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
    n_reported_broken: IntArray
    anchors: Anchors
    progress: list[dict[str, float]]
    evaluations: int
    seconds: float
    interrupted: bool


def search(
    resolved: ResolvedScenario,
    request: SearchRequest,
    *,
    hooks: Hooks = NO_HOOKS,
    known_anchors: Anchors | None = None,
    seed_plans: Plans | None = None,
    resume: SearchState | None = None,
) -> SearchResult:
    """Search the trade-offs.

    Args:
        resolved: scenario resolved against a city.
        request: by which algorithm, for which objectives, how long.
        hooks: called while it runs.
        known_anchors: anchors; None = shipped or computed first (not part of a budget in evaluations).
        seed_plans: plans to begin with; their floor-area and facility ratios move to the nearest legal level. A
            resumed search has those it began with.
        resume: state to go on from; the same seed and evaluations then give the front of an uninterrupted search.

    Returns:
        The front; see SearchResult.

    Raises:
        InputError: unknown algorithm, objective or rule, no budget, a state of another search, or no valid plan found.
    """
    began = time.perf_counter() - request.budget.spent_seconds
    _refuse_wrong(resolved, request)
    names = resolved.scenario.objectives if request.objectives is None else request.objectives
    if known_anchors is None and resume is not None:
        known_anchors = read_state(resume, lambda state: anchors_in(state, resolved, names))
    fixed_points = known_anchors or anchors(resolved, names, threads=request.threads)
    problem = RenewalProblem(
        resolved, option_space(resolved), objectives=names, scale=fixed_points.ranges, threads=request.threads
    )
    archive = Archive.empty(problem.n_var, fixed_points.ranges)
    setting = Setting(problem, request, archive, _seed_genomes(problem, seed_plans, resume))
    loop = SearchLoop(
        setting=setting,
        algorithm=make_algorithm(request.algorithm, setting),
        anchors=fixed_points,
        hooks=hooks,
        earlier_seconds=_counted(time.perf_counter() - began, request.budget),
    )
    if resume is not None:
        loop.restore(resume)
    try:
        loop.run()
    except KeyboardInterrupt:
        loop.interrupted = True
    return _result(loop)


def _refuse_wrong(resolved: ResolvedScenario, request: SearchRequest) -> None:
    """Refuse a misspelt name or an open budget before any work is done."""
    refuse_unknown_algorithm(request.algorithm)
    if request.budget.is_open and request.algorithm not in ENDS_BY_ITSELF:
        raise refuse("search_budget_missing", layer="--evaluations, --minutes")
    refuse_unknown_rules(resolved.scenario)
    for name in request.indicators:
        indicator(name)


def _counted(prepared_seconds: float, budget: Budget) -> float:
    """What preparations count of the time of a search [s]."""
    if budget.minutes is None:
        return prepared_seconds
    return min(prepared_seconds, MOST_PREPARATION_SHARE * 60.0 * budget.minutes)


def _seed_genomes(problem: RenewalProblem, plans: Plans | None, resume: SearchState | None) -> IntArray:
    """Genomes to begin with: those of a resumed search, or the nearest to plans (late years become the last)."""
    if resume is not None:
        return read_state(resume, lambda state: genomes_in(state, "given_genomes", problem))
    if plans is None:
        return np.zeros((0, problem.n_var), dtype=np.int64)
    return np.clip(join(*problem.space.encode(plans)), problem.xl, problem.xu).astype(np.int64)


def _result(run: SearchLoop) -> SearchResult:
    """Measure the archive exactly, keep what is valid and non-dominated, and thin it."""
    seconds = run.seconds
    problem, names, request = run.problem, run.problem.objectives, run.setting.request
    large = problem.resolved.city.n_places > LARGE_CITY_PLACES
    most = MOST_CANDIDATES_LARGE if large else MOST_CANDIDATES
    candidates = thin(run.archive.F / run.anchors.ranges, spacing=0.5 * FRONT_SPACING, most=most)
    if candidates.size == 0:
        raise refuse("search_without_valid_plan")
    plans = problem.decode(run.archive.genomes[candidates])
    columns = list(dict.fromkeys([*names, *(indicator(name).name for name in request.indicators)]))
    measured, excess, told = measured_with_rules(problem.resolved, plans, columns, threads=request.threads)
    holds = (excess == 0.0).all(axis=1)
    plans, measured, told = plans[np.flatnonzero(holds)], measured[holds], told[holds]
    values = measured[:, : len(names)]
    if plans.n_plans == 0:
        raise refuse("search_without_exactly_valid_plan")
    kept = non_dominated(values * problem.signs)
    kept = kept[thin(values[kept] * problem.signs / run.anchors.ranges, spacing=FRONT_SPACING, most=MOST_PLANS)]
    kept = kept[np.lexsort((values[kept] * problem.signs).T[::-1])]
    return SearchResult(
        plans=plans[kept],
        objectives=names,
        values=values[kept],
        indicators=dict(zip(columns, measured[kept].T, strict=True)),
        n_reported_broken=(told[kept] > 0.0).sum(axis=1),
        anchors=run.anchors,
        progress=run.progress,
        evaluations=run.done,
        seconds=seconds,
        interrupted=run.interrupted,
    )
