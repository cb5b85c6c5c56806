"""The bench of limits: search, policy and baselines under every limit case, on cities that no training has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agents.policy.front import plan_front
from agents.policy.network import Parameters, initial
from agents.policy.policy_files import StoredPolicy
from agents.policy.shortlist import outlook
from app.runs.loading import load_checked_scenario
from data.city import City
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.choices.anchors import Anchors
from envs.choices.limit_cases import CASES, PREPARED_EVALUATIONS, PREPARED_SEED, Use, limited, use_of
from envs.environment_core import Setup, set_up_resolved
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.rules.check import measured_with_rules
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.bench.reference_front import machine
from optimizers.bench.runs import BenchRuns
from optimizers.bench.searches import measure
from optimizers.bench.table import Row
from optimizers.problem.front import hypervolume
from optimizers.search.compute_anchors import anchors
from optimizers.search.run_search import search

HELD_OUT = ((60, 900_401), (200, 900_402), (200, 900_403))
"""Villages and seed of the cities: no training and no validation draws them."""
YEARLY_SHARE = 0.07
N_PREFERENCES = 100
SEARCHED = (DEFAULT_ALGORITHM, "greedy", "local", "random")
MUST = {"none": 0.96, "binding": 0.85}
OTHER_MUST = 0.80


@dataclass(frozen=True, eq=False)
class Limited:
    """A city under a limit case.

    Attributes:
        name: of the case.
        resolved: its scenario resolved against the city.
        anchors: searched.
        setup: for rollouts, in the scale that `renewal plan` has.
    """

    name: str
    resolved: ResolvedScenario
    anchors: Anchors
    setup: Setup

    def volume(self, plans: Plans) -> float:
        """Hypervolume of those plans that keep every hard rule, at report precision."""
        names = list(self.anchors.objectives)
        values, excess, _ = measured_with_rules(self.resolved, plans, names, threads=self.setup.game.threads)
        return hypervolume(1.0 - self.anchors.normalized(values[(excess == 0.0).all(axis=1)]))

    def planned(self, parameters: Parameters) -> tuple[float, float]:
        """Hypervolume of a policy's front, and the seconds it took."""
        front = plan_front(outlook(self.setup), parameters, self.setup.anchors, N_PREFERENCES)
        return self.volume(front.plans), front.seconds


def limits_bench(
    policy: StoredPolicy | None,
    *,
    cities: Sequence[tuple[int, int]] = HELD_OUT,
    cases: Sequence[str] = tuple(CASES),
    minutes: float = 1.0,
    threads: int = 2,
    cache: Path | None = None,
    kept: BenchRuns | None = None,
) -> Iterator[Row]:
    """Measure policy and baselines against the default search under limits, yielding a row for each case and city.

    Args:
        policy: with its parameters; None = only what needs no learning.
        cities: villages and seed of each.
        cases: names (envs.choices.limit_cases.CASES).
        minutes: budget of each search.
        threads: worker threads.
        cache: folder of anchors.
        kept: searches measured before, which are not run again; it takes in the new ones.

    Yields:
        Rows of the table.
    """
    kept = BenchRuns() if kept is None else kept
    yield Row("machine", f"{machine()}, searches of {60 * minutes:.0f} s on {threads} threads, one seed")
    if policy is not None:
        yield Row("policy", f"parameters {policy.digest[:12]}")
    for n_villages, seed in cities:
        city = synthesize_city(n_villages, seed=seed)
        base = load_checked_scenario("balanced").model_copy(
            update={"villages_per_year": round(YEARLY_SHARE * n_villages)}
        )
        use = unlimited_use(resolve(base, city), threads=threads, cache=cache)
        for name in cases:
            case = limited_city(name, city, base, use, threads=threads, cache=cache)
            yield from _rows(case, policy, seed=seed, minutes=minutes, threads=threads, kept=kept)


def unlimited_use(resolved: ResolvedScenario, *, threads: int, cache: Path | None = None) -> Use:
    """What the best plans of a short search use: the best of each objective and the largest sum of all."""
    request = SearchRequest(budget=Budget(evaluations=PREPARED_EVALUATIONS), seed=PREPARED_SEED, threads=threads)
    found = search(resolved, request, known_anchors=anchors(resolved, threads=threads, cache=cache))
    values = found.anchors.normalized(found.values)
    rows = np.unique([*np.argmax(values, axis=0), np.argmax(values.sum(axis=1))])
    return use_of(resolved, found.plans[rows], threads=threads)


def limited_city(
    name: str, city: City, base: Scenario, use: Use, *, threads: int, cache: Path | None = None
) -> Limited:
    """A city under a named case; anchors are searched where they are not known."""
    resolved = resolve(limited(base, city, use, CASES[name]), city)
    known = anchors(resolved, threads=threads, cache=cache)
    return Limited(name, resolved, known, set_up_resolved(resolved, threads=threads))


def _rows(
    case: Limited, policy: StoredPolicy | None, *, seed: int, minutes: float, threads: int, kept: BenchRuns
) -> Iterator[Row]:
    request = SearchRequest(budget=Budget(minutes=minutes), threads=threads)
    volumes = {}
    for algorithm in SEARCHED:
        found = measure(case.resolved, replace(request, algorithm=algorithm), case.anchors, seeds=(1,), kept=kept)
        volumes[algorithm] = float(found.volumes[0])
    yardstick = max(volumes[DEFAULT_ALGORITHM], 1e-12)
    players = {"policy": policy.parameters} if policy is not None else {}
    label = f"{case.resolved.city.n_villages} villages ({seed}), {case.name}"
    shares = {name: f"{volume / yardstick:.1%}" for name, volume in volumes.items() if name != DEFAULT_ALGORITHM}
    must = MUST.get(case.name, OTHER_MUST)
    for name, parameters in {**players, "marginal gains less prices, nothing learned": initial(0)}.items():
        volume, seconds = case.planned(parameters)
        is_policy = name == "policy"
        yield Row(
            f"{label}: {name}",
            f"{volume / yardstick:.1%} of the search, {seconds:.1f} s",
            f"must {must:.0%}" if is_policy else "",
            bool(volume >= must * yardstick) if is_policy else None,
        )
    beside = ", ".join(f"{name} {share}" for name, share in shares.items())
    floor = max(volumes["greedy"], 1.2 * volumes["random"])
    yield Row(
        f"{label}: {DEFAULT_ALGORITHM}",
        f"hypervolume {volumes[DEFAULT_ALGORITHM]:.4f}; {beside}",
        "must greedy's and 1.2 times random's",
        volumes[DEFAULT_ALGORITHM] >= floor,
    )
