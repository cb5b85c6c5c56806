"""The best plan of each objective that the default search finds, without a front around it."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from envs.choices.baselines import keep_plan
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import concatenate
from optimizers.algorithms.algorithm import Setting
from optimizers.algorithms.registry import make_algorithm
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.problem.archive import Archive
from optimizers.problem.renewal_problem import RenewalProblem


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
    archive = Archive.empty(problem.n_var, ranges)
    request = SearchRequest(objectives=objectives, seed=seed, budget=Budget(evaluations), threads=threads)
    algorithm = make_algorithm(request.algorithm, Setting(problem, request, archive, archive.genomes))
    done = 0
    while done < evaluations:
        batch = algorithm.step(evaluations - done)
        if batch is None:
            break
        archive.add(batch.genomes, batch.F, batch.feasible)
        done += batch.evaluations
    if len(archive.F) == 0:
        least = space.decode(*keep_plan(space, np.array(resolved.scenario.yearly_quotas)))
        return concatenate([least] * len(objectives))
    return problem.decode(archive.genomes[np.argmin(archive.F, axis=0)])


def best_single(resolved: ResolvedScenario, objective: str, *, evaluations: int, seed: int, threads: int = 1) -> Plans:
    """Best valid plan for one objective, as a batch of one; see best_plans."""
    one = np.ones(1)
    return best_plans(resolved, (objective,), ranges=one, evaluations=evaluations, seed=seed, threads=threads)
