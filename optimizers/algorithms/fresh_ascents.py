"""Ascents from elsewhere: where gains hold for small changes only, where an ascent begins decides where it ends.

Two large villages in reach of each other, or one village whose residents use the services that it opens itself, are
worth more together than their gains foretell. From one plan the ascent never learns of that. Each fresh ascent begins
at a random plan, or at a child of two good plans of its weights, and climbs by itself until nothing gains (memetic
search, Moscato 1989; iterated local search, Lourenço, Martin & Stützle 2003).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.linear_model import LinearGains
from optimizers.algorithms.algorithm import (
    LINEARIZATION,
    AlgorithmState,
    Batch,
    Setting,
    evaluated,
    genomes_in,
    numbers_in,
    together,
)
from optimizers.algorithms.linearized_ascent import Pace, climb
from optimizers.problem.operators import join, split

N_ENDS, N_PARENTS = 24, 12
"""Ends of ascents that are kept, and plans among the best of the weights that two parents are drawn from."""
FEWEST_ENDS = 6
"""Before so many ascents have ended, the next one begins at a random plan."""
AT_RANDOM = 0.1
"""Share of the later ones that do."""
MOST_ROUNDS, MOST_IDLE = 30, 4
"""Rounds of an ascent, and rounds without a gain after which it has ended."""
FIRST_INERTIA = 1e-3
MEMORY = 0.8
"""Weight of the past in the running share of ascents that ended beyond the archive."""


@dataclass
class Stride(Pace):
    """A pace with one proposal, which may change every village."""

    inertia: float = 0.0

    def proposals(self, n_villages: int, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
        """See Pace."""
        del rng
        return np.array([self.inertia]), np.ones((1, n_villages), dtype=bool)

    def adapt(self, *, gained: bool, changed: bool) -> None:
        """Bolder after a gain and where nothing moves, more careful after a step too far."""
        if gained:
            self.inertia *= 0.7
        else:
            self.inertia = max(2.0 * self.inertia, FIRST_INERTIA) if changed else 0.3 * self.inertia


class FreshAscents:
    """Whole ascents, one after the other, and the ends of those that went farthest.

    Attributes:
        genomes: ends of the latest ascents, shape (n_ends, 2 n_villages).
        F: their signed objectives, minimized, shape (n_ends, n_objectives).
        success: running share of the ascents that ended beyond the archive's best plan of their weights.
    """

    def __init__(
        self,
        setting: Setting,
        gains: LinearGains,
        limits: LinearLimits | None,
        operators: dict[str, Any],
        slopes: Callable[[IntArray, FloatArray], SingleArray],
    ) -> None:
        """Prepare.

        Args:
            setting: problem, request, archive.
            gains: linear model of the scenario.
            limits: on the whole plan, or None.
            operators: sampling, crossover, mutation and repair.
            slopes: of weighted objectives at genomes.
        """
        self.setting, self.gains, self.limits, self.operators = setting, gains, limits, operators
        self.slopes = slopes
        self.genomes: IntArray = np.zeros((0, setting.problem.n_var), dtype=np.int64)
        self.F: FloatArray = np.zeros((0, setting.problem.n_obj))
        self.success = 0.5

    def ascend(self, weights: FloatArray, rng: np.random.Generator) -> Batch:
        """One whole ascent.

        Args:
            weights: of the objectives in anchor ranges, shape (n_objectives,).
            rng: random state.

        Returns:
            Every plan it passed.
        """
        genome, pace = self._beginning(weights, rng), Stride()
        first, excess = evaluated(self.setting.problem, genome)
        batches, here, idle = [first], self._rank(first, excess, weights), 0
        for _ in range(MOST_ROUNDS):
            following = self._climbed(genome, weights, pace, rng)
            changed = bool((following != genome).any())
            batch, excess = evaluated(self.setting.problem, following if changed else following[:0])
            batches.append(Batch(batch.genomes, batch.F, batch.feasible, batch.evaluations + LINEARIZATION))
            there = self._rank(batch, excess, weights) if changed else here
            gained = there > here
            pace.adapt(gained=gained, changed=changed)
            idle = 0 if gained else idle + 1
            if gained:
                genome, here = following, there
            if idle == MOST_IDLE:
                break
        known = -(self.setting.archive.F / self.setting.archive.ranges) @ weights
        is_beyond = here > (0.0, known.max(initial=-np.inf))
        self.success = MEMORY * self.success + (1.0 - MEMORY) * is_beyond
        whole = together(batches)
        self._keep(genome, whole)
        return whole

    def _rank(self, batch: Batch, excess: FloatArray, weights: FloatArray) -> tuple[float, float]:
        """What plans are compared by: first the rules, then the weighted objectives."""
        return -float(excess[0]), -float(batch.F[0] / self.setting.archive.ranges @ weights)

    def _climbed(self, genome: IntArray, weights: FloatArray, pace: Stride, rng: np.random.Generator) -> IntArray:
        slopes = self.slopes(genome, weights[None])[0]
        start, option = (genes[0] for genes in split(genome))
        model = self.setting.model
        return join(
            *climb(
                self.gains,
                slopes,
                start,
                option,
                quota=self.setting.quota,
                pace=pace,
                rng=rng,
                limits=self.limits,
                exactly=model.exact_quota,
            )
        )

    def _beginning(self, weights: FloatArray, rng: np.random.Generator) -> IntArray:
        """A plan to climb from, shape (1, 2 n_villages)."""
        problem = self.setting.problem
        if len(self.genomes) < FEWEST_ENDS or rng.random() < AT_RANDOM:
            drawn = self.operators["sampling"]._do(problem, 2, random_state=rng)[1:]
        else:
            parents = self._parents(weights, rng)
            drawn = self.operators["crossover"]._do(problem, parents[:, None], random_state=rng)[0]
            drawn = self.operators["mutation"]._do(problem, drawn, random_state=rng)
        repaired: IntArray = self.operators["repair"]._do(problem, drawn, random_state=rng)
        return repaired

    def _parents(self, weights: FloatArray, rng: np.random.Generator) -> IntArray:
        """Two of the best plans of the weights, among ends and archive, shape (2, 2 n_villages)."""
        archive = self.setting.archive
        F = np.concatenate([self.F, archive.F])
        best = np.argsort((F / archive.ranges) @ weights, kind="stable")[:N_PARENTS]
        genomes = np.concatenate([self.genomes, archive.genomes])
        return genomes[rng.choice(best, size=2, replace=best.size < 2)]

    def _keep(self, genome: IntArray, passed: Batch) -> None:
        """Take in the end of an ascent if it is valid and new; the oldest of the ends makes room."""
        row = int(np.flatnonzero((passed.genomes == genome).all(axis=1))[0])
        is_known = bool((passed.F[row] == self.F).all(axis=1).any())
        if passed.feasible[row] and not is_known:
            self.genomes = np.concatenate([self.genomes, genome])[-N_ENDS:]
            self.F = np.concatenate([self.F, passed.F[[row]]])[-N_ENDS:]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The ends as arrays of a state."""
        return {"ends": self.genomes.copy(), "ends_F": self.F.copy(), "ends_beyond": np.array([self.success])}

    def restore(self, state: AlgorithmState) -> None:
        """Go on from the arrays of a state; raises as `numbers_in`."""
        self.genomes = genomes_in(state, "ends", self.setting.problem)
        self.F = numbers_in(state, "ends_F", (len(self.genomes), self.setting.problem.n_obj))
        self.success = float(numbers_in(state, "ends_beyond", (1,))[0])
