"""The bench of policies: fronts of a policy beside the search and the baselines, on cities it has never seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import optimizers
from agents.network import initial
from agents.policy_files import StoredPolicy
from agents.policy_front import PolicyFront, plan_for, plan_front
from agents.preferences import preference_grid
from agents.shortlist import Outlook, outlook
from app.loading import load_checked_scenario
from data.cities import load_city
from data.synthesis import synthesize_city
from envs.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.simulation import Setup, set_up_resolved
from optimizers.anchors import anchors
from optimizers.bench import Row
from optimizers.front import hypervolume
from optimizers.reference_front import machine
from optimizers.search import DEFAULT_ALGORITHM, search
from optimizers.search_bench import quartiles

FloatArray = NDArray[np.float64]
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
        look: for rollouts.
    """

    name: str
    resolved: ResolvedScenario
    anchors: Anchors
    setup: Setup
    look: Outlook

    def volume(self, objectives: FloatArray) -> float:
        """Hypervolume of some plans' objectives in natural units."""
        return hypervolume(1.0 - self.anchors.normalized(objectives))


def case_of(resolved: ResolvedScenario, *, threads: int, cache: Path | None = None) -> Case:
    """Prepare a city; anchors are searched where they are not known."""
    found = anchors(resolved, threads=threads, cache=cache)
    setup = set_up_resolved(resolved, anchors=found, threads=threads)
    return Case(resolved.city.name, resolved, found, setup, outlook(setup))


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
    for path in sorted(Path(optimizers.__path__[0]).glob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def policy_bench(
    policy: StoredPolicy,
    *,
    cities: Sequence[str] = ("held-out", "beijing"),
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    minutes: float = 1.0,
    threads: int = 2,
    cache: Path | None = None,
) -> Iterator[Row]:
    """Measure a policy against the search and the baselines, yielding rows as they come.

    Args:
        policy: with its parameters.
        cities: "held-out" (a new synthetic one per seed), or embedded cities.
        seeds: of held-out cities and of the searches.
        minutes: budget of each search.
        threads: worker threads.
        cache: folder of anchors.

    Yields:
        Rows of the table.
    """
    yield Row("machine", f"{machine()}, searches on {threads} threads, seeds {', '.join(map(str, seeds))}")
    yield Row("policy, search", f"parameters {policy.digest[:12]}; source of the search {search_digest()}")
    for name in cities:
        if name == "held-out":
            cases = [held_out(FIRST_SEED - 1 + seed, threads=threads, cache=cache) for seed in seeds]
            label, gate = f"{N_VILLAGES} villages, never seen", (0.85, 0.97)
        else:
            one = case_of(resolve(load_checked_scenario("balanced"), load_city(name)), threads=threads, cache=cache)
            cases, label, gate = [one] * len(seeds), f"{name}, never seen", (0.75, 0.92)
        yield from _rows(label, gate, cases, policy, seeds, minutes, threads)


def _rows(
    label: str,
    gate: tuple[float, float],
    cases: Sequence[Case],
    policy: StoredPolicy,
    seeds: Sequence[int],
    minutes: float,
    threads: int,
) -> Iterator[Row]:
    volumes: dict[str, list[float]] = {}
    seconds, kept = [], []

    def note(name: str, volume: float) -> None:
        volumes.setdefault(name, []).append(volume)

    for case, seed in zip(cases, seeds, strict=True):
        front = plan_front(case.look, policy.parameters, case.anchors, N_PREFERENCES)
        seconds.append(front.seconds)
        note("policy", case.volume(front.objectives))
        note(
            "policy, even grid of preferences",
            case.volume(plan_for(case.look, policy.parameters, even_grid()).objectives),
        )
        before = plan_front(case.look, initial(0), case.anchors, N_PREFERENCES)
        note("policy before it learned", case.volume(before.objectives))
        deaf = plan_for(case.look, policy.parameters, np.full((1, front.weights.shape[1]), 1.0 / 3.0))
        note("policy, always the same preference", case.volume(deaf.objectives))
        asked = weighted_value(case, front, front.weights)
        kept.append(weighted_value(case, front, np.roll(front.weights, 1, axis=1)) / asked)
        for algorithm in SEARCHED:
            note(algorithm, _searched(case, algorithm, seed, minutes, threads))
        note(
            f"{DEFAULT_ALGORITHM} from the policy's plans",
            _searched(case, DEFAULT_ALGORITHM, seed, minutes, threads, front.plans),
        )
    yardstick = np.array(volumes[DEFAULT_ALGORITHM])
    for name, found in volumes.items():
        share = np.array(found) / yardstick
        gated = name == "policy"
        text = f"{quartiles(share)} of {60 * minutes:.0f} s of {DEFAULT_ALGORITHM}; hypervolume {np.median(found):.4f}"
        yield Row(
            f"{label}: {name}",
            text,
            f"must {gate[0]:.0%}, aim {gate[1]:.0%}" if gated else "",
            bool(np.median(share) >= gate[0]) if gated else None,
        )
    yield Row(
        f"{label}: value by permuted preferences / by those asked for",
        quartiles(np.array(kept)),
        "must lose",
        bool(max(kept) < 1.0),
    )
    yield Row(
        f"{label}: {N_PREFERENCES} preferences",
        f"{np.median(seconds):.1f} s",
        "must 120 s",
        bool(np.median(seconds) <= 120.0),
    )


def _searched(case: Case, algorithm: str, seed: int, minutes: float, threads: int, first: Plans | None = None) -> float:
    found = search(
        case.resolved,
        algorithm=algorithm,
        minutes=minutes,
        seed=seed,
        threads=threads,
        known_anchors=case.anchors,
        seed_plans=first,
    )
    return case.volume(found.values)
