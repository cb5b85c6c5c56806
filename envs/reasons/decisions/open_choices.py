"""What else stood open: choices of other villages, screened by marginal gains and by the hard limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.marginal_gain import MarginalGains
from envs.kernel import Plans
from envs.reasons.decisions.terms import TERMS, term_matrix

N_ALTERNATIVES = 5
"""Alternatives of a step, each of another village."""
BARRED = N_ALTERNATIVES
"""Column of the best choice that a hard limit kept out, after the alternatives."""
N_COLUMNS = N_ALTERNATIVES + 1
NONE = -1
"""No village, option or limit."""
WEIGHED = 60
"""Of the villages that gain most, so many are asked whether hard limits leave room for them; as many of the kept."""
TAKEN, OF_RIVAL, OF_BARRED = range(3)
"""Whose terms are told."""
ROUNDING = 1e-6
"""Of a limit, that its use may exceed it by: the linear model works in single precision."""


@dataclass(frozen=True, eq=False)
class OpenChoices:
    """Alternatives by step, the best first; the last of N_COLUMNS is what a hard limit kept out.

    Attributes:
        village: index, NONE where there is no more, shape (n_steps, N_COLUMNS).
        option: index, same shape.
        foretold: gain by slopes [weighted anchor ranges], same shape; NaN where there is none.
        effect: change of each objective, natural units, shape (n_steps, N_COLUMNS, n_objectives); NaN until measured.
        is_exact: True where it was measured, shape (n_steps, N_COLUMNS).
        rival: column of the best alternative that the plan never renews, else of the best, NONE where none stood open,
            shape (n_steps,).
        limit: position of the limit that kept the last column out, NONE where none did, same shape.
        taken: what the step itself was foretold to gain, shape (n_steps,).
        n_open: other villages that could have started, same shape.
        terms: foretold gain by objective and term of the taken village, the rival and the barred one
            [weighted anchor ranges], shape (n_steps, 3, n_objectives, n_terms); 0 where there is none.
    """

    village: IntArray
    option: IntArray
    foretold: FloatArray
    effect: FloatArray
    is_exact: BoolArray
    rival: IntArray
    limit: IntArray
    taken: FloatArray
    n_open: IntArray
    terms: FloatArray

    @classmethod
    def joined(cls, parts: Sequence[OpenChoices], n_objectives: int) -> OpenChoices:
        """Steps one after the other; without any, an empty one."""
        parts = parts or [_nothing_open(0, n_objectives)]
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def _nothing_open(n_steps: int, n_objectives: int) -> OpenChoices:
    shape = (n_steps, N_COLUMNS)
    return OpenChoices(
        village=np.full(shape, NONE),
        option=np.full(shape, NONE),
        foretold=np.full(shape, np.nan),
        effect=np.full((*shape, n_objectives), np.nan),
        is_exact=np.zeros(shape, dtype=bool),
        rival=np.full(n_steps, NONE),
        limit=np.full(n_steps, NONE),
        taken=np.zeros(n_steps),
        n_open=np.zeros(n_steps, dtype=np.int64),
        terms=np.zeros((n_steps, 3, n_objectives, len(TERMS))),
    )


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps of a plan that are looked at together, all of one year.

    Attributes:
        village: that each takes, shape (n_steps,).
        option: nearest to what it does, same shape.
        year: in which they start.
        decided: True for villages that have started when each is taken, shape (n_steps, n_villages).
        used: of the hard limits when each is taken, shape (n_steps, n_limits).
        kept: True for villages that the plan never renews, shape (n_villages,).
    """

    village: IntArray
    option: IntArray
    year: int
    decided: BoolArray
    used: FloatArray
    kept: BoolArray


