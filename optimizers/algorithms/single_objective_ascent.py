"""Ascent of one objective alone, to an end of the front: dual averaging along the mean of the slopes met.

A facility that is built whole overshoots the standard that its slope promised to approach, and the next slope, seen
from there, asks for its opposite. The mean of the slopes settles where single ones swing to and fro (dual averaging,
Nesterov 2009). A trail goes where its mean leads, whether that is better or not; what it passes enters the archive.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.arrays import FloatArray, IntArray, SingleArray
from optimizers.algorithms.algorithm import AlgorithmState, genomes_in, numbers_in
from optimizers.problem.renewal_problem import RenewalProblem

MEMORY = 0.9
"""Most weight of the past in the mean; before, every climb weighs the same."""


class SingleObjectiveAscents:
    """One trail per objective; subproblem k below n_objectives weighs objective k alone.

    Attributes:
        genomes: where each trail stands, shape (n_objectives, 2 n_villages).
        slopes: mean of the slopes it has met, shape (n_objectives, n_villages, plan_years, n_quantities).
        climbs: how many they are, shape (n_objectives,).
    """

    def __init__(self, n_objectives: int, slopes_shape: tuple[int, int, int]) -> None:
        """Trails that have not begun."""
        self.genomes: IntArray = np.zeros((n_objectives, 2 * slopes_shape[0]), dtype=np.int64)
        self.slopes: SingleArray = np.zeros((n_objectives, *slopes_shape), dtype=np.float32)
        self.climbs: FloatArray = np.zeros(n_objectives)

    def _corners(self, chosen: IntArray) -> list[tuple[int, int]]:
        """Row and corner of the subproblems that are corners."""
        return [(row, int(corner)) for row, corner in enumerate(chosen) if corner < self.climbs.size]

    def placed(self, chosen: IntArray, current: IntArray) -> IntArray:
        """Plans to climb from, shape (n_chosen, 2 n_villages): `current`, but where a trail that has begun stands."""
        placed = current.copy()
        for row, corner in self._corners(chosen):
            if self.climbs[corner] > 0:
                placed[row] = self.genomes[corner]
        return placed

    def averaged(self, chosen: IntArray, slopes: SingleArray) -> SingleArray:
        """Slopes of the chosen subproblems, those of corners taken into the mean and replaced by it; same shape."""
        averaged = slopes.copy()
        for row, corner in self._corners(chosen):
            past = np.float32(min(self.climbs[corner] / (self.climbs[corner] + 1.0), MEMORY))
            averaged[row] = past * self.slopes[corner] + (1 - past) * slopes[row]
            self.slopes[corner] = averaged[row]
            self.climbs[corner] += 1.0
        return averaged

    def follow(self, chosen: IntArray, plans: Sequence[IntArray]) -> None:
        """Go on to the plan proposed for each chosen subproblem, shape (2 n_villages,) each."""
        for row, corner in self._corners(chosen):
            self.genomes[corner] = plans[row]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The trails as arrays of a state."""
        return {
            "trail_genomes": self.genomes.copy(),
            "trail_slopes": self.slopes.copy(),
            "trail_climbs": self.climbs.copy(),
        }

    def restore(self, state: AlgorithmState, problem: RenewalProblem) -> None:
        """Go on from the arrays of a state; raises as `numbers_in`."""
        genomes = genomes_in(state, "trail_genomes", problem)
        if genomes.shape != self.genomes.shape:
            raise ValueError(f"trail_genomes has shape {genomes.shape}")
        self.genomes = genomes
        self.slopes = numbers_in(state, "trail_slopes", self.slopes.shape).astype(np.float32)
        self.climbs = numbers_in(state, "trail_climbs", self.climbs.shape)
