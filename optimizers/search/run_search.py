"""Search: from a scenario and a budget to a front, by one of several algorithms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from envs.choices.anchors import Anchors, anchor_digest
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import indicator
from envs.models.check_model import check_model
from envs.models.kernel_model import KernelModel
from envs.models.model import Model
from envs.rules.check import refuse_unknown_rules
from optimizers.algorithms.algorithm import Setting, genomes_in
from optimizers.algorithms.registry import ENDS_BY_ITSELF, make_algorithm, refuse_unknown_algorithm
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.front import non_dominated, thin
from optimizers.problem.operators import join, split
from optimizers.problem.renewal_problem import RenewalProblem, broken_rules
from optimizers.search.compute_anchors import ANCHOR_EVALUATIONS, anchors, model_anchor_digest, model_anchors
from optimizers.search.loop import NO_HOOKS, Hooks, SearchLoop
from optimizers.search.search_state import SearchState, anchors_in, read_state

MOST_PLANS = 300
"""A front keeps the best plan of each objective, then always the one farthest from those kept, up to this many."""
ANCHOR_SHARE = 0.25
"""Of a budget, what anchors of a model that are not known may take at most."""
MOST_PREPARATION_SHARE = 0.5
"""Of a budget in minutes, anchors that are not known yet and other preparations count at most this share."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FrontFound:
    """What a search of a model found.

    Attributes:
        start_year: of valid, mutually non-dominated plans, thinned; ordered by the objectives, best first, shape
            (n_plans, n_villages).
        option: of these plans, same shape.
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

    start_year: IntArray
    option: IntArray
    objectives: tuple[str, ...]
    values: FloatArray
    indicators: dict[str, FloatArray]
    n_reported_broken: IntArray
    anchors: Anchors
    progress: list[dict[str, float]]
    evaluations: int
    seconds: float
    interrupted: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class SearchResult(FrontFound):
    """What a search of a scenario found.

    Attributes:
        plans: the plans of start_year and option, as the kernel knows them.
    """

    plans: Plans


def search(
    resolved: ResolvedScenario,
    request: SearchRequest,
    *,
    hooks: Hooks = NO_HOOKS,
    known_anchors: Anchors | None = None,
    seed_plans: Plans | None = None,
    resume: SearchState | None = None,
) -> SearchResult:
    """Search the trade-offs of a scenario.

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
    began = request.budget.clock() - request.budget.spent_seconds
    _refuse_wrong(request)
    refuse_unknown_rules(resolved.scenario)
    for name in request.indicators:
        indicator(name)
    names = resolved.scenario.objectives if request.objectives is None else request.objectives
    if known_anchors is None and resume is not None:
        digest = anchor_digest(resolved, names)
        known_anchors = read_state(resume, lambda state: anchors_in(state, names, digest))
    fixed_points = known_anchors or anchors(resolved, names, threads=request.threads)
    model = KernelModel(resolved, names, threads=request.threads)
    seeds = None if seed_plans is None else join(*model.space.encode(seed_plans))
    loop = _run(model, request, fixed_points, hooks=hooks, seeds=seeds, resume=resume, began=began)
    found = _front_found(loop)
    return SearchResult(plans=model.decode(found.start_year, found.option), **vars(found))


def search_model(
    model: Model,
    request: SearchRequest,
    *,
    hooks: Hooks = NO_HOOKS,
    known_anchors: Anchors | None = None,
    seeds: IntArray | None = None,
    resume: SearchState | None = None,
) -> FrontFound:
    """Search the trade-offs of any model; see `search`.

    Args:
        model: what plans are worth, and what they choose among.
        request: by which algorithm, for which of the objectives, how long.
        hooks: called while it runs.
        known_anchors: anchors; None = computed first, by at most ANCHOR_SHARE of a budget in evaluations besides, or of
            one in minutes within; the default search begins with the plans that reach them.
        seeds: genomes to begin with, shape (n_seeds, 2 n_villages).
        resume: state to go on from.

    Raises:
        InputError: as `search`, and a model that contradicts itself.
    """
    began = request.budget.clock() - request.budget.spent_seconds
    _refuse_wrong(request)
    check_model(model)
    names = model.objectives if request.objectives is None else request.objectives
    if unknown := sorted(set(names) - set(model.objectives)):
        raise refuse("model_objective_unknown", layer="objectives", names=unknown, known=list(model.objectives))
    if known_anchors is None and resume is not None:
        digest = model_anchor_digest(model, names)
        known_anchors = read_state(resume, lambda state: anchors_in(state, names, digest))
    if known_anchors is None:
        known_anchors, reached = _anchors_within(model, names, request)
        if request.algorithm == DEFAULT_ALGORITHM:  # which found them; others shall be measured by what they find
            seeds = reached if seeds is None else np.concatenate([seeds, reached])
    loop = _run(model, request, known_anchors, hooks=hooks, seeds=seeds, resume=resume, began=began)
    return _front_found(loop)


