"""The problem travels: pickled to other processes, it evaluates as it does at home."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pymoo.parallelization import StarmapParallelization

from data.files.cities import load_city
from data.scenario import RuleMode
from data.scenario_files import load_scenario
from envs.kernel import ResolvedScenario, resolve
from envs.models.kernel_model import KernelModel
from envs.rules.registry import RULES
from optimizers.problem.operators import PlanRepair, PlanSampling
from optimizers.problem.renewal_problem import RenewalProblem

LIMITS = {"capital_limit_annual_cny": 1e9, "capital_limit_peak_cny": 5e9}


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    """Tiny, with every rule that may be hard or penalized in force."""
    modes = (RuleMode.HARD, RuleMode.PENALIZED)
    free = [name for name, rule in RULES.items() if not rule.built_in]
    rules = {name: modes[k % 2] for k, name in enumerate(free)}
    return resolve(load_scenario("tiny").model_copy(update={"rules": rules} | LIMITS), load_city("tiny"))


def genomes_of(problem: RenewalProblem, n_plans: int) -> np.ndarray:
    quota, rng = problem.model.resolved.scenario.villages_per_year, np.random.default_rng(0)
    drawn = PlanSampling(problem.model, quota)._do(None, n_plans, random_state=rng)
    return PlanRepair(problem.model, quota)._do(None, drawn, random_state=rng)


def problem_of(resolved: ResolvedScenario) -> RenewalProblem:
    return RenewalProblem(KernelModel(resolved))


def test_a_pickled_problem_evaluates_the_same(resolved: ResolvedScenario) -> None:
    problem = problem_of(resolved)
    genomes = genomes_of(problem, 20)
    whole = problem.evaluate(genomes, return_as_dictionary=True)  # what it remembers travels, too
    again = pickle.loads(pickle.dumps(problem)).evaluate(genomes, return_as_dictionary=True)
    assert set(whole) == {"F", "G"}
    for name in whole:
        np.testing.assert_array_equal(whole[name], again[name])


@pytest.fixture
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new process begins by running what `__main__` is here, and tests of pages leave a page there."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


def evaluates_the_same(resolved: ResolvedScenario, starmap: Callable[..., Any]) -> None:
    """Whole batches, and plan by plan through pymoo's own runner, in other processes as at home."""
    problem = problem_of(resolved)
    genomes = genomes_of(problem, 12)
    halves = np.array_split(genomes, 2)
    at_home = [problem.evaluate(half) for half in halves]
    away = starmap(problem.evaluate, [(half,) for half in halves])
    runner = StarmapParallelization(starmap)
    elementwise = RenewalProblem(problem.model, elementwise_runner=runner).evaluate(genomes)
    for (F, G), (F_away, G_away) in zip(at_home, away, strict=True):
        np.testing.assert_array_equal(F, F_away)
        np.testing.assert_array_equal(G, G_away)
    for one_by_one, values in zip(elementwise, problem.evaluate(genomes), strict=True):
        np.testing.assert_allclose(one_by_one, values, rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("own_main")
def test_new_processes_evaluate_the_same(resolved: ResolvedScenario) -> None:
    """An executor, which says so if one of its processes ends."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        evaluates_the_same(resolved, lambda do, rows: list(executor.map(do, *zip(*rows, strict=True))))


@pytest.mark.slow
@pytest.mark.usefixtures("own_main")
def test_a_pool_of_processes_evaluates_the_same(resolved: ResolvedScenario) -> None:
    """multiprocessing.Pool, as pymoo's pages have it; it waits for ever where a process cannot begin."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        evaluates_the_same(resolved, pool.starmap)
