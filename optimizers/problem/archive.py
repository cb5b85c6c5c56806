"""The archive of a search: all valid non-dominated plans found, thinned when they become too many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from optimizers.problem.front import non_dominated, thin

ARCHIVE_SIZE = 1_000
"""Above it, plans are kept from the best of each objective on, always the one farthest from those kept."""


@dataclass
class Archive:
    """All valid non-dominated plans found.

    Attributes:
        genomes: shape (n_kept, 2 n_villages).
        F: signed objectives, shape (n_kept, n_objectives).
        ranges: one anchor range per objective.
    """

    genomes: IntArray
    F: FloatArray
    ranges: FloatArray

    @classmethod
    def empty(cls, n_var: int, ranges: FloatArray) -> Archive:
        """An archive of genomes of `n_var` genes, with nothing in it yet."""
        return cls(np.zeros((0, n_var), dtype=np.int64), np.zeros((0, len(ranges))), ranges)

    def add(self, genomes: IntArray, F: FloatArray, feasible: BoolArray) -> None:
        """Take in a batch."""
        genomes, F = np.concatenate([self.genomes, genomes[feasible]]), np.concatenate([self.F, F[feasible]])
        kept = non_dominated(F)
        if kept.size > ARCHIVE_SIZE:
            kept = kept[thin(F[kept] / self.ranges, spacing=0.0, most=ARCHIVE_SIZE)]
        self.genomes, self.F = genomes[kept], F[kept]
