"""Exchanges: changes of one or two villages that are foretold to cost least, evaluated exactly, and their best union.

Where no change gains by the slopes, some gain in truth. There are millions of exchanges of two villages, of their
years, or of an option; the slopes say in one product which are worth an evaluation. All of them start as many villages
in every year as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.price_moves import best_by_year
from envs.choices.linear_model import LinearGains
from optimizers.algorithms.algorithm import LINEARIZATION, Batch, Setting, evaluated, together
from optimizers.problem.operators import join, split

N_EACH = 16
"""Exchanges of each kind that are evaluated."""
NOISE = 0.02
"""Spread of the noise on foretold gains, relative to the largest single gain, so that every batch is another one."""
Slopes = Callable[[IntArray, FloatArray], SingleArray]
Unseen = Callable[[IntArray], BoolArray]


def _every(genomes: IntArray) -> BoolArray:
    return np.ones(len(genomes), dtype=np.bool_)


def exchange(
    setting: Setting,
    gains: LinearGains,
    slopes: Slopes,
    genome: IntArray,
    weights: FloatArray,
    rng: np.random.Generator,
    unseen: Unseen = _every,
) -> Batch:
    """Evaluate exchanges around a plan, and the unions of those that gain.

    Args:
        setting: problem, request, archive.
        gains: linear model of the scenario.
        slopes: of weighted objectives at genomes.
        genome: the plan, shape (1, 2 n_villages).
        weights: of the objectives in anchor ranges, shape (n_objectives,).
        rng: random state.
        unseen: True for genomes that are worth an evaluation, shape (n_plans,).

    Returns:
        Every plan tried, the plan itself first.
    """
    start, option = (genes[0] for genes in split(genome))
    plan = _Plan(gains, slopes(genome, weights[None])[0], start, option)
    others = np.concatenate([plan.other_villages(rng), plan.other_years(rng), plan.other_options(rng)])
    around = np.concatenate([genome, others[unseen(others)]])
    batch, excess = evaluated(setting.problem, around, extra=LINEARIZATION)
    value = -(batch.F / setting.archive.ranges) @ weights
    better = np.flatnonzero((excess < excess[0]) | ((excess == excess[0]) & (value > value[0])))
    unions = _unions(genome[0], around[better[np.lexsort((-value[better], excess[better]))]])
    return together([batch, evaluated(setting.problem, unions[unseen(unions)])[0]])


def _unions(genome: IntArray, better: IntArray) -> IntArray:
    """Plans with the best two, three, ... changes that touch different villages, shape (n_unions, 2 n_villages)."""
    union, touched, unions = genome.copy(), np.zeros(genome.size // 2, dtype=bool), []
    for other in better:
        changed = (other != genome).reshape(2, -1).any(axis=0)
        if not (changed & touched).any():
            touched |= changed
            union = np.where(np.tile(changed, 2), other, union)
            unions.append(union)
    return np.array(unions[1:], dtype=np.int64).reshape(-1, genome.size)


@dataclass
class _Plan:
    """A plan and the gains at it, as exchanges need them."""

    gains: LinearGains
    slopes: SingleArray
    start_year: IntArray
    option: IntArray

    def __post_init__(self) -> None:
        """Gains of every choice, and of the plan's own."""
        self.worth, self.best_option = best_by_year(self.gains, self.slopes)
        self.own = self.gains.of_plan(self.slopes, self.start_year, self.option)
        self.starting = np.flatnonzero((self.start_year > 0) & ~self.gains.fixed_mask)

    def other_villages(self, rng: np.random.Generator) -> IntArray:
        """Plans in which a kept village takes the place of one that starts."""
        leaving = self.starting[self.gains.start_mask[self.starting, 0]]
        coming = np.flatnonzero((self.start_year == 0) & ~self.gains.fixed_mask)
        foretold = self.worth[coming][:, self.start_year[leaving]].T - self.own[leaving, None]
        one, other = self._likely(foretold, rng)
        one, other = leaving[one], coming[other]
        year = self.start_year[one]
        return self._changed((one, 0 * year, self.option[one]), (other, year, self.best_option[other, year - 1]))

    def other_years(self, rng: np.random.Generator) -> IntArray:
        """Plans in which two villages start in each other's years."""
        year_of = self.start_year[self.starting]
        there = self.worth[self.starting][:, year_of] - self.own[self.starting, None]
        foretold = np.where(year_of[:, None] < year_of, there + there.T, -np.inf)
        one, other = (self.starting[side] for side in self._likely(foretold, rng))
        to_one, to_other = self.start_year[other], self.start_year[one]
        return self._changed(
            (one, to_one, self.best_option[one, to_one - 1]), (other, to_other, self.best_option[other, to_other - 1])
        )

    def other_options(self, rng: np.random.Generator) -> IntArray:
        """Plans in which a village takes another option in its year."""
        village, year = self.starting, self.start_year[self.starting]
        foretold = self.gains.table(self.slopes)[village, year - 1].astype(np.float64) - self.own[village, None]
        foretold[np.arange(village.size), self.option[village]] = -np.inf
        row, option = self._likely(foretold, rng)
        return self._changed((village[row], year[row], option))

    def _likely(self, foretold: FloatArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Row and column of the changes foretold to gain most, give or take some noise, shape (at most N_EACH,)."""
        legal: BoolArray = np.isfinite(foretold).ravel()
        spread = NOISE * float(np.abs(self.own).max(initial=0.0))
        noisy = np.where(legal, foretold.ravel() + spread * rng.gumbel(size=foretold.size), -np.inf)
        chosen = np.argsort(-noisy, kind="stable")[:N_EACH]
        row, column = np.unravel_index(chosen[legal[chosen]], foretold.shape)
        return row.astype(np.int64), column.astype(np.int64)

    def _changed(self, *changes: tuple[IntArray, IntArray, IntArray]) -> IntArray:
        """The plan with villages, years and options put in, one plan per row of each, as genomes."""
        n_plans = len(changes[0][0])
        year, option = (np.tile(genes, (n_plans, 1)) for genes in (self.start_year, self.option))
        for village, new_year, new_option in changes:
            year[np.arange(n_plans), village] = new_year
            option[np.arange(n_plans), village] = new_option
        return join(year, option)