@dataclass(frozen=True, eq=False)
class Screen:
    """Marginal gains at a state of a plan, weighted by a preference.

    Attributes:
        gains: linear model.
        limits: hard limits on the whole plan as it foretells them; None = there are none.
        weights: of the objectives, shape (n_objectives,).
        per_unit: anchor ranges per natural unit, positive = better, same shape.
        threads: worker threads.
    """

    gains: MarginalGains
    limits: LinearLimits | None
    weights: FloatArray
    per_unit: FloatArray
    threads: int = 1

    @cached_property
    def _terms(self) -> SingleArray:
        return term_matrix(self.gains.names, self.gains.objectives)

    def slopes(self, state: Plans, year: int) -> FloatArray:
        """Weighted gain by quantity of starts in a year, shape (n_objectives, n_villages, n_quantities)."""
        slopes = self.gains.slopes_by_objective(
            state, self.weights * self.per_unit, from_year=year, threads=self.threads
        )
        return np.asarray(slopes[:, 0, :, year - 1, :])

    def gain_of(self, state: Plans, year: int, village: IntArray, option: IntArray) -> FloatArray:
        """Foretold gain of some choices in a year at a state, shape (n,) [weighted anchor ranges]."""
        slopes = self.slopes(state, year).sum(axis=0)
        return np.sum(slopes[village] * self.gains.quantities[village, :, option], axis=1, dtype=np.float64)

    def use_of(self, village: IntArray, start_year: IntArray, option: IntArray) -> FloatArray:
        """What choices use of the hard limits, shape (n, n_limits)."""
        if self.limits is None:
            return np.zeros((village.size, 0))
        return self.limits.use_of_choices(self.gains, village, start_year, option)

    def look(self, state: Plans, steps: Steps) -> OpenChoices:
        """What stands open at a state of the plan, for some steps from it on.

        Args:
            state: batch of one, before the first of the steps.
            steps: that follow.
        """
        slopes = self.slopes(state, steps.year)
        gain, option = self._best(slopes.sum(axis=0), steps.year)
        n_steps = steps.village.size
        found = _nothing_open(n_steps, len(self.gains.objectives))
        chosen = self.gains.quantities[steps.village, :, steps.option]
        found.taken[:] = np.einsum("kvq,vq->v", slopes[:, steps.village], chosen)
        found.terms[:, 0] = self._by_term(slopes, steps.village, steps.option)
        for step in range(n_steps):
            self._stood_open(found, step, steps, gain, option)
        for place, column in ((OF_RIVAL, found.rival), (OF_BARRED, np.full(n_steps, BARRED))):
            chosen = np.arange(n_steps)[column != NONE]
            chosen = chosen[found.village[chosen, column[chosen]] != NONE]
            at = (chosen, column[chosen])
            found.terms[chosen, place] = self._by_term(slopes, found.village[at], found.option[at])
        return found

    def _stood_open(self, found: OpenChoices, step: int, steps: Steps, gain: FloatArray, option: IntArray) -> None:
        """Write what stood open at one step, by gain and best option of each village."""
        free = np.isfinite(gain) & ~steps.decided[step]
        free[steps.village[step]] = False
        found.n_open[step] = int(free.sum())
        ranked = np.flatnonzero(free)
        ranked = ranked[np.argsort(-gain[ranked], kind="stable")]
        ranked = ranked[(np.arange(ranked.size) < WEIGHED) | (np.cumsum(steps.kept[ranked]) <= WEIGHED)]
        broken = self._broken(ranked, option[ranked], steps.year, steps.used[step])
        fitting = _with_a_kept_one(ranked[broken == NONE], steps.kept)
        found.village[step, : fitting.size], found.option[step, : fitting.size] = fitting, option[fitting]
        found.foretold[step, : fitting.size] = gain[fitting]
        if fitting.size:
            found.rival[step] = int(np.argmax(steps.kept[fitting]))
        barred = ranked[broken != NONE][:1]
        if barred.size and (not fitting.size or gain[barred[0]] > gain[fitting[0]]):
            found.village[step, BARRED], found.option[step, BARRED] = barred[0], option[barred[0]]
            found.foretold[step, BARRED], found.limit[step] = gain[barred[0]], broken[broken != NONE][0]

    def _best(self, slopes: FloatArray, year: int) -> tuple[FloatArray, IntArray]:
        """Gain of the best option of each village, -inf where it may not start, and that option; (n_villages,)."""
        space = self.gains.space
        gain = (slopes[:, None, :] @ self.gains.quantities)[:, 0, :]
        gain = np.where(space.option_mask, gain, -np.inf)
        option = np.argmax(gain, axis=1)
        may_start = space.start_mask[:, year] & ~space.fixed_mask
        return np.where(may_start, np.take_along_axis(gain, option[:, None], axis=1)[:, 0], -np.inf), option

    def _broken(self, village: IntArray, option: IntArray, year: int, used: FloatArray) -> IntArray:
        """The limit that each choice would break, or break further, by most; NONE where it fits; shape (n,)."""
        if self.limits is None:
            return np.full(village.size, NONE)
        use = self.use_of(village, np.full(village.size, year), option)
        excess = used + use - self.limits.limit
        excess = np.where((excess > ROUNDING) & (use > ROUNDING), excess, 0.0)
        return np.where(excess.max(axis=1) > 0.0, np.argmax(excess, axis=1), NONE)

    def _by_term(self, slopes: FloatArray, village: IntArray, option: IntArray) -> FloatArray:
        """Foretold gain of choices by objective and term, shape (n, n_objectives, n_terms)."""
        chosen = self.gains.quantities[village, :, option]
        return np.einsum("knq,nq,kqt->nkt", slopes[:, village], chosen, self._terms, optimize=True)


def _with_a_kept_one(ranked: IntArray, kept: BoolArray) -> IntArray:
    """The first N_ALTERNATIVES of some villages; if the plan renews them all, its best kept one is the last of them."""
    first, others = ranked[:N_ALTERNATIVES], ranked[kept[ranked]]
    if kept[first].any() or not others.size:
        return first
    return np.append(first[: N_ALTERNATIVES - 1], others[0])
