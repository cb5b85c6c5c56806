"""Exchanges: changes of one or two villages that are foretold to cost least, evaluated exactly, and their best union.

Where no change gains by the slopes, some gain in truth. There are millions of exchanges of two villages, of their
years, or of an option; the slopes say in one product which are worth an evaluation. All of them start as many villages
in every year as before. Where limits on the whole plan bind, only those are tried that leave each limit kept, or no
worse than it is, with options that gain most at several prices of the limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.limit_prices.price_moves import best_by_year
from envs.choices.linear_model import LinearGains
from optimizers.algorithms.algorithm import LINEARIZATION, Batch, Setting, evaluated, together
from optimizers.problem.operators import join, split

N_EACH = 16
"""Exchanges of each kind that are evaluated."""
NOISE = 0.02
"""Spread of the noise on foretold gains, relative to the largest single gain, so that every batch is another one."""
PRICE_LEVELS = (0.0, 0.5, 1.0, 2.0)
"""Of the prices of the limits: at each, a village comes with the option that gains most less what it then pays."""
MOST_LIMITS = 32
"""Limits that exchanges heed, those with least left; a rule may have one for every district and year."""
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
    limits: PricedLimits | None = None,
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
        limits: on the whole plan; None = there are none.

    Returns:
        Every plan tried, the plan itself first.
    """
    start, option = (genes[0] for genes in split(genome))
    plan = _Plan(gains, slopes(genome, weights[None])[0], start, option, limits)
    others = np.concatenate([plan.other_villages(rng), plan.other_years(rng), plan.other_options(rng)])
    around = np.concatenate([genome, others[unseen(others)]])
    n_linearized = 1 if limits is None or limits.limits.at_plan is None else 2
    batch, excess = evaluated(setting.problem, around, extra=LINEARIZATION * n_linearized)
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


@dataclass(frozen=True, eq=False)
class PricedLimits:
    """Limits on the whole plan, as the plan sees them, and their prices.

    Attributes:
        limits: as sums over villages.
        price: of the whole of each, in units of the gains, shape (n_limits,).
    """

    limits: LinearLimits
    price: FloatArray


@dataclass(frozen=True, eq=False)
class _Choices:
    """For every village and start year the option that gains most at one level of the prices.

    Attributes:
        worth: what it gains at no price, shape (n_villages, plan_years); -inf where it is not legal.
        option: shape (n_villages, plan_years).
        use: of each limit, shape (n_limits, n_villages, plan_years).
    """

    worth: FloatArray
    option: IntArray
    use: FloatArray


