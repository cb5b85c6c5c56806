"""Search: budgets, progress, interruption and the archive around pymoo's algorithms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.population import Population
from pymoo.core.termination import NoTermination

from data.errors import refusal
from envs.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.options import OptionSpace, option_space
from envs.rules import refuse_unknown_rules, valid
from optimizers.anchors import anchors
from optimizers.capital_seeds import earning_genomes
from optimizers.front import hypervolume, non_dominated, thin
from optimizers.operators import HashDuplicates, PlanMutation, PlanRepair, PlanSampling, VillageCrossover
from optimizers.problem import RenewalProblem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
POP_SIZE = 100
ARCHIVE_SIZE = 1_000
FRONT_SPACING = 0.01
"""Plans of a front differ by at least 1 % of an anchor range in some objective."""
ALGORITHMS = ("nsga2", "random", "exact")


@dataclass
class Archive:
    """All valid non-dominated plans found, thinned when they become too many.

    Attributes:
        genomes: shape (n_kept, 2 n_villages).
        F: signed objectives, shape (n_kept, n_objectives).
        ranges: one anchor range per objective.
    """

    genomes: IntArray
    F: FloatArray
    ranges: FloatArray

    def add(self, genomes: IntArray, F: FloatArray, feasible: NDArray[np.bool_]) -> None:
        """Take in a batch."""
        genomes, F = np.concatenate([self.genomes, genomes[feasible]]), np.concatenate([self.F, F[feasible]])
        kept = non_dominated(F)
        if kept.size > ARCHIVE_SIZE:
            kept = kept[thin(F[kept] / self.ranges, spacing=0.0, most=ARCHIVE_SIZE)]
        self.genomes, self.F = genomes[kept], F[kept]


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found.

    Attributes:
        plans: valid, mutually non-dominated plans, thinned; ordered by the first objective, best first.
        objectives: names.
        values: objectives in natural units at report precision, shape (n_plans, n_objectives).
        anchors: anchors used for thinning and hypervolume.
        progress: rows of evaluations, seconds, hypervolume, front_size.
        evaluations: plans evaluated.
        seconds: wall time of the search.
        interrupted: True if it was stopped before its budget ended.
    """

    plans: Plans
    objectives: tuple[str, ...]
    values: FloatArray
    anchors: Anchors
    progress: list[dict[str, float]]
    evaluations: int
    seconds: float
    interrupted: bool


@dataclass
class _Run:
    problem: RenewalProblem
    archive: Archive
    anchors: Anchors
    evaluations: int | None
    deadline: float | None
    progress_callback: Callable[[dict[str, float]], None] | None
    stop: Callable[[], bool] | None
    began: float = field(default_factory=time.perf_counter)
    done: int = 0
    progress: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    def over(self) -> bool:
        """True when the budget is spent or somebody asked to stop."""
        if self.stop is not None and self.stop():
            self.interrupted = True
        late = self.deadline is not None and time.perf_counter() >= self.deadline
        return self.interrupted or late or (self.evaluations is not None and self.done >= self.evaluations)

    def take(self, genomes: IntArray, F: FloatArray, feasible: NDArray[np.bool_]) -> None:
        """Archive a batch and report progress."""
        self.archive.add(genomes, F, feasible)
        self.done += len(genomes)
        row = {
            "evaluations": float(self.done),
            "seconds": time.perf_counter() - self.began,
            "hypervolume": hypervolume(1.0 - self.anchors.normalized(self.archive.F * self.problem.signs)),
            "front_size": float(len(self.archive.F)),
        }
        self.progress.append(row)
        if self.progress_callback is not None:
            self.progress_callback(row)


