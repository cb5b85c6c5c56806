"""Operators that know plans: sampling, crossover, mutation and repair on integer genes, whole populations at once.

A genome is the start years of all villages, then their options (envs.choices.options), shape (n_plans, 2 n_villages).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pymoo.core.crossover import Crossover
from pymoo.core.duplicate import DuplicateElimination
from pymoo.core.mutation import Mutation
from pymoo.core.population import Population
from pymoo.core.repair import Repair
from pymoo.core.sampling import Sampling

from data.arrays import BoolArray, FloatArray, IntArray, Quota, yearly
from envs.choices.baselines import draw_options, draw_preference, random_plans
from envs.choices.choices import Choices
from envs.choices.year_assignment import assign_years

Rng = np.random.Generator


def split(genome: IntArray) -> tuple[IntArray, IntArray]:
    """Start years and options of a genome, shape (n_plans, n_villages) each."""
    half = genome.shape[1] // 2
    return genome[:, :half], genome[:, half:]


def join(start_year: IntArray, option: IntArray) -> IntArray:
    """Genome from start years and options."""
    return np.concatenate([start_year, option], axis=1).astype(np.int64)


class PlanSampling(Sampling):  # type: ignore[misc]
    """Plans of all sizes and characters; the first is the empty plan (as far as locked villages allow).

    A tenth of them, the last, are those that earn most; up to half, after the first, are plans handed over.
    """

    def __init__(
        self,
        space: Choices,
        quota: Quota,
        earning: tuple[IntArray, IntArray] | None = None,
        handed_over: IntArray | None = None,
    ) -> None:
        """Options, villages per year, start years and options that earn, genomes of other runs."""
        super().__init__()
        self.space, self.quota, self.earning, self.handed_over = space, quota, earning, handed_over

    def _do(self, _problem: Any, n_samples: int, *, random_state: Rng, **_: Any) -> IntArray:  # noqa: ANN401
        start, option = random_plans(self.space, self.quota, n_samples, random_state)
        if self.earning is not None:
            n_earning = min(len(self.earning[0]), n_samples // 10)
            start[n_samples - n_earning :], option[n_samples - n_earning :] = (
                genes[len(genes) - n_earning :] for genes in self.earning
            )
        genomes = join(start, option)
        if self.handed_over is not None:
            n_given = min(len(self.handed_over), n_samples // 2)
            genomes[1 : 1 + n_given] = self.handed_over[:n_given]
        return genomes


class VillageCrossover(Crossover):  # type: ignore[misc]
    """Children inherit whole villages: start year and option together, from either parent.

    Half of the matings mix village by village; in the other half a child takes all villages on one side of a random
    line through the city from one parent, so that neighborhoods stay together.
    """

    def __init__(self, position: FloatArray | None) -> None:
        """Positions of the villages, shape (n_villages, 2); None = not known, then all matings mix one by one."""
        super().__init__(n_parents=2, n_offsprings=2, prob=0.9)
        self.position = position

    def _do(self, _problem: Any, X: IntArray, *, random_state: Rng, **_: Any) -> IntArray:  # noqa: ANN401
        n_matings, n_villages = X.shape[1], X.shape[2] // 2
        one_side = self._one_side(n_matings, random_state)
        mixed = random_state.random((n_matings, n_villages)) < random_state.random((n_matings, 1))
        swap = mixed
        if one_side is not None:
            swap = np.where(random_state.random((n_matings, 1)) < 0.5, one_side, mixed)
        swap = np.concatenate([swap, swap], axis=1)
        return np.stack([np.where(swap, X[1], X[0]), np.where(swap, X[0], X[1])])

    def _one_side(self, n_matings: int, rng: Rng) -> BoolArray | None:
        """True for the villages on one side of a random line, shape (n_matings, n_villages)."""
        if self.position is None:
            return None
        angle = rng.random(n_matings) * 2.0 * np.pi
        along = self.position @ np.stack([np.cos(angle), np.sin(angle)])
        cut = np.quantile(along, rng.random(n_matings), axis=0).diagonal()
        return np.asarray((along < cut).T)


class PlanMutation(Mutation):  # type: ignore[misc]
    """Change a few villages: drop, add, move to another year, swap years, or give another option."""

    def __init__(self, space: Choices, district_idx: IntArray) -> None:
        """Options, and the district of each village (density and use also change by district)."""
        super().__init__()
        self.space, self.district_idx = space, district_idx

    def _do(self, _problem: Any, X: IntArray, *, random_state: Rng, **_: Any) -> IntArray:  # noqa: ANN401
        start, option = (genes.copy() for genes in split(X))
        n_plans, n_villages = start.shape
        n_years = self.space.start_mask.shape[1] - 1
        least = np.log10(1.0 / n_villages)
        rate = 10.0 ** random_state.uniform(least, max(-1.0, least / 2.0), size=(n_plans, 1))
        touched = random_state.random(start.shape) < rate
        move = random_state.integers(0, 4, size=(n_plans, 1))
        year = random_state.integers(1, n_years + 1, size=start.shape)
        toggled = np.where(start > 0, 0, year)
        moved = np.where(start > 0, year, 0)
        start = np.where(touched & (move == 0), toggled, np.where(touched & (move == 1), moved, start))
        self._swap_years(start, random_state)
        renewed_option = draw_options(self.space, draw_preference(self.space, n_plans, random_state), random_state)
        district = random_state.integers(0, int(self.district_idx.max(initial=0)) + 1, size=(n_plans, 1))
        whole_district = (self.district_idx[None, :] == district) & (random_state.random(start.shape) < 0.5)
        option = np.where((touched & (move == 2)) | (whole_district & (move == 3)), renewed_option, option)
        return join(start, option)

    @staticmethod
    def _swap_years(start: IntArray, rng: Rng) -> None:
        row = np.arange(start.shape[0])
        one, other = rng.integers(0, start.shape[1], size=(2, start.shape[0]))
        start[row, one], start[row, other] = start[row, other].copy(), start[row, one].copy()


class PlanRepair(Repair):  # type: ignore[misc]
    """Make genomes legal: allowed years and options, and the yearly quota.

    Villages over a year's quota move to the nearest year with room, in random order; where none has room they are
    kept. Locked villages are given their room by villages that may be kept. Where the quota must be met exactly, kept
    villages drawn at random fill what is short. Everything else of the plan stays.
    """

    def __init__(self, space: Choices, quota: Quota, *, exactly: bool = False) -> None:
        """Options, villages per year, or of each year, and whether these must be met exactly."""
        super().__init__()
        self.space, self.quota, self.exactly = space, quota, exactly

    def _do(self, _problem: Any, X: IntArray, *, random_state: Rng, **_: Any) -> IntArray:  # noqa: ANN401
        start, option = split(np.asarray(X, dtype=np.int64))
        start, option = self._allowed_years(start), self._allowed_options(option, random_state)
        start = within_quota(start, self.space.start_mask, self.quota, random_state)
        if self.exactly:
            start = filled_quota(start, self.space.start_mask, self.quota, random_state)
        return join(start, option)

    def _allowed_years(self, start: IntArray) -> IntArray:
        mask = self.space.start_mask
        village = np.arange(start.shape[1])
        start = np.clip(start, 0, mask.shape[1] - 1)
        must = np.argmax(mask, axis=1)  # first allowed: keep, unless the village is locked or fixed
        return np.where(mask[village, start], start, must)

    def _allowed_options(self, option: IntArray, rng: Rng) -> IntArray:
        mask = self.space.option_mask
        village = np.arange(option.shape[1])
        wrong = ~mask[village, option] & mask.any(axis=1)
        if not wrong.any():
            return option
        drawn = draw_options(self.space, np.ones((option.shape[0], self.space.n_options)), rng)
        return np.where(wrong, drawn, option)


def within_quota(start: IntArray, start_mask: BoolArray, quota: Quota, rng: Rng) -> IntArray:
    """Move villages above the yearly quota to the nearest year with room, else keep them.

    Args:
        start: shape (n_plans, n_villages).
        start_mask: allowed years, shape (n_villages, n_years + 1).
        quota: villages per year, or of each year.
        rng: decides who moves.

    Returns:
        Start years with at most `quota` villages a year, unless locked or fixed villages alone exceed it.
    """
    n_years = start_mask.shape[1] - 1
    most = yearly(quota, n_years)
    counts = np.stack([(start == year).sum(axis=1) for year in range(1, n_years + 1)], axis=1)
    crowded = np.flatnonzero((counts > most).any(axis=1))
    if crowded.size == 0:
        return start
    start = start.copy()
    for plan in crowded:
        _level(start[plan], counts[plan], start_mask, most, rng)
        _make_way(start[plan], counts[plan], start_mask, most, rng)
    return start


def filled_quota(start: IntArray, start_mask: BoolArray, quota: Quota, rng: Rng) -> IntArray:
    """Start kept villages, drawn at random, in the years that are short of the quota.

    Args:
        start: shape (n_plans, n_villages), nowhere above the quota.
        start_mask: allowed years, shape (n_villages, n_years + 1).
        quota: villages per year, or of each year.
        rng: decides who starts.

    Returns:
        Start years with exactly `quota` villages a year; where no kept village may start in a short year, others move
        as little as an assignment needs.
    """
    n_years = start_mask.shape[1] - 1
    most, start = yearly(quota, n_years), start.copy()
    for plan in start:
        for year in range(1, n_years + 1):
            able = np.flatnonzero((plan == 0) & start_mask[:, year])
            short = max(0, int(most[year - 1] - (plan == year).sum()))
            plan[rng.permutation(able)[:short]] = year
        if (np.bincount(plan, minlength=n_years + 1)[1:] < most).any():
            stays = np.arange(n_years + 1) == plan[:, None]
            plan[:] = assign_years(np.where(start_mask, stays + 0.0, -np.inf), most, exactly=True)[0]
    return start


def _level(start: IntArray, count: IntArray, start_mask: BoolArray, quota: IntArray, rng: Rng) -> None:
    years = np.arange(1, count.size + 1)
    for year in years[count > quota]:
        members = np.flatnonzero(start == year)
        movable = members[start_mask[members].sum(axis=1) > 1]
        leaving = rng.permutation(movable)[: count[year - 1] - quota[year - 1]]
        for other in years[np.argsort(np.abs(years - year), kind="stable")]:
            room = quota[other - 1] - count[other - 1]
            if other == year or room <= 0 or leaving.size == 0:
                continue
            able = leaving[start_mask[leaving, other]][:room]
            start[able] = other
            count[other - 1] += able.size
            count[year - 1] -= able.size
            leaving = np.setdiff1d(leaving, able, assume_unique=True)
        dropped = leaving[start_mask[leaving, 0]]
        start[dropped] = 0
        count[year - 1] -= dropped.size


def _make_way(start: IntArray, count: IntArray, start_mask: BoolArray, quota: IntArray, rng: Rng) -> None:
    """Keep villages that may be kept where locked ones would else exceed the quota, and give these their years."""
    for year in 1 + np.flatnonzero(count > quota):
        crowding = np.flatnonzero((start == year) & start_mask[:, 0])
        dropped = rng.permutation(crowding)[: count[year - 1] - quota[year - 1]]
        start[dropped] = 0
        count[year - 1] -= dropped.size
        for village in np.flatnonzero((start == year) & (start_mask.sum(axis=1) > 1)):
            yielding = np.flatnonzero((start > 0) & start_mask[:, 0] & start_mask[village, start])
            if count[year - 1] <= quota[year - 1] or yielding.size == 0:
                break
            other = rng.choice(yielding)
            start[village], start[other] = start[other], 0
            count[year - 1] -= 1


class HashDuplicates(DuplicateElimination):  # type: ignore[misc]
    """Equal plans, found by hashing; the option of a kept village does not count."""

    def _do(self, pop: Population, other: Population | None, is_duplicate: BoolArray) -> BoolArray:
        seen = set() if other is None else set(plan_keys(other.get("X")))
        for i, key in enumerate(plan_keys(pop.get("X"))):
            is_duplicate[i] |= key in seen
            seen.add(key)
        return is_duplicate


def plan_keys(genomes: IntArray) -> list[bytes]:
    """One key per genome, equal for genomes that decode to the same plan."""
    start, option = split(np.asarray(genomes, dtype=np.int64))
    return [row.tobytes() for row in join(start, option * (start > 0))]