def _anchors_within(model: Model, names: tuple[str, ...], request: SearchRequest) -> tuple[Anchors, IntArray]:
    """Anchors of a model within a part of the budget."""
    budget = request.budget
    evaluations, seconds = ANCHOR_EVALUATIONS, np.inf
    if budget.evaluations is not None:
        evaluations = min(evaluations, max(1, int(ANCHOR_SHARE * budget.evaluations / (2 * len(names)))))
    if budget.minutes is not None:
        seconds = ANCHOR_SHARE * 60.0 * budget.minutes
    return model_anchors(
        model, names, evaluations=evaluations, threads=request.threads, seconds=seconds, clock=budget.clock
    )


def _run(
    model: Model,
    request: SearchRequest,
    fixed_points: Anchors,
    *,
    hooks: Hooks,
    seeds: IntArray | None,
    resume: SearchState | None,
    began: float,
) -> SearchLoop:
    """A search from its first batch, or from a state, to the end of its budget."""
    ranges = fixed_points.ranges
    problem = RenewalProblem(model, objectives=fixed_points.objectives, scale=ranges, threads=request.threads)
    archive = Archive.empty(problem.n_var, ranges)
    setting = Setting(problem, request, archive, _seed_genomes(problem, seeds, resume))
    loop = SearchLoop(
        setting=setting,
        algorithm=make_algorithm(request.algorithm, setting),
        anchors=fixed_points,
        hooks=hooks,
        began=request.budget.clock(),
        earlier_seconds=_counted(request.budget.clock() - began, request.budget),
        done=request.budget.spent_evaluations,
    )
    if resume is not None:
        loop.restore(resume)
    try:
        loop.run()
    except KeyboardInterrupt:
        loop.interrupted = True
    if hooks.measuring is not None:
        hooks.measuring()
    return loop


def _refuse_wrong(request: SearchRequest) -> None:
    """Refuse a misspelt name, an open budget or a meaningless spacing before any work is done."""
    refuse_unknown_algorithm(request.algorithm)
    if request.budget.is_open and request.algorithm not in ENDS_BY_ITSELF:
        raise refuse("search_budget_missing", layer="--evaluations, --minutes")
    if not 0.0 <= request.front_spacing <= 1.0:
        raise refuse("search_front_spacing", layer="front_spacing", number=request.front_spacing)


def _counted(prepared_seconds: float, budget: Budget) -> float:
    """What preparations count of the time of a search [s]."""
    if budget.minutes is None:
        return prepared_seconds
    return min(prepared_seconds, MOST_PREPARATION_SHARE * 60.0 * budget.minutes)


def _seed_genomes(problem: RenewalProblem, seeds: IntArray | None, resume: SearchState | None) -> IntArray:
    """Genomes to begin with: those of a resumed search, or those given (late years become the last)."""
    if resume is not None:
        return read_state(resume, lambda state: genomes_in(state, "given_genomes", problem))
    if seeds is None:
        return np.zeros((0, problem.n_var), dtype=np.int64)
    return np.clip(seeds, problem.xl, problem.xu).astype(np.int64)


def _front_found(run: SearchLoop) -> FrontFound:
    """Measure the archive exactly, keep what is valid and non-dominated, and thin it."""
    seconds = run.seconds
    problem, model, names, request = run.problem, run.problem.model, run.problem.objectives, run.setting.request
    candidates = thin(run.archive.F / run.anchors.ranges, spacing=0.5 * request.front_spacing, most=model.most_reported)
    if candidates.size == 0:
        raise refuse("search_without_valid_plan")
    genomes = run.archive.genomes[candidates]
    told = model.report(*split(genomes), request.indicators)
    valid = np.all(broken_rules(model, split(genomes)[0], told.violations) <= 0.0, axis=1)
    if not valid.any():
        raise refuse("search_without_exactly_valid_plan")
    values = np.asarray(told.objectives, dtype=np.float64)[:, problem.columns]
    F = np.where(valid[:, None], values * problem.signs, np.nan)
    kept = np.flatnonzero(valid)[non_dominated(F[valid])]
    kept = kept[thin(F[kept] / run.anchors.ranges, spacing=request.front_spacing, most=MOST_PLANS)]
    kept = kept[np.lexsort(F[kept].T[::-1])]
    start_year, option = split(genomes[kept])
    return FrontFound(
        start_year=start_year,
        option=option,
        objectives=names,
        values=values[kept],
        indicators={name: column[kept] for name, column in told.indicators.items()},
        n_reported_broken=told.n_reported_broken[kept],
        anchors=run.anchors,
        progress=run.progress,
        evaluations=run.done,
        seconds=seconds,
        interrupted=run.interrupted,
    )