def search(
    resolved: ResolvedScenario,
    *,
    algorithm: str = "nsga2",
    objectives: tuple[str, ...] | None = None,
    seed: int = 0,
    evaluations: int | None = None,
    minutes: float | None = None,
    threads: int = 1,
    known_anchors: Anchors | None = None,
    progress: Callable[[dict[str, float]], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> SearchResult:
    """Search the trade-offs.

    Args:
        resolved: scenario resolved against a city.
        algorithm: one of ALGORITHMS.
        objectives: names; None = the scenario's.
        seed: of all random choices.
        evaluations: budget in plans; None = no limit.
        minutes: budget in wall time; None = no limit. At least one budget is needed, except for exact enumeration.
        threads: worker threads of the evaluator.
        known_anchors: anchors; None = shipped or computed first (not part of the budget).
        progress: called with every progress row.
        stop: asked between batches; True ends the search and keeps the work. Ctrl-C does the same.

    Returns:
        The front; see SearchResult.

    Raises:
        InputError: unknown algorithm, objective or rule, no budget, or no valid plan was found.
    """
    if algorithm not in ALGORITHMS:
        raise refusal(f"unknown algorithm {algorithm!r}; known are {', '.join(ALGORITHMS)}", layer="--algorithm")
    if evaluations is None and minutes is None and algorithm != "exact":
        raise refusal("give a budget in evaluations, in minutes, or both", layer="--evaluations, --minutes")
    refuse_unknown_rules(resolved.scenario)
    names = resolved.scenario.objectives if objectives is None else objectives
    space = option_space(resolved)
    fixed_points = known_anchors or anchors(resolved, names, threads=threads)
    problem = RenewalProblem(resolved, space, objectives=names, scale=fixed_points.ranges, threads=threads)
    empty = np.zeros((0, problem.n_var), dtype=np.int64)
    archive = Archive(empty, np.zeros((0, problem.n_obj)), fixed_points.ranges)
    deadline = None if minutes is None else time.perf_counter() + 60.0 * minutes
    run = _Run(problem, archive, fixed_points, evaluations, deadline, progress, stop)
    try:
        {"nsga2": _nsga2, "random": _random, "exact": _exact}[algorithm](run, space, seed)
    except KeyboardInterrupt:
        run.interrupted = True
    return _result(run, threads)


def _operators(problem: RenewalProblem, space: OptionSpace) -> dict[str, Any]:
    villages = problem.resolved.city.villages
    quota = problem.resolved.scenario.villages_per_year
    return {
        "sampling": PlanSampling(space, quota, earning_genomes(problem.resolved, space, POP_SIZE // 10, quota)),
        "crossover": VillageCrossover(np.column_stack([villages.x_km, villages.y_km])),
        "mutation": PlanMutation(space, villages.district_idx),
        "repair": PlanRepair(space, quota),
        "eliminate_duplicates": HashDuplicates(),
    }


def _nsga2(run: _Run, space: OptionSpace, seed: int) -> None:
    algorithm = NSGA2(pop_size=POP_SIZE, **_operators(run.problem, space))
    for genomes, F, feasible in _generations(algorithm, run.problem, seed, evaluations=run.evaluations):
        run.take(genomes, F, feasible)
        if run.over():
            return


def _generations(
    algorithm: Any,  # noqa: ANN401 - pymoo has no types
    problem: RenewalProblem,
    seed: int,
    *,
    evaluations: int | None,
) -> Iterator[tuple[IntArray, FloatArray, NDArray[np.bool_]]]:
    """Run a pymoo algorithm and yield what each generation evaluated; ends with its budget or when nothing is new."""
    algorithm.setup(problem, termination=NoTermination(), seed=seed, verbose=False)
    done = 0
    while algorithm.has_next():
        infills = algorithm.ask()
        if infills is None or len(infills) == 0 or done == evaluations:
            return
        infills = infills if evaluations is None else infills[: evaluations - done]
        done += len(infills)
        algorithm.evaluator.eval(problem, infills)
        algorithm.tell(infills=infills)
        yield np.asarray(infills.get("X"), dtype=np.int64), infills.get("F"), infills.get("feas").reshape(-1)


def _random(run: _Run, space: OptionSpace, seed: int) -> None:
    rng = np.random.default_rng(seed)
    quota = run.problem.resolved.scenario.villages_per_year
    sampling, repair = PlanSampling(space, quota), PlanRepair(space, quota)
    while not run.over():
        sampled = sampling._do(run.problem, POP_SIZE, random_state=rng)
        genomes = repair._do(run.problem, sampled, random_state=rng)
        _evaluate_batch(run, genomes if run.evaluations is None else genomes[: run.evaluations - run.done])


def _exact(run: _Run, space: OptionSpace, seed: int) -> None:
    from optimizers.enumeration import all_genomes

    del seed
    for genomes in all_genomes(space):
        if run.over():
            return
        _evaluate_batch(run, genomes)


def _evaluate_batch(run: _Run, genomes: IntArray) -> None:
    pop = Population.new("X", genomes)
    out: dict[str, Any] = run.problem.evaluate(genomes, return_as_dictionary=True)
    feasible = (
        np.ones(len(pop), dtype=bool)
        if out.get("G") is None or out["G"].shape[1] == 0
        else ~(out["G"] > 0.0).any(axis=1)
    )
    run.take(genomes, out["F"], feasible)


def _result(run: _Run, threads: int) -> SearchResult:
    """Measure the archive exactly, keep what is valid and non-dominated, and thin it."""
    seconds = time.perf_counter() - run.began
    problem, names = run.problem, run.problem.objectives
    candidates = thin(run.archive.F / run.anchors.ranges, spacing=0.5 * FRONT_SPACING)
    if candidates.size == 0:
        raise refusal("no valid plan was found within the budget; loosen the hard rules or search longer")
    plans = problem.decode(run.archive.genomes[candidates])
    plans = plans[np.flatnonzero(valid(problem.resolved, plans, threads=threads))]
    if plans.n_plans == 0:
        raise refusal("no plan found respects every hard rule at report precision; search longer")
    found = evaluate(problem.resolved, plans, indicators=list(names), threads=threads)
    values = np.stack([found.values[name] for name in names], axis=1)
    kept = non_dominated(values * problem.signs)
    kept = kept[thin(values[kept] * problem.signs / run.anchors.ranges, spacing=FRONT_SPACING)]
    kept = kept[np.argsort(values[kept, 0] * problem.signs[0], kind="stable")]
    return SearchResult(
        plans=plans[kept],
        objectives=names,
        values=values[kept],
        anchors=run.anchors,
        progress=run.progress,
        evaluations=run.done,
        seconds=seconds,
        interrupted=run.interrupted,
    )


def best_single(resolved: ResolvedScenario, objective: str, *, evaluations: int, seed: int, threads: int = 1) -> Plans:
    """Best valid plan for one objective that a genetic algorithm finds, as a batch of one.

    Args:
        resolved: scenario resolved against a city.
        objective: name.
        evaluations: budget in plans.
        seed: of all random choices.
        threads: worker threads.

    Returns:
        The plan; the plan that does least where the search finds no valid one.
    """
    space = option_space(resolved)
    problem = RenewalProblem(resolved, space, objectives=(objective,), threads=threads)
    algorithm = GA(pop_size=POP_SIZE, **_operators(problem, space))
    best, best_value = None, np.inf
    for genomes, F, feasible in _generations(algorithm, problem, seed, evaluations=evaluations):
        value = np.where(feasible, F[:, 0], np.inf)
        if value.min() < best_value:
            best, best_value = genomes[int(np.argmin(value))], float(value.min())
    if best is None:
        repair = _operators(problem, space)["repair"]
        best = repair._do(
            problem, np.zeros((1, problem.n_var), dtype=np.int64), random_state=np.random.default_rng(seed)
        )[0]
    return problem.decode(best[None, :])
