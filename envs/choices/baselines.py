"""Baselines that need nothing but the evaluator: keep everything, random plans, greedy by marginal gain.

They are written once, for search and agents alike.
"""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, Quota, yearly
from envs.choices.choices import Choices, LegalChoices
from envs.choices.linear_model import LinearGains

Rng = np.random.Generator
SCREENED = 24
"""Villages whose best option is evaluated exactly in a round of greedy, chosen by the linear model."""
EXACT_CHOICES = 2_000
"""Up to this many open choices, greedy evaluates every one: no screening on small cities."""
ROUNDS_PER_YEAR = 4
"""Where gains are screened, a round adds this part of a year's quota."""


def keep_plan(space: LegalChoices, quota: Quota) -> tuple[IntArray, IntArray]:
    """The plan that does least: every village kept that may be; locked ones take the first year with room.

    Args:
        space: legal options.
        quota: villages per year (or of each year); exceeded only where locked and given villages alone exceed it.

    Returns:
        Start year and option, shape (1, n_villages) each.
    """
    start = np.argmax(space.start_mask, axis=1)
    locked = ~space.start_mask[:, 0] & (space.start_mask.sum(axis=1) > 1)
    count = np.bincount(start[~locked], minlength=space.start_mask.shape[1])
    most = yearly(quota, space.start_mask.shape[1] - 1)
    for village in np.flatnonzero(locked):
        years = np.flatnonzero(space.start_mask[village])
        start[village] = next((year for year in years if count[year] < most[year - 1]), years[0])
        count[start[village]] += 1
    return start[None, :], np.argmax(space.option_mask, axis=1)[None, :]


def draw_options(space: Choices, preference: FloatArray, rng: Rng) -> IntArray:
    """Draw a legal option for every village of every plan.

    Args:
        space: options and masks.
        preference: relative chance of each option, shape (n_plans, n_options), > 0.
        rng: random state.

    Returns:
        shape (n_plans, n_villages); 0 where a village has no legal option.
    """
    drawn = []
    for row in preference:  # one plan at a time keeps the table of chances small
        chance = np.cumsum(np.where(space.option_mask, row, 0.0), axis=1)
        ticket = rng.random(chance.shape[0]) * chance[:, -1]
        drawn.append(np.minimum(np.sum(chance <= ticket[:, None], axis=1), space.n_options - 1))
    return np.array(drawn, dtype=np.int64)


def draw_preference(space: Choices, n_plans: int, rng: Rng) -> FloatArray:
    """A character for each plan: how it likes intensities, land uses, densities and facility levels.

    Each attribute's values get Dirichlet weights with a small concentration, so that some plans are of one kind and
    others are mixed; returns shape (n_plans, n_options).
    """
    chance = np.ones((n_plans, space.n_options))
    for attribute in space.option_kinds:
        values, kind = np.unique(attribute, return_inverse=True)
        chance *= rng.dirichlet(np.full(values.size, 0.4), size=n_plans)[:, kind] + 1e-4
    return chance


def random_plans(space: Choices, quota: Quota, n_plans: int, rng: Rng) -> tuple[IntArray, IntArray]:
    """Plans of all sizes and characters; the first is the empty plan. Years and options still to be made legal.

    Args:
        space: legal options.
        quota: villages per year, or of each year.
        n_plans: how many.
        rng: random state.

    Returns:
        Start years and options, shape (n_plans, n_villages) each.
    """
    n_villages, n_starts = space.start_mask.shape
    most = min(1.0, int(yearly(quota, n_starts - 1).sum()) / max(n_villages, 1))
    share = most * np.linspace(0.0, 1.0, n_plans)[:, None]
    early = rng.uniform(0.4, 2.5, size=(n_plans, 1))  # below 1: late starts, above 1: early ones
    year = 1 + np.floor((n_starts - 1) * rng.random((n_plans, n_villages)) ** early)
    start = np.where(rng.random((n_plans, n_villages)) < share, year, 0).astype(np.int64)
    return start, draw_options(space, draw_preference(space, n_plans, rng), rng)


