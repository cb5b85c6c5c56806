"""Evolutionary algorithms of pymoo on the renewal problem: NSGA-II, NSGA-III, RVEA, and pymoo's defaults beside."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from pymoo.algorithms.base.genetic import GeneticAlgorithm
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.moo.nsga3 import NSGA3
from pymoo.algorithms.moo.rvea import RVEA
from pymoo.core.population import Population
from pymoo.core.termination import NoTermination
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.operators.sampling.rnd import IntegerRandomSampling
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.util.ref_dirs import get_reference_directions

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from optimizers.algorithms.algorithm import (
    AlgorithmState,
    Batch,
    Setting,
    count_in,
    genomes_in,
    numbers_in,
    rng_from,
    rng_record,
)
from optimizers.problem.operators import HashDuplicates, PlanMutation, PlanRepair, PlanSampling, VillageCrossover, join

POP_SIZE = 100
FEWEST_GENERATIONS = 10
POPULATION_ARRAYS = ("X", "F", "G")
INDIVIDUAL_NUMBERS = ("rank", "crowding")
SURVIVAL_ARRAYS = {
    "nsga3": ("ideal_point", "worst_point", "nadir_point", "extreme_points"),
    "rvea": ("ideal", "nadir", "V", "gamma"),
}
IDEALS = ("ideal", "ideal_point", "worst_point")
"""Infinite as long as no plan has been selected."""


def plan_operators(setting: Setting) -> dict[str, Any]:
    """Sampling, crossover, mutation, repair and duplicates that know plans, as pymoo's keyword arguments."""
    model = setting.model
    return {
        "sampling": PlanSampling(model, setting.quota, model.first_plans(POP_SIZE // 10), setting.seed_genomes),
        "crossover": VillageCrossover(model.position),
        "mutation": PlanMutation(model, model.district_idx),
        "repair": PlanRepair(model, setting.quota, exactly=model.exact_quota),
        "eliminate_duplicates": HashDuplicates(),
    }


def default_operators(setting: Setting) -> dict[str, Any]:
    """What pymoo offers integers by default: random sampling, SBX, polynomial mutation; repaired, or none is legal."""
    return {
        "repair": PlanRepair(setting.model, setting.quota, exactly=setting.model.exact_quota),
        "sampling": IntegerRandomSampling(),
        "crossover": SBX(prob=0.9, eta=15, vtype=float, repair=RoundingRepair()),
        "mutation": PM(eta=20, vtype=float, repair=RoundingRepair()),
    }


def reference_directions(n_objectives: int, most: int = POP_SIZE) -> FloatArray:
    """Evenly spread weight vectors that sum to 1 (Das & Dennis 1998), at most `most` unless the corners need more.

    Shape (n_directions, n_objectives).
    """
    n_partitions = 1
    while True:
        directions = get_reference_directions("das-dennis", n_objectives, n_partitions=n_partitions)
        following = get_reference_directions("das-dennis", n_objectives, n_partitions=n_partitions + 1)
        if len(following) > most or n_objectives == 1:
            return np.asarray(directions, dtype=np.float64)
        n_partitions += 1


class Evolution:
    """One of pymoo's genetic algorithms, a generation at a time."""

    def __init__(self, setting: Setting, kind: str) -> None:
        """Prepare `kind`: nsga2, nsga3, rvea, or nsga2_default (pymoo's default operators)."""
        self.setting, self.kind = setting, kind
        self.began = self.setting.request.budget.clock()
        self.algorithm = self._build()
        self.algorithm.setup(setting.problem, termination=self._termination(), seed=setting.request.seed, verbose=False)

    def _build(self) -> GeneticAlgorithm:
        operators = (default_operators if self.kind == "nsga2_default" else plan_operators)(self.setting)
        if self.kind.startswith("nsga2"):
            return NSGA2(pop_size=POP_SIZE, **operators)
        directions = reference_directions(self.setting.problem.n_obj)
        if self.kind == "rvea" and len(directions) < 2:
            raise refuse("rvea_needs_two_objectives", layer="--algorithm")
        return (NSGA3 if self.kind == "nsga3" else RVEA)(ref_dirs=directions, pop_size=POP_SIZE, **operators)

    def _termination(self) -> Any:  # noqa: ANN401 - pymoo has no types
        if self.kind != "rvea":
            return NoTermination()
        evaluations = self.setting.request.budget.evaluations or FEWEST_GENERATIONS * POP_SIZE
        return MaximumGenerationTermination(max(FEWEST_GENERATIONS, evaluations // POP_SIZE))

    def _schedule(self) -> None:
        """RVEA sharpens its selection over the generations it expects; with a budget in time, these are estimated."""
        budget = self.setting.request.budget
        if self.kind == "rvea" and budget.evaluations is None and budget.minutes is not None:
            pace = (self.setting.request.budget.clock() - self.began) / max(self.algorithm.n_iter - 1, 1)
            expected = int(60.0 * budget.minutes / max(pace, 1e-6))
            self.algorithm.termination.n_max_gen = max(FEWEST_GENERATIONS, expected)

    def step(self, most: int | None) -> Batch | None:
        """One generation; None when no new plan can be made."""
        infills = self.algorithm.ask()
        if infills is None or len(infills) == 0:
            return None
        if most is not None:
            infills = infills[:most]
        self.algorithm.evaluator.eval(self.setting.problem, infills)
        genomes, F = np.asarray(infills.get("X"), dtype=np.int64), np.array(infills.get("F"))
        feasible = infills.get("feas").reshape(-1)
        if self.kind == "rvea":  # it compares angles, which mean nothing between CNY and km
            infills.set("F", F / self.setting.archive.ranges)
        with np.errstate(invalid="ignore"):  # angles of plans exactly on a reference direction
            self.algorithm.tell(infills=infills)
        self._schedule()
        return Batch(genomes, F, feasible, len(genomes))

    def state(self) -> AlgorithmState:
        """Population, survival and generator; before the first generation the generator alone."""
        algorithm = self.algorithm
        record = {"n_iter": algorithm.n_iter, "rng": rng_record(algorithm.random_state)}
        if not algorithm.is_initialized:
            return AlgorithmState(record=record)
        arrays = {name: np.asarray(algorithm.pop.get(name)) for name in POPULATION_ARRAYS}
        for name in INDIVIDUAL_NUMBERS:  # NaN where there is none: plans that break a rule are not ranked
            arrays[name] = np.array([np.nan if value is None else value for value in algorithm.pop.get(name)], float)
        for name in SURVIVAL_ARRAYS.get(self.kind, ()):
            value = getattr(self._survival_part(), name)
            if value is not None:
                arrays[f"survival_{name}"] = np.asarray(value, dtype=np.float64)
        return AlgorithmState(arrays, record)

    def _survival_part(self) -> Any:  # noqa: ANN401
        survival = self.algorithm.survival
        return survival.norm if self.kind == "nsga3" else survival

    def restore(self, state: AlgorithmState) -> None:
        """See Algorithm."""
        algorithm = self.algorithm
        algorithm.random_state = rng_from(state.record["rng"])
        if state.record["n_iter"] is None:
            return
        algorithm.pop, algorithm.n_iter, algorithm.is_initialized = (
            self._population(state),
            count_in(state, "n_iter"),
            True,
        )
        algorithm.start_time = time.time()
        survival = self._survival_part()
        for name in SURVIVAL_ARRAYS.get(self.kind, ()):
            if f"survival_{name}" in state.arrays:
                free = getattr(survival, name) is None
                shape = state.arrays[f"survival_{name}"].shape if free else np.shape(getattr(survival, name))
                setattr(survival, name, numbers_in(state, f"survival_{name}", shape, finite=name not in IDEALS))
        if self.kind == "nsga3":
            first = algorithm.pop.get("rank") == 0
            algorithm.survival.opt = algorithm.pop[first] if first.any() else algorithm.pop
        algorithm._set_optimum()
        self._schedule()

    def _population(self, state: AlgorithmState) -> Population:
        problem = self.setting.problem
        X = genomes_in(state, "X", problem)
        size = {"F": problem.n_obj, "G": problem.n_ieq_constr}
        pop = Population.new(X=X, **{name: numbers_in(state, name, (len(X), n)) for name, n in size.items()})
        for individual in pop:
            individual.evaluated.update({"F", "G", "H"})
        for name in INDIVIDUAL_NUMBERS:
            kind = int if name == "rank" else float
            values = numbers_in(state, name, (len(X),), finite=False)
            pop.set(name, [None if np.isnan(value) else kind(value) for value in values])
        return pop


def given_genomes(setting: Setting) -> IntArray:
    """Plans to begin with: the empty one, those the model begins with, and those that were given."""
    empty = np.zeros((1, setting.problem.n_var), dtype=np.int64)
    first = setting.model.first_plans(POP_SIZE // 10)
    return np.concatenate([empty, empty[:0] if first is None else join(*first), setting.seed_genomes])
