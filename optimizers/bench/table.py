"""The benchmark table: speed, error and quality, measured in one process, one after the other."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from data.arrays import FloatArray
from data.city import City
from data.scenario import Bargaining, Scenario
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from data.synthesis.zone_splitting import halve_zones
from envs.choices.bargained_options import with_agreements
from envs.choices.options import option_space
from envs.kernel import REPORT, SEARCH, Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.computing.backend import product_seconds
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import empty_plan
from envs.rules.check import violations
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.problem.operators import PlanRepair, PlanSampling, split
from optimizers.search.compute_anchors import anchors
from optimizers.search.run_search import SearchResult, search

N_VILLAGES, N_ZONES, BATCH = 1_000, 400, 96
REPEATS = 5
LEAST_COUNTED_SPEED = 0.85
"""Of the speed without bargaining."""
GIB = 1024**3


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        value: figure with its unit.
        gate: what it must reach; "" where it is only reported.
        holds: whether it does; None where it is only reported.
    """

    what: str
    value: str
    gate: str = ""
    holds: bool | None = None


def sampled_plans(resolved: ResolvedScenario, n_plans: int, seed: int) -> Plans:
    """Legal random plans of all sizes and characters."""
    space, rng = option_space(resolved), np.random.default_rng(seed)
    quota = np.array(resolved.scenario.yearly_quotas)
    genomes = PlanSampling(space, quota)._do(None, n_plans, random_state=rng)
    return space.decode(*split(PlanRepair(space, quota)._do(None, genomes, random_state=rng)))


def bench(city: City, scenario: Scenario, *, minutes: float = 1.0, threads: int = 2) -> Iterator[Row]:
    """Measure, yielding rows as they come.

    Args:
        city: city of the search part; the speed part uses synthetic cities of a fixed size.
        scenario: of the search part.
        minutes: budget of each search.
        threads: worker threads.

    Yields:
        Rows of the table.
    """
    yield Row(
        "machine",
        f"{platform.machine()}, {os.cpu_count()} cores, {threads} threads, Python {platform.python_version()}",
    )
    yield from _speed(threads)
    yield from _scaling(threads)
    resolved = with_agreements(resolve(scenario, city))
    yield _counted_speed(resolved)
    yield from _searches(resolved, minutes, threads)
    yield from _zone_size(resolved)
    yield from _binding(city, minutes / 2.0, threads)


def plans_per_second(run: Callable[[], object], n_plans: int, repeats: int = REPEATS) -> FloatArray:
    """Rates of several runs after one that is not counted, shape (repeats,)."""
    run()
    rates = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        rates.append(n_plans / (time.perf_counter() - began))
    return np.array(rates)


def _rate(rates: FloatArray) -> str:
    return f"{np.median(rates):,.0f} plans/s (median of {len(rates)}; {rates.min():,.0f}..{rates.max():,.0f})"


def _speed(threads: int) -> Iterator[Row]:
    resolved = resolve(load_scenario("balanced"), synthesize_city(N_VILLAGES, 1, n_zones=N_ZONES))
    plans = sampled_plans(resolved, BATCH, seed=1)
    size = f"{N_VILLAGES:,} villages, {N_ZONES} zones, {resolved.clock.horizon} state years"
    for names, measured in (((), "objectives"), (tuple(INDICATORS), f"all {len(INDICATORS)} indicators")):
        run = partial(evaluate, resolved, plans, indicators=names, precision=SEARCH, threads=threads)
        rates = plans_per_second(run, BATCH)
        yield Row(
            f"evaluations, {measured} ({size})", _rate(rates), "must 300, aim 1,000", bool(np.median(rates) >= 300)
        )
    with product_seconds() as clock:
        began = time.perf_counter()
        evaluate(resolved, plans, indicators=[], precision=SEARCH)
        share = clock[0] / (time.perf_counter() - began)
    yield Row("share of time in matrix and sparse products (1 thread)", f"{share:.0%}", "aim 50 %")
    error = _search_error(resolved, plans[::4])
    worst = error["mean_commute_km"]
    yield Row("error of mean_commute_km against full balancing", f"{worst:.1e} km", "must < 0.001 km", worst < 0.001)


def _counted_speed(resolved: ResolvedScenario) -> Row:
    """Evaluations where bargaining counts and where it does not, by turns, by processor time."""
    off = resolved.without_bargaining
    counted = off.scenario.model_copy(update={"bargaining": Bargaining.COUNTED})
    sides, plans = (off, with_agreements(replace(off, scenario=counted))), sampled_plans(off, BATCH, seed=1)
    seconds: list[list[float]] = []
    for _ in range(1 + REPEATS):
        seconds.append([])
        for side in sides:
            began = time.process_time()
            evaluate(side, plans, indicators=(), precision=SEARCH)
            seconds[-1].append(time.process_time() - began)
    without, with_table = np.median(seconds[1:], axis=0)  # the first turn is not counted
    return Row(
        f"evaluations a second where bargaining counts / where it does not ({off.city.name}, 1 thread, processor time)",
        f"{without / with_table:.2f} ({BATCH / with_table:,.0f} and {BATCH / without:,.0f} plans/s)",
        "must 0.85",
        bool(without / with_table >= LEAST_COUNTED_SPEED),
    )


