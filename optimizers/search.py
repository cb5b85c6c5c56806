"""Search: budgets, progress, interruption, checkpoints and the archive around the algorithms."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.errors import refusal
from envs.anchors import Anchors, anchor_digest
from envs.baselines import keep_plan
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import concatenate
from envs.options import option_space
from envs.rules import measured_with_rules, refuse_unknown_rules
from optimizers.algorithm import Algorithm, AlgorithmState, Batch, Setting, count_in, genomes_in, numbers_in
from optimizers.anchors import anchors
from optimizers.archive import Archive
from optimizers.evolution import Evolution
from optimizers.front import hypervolume, non_dominated, thin
from optimizers.hybrid import Hybrid
from optimizers.operators import join
from optimizers.plain_search import Enumeration, GreedyFan, LocalSearch, RandomPlans
from optimizers.problem import RenewalProblem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Found = TypeVar("Found")
FRONT_SPACING = 0.01
"""Plans of a front differ by at least 1 % of an anchor range in some objective."""
MOST_PLANS = 300
"""A front keeps the best plan of each objective, then always the one farthest from those kept, up to this many."""
MOST_CANDIDATES = 360
"""Plans of the archive that are evaluated exactly at the end: some fall out as dominated."""
CHECKPOINT_SECONDS = 10.0
PROGRESS = ("evaluations", "seconds", "hypervolume", "front_size")
MAKERS: dict[str, Callable[[Setting], Algorithm]] = {
    "hybrid": Hybrid,
    "nsga2": lambda setting: Evolution(setting, "nsga2"),
    "nsga3": lambda setting: Evolution(setting, "nsga3"),
    "rvea": lambda setting: Evolution(setting, "rvea"),
    "nsga2_default": lambda setting: Evolution(setting, "nsga2_default"),
    "local": LocalSearch,
    "greedy": GreedyFan,
    "random": RandomPlans,
    "exact": Enumeration,
}
ALGORITHMS = tuple(MAKERS)
ENDS_BY_ITSELF = ("exact", "greedy")
DEFAULT_ALGORITHM = "hybrid"
"""The one that wins the bench (docs/search.md)."""


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


@dataclass(frozen=True, eq=False)
class SearchState:
    """A search between two batches: arrays and JSON, enough to go on as if it had never stopped.

    Attributes:
        arrays: the archive (archive_genomes, archive_F; archive_values in natural units), given_genomes, and the
            algorithm's arrays.
        record: evaluations, seconds, progress rows, digest of what is searched, algorithm, seed, and its record.
    """

    arrays: dict[str, NDArray[Any]]
    record: dict[str, Any]


@dataclass
class _Run:
    problem: RenewalProblem
    algorithm: Algorithm
    identity: dict[str, Any]
    archive: Archive
    given: IntArray
    anchors: Anchors
    evaluations: int | None
    minutes: float | None
    progress_callback: Callable[[dict[str, float]], None] | None
    stop: Callable[[], bool] | None
    checkpoint: Callable[[SearchState], None] | None
    checkpoint_seconds: float
    began: float = field(default_factory=time.perf_counter)
    before: float = 0.0
    kept: float = field(default_factory=time.perf_counter)
    done: int = 0
    progress: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False

    @property
    def seconds(self) -> float:
        """Search time so far, with that before it was resumed."""
        return self.before + time.perf_counter() - self.began

    def over(self) -> bool:
        """True when the budget is spent or somebody asked to stop."""
        if self.stop is not None and self.stop():
            self.interrupted = True
        late = self.minutes is not None and self.seconds >= 60.0 * self.minutes
        return self.interrupted or late or (self.evaluations is not None and self.done >= self.evaluations)

    def go(self) -> None:
        """Step until the budget is spent, somebody asks to stop, or there is nothing left to do."""
        self._keep(0.0)
        while not self.over():
            batch = self.algorithm.step(None if self.evaluations is None else self.evaluations - self.done)
            if batch is None:
                break
            self._take(batch)
            self._keep(self.checkpoint_seconds)
        self._keep(0.0)

    def _keep(self, after_seconds: float) -> None:
        """Hand the state over, if the last time is long enough ago."""
        if self.checkpoint is not None and time.perf_counter() - self.kept >= after_seconds:
            self.checkpoint(self.state())
            self.kept = time.perf_counter()

    def _take(self, batch: Batch) -> None:
        """Archive a batch and report progress."""
        self.archive.add(batch.genomes, batch.F, batch.feasible)
        self.done += batch.evaluations
        row = {
            "evaluations": float(self.done),
            "seconds": self.seconds,
            "hypervolume": hypervolume(1.0 - self.anchors.normalized(self.archive.F * self.problem.signs)),
            "front_size": float(len(self.archive.F)),
        }
        self.progress.append(row)
        if self.progress_callback is not None:
            self.progress_callback(row)

    def state(self) -> SearchState:
        """Everything needed to go on."""
        own = self.algorithm.state()
        arrays = {f"algorithm_{name}": values for name, values in own.arrays.items()}
        arrays |= {
            "archive_genomes": self.archive.genomes,
            "archive_F": self.archive.F,
            "archive_values": self.archive.F * self.problem.signs,
            "given_genomes": self.given,
        }
        record = self.identity | {
            "evaluations": self.done,
            "seconds": self.seconds,
            "progress": list(self.progress),
            "known_anchors": asdict(self.anchors),
            "algorithm_record": own.record,
        }
        return SearchState(arrays, record)

    def restore(self, state: SearchState) -> None:
        """Go on from a state of the same search.

        Raises:
            InputError: it is of another city, scenario, algorithm or seed, or malformed.
        """
        for name, value in self.identity.items():
            if state.record.get(name) != value:
                raise refusal(f"{name} is {value!r} here, but {state.record.get(name)!r} there", layer="--resume")
        _read(state, self._restore)

    def _restore(self, state: AlgorithmState) -> None:
        genomes = genomes_in(state, "archive_genomes", self.problem)
        F = numbers_in(state, "archive_F", (len(genomes), self.problem.n_obj))
        self.archive.genomes, self.archive.F = genomes, F
        own = {
            name.removeprefix("algorithm_"): values
            for name, values in state.arrays.items()
            if name.startswith("algorithm_")
        }
        self.algorithm.restore(AlgorithmState(own, state.record["algorithm_record"]))
        self.done, self.before = count_in(state, "evaluations"), float(state.record["seconds"])
        self.progress = [{name: float(row[name]) for name in PROGRESS} for row in state.record["progress"]]
        if not np.isfinite([self.before, *(value for row in self.progress for value in row.values())]).all():
            raise ValueError("seconds and progress must be finite")


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
    seed_plans: Plans | None = None,
    progress: Callable[[dict[str, float]], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Callable[[SearchState], None] | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    resume: SearchState | None = None,
) -> SearchResult:
    """Search the trade-offs.

    Args:
        resolved: scenario resolved against a city.
        algorithm: one of ALGORITHMS.
        objectives: names; None = the scenario's.
        seed: of all random choices.
        evaluations: budget in plans; None = no limit.
        minutes: budget in wall time; None = no limit. At least one budget is needed, except where a search ends itself.
        threads: worker threads of the evaluator.
        known_anchors: anchors; None = shipped or computed first (not part of the budget).
        seed_plans: plans to begin with; their floor-area and facility ratios move to the nearest legal level. A
            resumed search has those it began with.
        progress: called with every progress row.
        stop: asked between batches; True ends the search and keeps the work. Ctrl-C does the same.
        checkpoint: called with the state of the search before the first batch, between batches, and at the end.
        checkpoint_seconds: between batches at most this often [s].
        resume: state to go on from; the same seed and evaluations then give the front of an uninterrupted search.

    Returns:
        The front; see SearchResult.

    Raises:
        InputError: unknown algorithm, objective or rule, no budget, a state of another search, or no valid plan found.
    """
    if algorithm not in MAKERS:
        raise refusal(f"unknown algorithm {algorithm!r}; known are {', '.join(ALGORITHMS)}", layer="--algorithm")
    if evaluations is None and minutes is None and algorithm not in ENDS_BY_ITSELF:
        raise refusal("give a budget in evaluations, in minutes, or both", layer="--evaluations, --minutes")
    refuse_unknown_rules(resolved.scenario)
    names = resolved.scenario.objectives if objectives is None else objectives
    space = option_space(resolved)
    if known_anchors is None and resume is not None:
        known_anchors = _read(resume, lambda state: _anchors_in(state, resolved, names))
    fixed_points = known_anchors or anchors(resolved, names, threads=threads)
    problem = RenewalProblem(resolved, space, objectives=names, scale=fixed_points.ranges, threads=threads)
    empty = np.zeros((0, problem.n_var), dtype=np.int64)
    archive = Archive(empty, np.zeros((0, problem.n_obj)), fixed_points.ranges)
    given = empty if seed_plans is None else _genomes(problem, seed_plans)
    if resume is not None:
        given = _read(resume, lambda state: genomes_in(state, "given_genomes", problem))
    setting = Setting(problem, space, archive, seed, evaluations, minutes, given)
    identity = {
        "resolved": resolved.digest,
        "objectives": list(names),
        "algorithm": algorithm,
        "seed": seed,
        "anchors": fixed_points.digest,
    }
    run = _Run(
        problem, MAKERS[algorithm](setting), identity, archive, given, fixed_points, evaluations, minutes,
        progress, stop, checkpoint, checkpoint_seconds,
    )  # fmt: skip
    if resume is not None:
        run.restore(resume)
    try:
        run.go()
    except KeyboardInterrupt:
        run.interrupted = True
    return _result(run, threads)


def _read(state: SearchState, read: Callable[[AlgorithmState], Found]) -> Found:
    """What `read` finds in a state; a state that is malformed is refused."""
    try:
        return read(AlgorithmState(state.arrays, state.record))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        rule = f"the state of the search is malformed ({type(error).__name__}: {error})"
        raise refusal(rule, layer="--resume") from None


def _anchors_in(state: AlgorithmState, resolved: ResolvedScenario, names: tuple[str, ...]) -> Anchors:
    """Anchors of the search so far, if they are those of the scenario."""
    stored = state.record["known_anchors"]
    parts = np.array([stored[part] for part in ("base", "best", "worst")], dtype=np.float64)
    if stored["digest"] != anchor_digest(resolved, names):
        raise ValueError("the anchors are of another scenario")
    if parts.shape != (3, len(names)) or not np.isfinite(parts).all():
        raise ValueError("anchors must be finite numbers, three for each objective")
    base, best, worst = (tuple(row) for row in parts.tolist())
    return Anchors(names, base, best, worst, int(stored["evaluations"]), int(stored["seed"]), stored["digest"])


def _genomes(problem: RenewalProblem, plans: Plans) -> IntArray:
    """Genomes nearest to plans; of another plan length, late years become the last."""
    return np.clip(join(*problem.space.encode(plans)), problem.xl, problem.xu).astype(np.int64)


def _result(run: _Run, threads: int) -> SearchResult:
    """Measure the archive exactly, keep what is valid and non-dominated, and thin it."""
    seconds = run.seconds
    problem, names = run.problem, run.problem.objectives
    candidates = thin(run.archive.F / run.anchors.ranges, spacing=0.5 * FRONT_SPACING, most=MOST_CANDIDATES)
    if candidates.size == 0:
        raise refusal("no valid plan was found within the budget; loosen the hard rules or search longer")
    plans = problem.decode(run.archive.genomes[candidates])
    values, excess = measured_with_rules(problem.resolved, plans, names, threads=threads)
    holds = (excess == 0.0).all(axis=1)
    plans, values = plans[np.flatnonzero(holds)], values[holds]
    if plans.n_plans == 0:
        raise refusal("no plan found respects every hard rule at report precision; search longer")
    kept = non_dominated(values * problem.signs)
    kept = kept[thin(values[kept] * problem.signs / run.anchors.ranges, spacing=FRONT_SPACING, most=MOST_PLANS)]
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


def best_plans(
    resolved: ResolvedScenario,
    objectives: tuple[str, ...],
    *,
    ranges: FloatArray,
    evaluations: int,
    seed: int,
    threads: int = 1,
) -> Plans:
    """Best valid plan of each objective that the default search finds, a batch in the order of the objectives.

    Args:
        resolved: scenario resolved against a city.
        objectives: names, searched together.
        ranges: scale of each objective, shape (n_objectives,).
        evaluations: budget in plans.
        seed: of all random choices.
        threads: worker threads.

    Returns:
        The plans; the plan that does least where the search finds no valid one.
    """
    space = option_space(resolved)
    problem = RenewalProblem(resolved, space, objectives=objectives, scale=ranges, threads=threads)
    empty = np.zeros((0, problem.n_var), dtype=np.int64)
    archive = Archive(empty, np.zeros((0, problem.n_obj)), ranges)
    algorithm = MAKERS[DEFAULT_ALGORITHM](Setting(problem, space, archive, seed, evaluations, None, empty))
    done = 0
    while done < evaluations:
        batch = algorithm.step(evaluations - done)
        if batch is None:
            break
        archive.add(batch.genomes, batch.F, batch.feasible)
        done += batch.evaluations
    if len(archive.F) == 0:
        least = space.decode(*keep_plan(space, resolved.scenario.villages_per_year))
        return concatenate([least] * len(objectives))
    return problem.decode(archive.genomes[np.argmin(archive.F, axis=0)])


def best_single(resolved: ResolvedScenario, objective: str, *, evaluations: int, seed: int, threads: int = 1) -> Plans:
    """Best valid plan for one objective, as a batch of one; see best_plans."""
    one = np.ones(1)
    return best_plans(resolved, (objective,), ranges=one, evaluations=evaluations, seed=seed, threads=threads)
