"""Why not this village: the least value of each lever that brings it into the plan, tried by searching again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.arrays import IntArray
from envs.models.kernel_model import KernelModel
from optimizers.whatif.entries import entries_of, gains_of
from optimizers.whatif.estimates import Estimate, estimate
from optimizers.whatif.lever import LEVERS, Answer, Lever, lever_of
from optimizers.whatif.preference import Preference
from optimizers.whatif.standing import Standing
from optimizers.whatif.weighed_model import searched_again
from optimizers.whatif.wish import Wish

SECONDS = 3.5
"""For each lever, where nobody says it."""
FARTHER = 1.3
"""By how much farther a lever is moved where a search drops the village again."""
PART = 0.4
"""Of the time that is left, what one search takes."""
LEAST_SEARCH_SECONDS = 0.3
BEGUN_WITH = 3
"""Ways in that a search begins with, besides the plan."""


@dataclass
class Question:
    """A wish that a plan leaves open.

    Attributes:
        standing: of the plan.
        wish: what is missed.
        seconds: that each lever may take; what is left after the estimate tries it by searching.
        clock: what they are read from.
        seed: of the searches.
        evaluations: that each search may take besides; None = no limit.
    """

    standing: Standing
    wish: Wish
    seconds: float = SECONDS
    clock: Callable[[], float] = time.perf_counter
    seed: int = 0
    evaluations: int | None = None
    _began: float = field(default=0.0, init=False)

    def answers(self, levers: Sequence[str] = LEVERS) -> Iterator[Answer]:
        """One answer for each lever."""
        for name in levers:
            self._began = self.clock()
            yield self._answer(lever_of(name, self.standing, self.wish))

    def _answer(self, lever: Lever) -> Answer:
        estimated = estimate(self.standing, self.wish, lever) if lever.ends else None
        evaluations = 0 if estimated is None else estimated.evaluations
        found, agrees = self._tried(lever, estimated) if estimated is not None else self._tried_at_ends(lever)
        return Answer(
            lever=lever.name,
            value=None if found is None else found.value,
            not_enough=None if found is None else found.below,
            ends=tuple(sorted({end for end, _ in lever.ends})),
            variant=0 if found is None else found.variant,
            searched=agrees,
            evaluations=evaluations,
            seconds=self.clock() - self._began,
        )

    @property
    def _left(self) -> float:
        """Of the time of the lever [s]."""
        return self.seconds - (self.clock() - self._began)

    def _tried(self, lever: Lever, found: Estimate) -> tuple[Estimate | None, bool]:
        """Search at the value, and move the lever farther while the search drops the village again."""
        step = FARTHER
        while self._left > LEAST_SEARCH_SECONDS:
            if self.granted_by_search(lever, found.value, found.variant, PART * self._left):
                return found, True
            farther = lever.farther(found.value, step)
            if farther is None:
                return None, True
            found, step = Estimate(found.value, farther, found.variant, found.evaluations), step * step
        return found, False

    def _tried_at_ends(self, lever: Lever) -> tuple[Estimate | None, bool]:
        """Search at the ends where the estimate knows of none; where one grants the wish, search nearer."""
        n_left = len(lever.ends)
        for end, variant in lever.ends:
            if self._left < LEAST_SEARCH_SECONDS:
                return None, False
            if self.granted_by_search(lever, end, variant, self._left / (n_left + 1)):
                return self._nearer(lever, Estimate(lever.start, end, variant)), True
            n_left -= 1
        return None, True

    def _nearer(self, lever: Lever, found: Estimate) -> Estimate:
        """Halve the way between what does not suffice and what does, as long as there is time."""
        while self._left > LEAST_SEARCH_SECONDS and not lever.is_narrow(found.below, found.value):
            middle = lever.between(found.below, found.value)
            grants = self.granted_by_search(lever, middle, found.variant, PART * self._left)
            ends = (found.below, middle) if grants else (middle, found.value)
            found = Estimate(*ends, found.variant, found.evaluations)
        return found

    def granted_by_search(self, lever: Lever, value: float, variant: int, seconds: float, *, seed: int = 0) -> bool:
        """Whether a search from the plan ends with the wish granted.

        Args:
            lever: that is moved.
            value: to which.
            variant: of the lever.
            seconds: of the search.
            seed: of the search, beyond that of the question.
        """
        model, preference = lever.model_at(value, variant), lever.preference_at(value, variant)
        start, option, _ = searched_again(
            model,
            preference,
            self._beginnings(model, preference),
            seconds=seconds,
            seed=self.seed + seed,
            clock=self.clock,
            evaluations=self.evaluations,
        )
        return bool(self.wish.granted(model, start[None], option[None])[0])

    def _beginnings(self, model: KernelModel, preference: Preference) -> list[tuple[IntArray, IntArray]]:
        """The plan, and the best ways in."""
        standing = self.standing
        entries = entries_of(standing, self.wish)
        begun = [(standing.start_year, standing.option)]
        if len(entries):
            gain = gains_of(entries, standing, model=model, preference=preference)
            starts, options = entries.plans(standing.start_year, standing.option)
            best = np.argsort(-gain, kind="stable")[:BEGUN_WITH]
            begun += [(starts[row], options[row]) for row in best if np.isfinite(gain[row])]
        return begun