class Greedy:
    """Add the village and option that gain most for a weight vector, until nothing gains.

    On small cities every open choice is evaluated; elsewhere the linear model screens them (or chance, where it knows
    nothing), the best few are evaluated exactly, and a quarter of a year's quota is added at once.
    """

    def __init__(
        self,
        gains: LinearGains,
        quota: Quota,
        weights: FloatArray,
        *,
        exactly: bool = False,
        rng: Rng | None = None,
    ) -> None:
        """Prepare; the plan is the one that does least.

        Args:
            gains: of the scenario.
            quota: villages per year, or of each year.
            weights: signed, in natural units, shape (n_objectives,).
            exactly: fill the quota, even by villages that lose.
            rng: draws choices where the linear model knows nothing.
        """
        self.gains, self.weights, self.exactly = gains, weights, exactly
        self.rng = np.random.default_rng(0) if rng is None else rng
        self.quota = yearly(quota, gains.start_mask.shape[1] - 1)
        start, option = keep_plan(gains, quota)
        self.start_year, self.option = start[0], option[0]
        self.screens = open_choices(gains) > EXACT_CHOICES
        self.at_once = max(1, int(self.quota.max()) // ROUNDS_PER_YEAR) if self.screens else 1

    def candidates(self) -> tuple[IntArray, IntArray]:
        """The plan so far, then plans that add one village; start years and options, (n_plans, n_villages) each."""
        village, year, option = self._screened() if self.screens else self._all()
        starts = np.repeat(self.start_year[None], village.size + 1, axis=0)
        options = np.repeat(self.option[None], village.size + 1, axis=0)
        row = np.arange(1, village.size + 1)
        starts[row, village], options[row, village] = year, option
        return starts, options

    def _open_years(self) -> BoolArray:
        n_starts = self.gains.start_mask.shape[1]
        return np.asarray(np.bincount(self.start_year, minlength=n_starts)[1:] < self.quota)

    def _all(self) -> tuple[IntArray, IntArray, IntArray]:
        space = self.gains
        may = (self.start_year == 0)[:, None, None] & space.start_mask[:, 1:, None] & space.option_mask[:, None, :]
        village, year, option = np.nonzero(may & self._open_years()[None, :, None])
        return village, year + 1, option

    def _screened(self) -> tuple[IntArray, IntArray, IntArray]:
        slopes = self.gains.slopes_at(self.start_year[None], self.option[None], self.weights[None])
        table = self.gains.table(slopes[0])
        if slopes.shape[-1] == 0:
            table = np.where(np.isfinite(table), self.rng.random(table.shape), -np.inf)
        table[self.start_year > 0] = -np.inf
        table[:, ~self._open_years()] = -np.inf
        flat = table.reshape(len(table), -1)
        best = np.argmax(flat, axis=1)
        gain = flat[np.arange(len(flat)), best]
        village = np.argsort(-gain, kind="stable")[: max(SCREENED, self.at_once)]
        village = village[gain[village] > (-np.inf if self.exactly else 0.0)]
        year, option = np.divmod(best[village], table.shape[2])
        return village, year + 1, option

    def choose(self, starts: IntArray, options: IntArray, value: FloatArray) -> bool:
        """Take the best candidates.

        Args:
            starts: as `candidates` gave them.
            options: as `candidates` gave them.
            value: weighted value of each plan, -inf where it breaks a hard rule, shape (n_plans,).

        Returns:
            False when nothing gains any more, or the quota is filled where it must be.
        """
        gaining = 1 + np.flatnonzero(value[1:] > (-np.inf if self.exactly else value[0]))
        for row in gaining[np.argsort(-value[gaining], kind="stable")][: self.at_once]:
            village = int(np.argmax(starts[row] != starts[0]))
            if self._open_years()[starts[row, village] - 1]:
                self.start_year[village], self.option[village] = starts[row, village], options[row, village]
        return gaining.size > 0


def open_choices(space: LegalChoices) -> int:
    """Number of (village, start year, option) that may be chosen."""
    return int((space.start_mask[:, 1:].sum(axis=1) * space.option_mask.sum(axis=1)).sum())
