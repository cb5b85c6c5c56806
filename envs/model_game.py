"""A plan in the making in any model: which village may start now, and what a closed year is worth."""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.choices.baselines import Rng, random_plans
from envs.models.model import Evaluation, Model

SAMPLED = 64
"""Random plans whose spread is the scale of the rewards where none is given."""


class ModelGame:
    """One plan, decided year by year; a village starts in the year that runs, or the year is closed.

    Attributes:
        model: what plans are worth.
        year: that runs, from 1; plan_years + 1 once the plan is finished.
        start_year: so far, shape (n_villages,).
        option: so far, same shape.
        reached: what the plan so far is worth, as of the last closed year.
    """

    def __init__(self, model: Model) -> None:
        """Begin with nothing but the given decisions."""
        self.model = model
        self.n_villages, self.plan_years = len(model.start_mask), model.start_mask.shape[1] - 1
        self._start_years()
        self._nothing = self._evaluated()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._start_years()
        self.reached = self._nothing

    def _start_years(self) -> None:
        given = np.where(self.model.fixed_mask, np.argmax(self.model.start_mask, axis=1), 0)
        self.year, self.start_year = 1, given.astype(np.int64)
        self.option: IntArray = np.zeros(self.n_villages, dtype=np.int64)

    def _evaluated(self) -> Evaluation:
        return Evaluation(*self.model.evaluate(self.start_year[None], self.option[None]))

    @property
    def is_over(self) -> bool:
        """True once the last year is closed."""
        return self.year > self.plan_years

    @property
    def room(self) -> int:
        """Villages that may still start in the year that runs."""
        if self.is_over:
            return 0
        return int(self.model.quota[self.year - 1] - (self.start_year == self.year).sum())

    def village_mask(self) -> BoolArray:
        """True for villages that may start now; last entry: the year may be closed. Shape (n_villages + 1,).

        Where the years left have just room for the villages that must start, they come before all others, and a year is
        not closed that they need; where the quota must be met exactly it is closed once it is full. A mask sees the
        last year of each of them, not gaps between its years: what a plan misses in the end costs it a penalty.
        """
        mask = np.zeros(self.n_villages + 1, dtype=bool)
        if self.is_over:
            mask[-1] = True
            return mask
        model = self.model
        able = (self.start_year == 0) & model.start_mask[:, self.year] & model.option_mask.any(axis=1)
        due, n_due, n_later = self._due()
        if self.room > 0:
            (tight,) = np.nonzero(n_due >= self.room + n_later)
            mask[:-1] = able & (due <= self.year + tight[-1]) if tight.size else able
        mask[-1] = not (mask[:-1].any() and (model.exact_quota or (n_due > n_later).any()))
        return mask

    def _due(self) -> tuple[IntArray, IntArray, IntArray]:
        """Last start years of villages that must start still, and how many they and the places for them are.

        Returns:
            Last year of each village (beyond the last where it need not start), shape (n_villages,); from the open year
            on, villages due by the end of each year, and places that the years after the open one have until then.
        """
        model, n_years = self.model, self.plan_years
        must = (self.start_year == 0) & ~model.start_mask[:, 0] & model.option_mask.any(axis=1)
        last = n_years - np.argmax(model.start_mask[:, ::-1], axis=1)
        due = np.where(must, last, n_years + 1)
        years = np.arange(self.year, n_years + 1)
        quota = np.concatenate([[0], np.asarray(model.quota)[self.year :]])
        return due, (due[:, None] <= years).sum(axis=0), np.cumsum(quota)

    def step(self, village: int, option: int) -> None:
        """Start a village that may start."""
        self.start_year[village], self.option[village] = self.year, option

    def close_year(self) -> FloatArray:
        """Close the year; what the objectives changed by since the last one, natural units, shape (n_objectives,)."""
        before, self.reached = self.reached, self._evaluated()
        self.year += 1
        return np.asarray(self.reached.objectives[0] - before.objectives[0], dtype=np.float64)

    def excess(self) -> float:
        """Sum of relative excesses over rules and quota, of a finished plan."""
        count = np.bincount(self.start_year, minlength=self.plan_years + 1)[1:]
        beyond = count - self.model.quota
        missed = np.abs(beyond) if self.model.exact_quota else np.maximum(beyond, 0)
        locked = int(((self.start_year == 0) & ~self.model.start_mask[:, 0]).sum())
        broken = float(np.clip(self.reached.violations, 0.0, None).sum()) + locked / self.n_villages
        penalized = 0.0 if self.reached.penalized is None else float(self.reached.penalized[0])
        return broken + penalized + float(missed.sum()) / max(int(self.model.quota.sum()), 1)


def sampled_ranges(model: Model, rng: Rng) -> FloatArray:
    """Spread of each objective over random plans, the scale of rewards; 1 where they do not differ.

    Args:
        model: what plans are worth.
        rng: draws the plans; years beyond a quota are kept.

    Returns:
        shape (n_objectives,), natural units.
    """
    start, option = random_plans(model, model.quota, SAMPLED, rng)
    allowed = model.start_mask[np.arange(len(model.start_mask)), start]
    start = np.where(allowed, start, np.argmax(model.start_mask, axis=1))
    spread = np.ptp(np.asarray(model.evaluate(start, option).objectives, dtype=np.float64), axis=0)
    return np.where(spread > 0.0, spread, 1.0)
