"""The bench of policies: fronts of a policy beside the search and the baselines, on cities it has never seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

import optimizers
from agents.policy.front import PolicyFront, plan_for, plan_front
from agents.policy.network import initial
from agents.policy.policy_files import StoredPolicy
from agents.policy.preferences import preference_grid
from agents.policy.shortlist import Outlook, outlook
from app.runs.loading import load_checked_scenario
from data.arrays import FloatArray
from data.files.cities import load_city
from data.synthesis.city import synthesize_city
from envs.choices.anchors import Anchors
from envs.environment_core import Setup, set_up_resolved
from envs.kernel import Plans, ResolvedScenario, evaluate, resolve
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.bench.reference_front import machine
from optimizers.bench.runs import BenchRuns
from optimizers.bench.searches import measure, quartiles
from optimizers.bench.table import Row
from optimizers.problem.front import hypervolume
from optimizers.search.compute_anchors import anchors

HELD_OUT = "held-out"
N_VILLAGES, YEARLY_SHARE = 200, 0.05
FIRST_SEED = 900_101
"""Of held-out cities: no training and no validation draws it."""
N_PREFERENCES = 100
BASELINES = ("greedy", "local", "random")
SEARCHED = (DEFAULT_ALGORITHM, *BASELINES)


@dataclass(frozen=True, eq=False)
class Case:
    """A city to be planned.

    Attributes:
        name: of the city.
        resolved: scenario resolved against it.
        anchors: searched, not the quick ones.
        setup: for rollouts.
        outlook: for rollouts.
    """

    name: str
    resolved: ResolvedScenario
    anchors: Anchors
    setup: Setup
    outlook: Outlook

    def volume(self, plans: Plans) -> float:
        """Hypervolume of some plans at report precision, as a search's front is measured."""
        outcomes = evaluate(self.resolved, plans, indicators=(), threads=self.setup.game.threads)
        return hypervolume(1.0 - self.anchors.normalized(outcomes.objective_matrix()))


def case_of(resolved: ResolvedScenario, *, threads: int, cache: Path | None = None) -> Case:
    """Prepare a city; anchors are searched where they are not known."""
    known_anchors = anchors(resolved, threads=threads, cache=cache)
    setup = set_up_resolved(resolved, anchors=known_anchors, threads=threads)
    return Case(resolved.city.name, resolved, known_anchors, setup, outlook(setup))


def held_out(seed: int, *, threads: int, cache: Path | None = None) -> Case:
    """A synthetic city that no training has seen."""
    scenario = load_checked_scenario("balanced").model_copy(
        update={"villages_per_year": round(YEARLY_SHARE * N_VILLAGES)}
    )
    return case_of(resolve(scenario, synthesize_city(N_VILLAGES, seed=seed)), threads=threads, cache=cache)


