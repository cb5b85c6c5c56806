"""The searches that every other one must beat: random plans, local search, greedy, and exact enumeration."""

from __future__ import annotations

from itertools import islice

import numpy as np

from envs.choices.baselines import Greedy
from envs.choices.linear_model import flat_model
from envs.kernel.computing.backend import one_blas_thread
from optimizers.algorithms.algorithm import (
    LINEARIZATION,
    AlgorithmState,
    Batch,
    Setting,
    count_in,
    evaluated,
    genomes_in,
    integers_in,
    numbers_in,
    rng_from,
    rng_record,
)
from optimizers.algorithms.evolution import POP_SIZE, plan_operators, reference_directions
from optimizers.problem.enumeration import MOST_PLANS, all_genomes
from optimizers.problem.operators import PlanSampling, join


class RandomPlans:
    """Random plans of all sizes and characters."""

    def __init__(self, setting: Setting) -> None:
        """Prepare."""
        self.setting, self.rng = setting, np.random.default_rng(setting.request.seed)
        self.sampling = PlanSampling(setting.model, setting.quota)
        self.repair = plan_operators(setting)["repair"]

    def step(self, most: int | None) -> Batch | None:
        """A hundred plans."""
        sampled = self.sampling._do(self.setting.problem, POP_SIZE, random_state=self.rng)
        genomes = self.repair._do(self.setting.problem, sampled, random_state=self.rng)
        return evaluated(self.setting.problem, genomes[:most])[0]

    def state(self) -> AlgorithmState:
        """The generator."""
        return AlgorithmState(record={"rng": rng_record(self.rng)})

    def restore(self, state: AlgorithmState) -> None:
        """See Algorithm."""
        self.rng = rng_from(state.record["rng"])


class Enumeration:
    """Every plan of a small city."""

    def __init__(self, setting: Setting) -> None:
        """Prepare; a city with too many plans is refused."""
        self.setting, self.n_batches = setting, 0
        self.batches = all_genomes(setting.model)

    def step(self, most: int | None) -> Batch | None:
        """The next few thousand plans."""
        del most
        genomes = next(self.batches, None)
        self.n_batches += 1
        return None if genomes is None else evaluated(self.setting.problem, genomes)[0]

    def state(self) -> AlgorithmState:
        """How far it came."""
        return AlgorithmState(record={"n_batches": self.n_batches})

    def restore(self, state: AlgorithmState) -> None:
        """See Algorithm."""
        self.n_batches = count_in(state, "n_batches", most=MOST_PLANS)
        self.batches = islice(all_genomes(self.setting.model), self.n_batches, None)


class LocalSearch:
    """Hill climbing: for each weight vector of a fan, a plan that random small changes may only improve."""

    def __init__(self, setting: Setting) -> None:
        """Prepare."""
        self.setting, self.rng = setting, np.random.default_rng(setting.request.seed)
        self.operators = plan_operators(setting)
        self.weights = reference_directions(setting.problem.n_obj)
        self.genomes = np.zeros((0, setting.problem.n_var), dtype=np.int64)
        self.value = np.full(len(self.weights), np.inf)
        self.excess = np.full(len(self.weights), np.inf)

    def step(self, most: int | None) -> Batch | None:
        """One change of the plan of every weight vector; the first step draws plans and hands each its best."""
        del most
        problem, rng = self.setting.problem, self.rng
        if len(self.genomes) == 0:
            drawn = self.operators["sampling"]._do(problem, POP_SIZE, random_state=rng)
        else:
            drawn = self.operators["mutation"]._do(problem, self.genomes, random_state=rng)
        genomes = self.operators["repair"]._do(problem, drawn, random_state=rng)
        batch, excess = evaluated(problem, genomes)
        value = (batch.F / self.setting.archive.ranges) @ self.weights.T  # (n_plans, n_weights), less is better
        if len(self.genomes) == 0:
            best = np.lexsort((value.T, np.broadcast_to(excess, value.T.shape)), axis=1)[:, 0]
            self.genomes = genomes[best]
            self.value, self.excess = value[best, np.arange(best.size)], excess[best]
        else:
            proposed_value = value.diagonal()
            better = (excess < self.excess) | ((excess == self.excess) & (proposed_value < self.value))
            self.genomes = np.where(better[:, None], genomes, self.genomes)
            self.value, self.excess = (
                np.where(better, proposed_value, self.value),
                np.where(better, excess, self.excess),
            )
        return batch

    def state(self) -> AlgorithmState:
        """The plan of every weight vector, and the generator."""
        arrays = {"genomes": self.genomes, "value": self.value, "excess": self.excess}
        return AlgorithmState(arrays, {"rng": rng_record(self.rng)})

    def restore(self, state: AlgorithmState) -> None:
        """See Algorithm."""
        genomes, n = genomes_in(state, "genomes", self.setting.problem), len(self.weights)
        if len(genomes) not in (0, n):
            raise ValueError("genomes must be one per weight vector")
        self.genomes = genomes
        self.value, self.excess = (numbers_in(state, name, (n,), finite=False) for name in ("value", "excess"))
        self.rng = rng_from(state.record["rng"])


