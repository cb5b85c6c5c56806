"""Need of a city's villages with its grades: what maps and headlines say of it, without how it was told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.city import City
from envs.diagnosis.condition import NAMES
from envs.diagnosis.grades import grades_of
from envs.diagnosis.need import Need


@dataclass(frozen=True, eq=False)
class GradedNeed:
    """Need of a city's villages with its grades: what a map and a headline say.

    Attributes:
        city: what is diagnosed.
        need: of the villages.
        bounds: lower bounds of the grades above the lowest [points].
        weak: shape (n_villages, n_conditions).
    """

    city: City
    need: Need
    bounds: FloatArray
    weak: BoolArray

    @property
    def grade(self) -> IntArray:
        """Grade of each village, 0 the least need; UNGRADED without points, shape (n_villages,)."""
        return grades_of(self.need.points, self.bounds)

    @property
    def in_need(self) -> BoolArray:
        """Villages of the highest grade; none where all are alike, shape (n_villages,)."""
        return (self.grade == self.bounds.size) & (self.bounds.size > 0)

    def weak_names(self, village: int) -> list[str]:
        """Weak conditions of a village, those that add most to its need first."""
        return [NAMES[k] for k in self._heaviest_first[village].tolist() if self.weak[village, k]]

    @cached_property
    def _heaviest_first(self) -> IntArray:
        """Conditions of each village by what they add to its need, shape (n_villages, n_conditions)."""
        return np.argsort(-self.need.shares, axis=1, kind="stable")
