"""The best plan of each objective that the default search finds, without a front around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.baselines import keep_plan
from envs.kernel import Plans, ResolvedScenario
from envs.models.kernel_model import KernelModel
from envs.models.model import Model
from optimizers.algorithms.algorithm import Setting
from optimizers.algorithms.registry import make_algorithm
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.operators import PlanRepair, join, split
from optimizers.problem.renewal_problem import RenewalProblem


def best_genomes(
    model: Model,
    objectives: tuple[str, ...],
    *,
    ranges: FloatArray,
    evaluations: int,
    seed: int,
    threads: int = 1,
    seconds: float = np.inf,
    clock: Callable[[], float] = time.perf_counter,
) -> IntArray:
    """Best valid plan of each objective that the default search finds, shape (n_objectives, 2 n_villages).

    Args:
        model: what plans are worth.
        objectives: names, searched together.
        ranges: scale of each objective, shape (n_objectives,).
        evaluations: budget in plans.
        seed: of all random choices.
        threads: worker threads.
        seconds: budget in time, the setting up counts; what is reached first ends the search.
        clock: what they are read from.

    Returns:
        The plans; the plan that does least where the search finds no valid one.
    """
    done, began = 0, clock()
    problem = RenewalProblem(model, objectives=objectives, scale=ranges, threads=threads)
    archive = Archive.empty(problem.n_var, ranges)
    request = SearchRequest(objectives=objectives, seed=seed, budget=Budget(evaluations), threads=threads)
    algorithm = make_algorithm(request.algorithm, Setting(problem, request, archive, archive.genomes))
    while done < evaluations and clock() - began < seconds:
        batch = algorithm.step(evaluations - done)
        if batch is None:
            break
        archive.add(batch.genomes, batch.F, batch.feasible)
        done += batch.evaluations
    if len(archive.F) == 0:
        return np.repeat(least_genome(model), len(objectives), axis=0)
    return archive.genomes[np.argmin(archive.F, axis=0)]


def least_genome(model: Model) -> IntArray:
    """The plan that does least, shape (1, 2 n_villages); where the quota must be met exactly, villages are drawn."""
    least = join(*keep_plan(model, model.quota))
    if not model.exact_quota:
        return least
    return PlanRepair(model, model.quota, exactly=True)._do(None, least, random_state=np.random.default_rng(0))


def best_single(resolved: ResolvedScenario, objective: str, *, evaluations: int, seed: int, threads: int = 1) -> Plans:
    """Best valid plan for one objective, as a batch of one; see best_genomes."""
    model = KernelModel(resolved, (objective,), threads=threads)
    genome = best_genomes(model, (objective,), ranges=np.ones(1), evaluations=evaluations, seed=seed, threads=threads)
    return model.decode(*split(genome))


def quick_plans(resolved: ResolvedScenario, *, evaluations: int, seconds: float, threads: int = 1) -> Iterator[Plans]:
    """A plan for each objective alone, after a short search of it: something to look at, no promise.

    Args:
        resolved: scenario resolved against a city.
        evaluations: budget of each search in plans.
        seconds: budget of each in processor time, so that a busy machine finds the same [s].
        threads: worker threads.

    Yields:
        A batch of one as each is found; the plan that does least where no valid one is.
    """
    model = KernelModel(resolved, resolved.scenario.objectives, threads=threads)
    for name in resolved.scenario.objectives:
        found = best_genomes(
            model,
            (name,),
            ranges=np.ones(1),
            evaluations=evaluations,
            seed=0,
            threads=threads,
            seconds=seconds,
            clock=time.process_time,
        )
        yield model.decode(*split(found))