def even_grid(n: int = N_PREFERENCES) -> FloatArray:
    """The largest even grid of at most `n` preferences."""
    return preference_grid(max(k for k in range(1, n) if (k + 1) * (k + 2) // 2 <= n))


def weighted_value(case: Case, front: PolicyFront, weights: FloatArray) -> float:
    """Mean value of the plans by some preferences, one for each, in anchor ranges."""
    return float(np.mean(np.sum(case.anchors.normalized(front.objectives) * weights, axis=1)))


def search_digest() -> str:
    """Digest of the search's source: all its settings are constants in it."""
    whole = sha256()
    for path in sorted(Path(optimizers.__path__[0]).rglob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def policy_bench(
    policy: StoredPolicy,
    *,
    cities: Sequence[str] = (HELD_OUT, "beijing"),
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    minutes: float = 1.0,
    threads: int = 2,
    cache: Path | None = None,
    kept: BenchRuns | None = None,
) -> Iterator[Row]:
    """Measure a policy against the search and the baselines, yielding rows as they come.

    Args:
        policy: with its parameters.
        cities: HELD_OUT (a new synthetic one per seed), or embedded cities.
        seeds: of held-out cities and of the searches.
        minutes: budget of each search.
        threads: worker threads.
        cache: folder of anchors.
        kept: searches measured before, which are not run again; it takes in the new ones.

    Yields:
        Rows of the table.
    """
    kept = BenchRuns() if kept is None else kept
    yield Row("machine", f"{machine()}, searches on {threads} threads, seeds {', '.join(map(str, seeds))}")
    yield Row("policy, search", f"parameters {policy.digest[:12]}; source of the search {search_digest()}")
    for name in cities:
        if name == HELD_OUT:
            cases = {held_out(FIRST_SEED - 1 + seed, threads=threads, cache=cache): [seed] for seed in seeds}
            label, gate = f"{N_VILLAGES} villages, never seen", (0.85, 0.97)
        else:
            resolved = resolve(load_checked_scenario("balanced"), load_city(name))
            cases = {case_of(resolved, threads=threads, cache=cache): list(seeds)}
            label, gate = f"{name}, never seen", (0.75, 0.92)
        request = SearchRequest(budget=Budget(minutes=minutes), threads=threads)
        yield from _rows(label, gate, cases, policy, request=request, kept=kept)


@dataclass(frozen=True, eq=False)
class Played:
    """What a policy did in one city.

    Attributes:
        volumes: way of playing -> hypervolume.
        plans: of the front.
        seconds: that the front took.
        kept_value: value of each plan by another's preference / by its own.
    """

    volumes: dict[str, float]
    plans: Plans
    seconds: float
    kept_value: float


def played(case: Case, policy: StoredPolicy) -> Played:
    """Let a policy plan, and be ignored, in a city."""
    front = plan_front(case.outlook, policy.parameters, case.anchors, N_PREFERENCES)
    even = plan_for(case.outlook, policy.parameters, even_grid())
    before = plan_front(case.outlook, initial(0), case.anchors, N_PREFERENCES)
    deaf = plan_for(case.outlook, policy.parameters, np.full((1, front.weights.shape[1]), 1.0 / 3.0))
    fronts = {
        "policy": front,
        "policy, even grid of preferences": even,
        "policy before it learned": before,
        "policy, always the same preference": deaf,
    }
    permuted = weighted_value(case, front, np.roll(front.weights, 1, axis=1))
    return Played(
        volumes={name: case.volume(front.plans) for name, front in fronts.items()},
        plans=front.plans,
        seconds=front.seconds,
        kept_value=permuted / weighted_value(case, front, front.weights),
    )


def _rows(
    label: str,
    gate: tuple[float, float],
    cases: Mapping[Case, Sequence[int]],
    policy: StoredPolicy,
    *,
    request: SearchRequest,
    kept: BenchRuns,
) -> Iterator[Row]:
    """Rows of some cities, each with the seeds of its searches."""
    volumes: dict[str, list[float]] = {}
    plays = {case: played(case, policy) for case in cases}
    for case, seeds in cases.items():
        for name, volume in plays[case].volumes.items():
            volumes.setdefault(name, []).extend([volume] * len(seeds))
        for algorithm, seed_plans in (*((name, None) for name in SEARCHED), (DEFAULT_ALGORITHM, plays[case].plans)):
            name = algorithm if seed_plans is None else f"{algorithm} from the plans of policy {policy.digest[:8]}"
            searched = measure(
                case.resolved,
                replace(request, algorithm=algorithm),
                case.anchors,
                seeds=seeds,
                kept=kept,
                seed_plans=seed_plans,
                name=name,
            )
            volumes.setdefault(name, []).extend(searched.volumes.tolist())
    minutes = request.budget.minutes or 0.0
    yardstick = np.array(volumes[DEFAULT_ALGORITHM])
    for name, values in volumes.items():
        share = np.array(values) / yardstick
        gated = name == "policy"
        text = f"{quartiles(share)} of {60 * minutes:.0f} s of {DEFAULT_ALGORITHM}; hypervolume {np.median(values):.4f}"
        yield Row(
            f"{label}: {name}",
            text,
            f"must {gate[0]:.0%}, aim {gate[1]:.0%}" if gated else "",
            bool(np.median(share) >= gate[0]) if gated else None,
        )
    kept_values = np.array([play.kept_value for play in plays.values()])
    yield Row(
        f"{label}: value by permuted preferences / by those asked for",
        quartiles(kept_values),
        "must lose",
        bool(kept_values.max() < 1.0),
    )
    seconds = float(np.median([play.seconds for play in plays.values()]))
    yield Row(f"{label}: {N_PREFERENCES} preferences", f"{seconds:.1f} s", "must 120 s", seconds <= 120.0)