class GreedyFan:
    """Greedy by marginal gain, one weight vector of a fan after the other, the corners and the middle first."""

    def __init__(self, setting: Setting) -> None:
        """Prepare."""
        self.setting, self.rng = setting, np.random.default_rng(setting.request.seed)
        self.gains = setting.model.linear_model() or flat_model(setting.model)
        n_obj = setting.problem.n_obj
        inner = reference_directions(n_obj)
        inner = inner[(inner < 1.0).all(axis=1)]
        first = np.concatenate([np.eye(n_obj), np.full((1, n_obj), 1.0 / n_obj)])
        self.weights = np.concatenate([first, self.rng.permutation(inner)])
        self.position = 0
        self.greedy = self._greedy()

    def _greedy(self) -> Greedy:
        problem, weights = self.setting.problem, self.weights[None, self.position] / self.setting.archive.ranges
        natural, exactly = problem.natural_weights(weights)[0], problem.model.exact_quota
        return Greedy(self.gains, self.setting.quota, natural, exactly=exactly, rng=self.rng)

    def step(self, most: int | None) -> Batch | None:
        """One round of the current weight vector; None after the last."""
        del most
        if self.position == len(self.weights):
            return None
        with one_blas_thread():
            starts, options = self.greedy.candidates()
        extra = LINEARIZATION if self.greedy.screens else 0
        batch, excess = evaluated(self.setting.problem, join(starts, options), extra=extra)
        value = -(batch.F / self.setting.archive.ranges) @ self.weights[self.position]
        valid = batch.feasible[1:]
        if self.greedy.exactly:  # all candidates are equally short of the quota
            valid = excess[1:] <= excess[1:].min(initial=np.inf)
        value[1:] = np.where(valid, value[1:], -np.inf)
        if not self.greedy.choose(starts, options, value):
            self.position += 1
            if self.position < len(self.weights):
                self.greedy = self._greedy()
        return batch

    def state(self) -> AlgorithmState:
        """Weight vectors, and the plan so far of the current one."""
        plan = {"start_year": self.greedy.start_year.copy(), "option": self.greedy.option.copy()}
        arrays = {"weights": self.weights} | plan
        return AlgorithmState(arrays, {"position": self.position, "rng": rng_record(self.rng)})

    def restore(self, state: AlgorithmState) -> None:
        """See Algorithm."""
        self.weights = numbers_in(state, "weights", self.weights.shape)
        self.position = count_in(state, "position", most=len(self.weights))
        self.rng = rng_from(state.record["rng"])
        if self.position < len(self.weights):
            self.greedy = self._greedy()
        problem, n_villages = self.setting.problem, self.greedy.start_year.size
        years, options = problem.xu[:n_villages], problem.xu[n_villages:]
        self.greedy.start_year = integers_in(state, "start_year", (n_villages,), 0, years)
        self.greedy.option = integers_in(state, "option", (n_villages,), 0, options)