def _search_error(resolved: ResolvedScenario, plans: Plans) -> dict[str, float]:
    """Largest difference between search and report precision, by objective, natural units."""
    fast, exact = (evaluate(resolved, plans, indicators=[], precision=p) for p in (SEARCH, REPORT))
    return {name: float(np.abs(fast[name] - exact[name]).max()) for name in exact.objectives}


def _scaling(threads: int) -> Iterator[Row]:
    rates = []
    for factor in (1, 10):
        resolved = resolve(load_scenario("balanced"), synthesize_city(factor * N_VILLAGES, 2, n_zones=N_ZONES))
        plans = sampled_plans(resolved, 32, seed=2)
        run = partial(evaluate, resolved, plans, indicators=(), precision=SEARCH, threads=threads)
        rates.append(float(np.median(plans_per_second(run, 32, repeats=3))))
    ratio = rates[0] / rates[1]
    yield Row("cost of a plan, 10,000 villages / 1,000 (400 zones)", f"{ratio:.1f} x", "must <= 10", ratio <= 10.0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB
    yield Row("peak memory of this process after 10,000 villages", f"{peak:.2f} GiB", "must < 4", peak < 4.0)


def _searches(resolved: ResolvedScenario, minutes: float, threads: int) -> Iterator[Row]:
    known = anchors(resolved, threads=threads)
    request = SearchRequest(seed=1, budget=Budget(minutes=minutes), threads=threads)
    results = {}
    for algorithm in ("nsga2", "random"):
        result = search(resolved, replace(request, algorithm=algorithm), known_anchors=known)
        results[algorithm] = result
        yield Row(
            f"{algorithm}, {60 * minutes:.0f} s, seed 1, {resolved.city.name}",
            f"{result.plans.n_plans} plans, hypervolume {result.progress[-1]['hypervolume']:.4f}, "
            f"{result.evaluations:,} evaluations, {result.evaluations / result.seconds:,.0f} plans/s",
            "must 100 plans" if algorithm == "nsga2" else "",
            result.plans.n_plans >= 100 if algorithm == "nsga2" else None,
        )
    yield from _ranges(resolved, results["nsga2"])


def _ranges(resolved: ResolvedScenario, result: SearchResult) -> Iterator[Row]:
    error = _search_error(resolved, result.plans)
    for k, name in enumerate(result.objectives):
        span = float(np.ptp(result.values[:, k]))
        unit = INDICATORS[name].unit
        yield Row(
            f"range of {name} over the front / numerical error",
            f"{span:.4g} {unit} / {error[name]:.1e} {unit}",
            "must > 10 x",
            span > 10.0 * error[name],
        )


def _zone_size(resolved: ResolvedScenario) -> Iterator[Row]:
    if resolved.city.skim is not None:
        yield Row("halving the zones", "not measured: the city has a skim")
        return
    halved = resolve(resolved.scenario, halve_zones(resolved.city))
    name = "service_accessibility"
    for plan, plan_name in (
        (empty_plan(resolved.city.n_villages), "empty plan"),
        (sampled_plans(resolved, 8, seed=3)[7:], "large plan"),
    ):
        before, after = (float(evaluate(r, plan, indicators=[name])[name][0]) for r in (resolved, halved))
        moved = after / before - 1.0
        yield Row(f"halving the zones moves {name}, {plan_name}", f"{moved:+.2%}", "must < 1 %", abs(moved) < 0.01)


def _binding(city: City, minutes: float, threads: int) -> Iterator[Row]:
    resolved = resolve(load_scenario("binding"), city)
    result = search(resolved, SearchRequest(seed=1, budget=Budget(minutes=minutes), threads=threads))
    broken = int((violations(resolved, result.plans)[1] > 0.0).any(axis=1).sum())
    unbound = Scenario()  # default quota and no limits: what plans look like where nothing binds
    free = resolve(unbound, city)
    names, excess = violations(resolved, sampled_plans(free, 200, seed=4), threads=threads)
    binding = [name for name, column in zip(names, excess.T, strict=True) if (column > 0.0).any()]
    yield Row(
        f"hard and binding rules ({', '.join(binding)}), {60 * minutes:.0f} s",
        f"{result.plans.n_plans} plans returned, {broken} break a rule",
        "must 0",
        broken == 0,
    )