@dataclass
class _Plan:
    """A plan and the gains at it, as exchanges need them."""

    gains: LinearGains
    slopes: SingleArray
    start_year: IntArray
    option: IntArray
    limits: PricedLimits | None = None

    def __post_init__(self) -> None:
        """Gains and use of the choices that may come, and of the plan's own."""
        self.own = self.gains.of_plan(self.slopes, self.start_year, self.option)
        self.starting = np.flatnonzero((self.start_year > 0) & ~self.gains.fixed_mask)
        self.own_use, self.left = np.zeros((0, self.own.size)), np.zeros(0)
        if self.limits is not None:
            use = self.limits.limits.use(self.gains, self.start_year, self.option)
            left = np.maximum(-self.limits.limits.excess(use), 0.0)
            tightest = np.sort(np.argsort(left, kind="stable")[:MOST_LIMITS])
            self.own_use, self.left = use.T[tightest], left[tightest]
            self.limits = PricedLimits(self.limits.limits.only(tightest), self.limits.price[tightest])
        self.coming = self._at_price_levels()

    def _at_price_levels(self) -> list[_Choices]:
        """The choices of each level; a choice that an earlier level has is worth -inf."""
        levels: list[_Choices] = []
        for level in PRICE_LEVELS if self.limits is not None else (0.0,):
            choices = self._choices(level)
            for earlier in levels:
                choices.worth[choices.option == earlier.option] = -np.inf
            levels.append(choices)
        return levels

    def _choices(self, level: float) -> _Choices:
        if self.limits is None:
            gain, option = best_by_year(self.gains, self.slopes)
            return _Choices(gain[:, 1:], option, np.zeros((0, *option.shape)))
        limits, price = self.limits.limits, level * self.limits.price
        gain, option = best_by_year(self.gains, limits.priced(self.slopes, price))
        village, year = (index.ravel() for index in np.indices(option.shape))
        worth = self.gains.of_choices(self.slopes, village, year + 1, option.ravel()).reshape(option.shape)
        use = limits.use_of_choices(self.gains, village, year + 1, option.ravel())
        return _Choices(
            np.where(np.isfinite(gain[:, 1:]), worth, -np.inf), option, use.T.reshape(self.left.size, *option.shape)
        )

    def _fitting(self, foretold: FloatArray, change_of: Callable[[int], FloatArray]) -> FloatArray:
        """What is foretold of changes that leave every limit kept, or no worse than it is; -inf of the others."""
        fits = np.ones(foretold.shape, dtype=bool)
        for limit, left in enumerate(self.left):
            fits &= change_of(limit) <= left
        return np.where(fits, foretold, -np.inf)

    def other_villages(self, rng: np.random.Generator) -> IntArray:
        """Plans in which a kept village takes the place of one that starts."""
        leaving = self.starting[self.gains.start_mask[self.starting, 0]]
        kept = np.flatnonzero((self.start_year == 0) & ~self.gains.fixed_mask)
        there = np.ix_(kept, self.start_year[leaving] - 1)

        def foretold(choices: _Choices) -> FloatArray:
            def change(limit: int) -> FloatArray:
                return choices.use[limit][there].T - self.own_use[limit, leaving, None]

            return self._fitting(choices.worth[there].T - self.own[leaving, None], change)

        one, other = self._likely(np.concatenate([foretold(choices) for choices in self.coming], axis=1), rng)
        level, other = np.divmod(other, max(kept.size, 1))
        one, other = leaving[one], kept[other]
        year = self.start_year[one]
        return self._changed((one, 0 * year, self.option[one]), (other, year, self._option(level, other, year)))

    def other_years(self, rng: np.random.Generator) -> IntArray:
        """Plans in which two villages start in each other's years."""
        starting, year_of = self.starting, self.start_year[self.starting]
        there = np.ix_(starting, year_of - 1)

        def foretold(choices: _Choices) -> FloatArray:
            def change(limit: int) -> FloatArray:
                change = choices.use[limit][there] - self.own_use[limit, starting, None]
                return change + change.T

            gained = choices.worth[there] - self.own[starting, None]
            return self._fitting(np.where(year_of[:, None] < year_of, gained + gained.T, -np.inf), change)

        one, other = self._likely(np.concatenate([foretold(choices) for choices in self.coming], axis=1), rng)
        level, other = np.divmod(other, max(starting.size, 1))
        one, other = starting[one], starting[other]
        to_one, to_other = self.start_year[other], self.start_year[one]
        return self._changed(
            (one, to_one, self._option(level, one, to_one)), (other, to_other, self._option(level, other, to_other))
        )

    def other_options(self, rng: np.random.Generator) -> IntArray:
        """Plans in which a village takes another option in its year."""
        village, year = self.starting, self.start_year[self.starting]
        foretold = self.gains.table(self.slopes)[village, year - 1].astype(np.float64) - self.own[village, None]
        foretold[np.arange(village.size), self.option[village]] = -np.inf
        use = self._use_of_options(village, year)
        foretold = self._fitting(foretold, lambda limit: use[limit] - self.own_use[limit, village, None])
        row, option = self._likely(foretold, rng)
        return self._changed((village[row], year[row], option))

    def _use_of_options(self, village: IntArray, year: IntArray) -> FloatArray:
        """What every option of villages in their years uses, shape (n_limits, n_villages, n_options)."""
        n_options = self.gains.option_mask.shape[1]
        if self.limits is None:
            return np.zeros((0, village.size, n_options))
        every = np.tile(np.arange(n_options), village.size)
        village, year = np.repeat(village, n_options), np.repeat(year, n_options)
        use = self.limits.limits.use_of_choices(self.gains, village, year, every)
        return use.T.reshape(self.left.size, village.size // n_options, n_options)

    def _option(self, level: IntArray, village: IntArray, year: IntArray) -> IntArray:
        """What villages come with in their years at their levels, same shape."""
        return np.stack([choices.option for choices in self.coming])[level, village, year - 1]

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
